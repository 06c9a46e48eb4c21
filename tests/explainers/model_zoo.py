"""Models in every shape that Keras has, tiny: how they are built × what they predict × what they take.

A *chain* is a list of layers behind one input; a model concatenates the ends of its chains and puts one or two heads on them.
"""

from __future__ import annotations

from typing import NamedTuple

import keras
import numpy as np
from keras import layers

BUILDS = ("sequential", "functional", "subclassed", "nested")
HEADS = ("logits", "softmax", "sigmoid", "outputs_list", "outputs_dict", "regression")
INPUTS = ("tabular", "image", "tokens", "several", "dict", "masked")
SAMPLES = 4


class Source(NamedTuple):
    """One input of a model, and the layers behind it."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    chain: list[layers.Layer]


@keras.saving.register_keras_serializable("model_zoo")
class Attention(layers.Layer):
    """A block of several layers: attention with its residual, normalized."""

    def __init__(self, **options):
        super().__init__(**options)
        self.attend, self.normalize = layers.MultiHeadAttention(2, 2), layers.LayerNormalization()

    def build(self, shape):
        self.attend.build(shape, shape)
        self.normalize.build(shape)

    def call(self, x):
        return self.normalize(x + self.attend(x, x))


def sources(takes, build):
    """Return the inputs of a model, with fresh layers."""
    return CHAINS[takes](build)


def tabular(build):
    return [
        Source(
            "table", (5,), "float32", [layers.Dense(6, "swish"), layers.BatchNormalization(), layers.Dropout(0.5), layers.Dense(5, "gelu")]
        )
    ]


def image(build):
    hidden = [layers.Conv2D(3, 3, activation="relu"), layers.BatchNormalization(), layers.MaxPooling2D(), layers.Flatten()]
    return [Source("image", (6, 6, 1), "float32", hidden)]


def tokens(build):
    mix = Attention() if build in ("functional", "subclassed") else layers.Conv1D(3, 2, activation="gelu")
    return [Source("tokens", (5,), "int32", [layers.Embedding(9, 4, "normal"), mix, layers.GlobalAveragePooling1D()])]


def several(build):
    table = Source("table", (5,), "float32", [layers.Dense(4, "tanh"), layers.LayerNormalization(), layers.Dropout(0.5)])
    return [table, Source("signal", (6, 2), "float32", [layers.Conv1D(3, 2, activation="swish"), layers.Flatten()])]


def named(build):
    words = [layers.Embedding(9, 2, "normal"), layers.Flatten(), layers.Dense(3, "gelu")]
    return [Source("a_words", (4,), "int32", words), Source("b_numbers", (3,), "float32", [layers.Dense(4, "tanh")])]


def masked(build):
    if build == "nested":
        return [Source("signal", (2, 2), "float32", [layers.Masking(), layers.GRU(2, unroll=True)])]
    recurrent = {
        "sequential": lambda **options: layers.LSTM(3, **options),
        "functional": lambda **options: layers.Bidirectional(layers.LSTM(2, **options)),
        "subclassed": lambda **options: layers.GRU(3, **options),
    }[build]
    chain = [layers.Embedding(9, 3, "normal", mask_zero=True), recurrent(unroll=True)]  # a loop takes three times as long to trace
    return [Source("tokens", (2,), "int32", chain)]


CHAINS = {"tabular": tabular, "image": image, "tokens": tokens, "several": several, "dict": named, "masked": masked}


def heads(predicts):
    """Return the last layers, by the name of their output."""
    kind, size = lambda: layers.Dense(3, "softmax", name="kind"), lambda: layers.Dense(1, name="size")
    return {
        "logits": lambda: {"kind": layers.Dense(3, name="kind")},
        "softmax": lambda: {"kind": kind()},
        "sigmoid": lambda: {"flag": layers.Dense(1, "sigmoid", name="flag")},
        "outputs_list": lambda: {"kind": kind(), "size": size()},
        "outputs_dict": lambda: {"kind": kind(), "size": size()},
        "regression": lambda: {"pair": layers.Dense(2, name="pair")},
    }[predicts]()


LOSSES = {
    "logits": keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    "softmax": "sparse_categorical_crossentropy",
    "sigmoid": "binary_crossentropy",
    "outputs_list": ["sparse_categorical_crossentropy", "mse"],
    "outputs_dict": {"kind": "sparse_categorical_crossentropy", "size": "mse"},
    "regression": "mse",
}


def structured(predicts, by_name):
    """Return outputs (or targets) as the model has them."""
    return by_name if predicts == "outputs_dict" else list(by_name.values()) if predicts == "outputs_list" else next(iter(by_name.values()))


def packed(takes, by_name):
    """Return inputs as the model takes them."""
    return by_name if takes == "dict" else list(by_name.values()) if takes == "several" else next(iter(by_name.values()))


def joined(ends):
    return layers.Concatenate()(ends) if len(ends) > 1 else ends[0]


def through(x, chain):
    """Call a chain; the block of attention layer by layer, as the Functional API has it."""
    for layer in chain:
        if isinstance(layer, Attention):
            x = layers.LayerNormalization()(layers.Add()([x, layers.MultiHeadAttention(2, 2)(x, x)]))
        else:
            x = layer(x)
    return x


@keras.saving.register_keras_serializable("model_zoo")
class Subclassed(keras.Model):
    """A model that is nothing but its `call`."""

    def __init__(self, predicts, takes, **options):
        super().__init__(**options)
        self.predicts, self.takes = predicts, takes
        found = sources(takes, "subclassed")
        self.names = [source.name for source in found]
        self.chains = [source.chain for source in found]
        self.ends = heads(predicts)

    def call(self, inputs, *, training=False):
        taken = [inputs[name] for name in self.names] if self.takes == "dict" else inputs if self.takes == "several" else [inputs]
        ends = []
        for given, chain in zip(taken, self.chains, strict=True):
            x = given
            for layer in chain:
                x = layer(x, training=training) if isinstance(layer, (layers.Dropout, layers.BatchNormalization)) else layer(x)
            ends.append(x)
        features = keras.ops.concatenate(ends, axis=-1) if len(ends) > 1 else ends[0]
        return structured(self.predicts, {name: head(features) for name, head in self.ends.items()})

    def get_config(self):
        return {**super().get_config(), "predicts": self.predicts, "takes": self.takes}


def make(build, predicts, takes, *, seed=0, **compiled):
    """Return a compiled model with weights and statistics off their start."""
    keras.utils.set_random_seed(seed)
    found, ends = sources(takes, build), heads(predicts)
    if build == "subclassed":
        model = Subclassed(predicts, takes)
        model(inputs_of(build, takes))
    elif build == "sequential":
        ((name, shape, dtype, chain),) = found
        model = keras.Sequential([keras.Input(shape, dtype=dtype, name=name), *chain, *ends.values()])
    else:
        taken = {s.name: keras.Input(s.shape, dtype=s.dtype, name=s.name) for s in found}
        if build == "functional":
            features = joined([through(taken[s.name], s.chain) for s in found])
        else:
            inner = {s.name: keras.Input(s.shape, dtype=s.dtype, name=s.name) for s in found}
            chains = [keras.Sequential(s.chain, name=f"{s.name}_chain")(inner[s.name]) for s in found]
            features = keras.Model(packed(takes, inner), joined(chains), name="body")(packed(takes, taken))
        model = keras.Model(packed(takes, taken), structured(predicts, {name: head(features) for name, head in ends.items()}))
    generator = np.random.default_rng(seed)
    for variable in model.variables:
        if "moving" in variable.name:
            variable.assign(generator.uniform(0.5, 1.5, variable.shape))
    model.compile("sgd", LOSSES[predicts], **compiled)
    return model


def inputs_of(build, takes, *, seed=1):
    """Return samples as the model takes them."""
    generator = np.random.default_rng(seed)
    given = {}
    for name, shape, dtype, _ in sources(takes, build):
        if dtype == "int32":
            given[name] = generator.integers(1, 9, (SAMPLES, *shape)).astype(np.int32)
        else:
            given[name] = generator.normal(size=(SAMPLES, *shape)).astype(np.float32)
    if takes == "masked":
        next(iter(given.values()))[:2, 1:] = 0  # the end of two samples is padding
    return packed(takes, given)


def targets_of(predicts, *, seed=2):
    """Return targets as for `fit`."""
    generator = np.random.default_rng(seed)
    kinds, flags = generator.integers(0, 3, SAMPLES), generator.integers(0, 2, SAMPLES)
    sizes, pairs = generator.normal(size=SAMPLES).astype(np.float32), generator.normal(size=(SAMPLES, 2)).astype(np.float32)
    by_name = {
        "sigmoid": {"flag": flags},
        "regression": {"pair": pairs},
        "outputs_list": {"kind": kinds, "size": sizes},
        "outputs_dict": {"kind": kinds, "size": sizes},
    }
    return structured(predicts, by_name.get(predicts, {"kind": kinds}))
