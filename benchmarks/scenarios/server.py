"""What the tab's routes answer of one run's log, asked of the plugin itself without a web server between."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from safetensors.numpy import load
from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer
from tensorboard.plugins import base_plugin
from werkzeug.test import Client

from tb_explain_plugin import metadata
from tb_explain_plugin.plugin import ExplainPlugin

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray


class Server:
    """The Explain plugin over some runs, as TensorBoard sets it up.

    Args:
        runs: directories of event files, by the name of the run.
    """

    def __init__(self, runs: Mapping[str, Path]) -> None:
        paths = {name: str(directory) for name, directory in runs.items()}
        multiplexer = plugin_event_multiplexer.EventMultiplexer(paths, tensor_size_guidance={metadata.PLUGIN_NAME: 0})  # 0 keeps all steps
        multiplexer.Reload()
        context = base_plugin.TBContext(data_provider=data_provider.MultiplexerDataProvider(multiplexer, ""), logdir="")
        self._apps = ExplainPlugin(context).get_plugin_apps()

    def json(self, route: str, **parameters: str | int) -> Any:
        """Return an answer in JSON, read as a browser does: NaN and infinities only as strings.

        Raises:
            ValueError: a NaN that is none, or an error.
        """
        answer = json.loads(self._bytes(route, parameters), parse_constant=_refuse)
        return _decoded(answer)

    def arrays(self, route: str, **parameters: str | int) -> dict[str, NDArray[Any]]:
        """Return an answer in safetensors.

        Raises:
            ValueError: an error.
        """
        return load(self._bytes(route, parameters))

    def _bytes(self, route: str, parameters: dict[str, str | int]) -> bytes:
        response = Client(self._apps[route]).get("/", query_string=parameters)
        if response.status_code != 200:
            raise ValueError(f"{route} with {parameters} answered {response.status_code}: {response.get_data(as_text=True)}")
        return response.get_data()


def _refuse(constant: str) -> float:
    raise ValueError(f"the answer holds {constant}, which no browser reads; expected it as a string")


def _decoded(answer: Any) -> Any:
    """Return an answer with the strings that stand for NaN and infinities as numbers."""
    if isinstance(answer, dict):
        return {key: _decoded(value) for key, value in answer.items()}
    if isinstance(answer, list):
        return [_decoded(value) for value in answer]
    return float(answer) if answer in ("NaN", "Infinity", "-Infinity") else answer
