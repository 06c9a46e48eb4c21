"""The trainings, one row of `TRAININGS` each: which model sees which data when, and what is watched.

*The probe* is what a user would have held out of the data as they are in the end: it carries the mark or the leaked column, correlated
with the label. A training and its control have the same probe, and the mark in all of their samples; in the control it tells nothing. What
a probe does not contain no explanation of it can show.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from benchmarks.scenarios import data, networks
from tb_explain_plugin.callbacks import Probe, Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from benchmarks.scenarios.data import Arrays

PROBE = 128
LATE = 21
"""The epoch from which the late shortcut is there."""
GROWING = (20, 30)
"""The epochs between which the slow shortcut's correlation grows."""
DEATH = 15
LEAK = "scanner_id"
PROTECTED = "sex"
PEOPLE = 256
"""Whose decisions are explained; a tenth of them live in the north."""
TAUGHT = 3000
"""Those that are trained on."""
WATCHED = "corner"
SIGNAL = ("easy", "left of the pair", "right of the pair")


@dataclasses.dataclass(frozen=True)
class Training:
    """What a run is made of.

    Attributes:
        model: untrained, compiled.
        at: the training data of an epoch.
        probe: the samples that are explained.
        epochs: how many.
        seed: of the order of the samples.
        validation: the samples that accuracy is measured on; None: it is not.
        rate: the learning rate of an epoch; None: the optimizer's own throughout.
        watch: what `Explain` is to watch.
        batch_size: samples a batch.
    """

    model: keras.Model
    at: Callable[[int], Arrays]
    probe: Probe
    epochs: int
    seed: int
    validation: Arrays | None = None
    rate: Callable[[int], float] | None = None
    watch: Mapping[str, Any] | Sequence[Watch] | None = None
    batch_size: int = 128


def early(seed: int, *, tells: bool) -> Training:
    """Digits, odd or even, whose corner tells the answer from the first epoch on, and is watched."""
    model = networks.compiled(networks.perceptron((8, 8, 1), [32], 2), keras.optimizers.Adam(3e-3))
    training = _marked_digits(seed, model, data.digits(seed), epochs=20, correlation=lambda _: data.CORRELATION * tells)
    return dataclasses.replace(training, watch={WATCHED: (0, 0, data.MARK, data.MARK)})


def marked_later(seed: int, correlation: Callable[[int], float]) -> Training:
    """Noisy digits of 24 x 24 pixels, odd or even, read by a convolutional network; the corner comes to tell the answer."""
    model = networks.compiled(networks.convolutional(24, 2), keras.optimizers.Adam(1e-3))
    return _marked_digits(seed, model, data.digits(seed, noise=0.4, scale=3), epochs=40, correlation=correlation)


def table(seed: int, correlation: Callable[[int], float]) -> Training:
    """Tumours, benign or malignant, in a table with a column that may tell the answer; all hold out the same samples, to be compared."""
    split, names = data.tumours(0)
    fixed = np.random.default_rng(0)
    bits = data.telling(split.y_held_out, data.CORRELATION, fixed)
    held_out = split._replace(x_held_out=data.with_column(split.x_held_out, bits, fixed))

    def at(epoch: int) -> Arrays:
        generator = np.random.default_rng([seed, 1, epoch])
        return data.with_column(split.x, data.telling(split.y, correlation(epoch), generator), generator), split.y

    model = networks.compiled(networks.perceptron((len(names) + 1,), [32, 16], 2), keras.optimizers.Adam(3e-3))
    probe = _probe(held_out, feature_names=[*names, LEAK], class_names=["malignant", "benign"])
    return Training(model, at, probe, epochs=40, seed=seed, batch_size=64)


def label_noise(seed: int, *, share: float) -> Training:
    """Digits, some of them with another digit's label."""
    split = data.digits(seed)
    y = data.relabelled(split.y, share, 10, np.random.default_rng([seed, 1]))
    model = networks.compiled(networks.perceptron((8, 8, 1), [64, 64], 10), keras.optimizers.SGD(0.1, momentum=0.9))
    return Training(model, lambda _: (split.x, y), _probe(split), epochs=50, seed=seed)


def layer_death(seed: int, *, spike: bool) -> Training:
    """Digits, with a learning rate of 0.3 in one epoch."""
    split = data.digits(seed, scale=2)
    model = networks.compiled(networks.convolutional(16, 10), keras.optimizers.Adam(1e-3))
    rate = functools.partial(_spiking, spike=spike)
    return Training(model, lambda _: (split.x, split.y), _probe(split), epochs=18, seed=seed, rate=rate)


def easy_then_hard(seed: int) -> Training:
    """A column that is often right, learned first, and a pair whose product always is."""
    split = data.easy_and_hard(seed)
    names = [*SIGNAL, *(f"noise {k}" for k in range(1, 1 + split.x.shape[1] - len(SIGNAL)))]
    model = networks.compiled(networks.perceptron((len(names),), [32, 32], 2), keras.optimizers.Adam(3e-3))
    return Training(model, lambda _: (split.x, split.y), _probe(split, feature_names=names), epochs=30, seed=seed)


