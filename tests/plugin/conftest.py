"""Both of TensorBoard's loaders over a log directory, as TensorBoard itself would set them up with our plugin installed."""

from __future__ import annotations

import contextlib
import gzip
import json
import time
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from tensorboard import context, program
from tensorboard.backend import application
from tensorboard.backend.event_processing import data_ingester
from tensorboard.data import server_ingester
from tensorboard.plugins.core import core_plugin
from werkzeug.test import Client

from tb_explain_plugin import groups, index
from tb_explain_plugin.cache import Cache
from tb_explain_plugin.loader import ExplainLoader
from tests import synthetic_log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LOADERS = ("python", "fast")
EPOCHS = 14
SAMPLES = 20
REMEMBERED = 2 * index.FRESH_SECONDS
"""For how many seconds what there is may be remembered."""


@dataclass
class Opened:
    """A log directory that TensorBoard has loaded."""

    flags: Any
    provider: Any
    log: index.Log
    reload: Callable[[], None]

    def client(self) -> Client:
        app = application.TensorBoardWSGIApp(self.flags, [core_plugin.CorePluginLoader(), ExplainLoader], data_provider=self.provider)
        return Client(app)


def answer_of_groups(log: index.Log, logdir: str = "") -> Any:
    """What ``/groups`` answers."""
    return json.loads(gzip.decompress(groups.list_groups(log, logdir)))


def parse_flags(*arguments: str) -> Any:
    """TensorBoard's flags with our loader's say in them."""
    board = program.TensorBoard(plugins=[core_plugin.CorePluginLoader(), ExplainLoader()])
    board.configure(argv=["tensorboard", *arguments])
    return board.flags


@contextlib.contextmanager
def open_log(logdir: Path, loader: str, *arguments: str) -> Iterator[Opened]:
    flags = parse_flags("--logdir", str(logdir), *arguments)
    with _python_loader(flags) if loader == "python" else _fast_loader(flags) as (provider, reload):
        yield Opened(flags, provider, index.Log(provider, context.RequestContext(), "", Cache(64 << 20)), reload)


@contextlib.contextmanager
def _python_loader(flags: Any) -> Iterator[tuple[Any, Callable[[], None]]]:
    flags.reload_interval, flags.reload_task = 0, "blocking"
    ingester = data_ingester.LocalDataIngester(flags)
    ingester.start()

    def reload() -> None:
        ingester.start()
        time.sleep(REMEMBERED)

    yield ingester.data_provider, reload


@contextlib.contextmanager
def _fast_loader(flags: Any) -> Iterator[tuple[Any, Callable[[], None]]]:
    ingester = server_ingester.SubprocessServerDataIngester(
        server_binary=server_ingester.get_server_binary(),
        logdir=flags.logdir,
        reload_interval=1,
        channel_creds_type=flags.grpc_creds_type,
        samples_per_plugin=flags.samples_per_plugin,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # TensorBoard drops its handles of the process and of a directory
        ingester.start()
    try:
        _wait_until_still(ingester.data_provider, least=0.0)
        yield ingester.data_provider, lambda: _wait_until_still(ingester.data_provider, least=1.6)  # reloads once a second
    finally:
        ingester._stdin_handle.close()  # the server ends with its standard input


def _wait_until_still(provider: Any, least: float) -> None:
    """Wait until what the data server has loaded stops growing: it says nowhere that it is done."""
    begun = time.monotonic()
    seen, still = None, 0
    while still < 4 or time.monotonic() - begun < least:
        ctx = context.RequestContext()
        asked = {"experiment_id": "", "plugin_name": "explain"}
        now = (
            provider.list_tensors(ctx, **asked),
            provider.read_blob_sequences(ctx, downsample=10**6, **asked),
            provider.list_runs(ctx, experiment_id=""),
        )
        still = still + 1 if now == seen and (any(now) or time.monotonic() - begun > 1.0) else 0
        seen = now
        time.sleep(0.04)


@pytest.fixture(params=LOADERS)
def loader(request) -> str:
    return request.param


@pytest.fixture(scope="session")
def synthetic(tmp_path_factory) -> Path:
    logdir = tmp_path_factory.mktemp("synthetic")
    synthetic_log.write_log(logdir, EPOCHS, SAMPLES)
    return logdir


@pytest.fixture(scope="session", params=LOADERS)
def opened(request, synthetic) -> Iterator[Opened]:
    """The synthetic log in each loader."""
    with open_log(synthetic, request.param) as found:
        yield found


@pytest.fixture(scope="session")
def opened_once(synthetic) -> Iterator[Opened]:
    """The synthetic log, where the loader makes no difference."""
    with open_log(synthetic, "python") as found:
        yield found
