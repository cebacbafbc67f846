"""The runner over engines that compute nothing, so that every order of events can be tried."""

import dataclasses
import math
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.messages import Message, MessageError
from model.slices import Progress, Slice, TrainingState
from runs.engine import EngineState
from runs.records import RunSnapshot, RunState
from runs.run import EXPLODED_LOSS
from runs.runner import ATTEMPTS, Runner
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


def test_an_epoch_of_several_slices_counts_each_image_once() -> None:
    """Two slices an epoch; the snapshot between them shows the mean so far and keeps the old weights."""
    config = TINY.with_changes(hidden_layers=(512, 256), train_share=0.1255, batch_size=256, epochs=1)

    def slice_(config: Any, state: Any, part: Slice) -> Any:
        after, progress = learn(config, state, part)
        first = part.first_step == 0
        return after, dataclasses.replace(
            progress,
            images=300 if first else 100,
            loss=300.0 if first else 200.0,
            correct=30 if first else 50,
        )

    engine = HeldEngine()
    runner = Runner(engine, slice_)
    run_id = runner.submit(config, "somebody")
    engine.release()
    assert engine.release() == Slice(1, 0, 15, ends_epoch=False)
    engine.wait_for(1)
    between = _seen(runner, run_id)
    assert between.partial is not None
    assert between.position == between.partial.position == 0.5
    assert between.partial.training.loss == 1.0
    assert _bias(runner, run_id, between.epoch) == 1, "the weights are those after the last whole epoch"
    assert engine.release() == Slice(1, 15, 15, ends_epoch=True)
    last = over(runner, run_id, 5)
    assert last.history[-1].training.loss == 500 / 400
    assert last.history[-1].training.accuracy == 80 / 400
    assert _bias(runner, run_id, last.epoch) == 3


def test_a_finished_slice_puts_its_run_at_the_back_of_the_queue() -> None:
    engine = HeldEngine()
    runner = Runner(engine, learn)
    for seed in range(4):
        runner.submit(TINY.with_changes(seed=seed), f"visitor {seed}")
        settle(runner)
    order = []
    for _ in range(4 * 4):
        order.append(engine.held[0][0][1].seed if engine.held else None)
        engine.release()
        settle(runner)
    assert order == [0, 1, 2, 3] * 4


def test_a_late_run_waits_for_one_round_at_most() -> None:
    engine = HeldEngine()
    runner = Runner(engine, learn)
    for seed in range(5):
        runner.submit(TINY.with_changes(seed=seed, epochs=100), f"visitor {seed}")
    settle(runner)
    for _ in range(20):
        engine.release()
        settle(runner)
    before = len(engine.submitted)
    runner.submit(TINY.with_changes(seed=99), "late")
    settle(runner)
    for _ in range(6):
        engine.release()
        settle(runner)
    assert 99 in {config.seed for config, _, _ in engine.submitted[before:]}


@pytest.mark.parametrize("capacity", [1, 2, 4])
def test_never_more_than_one_slice_above_the_capacity_is_in_flight(capacity: int) -> None:
    engine = HeldEngine(capacity)
    runner = Runner(engine, learn)
    for seed in range(10):
        runner.submit(TINY.with_changes(seed=seed), f"visitor {seed}")
    for _ in range(40):
        engine.wait_for(1)
        engine.release()
        settle(runner)
    assert engine.most_in_flight == capacity + 1
    assert len(engine.submitted) == 40


def test_one_run_has_one_slice_in_flight_at_a_time() -> None:
    engine = HeldEngine(capacity=4)
    runner = Runner(engine, learn)
    runner.submit(TINY, "somebody")
    settle(runner)
    assert len(engine.held) == 1


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_whatever_the_order_of_results_every_run_finishes(data: st.DataObject) -> None:
    capacity = data.draw(st.integers(1, 3))
    runs = data.draw(st.integers(1, 5))
    engine = HeldEngine(capacity)
    runner = Runner(engine, learn)
    ids = [runner.submit(TINY.with_changes(seed=seed), f"visitor {seed}") for seed in range(runs)]
    settle(runner)
    while engine.held:
        assert len(engine.held) <= capacity + 1
        engine.held.insert(0, engine.held.pop(data.draw(st.integers(0, len(engine.held) - 1))))
        engine.release()
        settle(runner)
    assert {_seen(runner, run_id).state for run_id in ids} == {RunState.FINISHED}
    assert [len(_seen(runner, run_id).history) for run_id in ids] == [4] * runs


