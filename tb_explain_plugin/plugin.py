"""The Explain tab's routes, as ``http_api.md`` has them. Each is a row of a table and a function that knows no HTTP."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from google.protobuf.json_format import MessageToDict
from safetensors.numpy import save
from tensorboard import errors as tensorboard_errors
from tensorboard import plugin_util
from tensorboard.backend import http_util
from tensorboard.plugins import base_plugin
from werkzeug import wrappers

from tb_explain_plugin import alarms, by_group, comparison, drift_matrix, embedding, errors, groups, metadata, reader, references
from tb_explain_plugin.cache import Cache
from tb_explain_plugin.errors import BadRequestError, NotFoundError
from tb_explain_plugin.index import Log, read_index
from tb_explain_plugin.prompt import prompt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray


STATIC = Path(__file__).parent / "static"
"""The compiled frontend."""

CACHE_BYTES = 256 << 20

_BINARY = "application/octet-stream"
_ASSET_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
_NO_FRONTEND = """export function render() {
  document.body.textContent =
    "The Explain tab is not built: expected static/index.js beside the plugin, found none. " +
    "Install tb-explain-plugin again (`pip install .` builds it), then reload this page.";
}
"""


class Route(NamedTuple):
    """What answers a path: a function of the log and of the parameters named here, to a dict (as JSON) or bytes; what bytes are.

    Those of the parameters that are ``repeatable`` come as lists of what was given.
    """

    answer: Callable[..., dict[str, Any] | bytes]
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    repeatable: tuple[str, ...] = ()
    content_type: str = "application/json"
    encoding: str | None = None


class ExplainPlugin(base_plugin.TBPlugin):
    """Serves what the callbacks logged, and the tab that shows it."""

    plugin_name = metadata.PLUGIN_NAME

    def __init__(self, context: base_plugin.TBContext) -> None:
        """Take what TensorBoard has loaded from ``context``; nothing is read before the first request."""
        self._provider = prompt(context.data_provider)
        self._logdir = context.logdir or ""
        self._cache = Cache(CACHE_BYTES)

    def is_active(self) -> bool:
        """Return False: TensorBoard itself finds the tab active once it sees data of ours (`data_plugin_names`)."""
        return False

    def frontend_metadata(self) -> base_plugin.FrontendMetadata:
        """Return how the tab is called and where its script is."""
        return base_plugin.FrontendMetadata(es_module_path="/index.js", tab_name="Explain")

    def get_plugin_apps(self) -> dict[str, Callable[..., Any]]:
        """Return the routes; ``/*`` is tried last and serves the frontend's files."""
        routes = {
            "/groups": Route(partial(groups.list_groups, logdir=self._logdir), encoding="gzip"),
            "/manifest": Route(manifest_impl, ("run",)),
            "/series": Route(series_impl, ("run", "tag"), repeatable=("tag",), content_type=_BINARY),
            "/frame": Route(frame_impl, ("run", "tag", "step"), content_type=_BINARY),
            "/scalars": Route(scalars_impl, ("group",)),
            "/drift": Route(comparison.drift_of_run, ("run", "tag", "against")),
            "/drift_matrix": Route(drift_matrix_impl, ("run", "tag"), ("against_run",), content_type=_BINARY),
            "/embedding": Route(embedding_impl, ("run",), content_type=_BINARY),
            "/compare": Route(compare_impl, ("run", "tag", "step", "against")),
            "/by_group": Route(by_group.by_group, ("run", "tag"), ("against",)),
            "/alarms": Route(alarms_impl, ("group",)),
        }
        return {path: self._app(partial(self._answer, route)) for path, route in routes.items()} | {"/*": self._app(asset)}

    def _answer(self, route: Route, request: wrappers.Request) -> wrappers.Response:
        log = Log(
            self._provider,
            plugin_util.context(request.environ),
            plugin_util.experiment_id(request.environ),
            self._cache,
        )
        content = route.answer(log, **parameters(request, route))
        return respond(request, content, route.content_type, encoding=route.encoding)

    @staticmethod
    def _app(answer: Callable[[wrappers.Request], wrappers.Response]) -> Callable[..., Any]:
        """Return a WSGI application whose every error is JSON."""

        @wrappers.Request.application
        def app(request: wrappers.Request) -> wrappers.Response:
            try:
                if request.method not in {"GET", "HEAD"}:
                    raise BadRequestError("nothing can be changed here", "GET", request.method)
                return answer(request)
            except tensorboard_errors.PublicError as error:
                return respond(
                    request,
                    {"error": errors.parts(error)},
                    "application/json",
                    code=error.http_code,
                    headers=error.headers,
                )

        return app


def respond(
    request: wrappers.Request,
    content: object,
    content_type: str,
    code: int = 200,
    headers: Sequence[tuple[str, str]] = (),
    encoding: str | None = None,
) -> wrappers.Response:
    """Answer as TensorBoard does: compressed if the client takes that, not to be sniffed or cached, NaN in JSON as a string."""
    response: wrappers.Response = http_util.Respond(request, content, content_type, code, content_encoding=encoding, headers=headers)
    return response


def parameters(request: wrappers.Request, route: Route) -> dict[str, str | list[str]]:
    """Return the parameters of a route as given.

    Raises:
        BadRequestError: one is missing, or given twice and not repeatable.
    """
    found: dict[str, str | list[str]] = {}
    for name in (*route.required, *route.optional):
        values = request.args.getlist(name)
        if (len(values) > 1 and name not in route.repeatable) or (not values and name in route.required):
            expected = "&".join(f"{known}=…" for known in route.required)
            raise BadRequestError(f"parameter {name!r} is given {len(values)} times", expected, request.query_string.decode("latin-1"))
        if values:
            found[name] = values if name in route.repeatable else values[0]
    return found


def manifest_impl(log: Log, run: str) -> dict[str, Any]:
    """Answer ``/manifest``."""
    contents = reader.read_manifest(log, run).contents
    return MessageToDict(contents, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)


def series_impl(log: Log, run: str, tag: list[str]) -> bytes:
    """Answer ``/series``: of one tag its arrays, of several the arrays of all that can be read."""
    if len(tag) == 1:
        series = reader.read_series(log, run, tag[0])
        return save(_arrays(series), metadata={"left_out": series.left_out} if series.left_out else None)
    found, unreadable = reader.read_many_series(log, run, dict.fromkeys(tag))
    arrays = {f"{part}:{name}": array for name, series in found.items() for part, array in _arrays(series).items()}
    left_out = {f"left_out:{name}": series.left_out for name, series in found.items() if series.left_out}
    failed = {f"error:{name}": json.dumps(errors.parts(error)) for name, error in unreadable.items()}
    return save(arrays, metadata=left_out | failed or None)


def _arrays(series: reader.Series) -> dict[str, NDArray[Any]]:
    return {"steps": series.steps, "wall_times": series.wall_times, "values": series.values}


def frame_impl(log: Log, run: str, tag: str, step: str) -> bytes:
    """Answer ``/frame``."""
    number = references.parse_step(step, "step")
    return reader.read_frame_bytes(log, run, tag, reader.find_step(reader.read_blobs(log, run, tag), run, tag, number))


def scalars_impl(log: Log, group: str) -> dict[str, Any]:
    """Answer ``/scalars``."""
    return {"curves": groups.learning_curves(log, group)}


def drift_matrix_impl(log: Log, run: str, tag: str, against_run: str | None = None) -> bytes:
    """Answer ``/drift_matrix``."""
    matrix = drift_matrix.drift_matrix(log, run, tag, run if against_run is None else against_run)
    return save(matrix.arrays, metadata=matrix.text)


def embedding_impl(log: Log, run: str) -> bytes:
    """Answer ``/embedding``."""
    view = embedding.embedding_of_run(log, run)
    return save(view.arrays, metadata=view.text)


def compare_impl(log: Log, run: str, tag: str, step: str, against: str) -> dict[str, Any]:
    """Answer ``/compare``."""
    return comparison.compare(log, run, tag, references.parse_step(step, "step"), against)


def alarms_impl(log: Log, group: str) -> dict[str, Any]:
    """Answer ``/alarms``."""
    index = read_index(log)
    return {"alarms": [alarm for run in groups.runs_of(index, group) for alarm in alarms.alarms_of_run(log, run, index.runs[run])]}


def asset(request: wrappers.Request) -> wrappers.Response:
    """Serve a file of the compiled frontend.

    Only what a walk through `STATIC` finds can be asked for, so no path leads elsewhere.
    """
    name = request.path.partition(f"/plugin/{metadata.PLUGIN_NAME}/")[2]
    files = {path.relative_to(STATIC).as_posix(): path for path in STATIC.rglob("*") if path.suffix in _ASSET_TYPES}
    if name in files:
        return respond(request, files[name].read_bytes(), _ASSET_TYPES[files[name].suffix])
    if name == "index.js":
        return respond(request, _NO_FRONTEND, "text/javascript")
    raise NotFoundError("no such route or file", "one of the routes of http_api.md", name)
