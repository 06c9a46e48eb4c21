"""Event files, written so that both of TensorBoard's loaders read every step of them."""

from __future__ import annotations

import itertools
import os
import socket
import time
from typing import TYPE_CHECKING

import tensorflow as tf
from google.protobuf import message
from tensorboard.compat.proto import event_pb2

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tensorboard.compat.proto import summary_pb2

_files_of_this_process = itertools.count()
_METRIC_BYTES = 1024
"""A metric's event is smaller: larger records are passed over unread."""


class EventWriter:
    """One event file, for any path that ``tf.io.gfile`` knows.

    The file begins with ``SessionLog.START`` at its first step: of what older files in the directory hold from there on, TensorBoard
    then shows nothing, so that a resumed run has neither gap nor duplicate. Nothing is on disk before `flush`.

    Args:
        directory: made if need be.
        first_step: the smallest step that will be written.

    Raises:
        OSError: the directory cannot be written; the message says what to do.
    """

    def __init__(self, directory: str, first_step: int) -> None:
        name = (
            f"events.out.tfevents.{int(time.time()):010d}.{socket.gethostname()}.{os.getpid()}.{next(_files_of_this_process):04d}.explain"
        )
        self.path = os.path.join(directory, name)  # noqa: PTH118 (gs:// and the like are no paths)
        make_directory(directory)
        self._writer = tf.io.TFRecordWriter(self.path)
        self._write(event_pb2.Event(wall_time=time.time(), file_version="brain.Event:2"))
        start = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
        self._write(event_pb2.Event(wall_time=time.time(), step=first_step, session_log=start))

    def write(self, step: int, summaries: Iterable[summary_pb2.Summary]) -> None:
        """Write summaries at a step, an event each."""
        for summary in summaries:
            self._write(event_pb2.Event(wall_time=time.time(), step=step, summary=summary))

    def flush(self) -> None:
        """Put on disk what was written."""
        self._writer.flush()

    def close(self) -> None:
        """Flush and close the file."""
        self._writer.close()

    def _write(self, event: event_pb2.Event) -> None:
        self._writer.write(event.SerializeToString())


def make_directory(directory: str) -> None:
    """Make a directory that can be written.

    Raises:
        OSError: it cannot be made or written.
    """
    probe = os.path.join(directory, f".writable.{os.getpid()}")  # noqa: PTH118
    try:
        tf.io.gfile.makedirs(directory)
        with tf.io.gfile.GFile(probe, "w") as file:
            file.write("")
        tf.io.gfile.remove(probe)
    except tf.errors.OpError as error:
        raise OSError(
            f"the log directory {directory!r} cannot be written: {error.message}. Pass a log_dir below a directory that is yours to write"
        ) from error


def holds_events(directory: str) -> bool:
    """Whether the directory holds event files already."""
    return bool(tf.io.gfile.exists(directory)) and any("tfevents" in name for name in tf.io.gfile.listdir(directory))


def metrics_at(directory: str, step: int) -> list[summary_pb2.Summary]:
    """Return the metrics that older files of the directory hold at a step.

    A resumed run begins at the step after which the older one is superseded: what the model is there is explained again, but what Keras
    had in ``logs`` only the older file knows.
    """
    found: dict[str, summary_pb2.Summary] = {}
    names = sorted(name for name in tf.io.gfile.listdir(directory) if "tfevents" in name)
    for name in names:
        try:
            for record in tf.data.TFRecordDataset(os.path.join(directory, name)).as_numpy_iterator():  # noqa: PTH118
                event = event_pb2.Event.FromString(record) if len(record) < _METRIC_BYTES else event_pb2.Event()
                for value in event.summary.value if event.step == step else []:
                    if value.tag.startswith("metric/"):
                        found[value.tag] = event.summary
        except (tf.errors.DataLossError, message.DecodeError):
            continue  # cut off where its process was killed
    return list(found.values())
