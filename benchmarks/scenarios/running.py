"""One training with the public callbacks, its log, and what was told while it went on."""

from __future__ import annotations

import json
import shutil
import time
import warnings
from typing import TYPE_CHECKING, Any

import keras

from benchmarks.scenarios.data import ChangingData
from benchmarks.scenarios.trainings import TRAININGS
from tb_explain_plugin.callbacks import AlarmWarning, Explain

if TYPE_CHECKING:
    from pathlib import Path

TOLD = "told.json"
"""Beside the log of a training that has ended: the alarms that ``on_alarm`` was given."""


def run(name: str, seed: int, directory: Path) -> float:
    """Train once, leave the log, with what was told, in a directory, and return how many seconds it took; 0 if it was there already."""
    if (directory / TOLD).exists():
        return 0.0
    shutil.rmtree(directory, ignore_errors=True)  # of a training that was broken off
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    training = TRAININGS[name](seed)
    told: list[Any] = []
    explain = Explain(
        str(directory),
        training.probe,
        watch=training.watch,
        on_alarm=told.append,
        permutation_every=1000,  # no alarm looks at these two
        deletion_every=None,
        every=1,
        budget=None,
        on_error="raise",
    )
    batches = ChangingData(training.at, training.seed, training.batch_size)
    turns = keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, _: batches.turn_to(epoch))
    rates = [keras.callbacks.LearningRateScheduler(lambda epoch, _: rate(epoch))] if (rate := training.rate) else []
    begun = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AlarmWarning)  # they are counted instead
        training.model.fit(
            batches,
            validation_data=training.validation,
            validation_batch_size=1024,
            epochs=training.epochs,
            verbose=0,
            callbacks=[turns, *rates, explain],
        )
    (directory / TOLD).write_text(json.dumps([alarm._asdict() for alarm in told]))
    return time.perf_counter() - begun


def told_of(directory: Path) -> list[dict[str, Any]]:
    """Return the alarms that ``on_alarm`` was given."""
    alarms: list[dict[str, Any]] = json.loads((directory / TOLD).read_text())
    return alarms
