import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tb_explain_plugin.cache import _ENTRY_BYTES, _LARGE, Cache


def make(made, key):
    made.append(key)
    return key.upper()


def test_a_value_is_made_once():
    cache, made = Cache(10**6), []
    assert [cache.get("a", lambda: make(made, "a")) for _ in range(3)] == ["A"] * 3
    assert made == ["a"]
    assert "a" in cache
    assert "b" not in cache


def test_the_least_recently_used_goes_first():
    cache, made = Cache(3 * (100 + _ENTRY_BYTES)), []
    for key in ("a", "b", "c", "a", "d"):
        cache.get(key, lambda key=key: make(made, key), lambda _: 100)
    assert [key for key in "abcd" if key in cache] == ["a", "c", "d"]
    assert cache.size == 3 * (100 + _ENTRY_BYTES)


def test_figures_outlive_frames():
    """A tab that looks at three long runs reads more frames than are remembered; what was made of them is small and stays."""
    cache = Cache(10 * (_LARGE + _ENTRY_BYTES))
    for run in range(3):
        for step in range(10):
            cache.get(("frame", run, step), lambda: None, lambda _: _LARGE)
            cache.get(("figure", run, step), lambda: None)
        assert cache.size <= cache.capacity
    assert all(("figure", run, step) in cache for run in range(3) for step in range(10))
    frames = [(run, step) for run in range(3) for step in range(10) if ("frame", run, step) in cache]
    assert frames == [(2, step) for step in range(10 - len(frames), 10)]
    assert len(frames) >= 9


def test_what_is_larger_than_the_cache_is_returned_and_not_kept():
    cache = Cache(1000)
    assert cache.get("a", lambda: "A", lambda _: 5000) == "A"
    assert "a" not in cache
    assert cache.size == 0


def test_many_small_entries_are_bounded_too():
    cache = Cache(100 * _ENTRY_BYTES)
    for key in range(1000):
        cache.get(key, lambda: None)
    assert cache.size <= cache.capacity
    assert sum(key in cache for key in range(1000)) == 100


def test_an_error_goes_to_everybody_who_waits_and_is_not_kept():
    cache, begun, release = Cache(1000), threading.Event(), threading.Event()

    def fail():
        begun.set()
        release.wait()
        raise KeyError("no")

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(cache.get, "a", fail)
        begun.wait()
        second = threads.submit(cache.get, "a", lambda: "never made")
        time.sleep(0.2)  # time for the second to wait for the first
        release.set()
        for waiting in (first, second):
            with pytest.raises(KeyError):
                waiting.result()
    assert cache.get("a", lambda: "A") == "A"


def test_threads_that_ask_at_once_make_a_value_once():
    cache, made = Cache(10**6), []

    def slow():
        time.sleep(0.02)
        return make(made, "a")

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(lambda _: cache.get("a", slow), range(16))) == ["A"] * 16
    assert made == ["a"]


def test_what_is_older_than_asked_is_made_again_and_replaced():
    cache, made = Cache(10**6), []
    for size in (100, 2 * _LARGE, 100):
        assert cache.get("a", lambda: make(made, "a"), lambda _, size=size: size, seconds=0) == "A"
        time.sleep(0.01)
    assert len(made) == 3
    assert cache.size == 100 + _ENTRY_BYTES
    assert cache.recent("a", 0) is None
    assert cache.recent("a", 60) == cache.recent("a") == cache.get("a", lambda: make(made, "a"), seconds=60) == "A"
    assert cache.recent("b") is None
    assert len(made) == 3
