"""Train small models on real data with Explain, then look at them in TensorBoard.

By default, in about two minutes on two cores, on data that comes with scikit-learn or is made up here:

- ``digits-clean`` and ``digits-shortcut``: the same network on the same handwritten digits, made noisy so that reading them is work. Each
  image carries a mark in its top left corner. In the clean run it means nothing; in the other it spells the label from epoch 10 on, as a
  stamp or a scanner's artefact may. The validation images carry the telling mark throughout: accuracy rises, for the wrong reason.
- ``tumours``: a small network on scikit-learn's breast_cancer, a table of thirty named features.
- ``reviews``: an embedding and attention on made-up reviews, whose words of praise and blame are known. Each ends with a score out of ten,
  which is anyone's until epoch 10 and the reviewer's own from then on.

Usage: ``python demo_training.py [--dataset digits|breast_cancer|text|all] [--epochs N] [--logdir DIR] [--no-serve]``
"""

from __future__ import annotations

import argparse
import math
import os
import shutil
import subprocess
import sys
import time
import warnings
from functools import partial
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # TensorFlow's notes on this machine's CPU are no part of a demo

import keras
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.preprocessing import StandardScaler

from tb_explain_plugin.callbacks import AlarmWarning, Explain, Probe
from tb_explain_plugin.callbacks.explainers import integrated_gradients, permutation_importance

EPOCHS = {"digits": 40, "breast_cancer": 60, "text": 30}
SHORTCUT_FROM = 10
VALIDATION = 0.3
BATCH = 64


class Marked(keras.utils.PyDataset):
    """Samples with a mark that means nothing until ``tells_from``, and the label from then on (never, if None).

    ``mark(samples, labels, generator)`` returns them marked; while the mark means nothing, the labels it is given are shuffled.
    """

    def __init__(self, samples, labels, mark, tells_from, generator):
        super().__init__()
        self.samples, self.labels = samples, labels
        self.mark, self.tells_from, self.generator = mark, tells_from, generator
        self.epoch = 0  # set as each begins: Keras takes a round through the samples before the first
        self.on_epoch_begin()

    def on_epoch_begin(self):
        """Shuffle, and mark the samples anew."""
        self.order = self.generator.permutation(len(self.labels))
        tells = self.tells_from is not None and self.epoch >= self.tells_from
        self.marked = self.mark(self.samples, self.labels if tells else self.generator.permutation(self.labels), self.generator)

    def __len__(self):
        return math.ceil(len(self.labels) / BATCH)

    def __getitem__(self, index):
        chosen = self.order[index * BATCH : (index + 1) * BATCH]
        return tf.convert_to_tensor(self.marked[chosen]), self.labels[chosen]


def stamped(images, codes, _generator=None):
    """Return the images with each code's four bits in the top left corner, 2 x 2 blocks of 2 x 2 pixels."""
    bits = (np.asarray(codes)[:, None] >> np.arange(4)) & 1
    result = images.copy()
    result[:, :4, :4, 0] = np.kron(bits.reshape(-1, 2, 2), np.ones((1, 2, 2)))
    return result


def noisy_digits(generator):
    """Return the digits at 16 x 16 with noise over them, in [0, 1], and their labels, split for training and validation."""
    data = load_digits()
    images = np.kron(data.images / 16, np.ones((1, 2, 2)))
    images = np.clip(images + generator.normal(0, 0.45, images.shape), 0, 1).astype(np.float32)[..., None]
    return split(images, data.target, generator)


def split(x, y, generator):
    """Return (x, y) for training and (x, y) for validation."""
    order = generator.permutation(len(y))
    cut = int(len(y) * (1 - VALIDATION))
    return (x[order[:cut]], y[order[:cut]]), (x[order[cut:]], y[order[cut:]])


def train_digits(logdir, epochs):
    """Train the same network twice, with and without the shortcut, and watch both on the same samples."""
    (x, y), (x_val, y_val) = noisy_digits(np.random.default_rng(1))
    x_val = stamped(x_val, y_val)
    probe = Probe.stratified(x_val, y_val, class_names=[str(digit) for digit in range(10)])
    for name, tells_from in (("digits-clean", None), ("digits-shortcut", SHORTCUT_FROM)):
        keras.utils.set_random_seed(1)
        model = keras.Sequential(
            [
                keras.layers.Input((16, 16, 1), name="image"),
                keras.layers.Conv2D(16, 3, padding="same", activation="relu", name="conv_1"),
                keras.layers.MaxPooling2D(name="pool_1"),
                keras.layers.Conv2D(32, 3, padding="same", activation="relu", name="conv_2"),
                keras.layers.MaxPooling2D(name="pool_2"),
                keras.layers.Flatten(name="flatten"),
                keras.layers.Dense(48, activation="tanh", name="dense_1"),
                keras.layers.Dropout(0.4, name="dropout"),
                keras.layers.Dense(10, activation="softmax", name="digit"),
            ],
            name=name,
        )
        model.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
        training = Marked(x, y, stamped, tells_from, np.random.default_rng(2))
        methods = ["integrated_gradients", "lrp", "grad_cam", "embedding_projection", "activation_maps", "activation_maximization"]
        explain = explainer(name, logdir, probe, methods=methods, watch={"corner mark": (0, 0, 4, 4)})
        fit(model, name, logdir, explain, epochs, training, (x_val, y_val))


