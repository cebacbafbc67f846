"""The figures for whoever runs a server, and what of them is a trouble."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from model.messages import Message
from runs.engine import EngineState, EngineStatus
from runs.runner import Runner
from runs.status import Pace, Saving, Status
from storage.database import in_folder
from storage.servers import ServerRow, Servers
from storage.writer import Writer
from testing.engines import TINY, HeldEngine, InlineEngine, learn, settle
from testing.waiting import over

WELL = Status(
    engine=EngineStatus(EngineState.READY, 5.0),
    capacity=2,
    workers=(),
    taking_turns=0,
    at_work=0,
    queued=0,
    slices_per_second=0.0,
    longest_wait=None,
    memory=200_000_000,
    memory_left=4_000_000_000,
    saving=Saving(None, 0.0, 1, Servers((ServerRow(1, "here", 9.0, 0, 0),), 0), 50_000_000_000),
    versions={},
)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_pace_is_that_of_the_last_minute() -> None:
    clock = Clock()
    pace = Pace(clock)
    assert pace.per_second() == 0
    for _ in range(20):
        clock.now += 1
        pace.note()
    assert pace.per_second() == pytest.approx(1.0)
    clock.now += 50
    assert pace.per_second() == pytest.approx(11 / 60)
    clock.now += 60
    assert pace.per_second() == 0


def test_runs_that_take_turns_and_those_that_are_queued_are_counted() -> None:
    clock, engine = Clock(), HeldEngine()
    runner = Runner(engine, learn, clock=clock)
    assert runner.status().longest_wait is None
    for visitor in ("ada", "ada", "bob", "cy"):
        runner.submit(TINY, visitor)
    clock.now += 7
    status = runner.status()
    assert (status.taking_turns, status.queued, status.at_work) == (3, 1, 2)
    assert status.longest_wait == 7
    engine.release()
    settle(runner)
    status = runner.status()
    assert status.longest_wait == 7, "two others have not had their first slice yet"
    assert status.slices_per_second == pytest.approx(1 / 7)
    assert [worker.name for worker in status.workers] == ["0"]
    assert status.memory > 50_000_000
    assert status.memory_left > 0
    assert {"digitlab", "python", "streamlit", "keras", "numpy"} <= status.versions.keys()


def test_only_what_was_computed_counts_as_a_slice() -> None:
    clock, engine = Clock(), HeldEngine()
    runner = Runner(engine, learn, clock=clock)
    runner.submit(TINY, "ada")
    engine.wait_for(1)
    clock.now += 1
    engine.break_worker()
    settle(runner)
    assert runner.status().slices_per_second == 0


def test_without_a_database_nothing_of_one_is_said() -> None:
    saving = Runner(InlineEngine(), learn).status().saving
    assert saving == Saving(None, 0.0, 0, None, None)


def test_a_server_finds_itself_among_those_of_its_database(tmp_path: Path) -> None:
    writer = Writer(in_folder(tmp_path / "not" / "there yet"))
    runner = Runner(InlineEngine(), learn, writer)
    assert writer.wait_until_open(10)
    over(runner, runner.submit(TINY, "ada"), 10)
    assert writer.backlog.flush(10)
    saving = runner.status().saving
    assert saving.servers is not None
    [row] = saving.servers.rows
    assert row.number == saving.number
    assert 0 < row.lease <= 15
    assert saving.seconds_behind == 0
    assert saving.free_disk
    runner.close(5)


def test_where_all_is_well_there_is_no_trouble() -> None:
    assert WELL.troubles == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda: {
                "engine": EngineStatus(EngineState.FAILED, 3.0, Message("No {what}.", {"what": "Keras"}))
            },
            "Nothing is trained. No Keras.",
        ),
        (lambda: {"engine": EngineStatus(EngineState.STARTING, 75.2)}, "starting for 75 seconds"),
        (lambda: {"longest_wait": 61.4}, "waiting for its next slice for 61 seconds"),
        (lambda: {"memory_left": 199_999_999}, "Only 199 MB of memory"),
        (lambda: {"saving": replace(WELL.saving, free_disk=12_000_000)}, "Only 12 MB of the disk"),
        (lambda: {"saving": replace(WELL.saving, problem=Message("Gone."))}, "Not saved for now. Gone."),
        (lambda: {"saving": replace(WELL.saving, seconds_behind=90.0)}, "last 90 seconds"),
        (
            lambda: {
                "saving": replace(WELL.saving, servers=Servers((ServerRow(3, "there", -1.0, 2, 0),), 0))
            },
            "Server 3 on there has not been heard of",
        ),
    ],
)
def test_a_trouble_is_named(change: Callable[[], dict[str, Any]], said: str) -> None:
    [trouble] = replace(WELL, **change()).troubles
    assert said in str(trouble)
