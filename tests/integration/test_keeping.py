"""Runs that outlive their server: runners over one database, the former closed, killed or cut off."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from model.config import TrainingConfig
from runs.engine import EngineState
from runs.limits import Limits
from runs.problems import QuotaExceededError
from runs.records import EventKind, RunState
from runs.runner import Runner
from storage import runs as stored
from storage.backlog import Key
from storage.database import Database
from storage.writer import Writer
from testing.engines import TINY, HeldEngine, InlineEngine, learn
from testing.runs import bits, snapshot_of
from testing.storage import Open, vanish, wait_until_saved
from testing.waiting import over, wait_until

# Three slices an epoch.
SLICED = TrainingConfig(hidden_layers=(512, 256), train_share=0.1255, batch_size=256, epochs=2)

Serve = Callable[..., Runner]


@pytest.fixture
def serve(open_database: Open) -> Any:
    """``serve(engine)`` is a new server's runner over the same database; the former one must be closed."""
    runners: list[Runner] = []

    def new(engine: Any, **values: Any) -> Runner:
        runners.append(Runner(engine, learn, Writer(open_database()), **values))
        return runners[-1]

    yield new
    for runner in runners:
        runner.close(0.1)


def _advance(engine: HeldEngine, runner: Runner, slices: int) -> None:
    for _ in range(slices):
        engine.release()
    runner.join()


def _left_behind(serve: Serve, steer: Callable[[Runner, str], None] = lambda *_: None) -> str:
    """A run of TINY after two epochs, steered then, whose server has been killed."""
    engine = HeldEngine()
    former = serve(engine)
    run_id: str = former.submit(TINY, "ada")
    _advance(engine, former, 2)
    steer(former, run_id)
    wait_until_saved(former, run_id)
    vanish(former)
    return run_id


def test_a_finished_run_is_there_after_a_restart_and_leaves_the_memory(serve: Serve) -> None:
    former = serve(InlineEngine())
    run_id = former.submit(TINY, "ada")
    before, last = over(former, run_id), bits(former, snapshot_of(former, run_id))
    wait_until(lambda: run_id not in former._schedule.runs, 5, "its leaving the memory")
    former.close(5)
    later = serve(InlineEngine())
    [run] = later.runs_of("ada")
    assert later.runs_of("bob") == []
    assert (run.id, run.number, run.state) == (run_id, 1, RunState.FINISHED)
    assert run == replace(before, seconds_left=None)
    assert later.epochs(run_id) == [0, 1, 2, 3]
    assert bits(later, run) == last
    assert later.submit(TINY, "ada") != run_id
    assert [run.number for run in later.runs_of("ada")] == [2, 1]


def test_a_run_of_a_killed_server_goes_on_after_its_last_epoch_to_the_same_end(serve: Serve) -> None:
    undisturbed = Runner(InlineEngine(), learn)
    expected = over(undisturbed, undisturbed.submit(SLICED, "ada"))
    engine = HeldEngine()
    former = serve(engine)
    run_id = former.submit(SLICED, "ada")
    _advance(engine, former, 3)
    assert snapshot_of(former, run_id).position == 1
    _advance(engine, former, 1)
    former.set_learning_rate(run_id, SLICED.learning_rate)
    wait_until_saved(former, run_id)
    vanish(former)
    engine = HeldEngine()
    later = serve(engine)
    engine.wait_for(1)
    assert snapshot_of(later, run_id).position == 1, "what was computed of the epoch at work is lost"
    for _ in range(2):
        engine.release()
    last = over(later, run_id)
    assert last.history == expected.history
    assert bits(later, last) == bits(undisturbed, expected)
    assert [(event.kind, event.epoch) for event in last.events] == [(EventKind.INTERRUPTED, 2)]


def test_a_server_that_ends_in_order_loses_nothing_of_an_epoch(serve: Serve) -> None:
    engine = HeldEngine()
    former = serve(engine)
    run_id = former.submit(SLICED, "ada")
    _advance(engine, former, 2)
    closing = threading.Thread(target=former.close, args=(5,))
    closing.start()
    wait_until(lambda: former._dispatcher.is_closing, 5, "the closing")
    engine.release()
    closing.join()
    assert engine.held == [], "no further slice is submitted"
    position = snapshot_of(former, run_id).position
    engine = HeldEngine()
    later = serve(engine)
    engine.wait_for(1)
    assert snapshot_of(later, run_id).position == position
    while not snapshot_of(later, run_id).state.is_over:
        engine.release()
        later.join()
    undisturbed = Runner(InlineEngine(), learn)
    expected = over(undisturbed, undisturbed.submit(SLICED, "ada"))
    assert snapshot_of(later, run_id).history == expected.history


