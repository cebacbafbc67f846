"""The whole house at once, each part killed or frozen at moments that nobody chose while thirty pupils train:
two web servers behind nginx, PostgreSQL, a scheduler and two workers, all as real processes."""

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import psutil
import pytest
from sqlalchemy import select

from model.config import TrainingConfig
from model.recipe_link import recipe_text
from model.slices import EpochMetrics
from runs.local_engine import LocalEngine
from runs.records import RunState
from runs.runner import Runner
from storage import runs as stored
from storage.database import Database, at_address
from storage.problems import StorageError
from storage.runs import RunRecord
from storage.tables import Run
from testing import nginx, postgresql
from testing.clusters import Cluster
from testing.documented import ROOT
from testing.server import free_port, serve
from testing.storage import fences
from testing.tab import tab
from testing.waiting import over, wait_until
from visitors.identity import visitor_id

_PUPILS = 30
_STROKES_OF_FATE = int(os.environ.get("DIGITLAB_KILLS", "20"))
# Seconds that a stroke of fate takes at most, and that pass between two of them. A lease lasts 15.
_MAX_FREEZE, _MAX_PAUSE = 25.0, 4.0
_RECIPE = TrainingConfig(epochs=2 * _STROKES_OF_FATE)
_PATIENCE = 300.0 + 60.0 * _STROKES_OF_FATE

History = tuple[EpochMetrics, ...]
Process = subprocess.Popen[bytes]
T = TypeVar("T")


@dataclass(frozen=True)
class Part:
    """How to find its ``processes``, the first one above the others, and to ``start`` it again."""

    processes: Callable[[], list[int]]
    start: Callable[[], object]

    def kill(self) -> None:
        _signal(self.processes(), signal.SIGKILL)

    def freeze(self, seconds: float) -> None:
        processes = self.processes()
        _signal(processes, signal.SIGSTOP)
        time.sleep(seconds)
        _signal(processes, signal.SIGCONT)


@dataclass(frozen=True)
class House:
    """All of it: nginx at ``address``, and what can be killed or frozen, by name."""

    address: str
    database: Database
    parts: Mapping[str, Part]

    def records(self) -> dict[str, RunRecord]:
        """What is kept of all runs, by visitor."""
        ids = self.database.read(lambda connection: list(connection.scalars(select(Run.id))))
        found = list(self.database.read(stored.read, ids).values())
        assert len({record.visitor for record in found}) == len(found), "no run is there twice"
        return {record.visitor: record for record in found}


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    nginx.require()
    with ExitStack() as stack:
        kept = postgresql.Server()
        stack.callback(kept.remove)
        kept.start()
        stack.callback(kept.stop)
        address = postgresql.new_database(kept.address)
        cluster = stack.enter_context(Cluster(tmp_path))
        workers = {f"worker {number}": [cluster.start_workers(1, pretend=False)] for number in (1, 2)}
        environment = {
            "DIGITLAB_DATABASE_URL": address,
            "DIGITLAB_SCHEDULER": cluster.address,
            "DIGITLAB_DATA": str(tmp_path),
        }
        servers = [serve(environment, log=tmp_path / f"server {number}.txt") for number in (1, 2)]
        for server in servers:
            stack.enter_context(server)
        certificate = nginx.make_certificate(tmp_path, ROOT / "docs/operating/certificates.md")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        secure, plain = free_port(), free_port()
        changes = nginx.places(servers[0].port, servers[1].port, secure, plain)
        configured = nginx.configuration(tmp_path, changes)
        fronts = [nginx.start(configured)]
        stack.callback(lambda: fronts[-1].terminate())

        def start_again(processes: list[Process], start: Callable[[], Process]) -> None:
            processes[-1].wait()
            processes.append(start())

        start_worker = partial(cluster.start_workers, 1, pretend=False)
        parts = {
            "server 1": Part(lambda: [servers[0].process_id], servers[0].start),
            "server 2": Part(lambda: [servers[1].process_id], servers[1].start),
            "nginx": Part(
                lambda: _with_children(fronts[-1].pid),
                partial(start_again, fronts, partial(nginx.start, configured)),
            ),
            "postgresql": Part(lambda: _with_children(kept.process_id), partial(_start_patiently, kept)),
            "scheduler": Part(lambda: [cluster.scheduler_id], cluster.start_scheduler),
            **{
                name: Part(partial(_with_children_of_last, own), partial(start_again, own, start_worker))
                for name, own in workers.items()
            },
        }
        database = at_address(address, tmp_path)
        database.open()
        yield House(f"https://localhost:{secure}", database, parts)
        database.close()