def test_a_run_that_was_stopped_drops_its_late_result() -> None:
    engine = HeldEngine()
    runner = Runner(engine, learn)
    run_id = runner.submit(TINY, "somebody")
    engine.release()
    engine.wait_for(1)
    runner.stop(run_id)
    stopped = over(runner, run_id, 5)
    engine.release()
    settle(runner)
    assert stopped.state == RunState.STOPPED
    assert _seen(runner, run_id) == stopped
    assert len(stopped.history) == 1
    assert engine.held == []
    assert len(engine.submitted) == 2


def test_a_stopped_run_makes_room_for_the_next_one() -> None:
    engine = HeldEngine()
    runner = Runner(engine, learn)
    first = [runner.submit(TINY, "somebody") for _ in range(2)]
    settle(runner)
    for run_id in first:
        runner.stop(run_id)
    last = runner.submit(TINY, "somebody")
    settle(runner)
    for _ in range(2 + 4):
        engine.release()
        settle(runner)
    assert _seen(runner, last).state == RunState.FINISHED


def test_a_run_that_waits_in_the_queue_can_be_stopped_and_is_never_computed() -> None:
    engine = HeldEngine(state=EngineState.STARTING)
    runner = Runner(engine, learn)
    run_id = runner.submit(TINY, "somebody")
    runner.stop(run_id)
    assert over(runner, run_id, 5).state == RunState.STOPPED
    engine.become(EngineState.READY)
    settle(runner)
    assert engine.submitted == []


def test_stopping_a_run_that_is_over_or_unknown_changes_nothing() -> None:
    engine = InlineEngine()
    runner = Runner(engine, learn)
    run_id = runner.submit(TINY, "somebody")
    finished = over(runner, run_id, 5)
    runner.stop(run_id)
    runner.stop("nobody knows this one")
    settle(runner)
    assert _seen(runner, run_id) is finished
    assert runner.snapshot("nobody knows this one") is None


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


def test_an_exploded_loss_fails_the_run_and_suggests_a_tenth_of_the_learning_rate() -> None:
    def slice_(config: Any, state: Any, part: Slice) -> Any:
        after, progress = learn(config, state, part)
        return after, dataclasses.replace(progress, loss=10 * EXPLODED_LOSS * 2 if part.epoch == 2 else 23.0)

    last = run_to_its_end(InlineEngine(), TINY.with_changes(learning_rate=5), slice_)
    assert last.state == RunState.FAILED
    assert str(last.problem) == (
        "The loss exploded in epoch 2: the steps are too large. Try a learning rate of 0.5."
    )


@pytest.mark.parametrize("loss", [math.nan, math.inf, -math.inf, 4e15])
def test_a_loss_that_is_no_number_is_an_explosion_too(loss: float) -> None:
    def slice_(config: Any, state: Any, part: Slice) -> Any:
        after, progress = learn(config, state, part)
        return after, dataclasses.replace(progress, loss=loss)

    last = run_to_its_end(InlineEngine(), TINY, slice_)
    assert last.state == RunState.FAILED
    assert "exploded in epoch 0" in str(last.problem)


def test_a_validation_loss_that_explodes_fails_the_run() -> None:
    def slice_(config: Any, state: Any, part: Slice) -> Any:
        after, progress = learn(config, state, part)
        return after, dataclasses.replace(
            progress, validation=dataclasses.replace(progress.validation, loss=math.nan)
        )

    assert "exploded" in str(run_to_its_end(InlineEngine(), TINY, slice_).problem)


def test_a_loss_just_below_the_limit_is_no_explosion() -> None:
    def slice_(config: Any, state: Any, part: Slice) -> Any:
        after, progress = learn(config, state, part)
        return after, dataclasses.replace(progress, loss=EXPLODED_LOSS * progress.images)

    assert run_to_its_end(InlineEngine(), TINY, slice_).state == RunState.FINISHED


