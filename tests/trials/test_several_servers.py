"""Several servers over one PostgreSQL as processes, each on a host of its own as it says: killed, standing
still for longer than their lease lasts, and told to end."""

import asyncio
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from runs.records import RunState
from runs.runner import Runner
from storage.database import Database, at_address
from storage.tables import Epoch, Run
from testing import postgresql as postgres
from testing.engines import InlineEngine
from testing.kept_runs import RECIPES, pretend_slice
from testing.killing import History, Server, read_word, records, served_in_miniature
from testing.server import serve
from testing.storage import fences
from testing.tab import Tab
from testing.waiting import over, wait_until

# Seconds within which another server goes on with the runs of a dead one, and of one that was told to end.
TAKEOVER, HANDOVER = 30, 10


@pytest.fixture
def database(postgresql: str, tmp_path: Path) -> Database:
    return at_address(postgres.new_database(postgresql), tmp_path)


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, History]:
    runner = Runner(InlineEngine(), pretend_slice)
    run_ids = {visitor: runner.submit(recipe, visitor) for visitor, recipe in RECIPES.items()}
    return {visitor: over(runner, run_id).history for visitor, run_id in run_ids.items()}


def _check(database: Database, undisturbed: dict[str, History]) -> None:
    """All runs have come to their end, and nobody wrote to a run that had been taken over."""
    for visitor, record in records(database).items():
        assert record.state == RunState.FINISHED
        assert record.history == undisturbed[visitor]
    database.open()
    for own in fences(database).values():
        assert own == sorted(own)
        assert own[-1] == 2, "the heir has written to its end"
    database.close()


def _strike(database: Database, undisturbed: dict[str, History], strike: Callable[[Server], None]) -> None:
    pretend = ("--pretend", "--host")
    with (
        served_in_miniature(database, *pretend, "elsewhere", "--heir") as heir,
        served_in_miniature(database, *pretend, "here") as former,
    ):
        read_word(heir.stdout, "ready")
        read_word(former.stdout, "ready")
        time.sleep(random.SystemRandom().uniform(0, 0.5))
        strike(former)
        began = time.monotonic()
        read_word(heir.stdout, "over")
        assert time.monotonic() - began < TAKEOVER
        if former.poll() is None:
            former.send_signal(signal.SIGCONT)
            read_word(former.stdout, "over")
    _check(database, undisturbed)


def test_runs_of_a_server_killed_on_another_host_go_on(
    database: Database, undisturbed: dict[str, History]
) -> None:
    def kill(server: Server) -> None:
        server.kill()
        server.wait()

    _strike(database, undisturbed, kill)


def test_a_server_that_stood_still_for_longer_than_its_lease_leaves_its_runs_to_another(
    database: Database, undisturbed: dict[str, History]
) -> None:
    _strike(database, undisturbed, lambda server: server.send_signal(signal.SIGSTOP))


def test_a_server_that_is_told_to_end_while_somebody_looks_hands_its_runs_over(database: Database) -> None:
    address = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    environment = {"DIGITLAB_DATABASE_URL": address, "DIGITLAB_WORKERS": "1"}
    former = serve(environment)
    with former as page, serve(environment):
        asyncio.run(_train(page, lambda: _epochs(database) > 2, lambda: _end(former.process_id)))
        wait_until(lambda: _owner(database) == (2, 2), HANDOVER, "going on at the other server")
        kept = _epochs(database)
        wait_until(lambda: _epochs(database) > kept, 60, "the next epoch")


async def _train(address: str, has_begun: Callable[[], bool], then: Callable[[], None]) -> None:
    """Begin a long run at a server whose page stays open."""
    tab = Tab(address)
    await tab.connect()
    await tab.open("train", "recipe=epochs:100")
    await tab.press("train")
    await asyncio.to_thread(wait_until, has_begun, 60, "the second epoch")
    then()
    await tab.close()


def _end(process: int) -> None:
    os.kill(process, signal.SIGTERM)


def _epochs(database: Database) -> int:
    database.open()
    with database.writing() as connection:
        return connection.scalar(select(func.count()).select_from(Epoch)) or 0


def _owner(database: Database) -> tuple[int | None, int]:
    with database.writing() as connection:
        owner, fence = connection.execute(select(Run.owner_id, Run.fence)).one()
        return owner, fence
