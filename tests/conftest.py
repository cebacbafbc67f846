"""What all tests share: their order, and one real engine for the whole session."""

from collections.abc import Iterator

import pytest

from runs.engine import LocalEngine
from runs.runner import Runner
from testing.engines import Shared
from testing.waiting import wait_until


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