@pytest.mark.parametrize(("rate", "suggested"), [(0.7, "0.07"), (0.3, "0.03"), (6.0, "0.6"), (0.07, "0.007")])
def test_the_suggested_learning_rate_is_a_number_that_a_pupil_can_read(rate: float, suggested: str) -> None:
    def slice_(config: Any, state: Any, part: Slice) -> Any:
        after, progress = learn(config, state, part)
        return after, dataclasses.replace(progress, loss=math.nan)

    last = run_to_its_end(InlineEngine(), TINY.with_changes(learning_rate=rate), slice_)
    assert str(last.problem).endswith(f"Try a learning rate of {suggested}.")


def test_the_message_of_a_message_error_is_the_problem_of_the_run() -> None:
    message = Message("The file {file} is gone.", {"file": "x"})
    last = run_to_its_end(InlineEngine(), TINY, _fails_with(MessageError(message)))
    assert last.state == RunState.FAILED
    assert last.problem == message


def test_any_other_error_fails_the_run_and_is_named() -> None:
    last = run_to_its_end(InlineEngine(), TINY, _fails_with(ZeroDivisionError("by {0}")))
    assert last.state == RunState.FAILED
    assert str(last.problem) == "Training ended with an error: ZeroDivisionError('by {0}')"


def test_a_failed_run_does_not_stop_the_others() -> None:
    def slice_(config: Any, state: Any, part: Slice) -> Any:
        if config.seed == 1:
            raise ValueError("no")
        return learn(config, state, part)

    runner = Runner(InlineEngine(), slice_)
    ids = [runner.submit(TINY.with_changes(seed=seed), f"visitor {seed}") for seed in range(3)]
    states = [over(runner, run_id, 5).state for run_id in ids]
    assert states == [RunState.FINISHED, RunState.FAILED, RunState.FINISHED]


def test_a_slice_whose_worker_died_is_submitted_again_from_the_same_state() -> None:
    engine = HeldEngine()
    runner = Runner(engine, learn)
    run_id = runner.submit(TINY, "somebody")
    engine.release()
    for _ in range(ATTEMPTS - 1):
        assert engine.release(INSTANT).epoch == 1
    engine.wait_for(1)
    assert _seen(runner, run_id).state == RunState.RUNNING
    assert len({id(state) for _, state, part in engine.submitted if part.epoch == 1}) == 1
    while not _seen(runner, run_id).state.is_over:
        engine.release()
        settle(runner)
    assert [metrics.epoch for metrics in _seen(runner, run_id).history] == [0, 1, 2, 3]


def test_attempts_are_counted_for_each_slice_anew() -> None:
    engine = HeldEngine()
    runner = Runner(engine, learn)
    run_id = runner.submit(TINY, "somebody")
    for _ in range(4):
        for _ in range(ATTEMPTS - 1):
            engine.release(INSTANT)
        engine.release()
    assert over(runner, run_id, 5).state == RunState.FINISHED


def test_a_worker_that_dies_as_often_as_allowed_fails_the_run() -> None:
    engine = HeldEngine()
    runner = Runner(engine, learn)
    run_id = runner.submit(TINY, "somebody")
    for _ in range(ATTEMPTS):
        engine.release(INSTANT)
    last = over(runner, run_id, 5)
    assert last.state == RunState.FAILED
    assert "ended 3 times at the same place" in str(last.problem)
    assert len(engine.submitted) == ATTEMPTS


def test_a_run_that_only_waited_behind_a_deadly_one_is_not_failed() -> None:
    """Both slices are in the one worker's executor; whoever dies there breaks both."""
    engine = HeldEngine()
    runner = Runner(engine, learn)
    deadly = runner.submit(TINY.with_changes(seed=1), "deadly")
    innocent = runner.submit(TINY.with_changes(seed=2), "innocent")
    settle(runner)
    for _ in range(30):
        if not engine.held:
            break
        if engine.held[0][0][1].seed == 1:
            engine.break_worker()
        else:
            engine.release()
        settle(runner)
    assert _seen(runner, deadly).state == RunState.FAILED
    assert _seen(runner, innocent).state == RunState.FINISHED, _seen(runner, innocent).problem