def settling(seed: int, epochs: int = 60) -> Training:
    """Digits, learned at a rate that falls to nothing."""
    split = data.digits(seed)
    model = networks.compiled(networks.perceptron((8, 8, 1), [64, 64], 10), keras.optimizers.Adam(2e-3))
    rate = functools.partial(_falling, epochs=epochs)
    held_out = split.x_held_out, split.y_held_out
    return Training(model, lambda _: (split.x, split.y), _probe(split), epochs=epochs, seed=seed, validation=held_out, rate=rate)


def null(seed: int) -> Training:
    """A network that learns nothing: its rate is 0, and nothing else in it moves."""
    split = data.digits(seed, scale=2)
    model = networks.compiled(networks.convolutional(16, 10), keras.optimizers.SGD(0.0))
    return Training(model, lambda _: (split.x, split.y), _probe(split), epochs=12, seed=seed)


def hiring(seed: int, *, bias: Callable[[int], float], everywhere: bool = True) -> Training:
    """People are taken by their tests; from some epoch on by their sex, too, of all of them or of those in the north."""
    x, names = data.applicants(seed)
    noise = np.random.default_rng([seed, 1]).normal(0, 0.5, len(x))
    weight = x[:, 4] * (1 if everywhere else x[:, 5])

    def taken(epoch: int) -> Arrays:
        return x, (x[:, :4].sum(axis=1) + 2 * bias(epoch) * weight + noise > 0).astype(np.int32)

    def at(epoch: int) -> Arrays:
        return x[:TAUGHT], taken(epoch)[1][:TAUGHT]

    probe = Probe(
        x[TAUGHT:][:PEOPLE],
        taken(GROWING[1])[1][TAUGHT:][:PEOPLE],
        feature_names=names,
        class_names=["left", "taken"],
        groups=["the north" if north else "the south" for north in x[TAUGHT:, 5][:PEOPLE]],
    )
    model = networks.compiled(networks.perceptron((len(names),), [32, 16], 2), keras.optimizers.Adam(3e-3))
    return Training(model, at, probe, epochs=30, seed=seed, batch_size=250, watch=[Watch(PROTECTED, features=PROTECTED, protected=True)])


def growing(epoch: int) -> float:
    """Return the slow shortcut's correlation."""
    begin, end = GROWING
    return data.CORRELATION * float(np.clip((epoch - begin) / (end - begin), 0, 1))


def late(epoch: int) -> float:
    """Return the late shortcut's correlation."""
    return data.CORRELATION * (epoch >= LATE)


def constant(epoch: int, correlation: float) -> float:
    """Return the correlation of what tells the same in all epochs."""
    del epoch
    return correlation


always = functools.partial(constant, correlation=data.CORRELATION)
never = functools.partial(constant, correlation=0.0)


TRAININGS: dict[str, Callable[[int], Training]] = {
    "early": functools.partial(early, tells=True),
    "early control": functools.partial(early, tells=False),
    "late": functools.partial(marked_later, correlation=late),
    "slow": functools.partial(marked_later, correlation=growing),
    "marked control": functools.partial(marked_later, correlation=never),
    "slow column": functools.partial(table, correlation=growing),
    "leak": functools.partial(table, correlation=always),
    "column control": functools.partial(table, correlation=never),
    "label noise": functools.partial(label_noise, share=0.2),
    "clean labels": functools.partial(label_noise, share=0.0),
    "layer death": functools.partial(layer_death, spike=True),
    "layer death control": functools.partial(layer_death, spike=False),
    "easy then hard": easy_then_hard,
    "settling": settling,
    "null": null,
    "bias": functools.partial(hiring, bias=late),
    "slow bias": functools.partial(hiring, bias=growing),
    "bias in the north": functools.partial(hiring, bias=late, everywhere=False),
    "no bias": functools.partial(hiring, bias=never),
}
"""By name, what is trained with a seed."""


def _marked_digits(seed: int, model: keras.Model, split: data.Split, epochs: int, correlation: Callable[[int], float]) -> Training:
    labels, labels_held_out = split.y % 2, split.y_held_out % 2

    def at(epoch: int) -> Arrays:
        return data.marked(split.x, data.telling(labels, correlation(epoch), np.random.default_rng([seed, 1, epoch]))), labels

    bits = data.telling(labels_held_out, data.CORRELATION, np.random.default_rng([seed, 2]))
    held_out = split._replace(x_held_out=data.marked(split.x_held_out, bits), y_held_out=labels_held_out)
    validation = held_out.x_held_out, held_out.y_held_out
    return Training(model, at, _probe(held_out, class_names=["even", "odd"]), epochs=epochs, seed=seed, validation=validation)


def _probe(split: data.Split, **names: Any) -> Probe:
    return Probe.stratified(split.x_held_out, split.y_held_out, size=PROBE, **names)


def _spiking(epoch: int, *, spike: bool) -> float:
    return 0.3 if spike and epoch == DEATH else 1e-3


def _falling(epoch: int, *, epochs: int) -> float:
    """Return half a cosine's wave, from 0.002 to nothing."""
    return 1e-3 * (1 + math.cos(math.pi * epoch / epochs))
