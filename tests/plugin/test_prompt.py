"""A data server that holds an answer back until something else is asked, as TCP has it do."""

import threading
import time

import pytest
from tensorboard.context import RequestContext
from tensorboard.data.grpc_provider import GrpcDataProvider

from tb_explain_plugin.prompt import prompt


class Server(GrpcDataProvider):
    def __init__(self) -> None:
        super().__init__("nowhere", None)
        self.asked = 0
        self.released = threading.Event()

    def experiment_metadata(self, ctx, *, experiment_id):
        self.asked += 1
        self.released.set()

    def list_runs(self, ctx, *, experiment_id):
        assert self.released.wait(20)
        return experiment_id

    def list_plugins(self, ctx, *, experiment_id):
        return experiment_id

    def read_blob(self, ctx, *, blob_key):
        raise KeyError(blob_key)


def test_what_is_held_back_comes_because_something_is_asked_beside():
    server = Server()
    begun = time.monotonic()
    assert prompt(server).list_runs(RequestContext(), experiment_id="e") == "e"
    assert server.asked >= 1
    assert time.monotonic() - begun < 10


def test_nothing_is_asked_beside_once_there_is_an_answer():
    server = Server()
    provider = prompt(server)
    provider.list_runs(RequestContext(), experiment_id="e")
    time.sleep(0.1)
    asked = server.asked
    for _ in range(100):
        assert provider.list_plugins(RequestContext(), experiment_id="e") == "e"
    time.sleep(0.1)
    assert server.asked == asked


def test_errors_pass():
    with pytest.raises(KeyError, match="k"):
        prompt(Server()).read_blob(RequestContext(), blob_key="k")


def test_a_server_that_is_gone_says_so_once():
    server = Server()

    def fail(*_, **__):
        server.released.set()
        raise RuntimeError("gone")

    server.experiment_metadata = fail
    assert prompt(server).list_runs(RequestContext(), experiment_id="e") == "e"


def test_a_provider_in_memory_is_left_as_it_is(opened):
    held_back = type(opened.provider) is GrpcDataProvider
    assert (prompt(opened.provider) is not opened.provider) == held_back
    listed = prompt(opened.provider).list_runs(RequestContext(), experiment_id="")
    assert [run.run_name for run in listed] == [run.run_name for run in opened.provider.list_runs(RequestContext(), experiment_id="")]