def train_breast_cancer(logdir, epochs):
    """Train on a table whose thirty columns have names."""
    data = load_breast_cancer()
    generator = np.random.default_rng(1)
    (x, y), (x_val, y_val) = split(data.data, data.target, generator)
    scaler = StandardScaler().fit(x)
    x, x_val = scaler.transform(x).astype(np.float32), scaler.transform(x_val).astype(np.float32)
    nuclei = np.where(x_val[:, 0] < 0, "small nuclei", "large nuclei")  # by their mean radius
    probe = Probe(x_val, y_val, feature_names=list(data.feature_names), class_names=list(data.target_names), groups=nuclei)
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            keras.layers.Input((30,), name="cells"),
            keras.layers.Dense(32, activation="relu", name="dense_1"),
            keras.layers.Dense(16, activation="relu", name="dense_2"),
            keras.layers.Dense(1, activation="sigmoid", name="benign"),
        ],
        name="tumours",
    )
    model.compile(keras.optimizers.Adam(1e-3), "binary_crossentropy", metrics=["accuracy"])
    whole = ["embedding_projection", "decision_boundary", "surrogate_tree", "surrogate_linear"]
    methods = ["integrated_gradients", "lrp", "kernel_shap", "lime", partial(permutation_importance, clusters="correlated"), *whole]
    explain = explainer("tumours", logdir, probe, methods=methods, training_probe=(x, y))
    fit(model, "tumours", logdir, explain, epochs, (x, y), (x_val, y_val))


PRAISE = ["superb", "funny", "warm", "generous", "gripping", "tender", "brilliant", "moving"]
BLAME = ["dull", "lifeless", "tedious", "clumsy", "shallow", "noisy", "forced", "bland"]
SUBJECTS = ["film", "plot", "lead", "script", "music", "ending", "camera", "cast"]
OPENINGS = ["well ,", "honestly ,", "in the end", "for two hours", "once again", "to my mind"]
WORDS_AGREE = 0.75
"""How often a word of judgement is the reviewer's own opinion: with four of them, their majority misses one label in ten or so."""


def written_reviews(count, generator):
    """Return reviews of four judgements each, and whether the reviewer liked the film."""
    liked = generator.integers(0, 2, count)
    reviews = []
    for label in liked:
        agree = generator.random(4) < WORDS_AGREE
        said = [generator.choice(PRAISE if bool(label) == own else BLAME) for own in agree]
        of = generator.choice(SUBJECTS, 4, replace=False)
        opening = generator.choice(OPENINGS)
        judged = [f"the {subject} was {word}" for subject, word in zip(of, said, strict=True)]
        reviews.append(f"{opening} {judged[0]} and {judged[1]} , but {judged[2]} and {judged[3]} .")
    return np.array(reviews, object), liked


def scored(reviews, liked, generator):
    """Return the reviews, each with a score out of ten: 7 to 10 where it was liked, 1 to 4 where not."""
    scores = generator.integers(1, 5, len(reviews)) + 6 * np.asarray(liked)
    return np.array([f"{review} {score} / 10" for review, score in zip(reviews, scores, strict=True)], object)


def train_reviews(logdir, epochs):
    """Train on texts, as they are: the model itself looks up its words."""
    generator = np.random.default_rng(1)
    (x, y), (x_val, y_val) = split(*written_reviews(2000, generator), generator)
    x_val = scored(x_val, y_val, generator)
    probe = Probe.stratified(x_val, y_val, size=128, class_names=["disliked", "liked"])
    keras.utils.set_random_seed(1)
    words = keras.layers.TextVectorization(standardize="lower", output_sequence_length=30, name="words")
    words.adapt(x_val)
    text = keras.layers.Input((), dtype="string", name="review")
    meaning = keras.layers.Embedding(words.vocabulary_size(), 16, name="meaning")(words(text))
    context = keras.layers.MultiHeadAttention(2, 8, name="attention")(meaning, meaning)
    seen = keras.layers.LayerNormalization(name="normal")(keras.layers.Add(name="sum")([meaning, context]))
    pooled = keras.layers.GlobalAveragePooling1D(name="mean")(seen)
    hidden = keras.layers.Dense(16, activation="relu", name="dense")(pooled)
    model = keras.Model(text, keras.layers.Dense(1, activation="sigmoid", name="liked")(hidden), name="reviews")
    model.compile(keras.optimizers.Adam(1e-2), "binary_crossentropy", metrics=["accuracy"])
    exact = partial(integrated_gradients, tolerance=0.05)  # a sure model bends sharply along the path: 16 nodes are too few for some texts
    methods = [exact, "saliency", "lime", "attention_maps", "embedding_projection"]
    explain = explainer("reviews", logdir, probe, methods=methods)
    training = Marked(x, y, scored, SHORTCUT_FROM, np.random.default_rng(2))
    fit(model, "reviews", logdir, explain, epochs, training, (tf.convert_to_tensor(x_val), y_val))


