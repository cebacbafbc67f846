"""The figures for whoever runs a server, and what of them is a trouble."""

from pathlib import Path

import pytest

from runs.runner import Runner
from runs.status import Pace, Saving
from storage.database import in_folder
from storage.writer import Writer
from testing.engines import TINY, HeldEngine, InlineEngine, learn, settle
from testing.statuses import TROUBLED, WELL
from testing.waiting import over


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


@pytest.mark.parametrize("said", TROUBLED)
def test_a_trouble_is_named(said: str) -> None:
    [trouble] = TROUBLED[said].troubles
    assert said in str(trouble)
