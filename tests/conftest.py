"""What all tests share: their order, and for the whole session one real engine and one real Chromium."""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Browser
from streamlit.components.v2 import manifest_scanner
from threadpoolctl import threadpool_limits

from runs.local_engine import LocalEngine
from runs.runner import Runner
from storage.database import at_address, in_folder
from testing import chromium as real
from testing import postgresql as postgres
from testing.engines import Shared
from testing.storage import Open
from testing.waiting import wait_until

# How long an example takes depends on what else the machine does.
settings.register_profile("digitlab", deadline=None)
settings.load_profile("digitlab")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Two processes share the tests, the quick ones first. What shares something dear stays in one of the
    two: the tests over one engine, which compiles each program once, and those over one server."""
    for item in items:
        if group := _group(item):
            item.add_marker(pytest.mark.xdist_group(group))
        if group == "browser":
            # One that fails by timing shall not hold back a change: it is run once more, and is listed.
            item.add_marker(pytest.mark.flaky(reruns=1))
    items.sort(key=_turn)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Where xdist has lost the groups, two servers and two engines would work at the same time, and tests
    that wait for them fail by chance."""
    if hasattr(session.config, "workerinput"):
        lost = [item.nodeid for item in session.items if not item.nodeid.endswith(_group(item))]
        if lost:
            raise pytest.UsageError(f"pytest-xdist does not keep groups together: {lost[0]}")


def _group(item: pytest.Item) -> str:
    folder = item.path.parent.name
    if {"open_database", "postgresql"} & {*getattr(item, "fixturenames", ())}:
        return "storage"
    if {"cluster", "certificates"} & {*getattr(item, "fixturenames", ())}:
        return "cluster"
    if "house" in getattr(item, "fixturenames", ()):
        return "nginx"
    over_engine = folder == "integration" and "engine" in getattr(item, "fixturenames", ())
    return "engine" if over_engine else folder if folder in ("browser", "trials") else ""


def _turn(item: pytest.Item) -> int:
    """The long groups begin together after the quick tests; what is left fills both processes to the end."""
    if item.path.parent.name in ("tests", "unit"):
        return 0
    return {"engine": 1, "browser": 2}.get(_group(item), 3)


@pytest.fixture(scope="session", autouse=True)
def compute_with_one_thread() -> Iterator[None]:
    """Two processes share the cores, and NumPy's threads wait for each other by spinning."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="session", autouse=True)
def keep_nothing_outside_of_a_folder_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Whatever opens the default database, nothing gets into that of the developer."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DIGITLAB_DATA", str(tmp_path_factory.mktemp("data")))
        patch.delenv("DIGITLAB_DATABASE_URL", raising=False)
        yield


@pytest.fixture(scope="session", autouse=True)
def scan_for_components_once() -> Iterator[None]:
    """For each AppTest Streamlit reads the metadata of all installed packages, half a second each time."""
    with pytest.MonkeyPatch.context() as patch:
        scan = cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", scan)
        yield


@pytest.fixture(scope="session")
def engine() -> Iterator[LocalEngine]:
    """One real worker process, warm."""
    # Keras' own training, which ours is held against, makes it grow more than any run would.
    shared = LocalEngine(workers=1, environment={"LOKY_MAX_MEMORY_LEAK_SIZE": str(10**10)})
    shared.start(lambda: None)
    wait_until(lambda: shared.status().state != "starting", 100, "the engine's start")
    assert shared.status().is_ready, shared.status().problem
    yield shared
    shared.shutdown()


@pytest.fixture(scope="session")
def runner(engine: LocalEngine) -> Runner:
    """A runner over the session's engine."""
    return Runner(Shared(engine))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a real PostgreSQL."""
    if postgres.programs() is None:
        if os.environ.get("REQUIRE_POSTGRESQL") == "1":
            pytest.fail(postgres.MISSING)
        pytest.skip(postgres.MISSING)
    with postgres.served() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def open_database(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """``open_database()`` opens one and the same empty database, as often as it is called."""
    if request.param == "sqlite":
        return lambda: in_folder(tmp_path / "data")
    address = postgres.new_database(request.getfixturevalue("postgresql"))
    return lambda: at_address(address, tmp_path)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if real.executable() is None:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(real.MISSING)
        pytest.skip(real.MISSING)
    with real.launched() as browser:
        yield browser
