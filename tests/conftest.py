"""What the tests share: one real engine for the whole session, and waiting without sleeping blindly."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

import pytest

from runs.engine import EngineStatus, LocalEngine
from runs.records import RunSnapshot
from runs.runner import Runner

Poll = Callable[..., Any]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Two processes share the tests. Those in the browser come last and stay in one of them: a page, its
    server and its worker keep two cores busy."""
    for item in items:
        if _in_browser(item):
            item.add_marker(pytest.mark.xdist_group("browser"))
    items.sort(key=_in_browser)


def _in_browser(item: pytest.Item) -> bool:
    return item.path.parent.name == "browser"


def wait_until(condition: Callable[[], Any], seconds: float = 60, what: str = "it") -> Any:
    """The first true value of ``condition``, looked at every 5 ms; fails after ``seconds``."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, f"{what} did not happen within {seconds} s"
        time.sleep(0.005)
    return value


def over(runner: Runner, run_id: str, seconds: float = 60) -> RunSnapshot:
    """The run's last snapshot, once it is over."""

    def look() -> RunSnapshot | None:
        snapshot = runner.snapshot(run_id)
        assert snapshot is not None
        return snapshot if snapshot.state.is_over else None

    result = wait_until(look, seconds, "the end of the run")
    assert isinstance(result, RunSnapshot)
    return result


class Shared:
    """The session's engine as a new runner sees it: to start it is to find it started."""

    def __init__(self, engine: LocalEngine) -> None:
        self._engine = engine
        self.capacity = engine.capacity

    def start(self, when_ready: Callable[[], None]) -> None:
        when_ready()

    def status(self) -> EngineStatus:
        return self._engine.status()

    def submit(self, fn: Callable[..., Any], /, *args: Any) -> Future[Any]:
        return self._engine.submit(fn, *args)


@pytest.fixture(scope="session")
def engine() -> Iterator[LocalEngine]:
    """One real worker process, warm."""
    shared = LocalEngine(workers=1)
    shared.start(lambda: None)
    wait_until(lambda: shared.status().state != "starting", 100, "the engine's start")
    assert shared.status().is_ready, shared.status().problem
    yield shared
    shared.shutdown()


@pytest.fixture(scope="session")
def runner(engine: LocalEngine) -> Runner:
    """A runner over the session's engine."""
    return Runner(Shared(engine))