def test_an_engine_that_refuses_a_slice_fails_its_run_and_no_other() -> None:
    """A machine out of memory or of processes: starting the new worker raises within submit."""

    class Refuses(InlineEngine):
        def submit(self, fn: Any, /, config: Any, state: Any, part: Any) -> Any:
            if config.seed == 1:
                raise OSError(12, "Cannot allocate memory")
            return super().submit(fn, config, state, part)

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
    monkeypatch.setattr("runs.runner.OPEN_RUNS_OF_VISITOR", 40)
    runner = Runner(HeldEngine(), learn)
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


def test_finished_runs_are_bounded_and_the_oldest_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runs.runner.KEPT_RUNS", 3)
    runner = Runner(InlineEngine(), learn)
    ids = []
    for _ in range(6):
        ids.append(runner.submit(TINY, "somebody"))
        settle(runner)
        wait_until(lambda: (s := runner.snapshot(ids[-1])) is None or s.state.is_over, 5)
    settle(runner)
    assert [snapshot.id for snapshot in runner.runs_of("somebody")] == ids[:2:-1]
    assert [runner.snapshot(run_id) for run_id in ids[:3]] == [None] * 3


def test_a_run_that_is_not_over_is_never_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runs.runner.KEPT_RUNS", 1)
    engine = HeldEngine(state=EngineState.STARTING)
    runner = Runner(engine, learn)
    waiting = runner.submit(TINY, "patient")
    for _ in range(5):
        runner.stop(runner.submit(TINY, "hasty"))
    settle(runner)
    assert _seen(runner, waiting).state == RunState.WAITING
    assert len(runner.runs_of("hasty")) == 1


def test_the_number_of_a_visitors_next_run_does_not_begin_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when others' runs have pushed this visitor's old ones out."""
    monkeypatch.setattr("runs.runner.KEPT_RUNS", 2)
    runner = Runner(InlineEngine(), learn)
    first = runner.submit(TINY, "ada")
    assert _seen(runner, first).number == 1
    for _ in range(3):
        runner.submit(TINY, "bob")
    settle(runner)
    wait_until(lambda: runner.snapshot(first) is None, 5, "the end of ada's first run")
    second = runner.submit(TINY, "ada")
    assert _seen(runner, second).number == 2


def test_time_left_is_told_once_it_was_measured() -> None:
    clock = threading.Event()

    def slice_(config: Any, state: Any, part: Slice) -> tuple[TrainingState, Progress]:
        clock.wait(0.02)
        after, progress = learn(config, state, part)
        return after, dataclasses.replace(progress, images=config.training_images, loss=1.0)

    engine = HeldEngine()
    runner = Runner(engine, slice_)
    run_id = runner.submit(TINY, "somebody")
    engine.release()
    settle(runner)
    assert _seen(runner, run_id).images_per_second is None
    assert _seen(runner, run_id).seconds_left is None
    engine.release()
    settle(runner)
    seen = _seen(runner, run_id)
    assert seen.images_per_second is not None
    assert 0 < seen.images_per_second <= TINY.training_images / 0.02
    assert seen.seconds_left == pytest.approx(2 * TINY.training_images / seen.images_per_second)
    runner.stop(run_id)
    assert over(runner, run_id, 5).seconds_left is None


@pytest.mark.parametrize("state", list(RunState))
def test_a_state_knows_whether_it_is_over(state: RunState) -> None:
    assert state.is_over == (state.value in {"finished", "stopped", "failed"})


def test_the_first_weights_of_a_run_are_there_before_its_first_slice() -> None:
    runner = Runner(HeldEngine(state=EngineState.STARTING), learn)
    weights = runner.weights(runner.submit(TINY, "somebody"), 0)
    assert weights is not None
    assert [array.shape for array in weights] == [(784, 8), (8,), (8, 10), (10,)]
    assert np.abs(weights[0]).max() > 0