def _start_patiently(database: postgresql.Server) -> None:
    """What it was just starting when it was killed ends a moment later; until then it cannot start."""

    def is_started() -> bool:
        with suppress(subprocess.CalledProcessError):
            database.start()
            return True
        return False

    wait_until(is_started, 30, "PostgreSQL")


def undisturbed() -> dict[int, History]:
    """What each pupil's run comes to where nobody dies, by seed."""
    engine = LocalEngine(workers=2, threads=1)
    runner = Runner(engine)
    runs = {seed: runner.submit(_RECIPE.with_changes(seed=seed), f"pupil {seed}") for seed in range(_PUPILS)}
    histories = {seed: over(runner, run_id, _PATIENCE).history for seed, run_id in runs.items()}
    engine.shutdown()
    return histories


async def press_train(address: str) -> dict[int, str]:
    """Thirty pupils come by the link of a lesson, and leave; the secret of each, by seed."""
    secrets = {}
    for seed in range(_PUPILS):
        async with tab(address) as pupil:
            await pupil.open("train", f"recipe={recipe_text(_RECIPE.with_changes(seed=seed))}")
            await pupil.press("train")
            assert pupil.secret
            secrets[seed] = pupil.secret
    return secrets


@pytest.mark.timeout(3 * _PATIENCE)
def test_nothing_is_lost_or_computed_twice_whatever_dies(house: House) -> None:
    expected = undisturbed()
    secrets = asyncio.run(press_train(house.address))
    seeds = {visitor_id(secret): seed for seed, secret in secrets.items()}
    wait_until(lambda: len(house.records()) == _PUPILS, 60, "all runs")
    fate_seed = random.SystemRandom().randrange(10**6)
    chance = random.Random(fate_seed)
    before: dict[str, RunRecord] = {}
    told: list[str] = [f"seed {fate_seed}"]
    for _ in range(_STROKES_OF_FATE):
        time.sleep(chance.uniform(0, _MAX_PAUSE))
        name, is_killed = chance.choice(list(house.parts)), chance.random() < 0.5
        seconds = chance.uniform(0, _MAX_FREEZE)
        told.append(f"{name} {'killed' if is_killed else f'frozen for {seconds:.0f} s'}")
        if is_killed:
            house.parts[name].kill()
            time.sleep(chance.uniform(0, _MAX_PAUSE))
            house.parts[name].start()
        else:
            house.parts[name].freeze(seconds)
        before = check(house, before, expected, seeds, told)
    assert not all(RunState(record.state).is_over for record in before.values()), "too short a training"
    wait_until(lambda: _are_over(house), _PATIENCE, "the end of all runs")
    check(house, before, expected, seeds, told)
    records = house.records()
    assert {record.state for record in records.values()} == {RunState.FINISHED}, told
    for visitor, record in records.items():
        assert record.history == expected[seeds[visitor]], told
    asyncio.run(come_back(house.address, secrets[0]))
    sys.stdout.write(f"{_STROKES_OF_FATE} strokes of fate: {', '.join(told)}\n")


async def come_back(address: str, secret: str) -> None:
    """Somebody finds the run at whichever server answers."""
    async with tab(address, secret) as pupil:
        await pupil.open("train")
        await pupil.until(lambda page: page.says("Finished: "), "the end of the run")


def check(
    house: House,
    before: Mapping[str, RunRecord],
    expected: Mapping[int, History],
    seeds: Mapping[str, int],
    told: list[str],
) -> dict[str, RunRecord]:
    """Nothing that was kept is lost or other than it would be, and of each run the fences never go down."""
    records = _patiently(house.records)
    for visitor, record in records.items():
        former = before[visitor].history if visitor in before else ()
        assert record.history[: len(former)] == former, ("an epoch is lost", told)
        assert record.history == expected[seeds[visitor]][: len(record.history)], ("other numbers", told)
    assert records.keys() >= before.keys(), ("a run is lost", told)
    for run_id, own in _patiently(lambda: fences(house.database)).items():
        assert own == sorted(own), (f"{run_id} was written by a server that had lost it", told)
    return records


def _are_over(house: House) -> bool:
    return all(record.is_over for record in _patiently(house.records).values())


def _patiently(read: Callable[[], T]) -> T:
    """The database may just have been killed."""
    found: list[T] = []

    def is_read() -> bool:
        with suppress(StorageError):
            found.append(read())
        return bool(found)

    wait_until(is_read, 60, "an answer of the database")
    return found[0]


def _with_children(process: int) -> list[int]:
    return [process, *(child.pid for child in psutil.Process(process).children(recursive=True))]


def _with_children_of_last(processes: list[Process]) -> list[int]:
    return _with_children(processes[-1].pid)


def _signal(processes: list[int], number: signal.Signals) -> None:
    for process in processes:
        # It may have ended with the one before.
        with suppress(ProcessLookupError):
            os.kill(process, number)
