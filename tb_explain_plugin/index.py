"""What of a log is ours and can be read."""

from __future__ import annotations

from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from tensorboard import errors as tensorboard_errors
from tensorboard.data.provider import RunTagFilter

from tb_explain_plugin import metadata
from tb_explain_plugin import plugin_data_pb2 as pb
from tb_explain_plugin.errors import BadRequestError, NotFoundError, listing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tb_explain_plugin.cache import Cache


FRESH_SECONDS = 0.5
"""For how long nobody asks again what there is: the tab's many requests at once are about one state of the log."""

_ENTRY_BYTES = 300
"""What an entry takes with its tag, about."""


class Log(NamedTuple):
    """What one request may read."""

    provider: Any
    context: Any
    experiment: str
    cache: Cache


class Entry(NamedTuple):
    """What the index knows of a tag. The last two change whenever a step is added or written again."""

    kind: pb.Kind
    max_step: int
    max_wall_time: float


class Index(NamedTuple):
    """The readable tags of every run, and ``(run, reason)`` of what is left out."""

    runs: dict[str, dict[str, Entry]]
    skipped: list[tuple[str, str]]


def read_index(log: Log, run: str | None = None) -> Index:
    """Return what there is, of all runs or at least of one; as it was at most `FRESH_SECONDS` ago. Nobody may change it.

    What is said of one run is never older than what was said of all before: a step that ``/groups`` lists can be asked for.
    """
    every = log.cache.recent(("index", log.experiment, None), FRESH_SECONDS)
    if every is not None:
        found: Index = every
        return found
    return log.cache.get(
        ("index", log.experiment, run),
        lambda: _read_index(log, None if run is None else RunTagFilter(runs=[run])),
        lambda index: _ENTRY_BYTES * sum(len(tags) for tags in index.runs.values()),
        FRESH_SECONDS,
    )


def _read_index(log: Log, chosen: RunTagFilter | None) -> Index:
    listings = (
        (log.provider.list_tensors, (pb.SERIES, pb.MANIFEST)),
        (log.provider.list_blob_sequences, (pb.FRAME,)),
    )
    runs: dict[str, dict[str, Entry]] = {}
    skipped: dict[tuple[str, str], None] = {}
    for list_tags, shapes in listings:
        with readable("the log"):
            found = list_tags(log.context, experiment_id=log.experiment, plugin_name=metadata.PLUGIN_NAME, run_tag_filter=chosen)
        for name, tags in found.items():
            for tag, series in tags.items():
                try:
                    kind = _kind(tag, series.plugin_content, shapes)
                except ValueError as error:
                    skipped[name, str(error)] = None
                else:
                    runs.setdefault(name, {})[tag] = Entry(kind, series.max_step, series.max_wall_time)
    return Index(runs, list(skipped))


def find_entry(log: Log, run: str, tag: str, kind: pb.Kind) -> Entry:
    """Return what the index knows of one tag.

    Raises:
        NotFoundError: no such run or tag.
        BadRequestError: not of this kind, or left out of the index.
    """
    entry = read_index(log, run).runs.get(run, {}).get(tag)
    if entry is None:
        raise _not_found(log, run, tag)
    if entry.kind != kind:
        raise BadRequestError(f"{tag!r} is of another kind", f"a tag of kind {kind_name(kind)}", kind_name(entry.kind))
    return entry


def _not_found(log: Log, run: str, tag: str) -> tensorboard_errors.PublicError:
    index = read_index(log, run)
    if run in index.runs:
        tags = sorted(index.runs[run])
        alike = [known for known in tags if known.partition("/")[0] == tag.partition("/")[0]]
        return NotFoundError(f"no such tag in {run!r}", f"one of {listing(alike or tags)}", tag)
    reasons = [reason for name, reason in index.skipped if name == run]
    if reasons:
        return BadRequestError(f"run {run!r} cannot be used", "explanations that this plugin reads", reasons[0])
    return NotFoundError("no such run with explanations", "a run that /groups lists", run)


@contextmanager
def readable(what: str) -> Iterator[None]:
    """Turn whatever is raised over foreign, damaged or half-loaded data into a `BadRequestError`."""
    try:
        yield
    except tensorboard_errors.PublicError:
        raise
    except Exception as error:
        raise BadRequestError(f"{what} cannot be read", "data as tb-explain-plugin logs it", repr(error)) from error


@lru_cache(maxsize=1 << 16)
def _kind(tag: str, content: bytes, shapes: tuple[pb.Kind, ...]) -> pb.Kind:
    """Return what kind of data a tag holds, or raise ValueError with the reason why it cannot be used."""
    kind = metadata.parse_plugin_data(content).kind
    if metadata.parse_tag(tag).shape != kind or kind not in shapes:
        raise ValueError(f"{tag!r} holds {pb.Kind.Name(kind)} data in a place of another shape")
    return kind


def kind_name(kind: pb.Kind) -> str:
    """Return the name of a kind as the routes spell it."""
    return pb.Kind.Name(kind).lower()
