"""Kills of servers in miniature, and what is in their database afterwards."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import IO

import psutil

from model.slices import EpochMetrics
from runs.records import RunState
from storage import runs as stored
from storage.database import Database
from storage.runs import RunRecord
from testing.kept_runs import RECIPES

History = tuple[EpochMetrics, ...]
Server = subprocess.Popen[str]


def environment(database: Database) -> dict[str, str]:
    """What lets a process use ``database``."""
    own = {**os.environ, "DIGITLAB_DATA": str(database.folder)}
    if not database.is_sqlite:
        address = database.url.set(drivername="postgresql")
        own["DIGITLAB_DATABASE_URL"] = address.render_as_string(hide_password=False)
    return own


@contextmanager
def served_in_miniature(database: Database, *arguments: str) -> Iterator[Server]:
    """``testing.kept_runs`` over ``database``, killed at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "testing.kept_runs", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(database),
        text=True,
    )
    yield process
    process.kill()
    process.wait()


def read_word(stream: IO[str] | None, word: str) -> None:
    """Wait for the next line, which has to be ``word``."""
    assert stream is not None
    assert stream.readline().strip() == word


def records(database: Database) -> Mapping[str, RunRecord]:
    """What is kept by a server that has ended, by visitor."""
    database.open()
    own = {visitor: list(database.read(stored.versions_of, visitor)) for visitor in RECIPES}
    assert all(len(run_ids) == 1 for run_ids in own.values()), "no run is there twice"
    found = database.read(stored.read, [run_id for run_ids in own.values() for run_id in run_ids])
    database.close()
    return {record.visitor: record for record in found.values()}


def check_kills(database: Database, undisturbed: Mapping[str, History], kills: int, *arguments: str) -> None:
    """Kill server, worker or both so often, and hold what is kept against the ``undisturbed`` runs."""
    seed = random.SystemRandom().randrange(10**6)
    chance = random.Random(seed)
    before: dict[str, History] = dict.fromkeys(RECIPES, ())
    for number in range(kills):
        who = chance.choice(("server", "worker", "both"))
        with served_in_miniature(database, *arguments) as server:
            read_word(server.stdout, "ready")
            time.sleep(chance.uniform(0, 0.6))
            _kill(server, who)
            if who == "worker":
                time.sleep(chance.uniform(0, 0.6))
                _kill(server, "server")
        for visitor, record in records(database).items():
            was = f"seed {seed}, kill {number}, of {who}"
            assert record.history[: len(before[visitor])] == before[visitor], f"{was}: an epoch is lost"
            assert record.history == undisturbed[visitor][: len(record.history)], f"{was}: other numbers"
            before[visitor] = record.history
    with served_in_miniature(database, *arguments) as server:
        read_word(server.stdout, "ready")
        read_word(server.stdout, "over")
    for visitor, record in records(database).items():
        assert record.state == RunState.FINISHED
        assert record.history == undisturbed[visitor], f"seed {seed}"


def _kill(server: Server, who: str) -> None:
    workers = [child.pid for child in psutil.Process(server.pid).children() if _is_worker(child)]
    victims = {"server": [server.pid], "worker": workers, "both": [server.pid, *workers]}
    for process in victims[who]:
        # One may have ended by itself meanwhile.
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


def _is_worker(process: psutil.Process) -> bool:
    try:
        return "loky" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return False
