"""The runner's thread and arrays over engines that compute nothing; its rules have tests of their own."""

import dataclasses
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from model.config import ConfigError
from model.messages import Message, MessageError
from model.slices import Slice
from runs.engine import EngineState
from runs.limits import Limits
from runs.problems import QuotaExceededError
from runs.records import EventKind, RunSnapshot, RunState
from runs.runner import Runner
from testing.engines import INSTANT, TINY, HeldEngine, InlineEngine, learn, run_to_its_end, settle
from testing.waiting import over, wait_until


def _seen(runner: Runner, run_id: str) -> RunSnapshot:
    snapshot = runner.snapshot(run_id)
    assert snapshot is not None
    return snapshot


def _bias(runner: Runner, run_id: str, epoch: int) -> float:
    """With the slices of ``learn``: how many slices have made the weights after ``epoch``."""
    weights = runner.weights(run_id, epoch)
    assert weights is not None
    return float(weights[1][0])


def _fails_with(error: Exception) -> Callable[..., Any]:
    def slice_(*_: Any) -> Any:
        raise error

    return slice_


def test_a_run_goes_through_all_its_slices_in_order_and_finishes() -> None:
    engine = InlineEngine()
    last = run_to_its_end(engine)
    assert last.state == RunState.FINISHED
    assert [part.epoch for _, _, part in engine.submitted] == [0, 1, 2, 3]
    assert [metrics.epoch for metrics in last.history] == [0, 1, 2, 3]
    assert [metrics.validation.accuracy for metrics in last.history] == [0, 0.01, 0.02, 0.03]
    assert last.history[2].training.loss == (20.0 - 2) / 10
    assert last.history[2].training.accuracy == 0.5
    assert last.position == last.epoch == 3
    assert last.partial is None


def test_each_slice_begins_where_the_last_one_ended() -> None:
    engine = InlineEngine()
    runner = Runner(engine, learn)
    run_id = runner.submit(TINY, "somebody")
    over(runner, run_id, 10)
    biases = [state.weights[1][0] for _, state, _ in engine.submitted]
    assert biases == [0, 1, 2, 3]
    assert _bias(runner, run_id, 3) == 4


def test_runs_wait_until_the_engine_is_ready() -> None:
    engine = HeldEngine(state=EngineState.STARTING)
    runner = Runner(engine, learn)
    run_id = runner.submit(TINY, "somebody")
    settle(runner)
    assert engine.submitted == []
    assert _seen(runner, run_id).state == RunState.WAITING
    assert runner.engine_status().state == EngineState.STARTING
    engine.become(EngineState.READY)
    engine.wait_for(1)
    engine.release()
    settle(runner)
    assert _seen(runner, run_id).state == RunState.RUNNING


def test_runs_wait_for_an_engine_that_failed_and_go_on_when_it_is_started_again() -> None:
    engine = HeldEngine(state=EngineState.FAILED)
    runner = Runner(engine, learn)
    run_id = runner.submit(TINY, "somebody")
    settle(runner)
    assert (engine.starts, engine.submitted) == (1, [])
    runner.restart_engine()
    settle(runner)
    assert engine.starts == 2
    engine.become(EngineState.READY)
    engine.wait_for(1)
    assert _seen(runner, run_id).state == RunState.WAITING


def test_the_message_of_a_message_error_is_the_problem_of_the_run() -> None:
    message = Message("The file {file} is gone.", {"file": "x"})
    last = run_to_its_end(InlineEngine(), TINY, _fails_with(MessageError(message)))
    assert last.state == RunState.FAILED
    assert last.problem == message


def test_any_other_error_fails_the_run_and_is_named() -> None:
    last = run_to_its_end(InlineEngine(), TINY, _fails_with(ZeroDivisionError("by {0}")))
    assert last.state == RunState.FAILED
    assert str(last.problem) == "Training failed: ZeroDivisionError('by {0}')"


def test_a_slice_whose_worker_died_is_submitted_again_from_the_same_state() -> None:
    engine = HeldEngine()
    runner = Runner(engine, learn)
    run_id = runner.submit(TINY, "somebody")
    engine.release()
    for _ in range(Limits().attempts - 1):
        assert engine.release(INSTANT).epoch == 1
    engine.wait_for(1)
    assert _seen(runner, run_id).state == RunState.RUNNING
    assert len({id(state) for _, state, part in engine.submitted if part.epoch == 1}) == 1
    while not _seen(runner, run_id).state.is_over:
        engine.release()
        settle(runner)
    assert [metrics.epoch for metrics in _seen(runner, run_id).history] == [0, 1, 2, 3]