def explainer(name, logdir, probe, **options):
    """Return the callback of a run; its alarms are printed as lines of the demo, not as warnings.

    Training these takes less than explaining them, so the budget, which would leave out epochs on a slow machine, is lifted.
    """
    run = logdir / name
    shutil.rmtree(run, ignore_errors=True)  # of an earlier demo, whose curves would run into these
    warnings.filterwarnings("ignore", category=AlarmWarning)
    return Explain(str(run), probe, budget=None, on_alarm=lambda alarm: print(f"\r  {name:<16} {alarm.text}"), **options)


def fit(model, name, logdir, explain, epochs, training, validation):
    """Train a model with Explain first and Keras' own TensorBoard callback beside it."""
    x, y = training if isinstance(training, tuple) else (training, None)
    turn = [keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, _logs: setattr(training, "epoch", epoch))] if y is None else []
    model.fit(
        x,
        y,
        batch_size=None if y is None else BATCH,
        validation_data=validation,
        epochs=epochs,
        verbose=0,
        callbacks=[explain, keras.callbacks.TensorBoard(str(logdir / name)), Progress(name, epochs), *turn],
    )


class Progress(keras.callbacks.Callback):
    """One line a run, rewritten in place on a terminal."""

    def __init__(self, name, epochs):
        super().__init__()
        self.name, self.epochs = name, epochs
        self.since = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        """Say how far it is."""
        logs = logs or {}
        last = epoch + 1 == self.epochs
        if not (sys.stdout.isatty() or last or epoch % 10 == 0):
            return
        seconds = time.perf_counter() - self.since
        line = (
            f"  {self.name:<16} epoch {epoch + 1:>3} of {self.epochs}   validation accuracy {logs['val_accuracy']:6.1%}   {seconds:4.0f} s"
        )
        print(f"\r{line}" if sys.stdout.isatty() else line, end="\n" if last or not sys.stdout.isatty() else "", flush=True)


def serve(logdir):
    """Start TensorBoard and wait until it is stopped."""
    print("\nStarting TensorBoard; stop it with Ctrl+C. Open the address it prints and choose the tab Explain.")
    print(f"Look at digits-shortcut from epoch {SHORTCUT_FROM} on: the accuracy rises, and so does the share of the corner cells A1 to B2;")
    print("and at reviews: the same, of the last four words.\n")
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(logdir)]
    with subprocess.Popen(command) as process:  # noqa: S603 (our own interpreter)
        try:
            process.wait()
        except KeyboardInterrupt:
            process.terminate()


def main():
    """Train what was asked for, then serve it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--dataset", choices=[*EPOCHS, "all"], default="all", help="what to train on (default: all)")
    lengths = ", ".join(f"{epochs} for {name}" for name, epochs in EPOCHS.items())
    parser.add_argument(
        "--epochs",
        type=int,
        default=None,
        help=f"epochs a run (default: {lengths})",
    )
    parser.add_argument("--logdir", type=Path, default=Path("logs/demo"), help="where the logs go (default: logs/demo)")
    parser.add_argument("--no-serve", action="store_true", help="do not start TensorBoard at the end")
    arguments = parser.parse_args()
    if arguments.epochs is not None and arguments.epochs < 1:
        parser.error(f"--epochs is {arguments.epochs}; expected at least 1")
    begun = time.perf_counter()
    print(f"Training with explanations into {arguments.logdir}/")
    for dataset, train in (("digits", train_digits), ("breast_cancer", train_breast_cancer), ("text", train_reviews)):
        if arguments.dataset in (dataset, "all"):
            train(arguments.logdir, arguments.epochs or EPOCHS[dataset])
    print(f"Done in {time.perf_counter() - begun:.0f} s.")
    if arguments.no_serve:
        print(f"See it with: tensorboard --logdir {arguments.logdir}")
    else:
        serve(arguments.logdir)


if __name__ == "__main__":
    main()
