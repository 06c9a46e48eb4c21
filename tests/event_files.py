"""Event files as the callbacks and Keras write them, written without TensorFlow."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.plugins.scalar import metadata as scalar_metadata
from tensorboard.summary.writer.record_writer import RecordWriter
from tensorboard.util import tensor_util

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

START_TIME = 1.79e9
EPOCH_SECONDS = 2.0
"""What an epoch takes on the clock of a synthetic log."""


class EventFile:
    """One event file. Its first event after the version is ``SessionLog.START`` at ``first_step``.

    Args:
        directory: the run's directory; made if needed.
        first_step: the first step that will be written.
        start_time: wall time of step 0.
        serial: distinguishes the files of one run; a later file has a larger one.
    """

    def __init__(self, directory: Path | str, first_step: int, *, start_time: float = START_TIME, serial: int = 0) -> None:
        self._start_time = start_time
        Path(directory).mkdir(parents=True, exist_ok=True)
        self.path = Path(directory) / f"events.out.tfevents.{int(start_time) + serial}.host.1.{serial}.v2"
        self._file = self.path.open("wb")
        self._records = RecordWriter(self._file)
        self._write(event_pb2.Event(wall_time=self._wall_time(first_step), file_version="brain.Event:2"))
        session = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
        self._write(event_pb2.Event(wall_time=self._wall_time(first_step), step=first_step, session_log=session))

    def write(self, step: int, *summaries: summary_pb2.Summary) -> None:
        """Write what is known at ``step``, then flush, as the callbacks do once a step."""
        for summary in summaries:
            self._write(event_pb2.Event(wall_time=self._wall_time(step), step=step, summary=summary))
        self._file.flush()

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _wall_time(self, step: int) -> float:
        return self._start_time + EPOCH_SECONDS * (step + 1)

    def _write(self, event: event_pb2.Event) -> None:
        self._records.write(event.SerializeToString())


def scalar(tag: str, value: float) -> summary_pb2.Summary:
    """Return a scalar as ``tf.summary.scalar`` of TensorFlow 2 writes it: a float32 tensor of the plugin *scalars*."""
    metadata = scalar_metadata.create_summary_metadata(display_name="", description="")
    metadata.data_class = summary_pb2.DATA_CLASS_SCALAR
    tensor = tensor_util.make_tensor_proto(np.float32(value))
    return summary_pb2.Summary(value=[summary_pb2.Summary.Value(tag=tag, tensor=tensor, metadata=metadata)])