def test_an_engine_that_refuses_a_slice_fails_its_run_and_no_other() -> None:
    """A machine out of memory or of processes: starting the new worker raises within submit."""

    class Refuses(InlineEngine):
        def submit(self, fn: Any, /, *args: Any, **how: Any) -> Any:
            if args[0].seed == 1:
                raise OSError(12, "Cannot allocate memory")
            return super().submit(fn, *args, **how)

    runner = Runner(Refuses(), learn)
    refused = [runner.submit(TINY.with_changes(seed=1), "somebody") for _ in range(3)]
    other = runner.submit(TINY.with_changes(seed=2), "somebody")
    settle(runner)
    wait_until(lambda: _seen(runner, other).state.is_over, 2, "the end of the other run")
    assert _seen(runner, other).state == RunState.FINISHED
    for run_id in refused:
        assert over(runner, run_id, 2).state == RunState.FAILED


def test_a_snapshot_is_frozen_and_an_old_one_never_changes() -> None:
    engine = HeldEngine()
    runner = Runner(engine, learn)
    run_id = runner.submit(TINY, "somebody")
    old = [_seen(runner, run_id)]
    copies = [repr(old[0])]
    for _ in range(4):
        engine.release()
        settle(runner)
        old.append(_seen(runner, run_id))
        copies.append(repr(old[-1]))
    assert len(set(copies)) == 5
    assert [repr(snapshot) for snapshot in old] == copies
    for snapshot in old:
        with pytest.raises(dataclasses.FrozenInstanceError):
            snapshot.state = RunState.FAILED  # type: ignore[misc]
    for epoch in range(4):
        weights = runner.weights(run_id, epoch)
        assert weights is not None
        with pytest.raises(ValueError, match="read-only"):
            weights[0][0] = 1
    assert [len(snapshot.history) for snapshot in old] == [0, 1, 2, 3, 4]
    assert isinstance(old[-1].history, tuple)


def test_a_visitors_runs_are_numbered_from_one_and_the_newest_comes_first() -> None:
    runner = Runner(HeldEngine(), learn)
    ids = [runner.submit(TINY, "ada") for _ in range(3)]
    runner.submit(TINY, "bob")
    assert [_seen(runner, run_id).number for run_id in ids] == [1, 2, 3]
    assert [snapshot.id for snapshot in runner.runs_of("ada")] == ids[::-1]


def test_visitors_do_not_see_each_others_runs() -> None:
    runner = Runner(HeldEngine(), learn)
    ada, bob = runner.submit(TINY, "ada"), runner.submit(TINY, "bob")
    assert [snapshot.id for snapshot in runner.runs_of("ada")] == [ada]
    assert [snapshot.id for snapshot in runner.runs_of("bob")] == [bob]
    assert _seen(runner, bob).number == 1
    assert runner.runs_of("eve") == []


def test_nobody_can_guess_the_id_of_a_run() -> None:
    runner = Runner(HeldEngine(), learn)
    ids = {runner.submit(TINY, f"visitor {number}") for number in range(50)}
    assert len(ids) == 50
    assert min(map(len, ids)) >= 16