def test_a_paused_run_waits_for_its_visitor_within_an_epoch_too(serve: Serve) -> None:
    engine = HeldEngine()
    former = serve(engine)
    run_id = former.submit(SLICED, "ada")
    _advance(engine, former, 1)
    engine.wait_for(1)
    former.pause(run_id)
    _advance(engine, former, 1)
    wait_until_saved(former, run_id)
    position = snapshot_of(former, run_id).position
    assert 0 < position < 1
    vanish(former)
    engine = HeldEngine()
    later = serve(engine)
    wait_until(lambda: run_id in later._schedule.runs, 5, "its restoring")
    assert snapshot_of(later, run_id).state == RunState.PAUSED
    assert snapshot_of(later, run_id).position == position
    assert engine.held == []
    later.resume(run_id)
    engine.wait_for(1)
    assert engine.held[0][0][-1].first_step > 0


def test_a_run_goes_on_by_itself_only_where_its_last_bits_are_the_same(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = _left_behind(serve)
    monkeypatch.setattr(InlineEngine, "fingerprint", "another processor")
    engine = HeldEngine()
    later = serve(engine)
    wait_until(lambda: run_id in later._schedule.runs, 5, "its restoring")
    run = snapshot_of(later, run_id)
    assert run.state == RunState.PAUSED
    assert [event.kind for event in run.events] == [EventKind.MOVED]
    later.resume(run_id)
    _advance(engine, later, 2)
    assert over(later, run_id).epoch == 3


@pytest.mark.parametrize(
    ("computes_with", "events"),
    [("this machine", [EventKind.INTERRUPTED]), ("another", [EventKind.INTERRUPTED, EventKind.MOVED])],
)
def test_a_run_is_compared_when_the_engine_knows_what_it_computes_with(
    serve: Serve, computes_with: str, events: list[EventKind]
) -> None:
    run_id = _left_behind(serve)
    engine = HeldEngine(state=EngineState.STARTING)
    engine.fingerprint = None
    later = serve(engine)
    wait_until(lambda: run_id in later._schedule.runs, 5, "its restoring")
    engine.fingerprint = computes_with
    engine.become(EngineState.READY)
    later.join()
    run = snapshot_of(later, run_id)
    assert [event.kind for event in run.events] == events
    assert (run.state == RunState.PAUSED) == (EventKind.MOVED in events)
    assert len(engine.held) == (0 if run.state == RunState.PAUSED else 1)


def test_a_run_that_is_over_and_has_left_the_memory_is_trained_longer(serve: Serve) -> None:
    former = serve(InlineEngine())
    run_id = former.submit(TINY, "ada")
    over(former, run_id)
    former.close(5)
    later = serve(InlineEngine())
    wait_until(lambda: later.runs_of("ada"), 5, "the opening of the database")
    later.train_longer(run_id, 2)
    assert [point.epoch for point in over(later, run_id).history] == [0, 1, 2, 3, 4, 5]
    assert later.weights(run_id, 5)[1][0] == 6  # type: ignore[index]
    wait_until_saved(later, run_id)
    assert later.epochs(run_id) == [0, 1, 2, 3, 4, 5]


def test_steering_survives_a_kill(serve: Serve) -> None:
    run_id = _left_behind(serve, lambda former, run_id: former.set_learning_rate(run_id, 0.5))
    later = serve(InlineEngine())
    last = wait_until(lambda: next(iter(later.runs_of("ada")), None), 5, "its restoring")
    last = over(later, run_id)
    assert last.config.learning_rate == 0.5
    kinds = [event.kind for event in last.events]
    assert kinds == [EventKind.LEARNING_RATE, EventKind.INTERRUPTED]


def test_training_goes_on_while_the_database_is_away_and_all_is_written_when_it_is_back(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    is_away = threading.Event()
    writing = Database.writing

    def refuse(self: Database) -> Any:
        if is_away.is_set():
            raise OperationalError("BEGIN", None, Exception("disk I/O error"))
        return writing(self)

    monkeypatch.setattr(Database, "writing", refuse)
    runner = serve(InlineEngine())
    first = runner.submit(TINY, "ada")
    over(runner, first)
    wait_until_saved(runner, first)
    is_away.set()
    second = runner.submit(TINY, "ada")
    last = over(runner, second)
    problem = wait_until(lambda: runner.storage_problem, 10, "the notice of the problem")
    assert "cannot be reached" in str(problem)
    assert "disk I/O error" not in str(problem)
    assert "disk I/O error" in caplog.text
    assert runner.seconds_behind(second) > 0
    assert bits(runner, last)
    assert runner.epochs(second) == [0, 1, 2, 3]
    is_away.clear()
    wait_until_saved(runner, second)
    wait_until(lambda: runner.storage_problem is None, 5, "the end of the notice")
    assert [run.history for run in runner.runs_of("ada")] == [last.history, last.history]


def test_a_run_that_its_visitor_deleted_is_not_computed_any_more(serve: Serve, open_database: Open) -> None:
    engine = HeldEngine()
    runner = serve(engine)
    run_id = runner.submit(TINY, "ada")
    _advance(engine, runner, 1)
    wait_until_saved(runner, run_id)
    database = runner._kept._writer.database
    assert database is not None
    with database.writing() as connection:
        connection.execute(text("DELETE FROM runs"))
    _advance(engine, runner, 1)
    wait_until(lambda: runner.snapshot(run_id) is None, 5, "its leaving")


def test_a_state_that_is_older_than_the_last_slice_is_never_gone_on_from(serve: Serve) -> None:
    """Another tab has read it before the run went on."""
    engine = HeldEngine()
    runner = serve(engine)
    run_id = runner.submit(SLICED, "ada")
    _advance(engine, runner, 2)
    older = runner._kept._states[run_id]
    engine.wait_for(1)
    runner.pause(run_id)
    _advance(engine, runner, 1)
    runner._kept._states[run_id] = older
    runner.resume(run_id)
    while not snapshot_of(runner, run_id).state.is_over:
        engine.release()
        runner.join()
    assert [state.weights[1][0] for _, state, _ in engine.submitted] == list(range(len(engine.submitted)))


def test_a_server_that_was_taken_for_dead_takes_its_lease_anew_and_loses_no_run(serve: Serve) -> None:
    runner = serve(InlineEngine())
    first = runner.submit(TINY, "ada")
    over(runner, first)
    wait_until_saved(runner, first)
    database = runner.writer.database
    assert database is not None
    with database.writing() as connection:
        connection.execute(text("DELETE FROM servers"))
    second = runner.submit(TINY, "ada")
    over(runner, second)
    wait_until_saved(runner, second)
    assert [run.id for run in runner.runs_of("ada")] == [second, first]
    assert [len(run.history) for run in runner.runs_of("ada")] == [4, 4]


def test_a_change_that_cannot_be_written_at_all_does_not_hold_up_the_others(serve: Serve) -> None:
    class Hopeless:
        size = 0

        def following(self, _earlier: object) -> Any:
            return self

        def write(self, _connection: object, _server: int) -> bool:
            raise KeyError("a defect")

    runner = serve(InlineEngine())
    runner.writer.backlog.put(Key("defect", "x"), Hopeless())
    run_id = runner.submit(TINY, "ada")
    over(runner, run_id)
    wait_until_saved(runner, run_id)
    assert runner.writer.backlog.flush(5)
    wait_until(lambda: runner.storage_problem is None, 5, "the end of the notice")


def test_two_tabs_that_train_a_run_longer_at_once_train_it_on(serve: Serve) -> None:
    former = serve(InlineEngine())
    run_id = former.submit(TINY, "ada")
    over(former, run_id)
    former.close(5)
    later = serve(InlineEngine())
    assert later.writer.wait_until_open(10)
    tabs = [threading.Thread(target=later.train_longer, args=(run_id, 2)) for _ in range(2)]
    for tab in tabs:
        tab.start()
    for tab in tabs:
        tab.join()
    assert over(later, run_id).epoch >= 5
    wait_until_saved(later, run_id)
    history = [point.epoch for point in snapshot_of(later, run_id).history]
    assert history == list(range(len(history)))


def test_a_run_that_may_not_train_longer_is_not_taken_over(serve: Serve) -> None:
    former = serve(InlineEngine())
    run_id = former.submit(TINY, "ada")
    over(former, run_id)
    former.close(5)
    later = serve(HeldEngine(state=EngineState.STARTING))
    assert later.writer.wait_until_open(10)
    assert later.writer.database is not None
    open_runs = [later.submit(TINY, "ada") for _ in range(Limits().open_runs_of_visitor)]
    with pytest.raises(QuotaExceededError, match="5 unfinished runs"):
        later.train_longer(run_id, 2)
    assert later.writer.database.read(stored.read, [run_id])[run_id].fence == 1
    later.stop(open_runs[0])
    assert later.writer.backlog.flush(10)
    later.train_longer(run_id, 2)
    assert not snapshot_of(later, run_id).state.is_over


def test_limits_hold_over_a_restart(serve: Serve) -> None:
    engine = HeldEngine()
    former = serve(engine)
    for _ in range(Limits().open_runs_of_visitor):
        former.submit(TINY, "ada")
    former.close(0.1)
    later = serve(HeldEngine())
    wait_until(lambda: len(later._schedule.runs) == 5, 5, "their restoring")
    with pytest.raises(Exception, match="5 unfinished runs"):
        later.submit(TINY, "ada")