def test_runs_that_are_submitted_at_the_same_moment_get_numbers_of_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    runner = Runner(HeldEngine(), learn, limits=Limits(open_runs_of_visitor=40))
    barrier = threading.Barrier(8)

    def submit() -> None:
        barrier.wait()
        for _ in range(5):
            runner.submit(TINY, "class")

    threads = [threading.Thread(target=submit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(snapshot.number for snapshot in runner.runs_of("class")) == list(range(1, 41))


def test_the_initial_weights_of_a_run_are_there_before_its_first_slice() -> None:
    runner = Runner(HeldEngine(state=EngineState.STARTING), learn)
    weights = runner.weights(runner.submit(TINY, "somebody"), 0)
    assert weights is not None
    assert [array.shape for array in weights] == [(784, 8), (8,), (8, 10), (10,)]
    assert np.abs(weights[0]).max() > 0


def test_the_weights_of_every_epoch_can_be_looked_at_while_and_after() -> None:
    engine = HeldEngine()
    runner = Runner(engine, learn)
    run_id = runner.submit(TINY, "ada")
    for _ in range(3):
        engine.release()
        settle(runner)
    assert runner.epochs(run_id) == [0, 1, 2]
    runner.stop(run_id)
    assert [_bias(runner, run_id, epoch) for epoch in range(3)] == [1, 2, 3]
    assert runner.weights(run_id, 7) is None
    assert runner.weights("nobody knows this one", 0) is None


def test_between_two_slices_of_an_epoch_the_weights_are_those_of_the_last_whole_one() -> None:
    config = TINY.with_changes(hidden_layers=(512, 256), train_share=0.1255, batch_size=256, epochs=1)
    engine = HeldEngine()
    runner = Runner(engine, learn)
    run_id = runner.submit(config, "somebody")
    engine.release()
    assert not engine.release().ends_epoch
    settle(runner)
    assert runner.epochs(run_id) == [0]
    assert _bias(runner, run_id, _seen(runner, run_id).epoch) == 1
    engine.release()
    assert _bias(runner, run_id, over(runner, run_id, 5).epoch) == 3


def test_a_look_at_a_run_keeps_it_going() -> None:
    now = [0.0]
    engine = HeldEngine()
    runner = Runner(engine, learn, clock=lambda: now[0])
    watched, unwatched = (runner.submit(TINY.with_changes(epochs=9), visitor) for visitor in ("ada", "bob"))
    for _ in range(4):
        now[0] += 0.4 * Limits().unwatched_seconds
        assert runner.snapshot(watched) is not None
        settle(runner)
        engine.release()
        settle(runner)
    states = {run.id: run.state for visitor in ("ada", "bob") for run in runner.runs_of(visitor)}
    assert states == {watched: RunState.RUNNING, unwatched: RunState.PAUSED}


def test_the_time_of_a_run_follows_from_the_measured_speed_and_the_others_turns() -> None:
    def slice_(config: Any, state: Any, part: Slice) -> Any:
        after, progress = learn(config, state, part)
        return after, dataclasses.replace(progress, seconds=0.5)

    engine = HeldEngine()
    runner = Runner(engine, slice_)
    assert runner.predict(TINY, "ada") is None
    first = runner.submit(TINY.with_changes(epochs=50), "ada")
    engine.release()
    engine.release()
    settle(runner)
    # One slice is one epoch of TINY: half a second. The untrained network is measured first, and the page
    # takes a moment to answer and to look.
    assert runner.predict(TINY, "ada") == pytest.approx(0.5 * (4 + 49), rel=0.12)
    assert runner.predict(TINY, "bob") == pytest.approx(0.5 * (4 + 4), abs=1.2)
    runner.pause(first)
    assert runner.predict(TINY, "bob") == pytest.approx(0.5 * 4, abs=1.2)


def test_a_class_waits_longer_than_a_visitor_of_it() -> None:
    runner = Runner(InlineEngine(), learn)
    assert runner.predict_class(TINY, 30) is None
    over(runner, runner.submit(TINY, "ada"))
    alone, together = runner.predict(TINY, "bob"), runner.predict_class(TINY, 30)
    assert alone is not None
    assert together is not None
    assert together > 20 * alone


def test_what_the_rules_refuse_is_raised_where_it_was_asked_for() -> None:
    runner = Runner(HeldEngine(), learn, limits=Limits(open_runs_of_visitor=1))
    run_id = runner.submit(TINY, "ada")
    with pytest.raises(QuotaExceededError, match="Stop one of them"):
        runner.submit(TINY, "ada")
    with pytest.raises(ConfigError, match="Epochs"):
        runner.train_longer(run_id, 101)
    with pytest.raises(ConfigError, match="Learning rate"):
        runner.set_learning_rate(run_id, 11.0)
    assert [run.id for run in runner.runs_of("ada")] == [run_id]


def test_every_button_reaches_its_run() -> None:
    engine = HeldEngine()
    runner = Runner(engine, learn)
    run_id = runner.submit(TINY.with_changes(epochs=9), "ada")
    runner.set_learning_rate(run_id, 0.5)
    assert _seen(runner, run_id).config.learning_rate == 0.5
    runner.pause(run_id)
    assert _seen(runner, run_id).state == RunState.PAUSED
    assert runner.runs_at_work() == 0
    runner.train_one_epoch(run_id)
    assert _seen(runner, run_id).state == RunState.WAITING
    runner.stop(run_id)
    assert _seen(runner, run_id).state == RunState.STOPPED
    runner.train_longer(run_id, 2)
    assert _seen(runner, run_id).state == RunState.WAITING
    assert [event.kind for event in _seen(runner, run_id).events] == [
        EventKind.LEARNING_RATE,
        EventKind.PAUSED,
        EventKind.STOPPED,
        EventKind.EPOCHS,
    ]


def test_nobody_waits_long_for_a_thread_that_is_stuck() -> None:
    """A disk that hangs, or an engine that takes its time to start a worker."""
    go_on = threading.Event()

    class Slow(HeldEngine):
        def submit(self, fn: Any, /, *args: Any, **how: Any) -> Any:
            go_on.wait()
            return super().submit(fn, *args, **how)

    runner = Runner(Slow(), learn, limits=Limits(answer_seconds=0.01))
    run_id = runner.submit(TINY, "ada")
    assert runner.snapshot(run_id) is None
    go_on.set()
    settle(runner)
    assert _seen(runner, run_id).state == RunState.WAITING
