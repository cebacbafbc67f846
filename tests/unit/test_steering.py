"""Pause, go on, one epoch more, stop, train longer, another learning rate; queues and bounds."""

import dataclasses
import time
from typing import Any

import pytest

from model.config import ConfigError, TrainingConfig
from model.slices import Slice
from runs.records import EventKind, RunEvent, RunSnapshot, RunState, config_at
from runs.run import MOST_EVENTS
from runs.runner import OPEN_RUNS_OF_VISITOR, UNWATCHED_SECONDS, Runner, TooMuchError
from testing.engines import INSTANT, TINY, HeldEngine, InlineEngine, learn, settle
from testing.waiting import over, wait_until

LONG = TINY.with_changes(epochs=50)


@pytest.fixture
def engine() -> HeldEngine:
    return HeldEngine()


@pytest.fixture
def runner(engine: HeldEngine) -> Runner:
    return Runner(engine, learn)


class Clock:
    """The runner's, which can be put forward."""

    ahead = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("runs.runner.time", made)
    return made


@pytest.fixture
def run_id(runner: Runner, engine: HeldEngine) -> str:
    """A run that has two epochs behind it and the third in flight."""
    run_id = runner.submit(LONG, "ada")
    for _ in range(3):
        engine.release()
        settle(runner)
    engine.wait_for(1)
    return run_id


def seen(runner: Runner, run_id: str) -> RunSnapshot:
    settle(runner)
    snapshot = runner.snapshot(run_id)
    assert snapshot is not None
    return snapshot


def finish(runner: Runner, engine: HeldEngine) -> None:
    """Compute slices until none is left."""
    settle(runner)
    while engine.held:
        engine.release()
        settle(runner)


def kinds(snapshot: RunSnapshot) -> list[EventKind]:
    return [event.kind for event in snapshot.events]


def test_a_paused_run_keeps_the_slice_that_was_in_flight_and_gets_no_other(
    runner: Runner, engine: HeldEngine, run_id: str
) -> None:
    runner.pause(run_id)
    assert seen(runner, run_id).state == RunState.PAUSED
    finish(runner, engine)
    paused = seen(runner, run_id)
    assert paused.state == RunState.PAUSED
    assert paused.epoch == 3
    assert paused.events == (RunEvent(EventKind.PAUSED, 4, 0),)


def test_a_run_that_goes_on_ends_as_if_it_had_never_paused(
    runner: Runner, engine: HeldEngine, run_id: str
) -> None:
    runner.pause(run_id)
    finish(runner, engine)
    runner.resume(run_id)
    finish(runner, engine)
    last = seen(runner, run_id)
    assert last.state == RunState.FINISHED
    assert [point.epoch for point in last.history] == list(range(51))
    steps = [state.weights[1][0] for _, state, _ in engine.submitted]
    assert steps == list(range(51)), "each slice began where the last one ended"


def test_going_on_before_the_slice_in_flight_is_back_computes_nothing_twice(
    runner: Runner, engine: HeldEngine, run_id: str
) -> None:
    runner.pause(run_id)
    runner.resume(run_id)
    settle(runner)
    assert len(engine.held) == 1
    finish(runner, engine)
    assert [part.epoch for _, _, part in engine.submitted] == list(range(51))


def test_one_epoch_more_pauses_at_the_end_of_it(runner: Runner, engine: HeldEngine, run_id: str) -> None:
    runner.pause(run_id)
    finish(runner, engine)
    runner.train_one_epoch(run_id)
    finish(runner, engine)
    after = seen(runner, run_id)
    assert (after.state, after.epoch) == (RunState.PAUSED, 4)
    runner.train_one_epoch(run_id)
    finish(runner, engine)
    assert seen(runner, run_id).epoch == 5


def test_a_finished_run_trains_longer_from_where_it_was(runner: Runner, engine: HeldEngine) -> None:
    run_id = runner.submit(TINY, "ada")
    finish(runner, engine)
    assert seen(runner, run_id).state == RunState.FINISHED
    runner.train_longer(run_id, 2)
    finish(runner, engine)
    last = seen(runner, run_id)
    assert last.state == RunState.FINISHED
    assert [point.epoch for point in last.history] == list(range(6))
    assert last.config.epochs == 5
    assert last.recipe.epochs == 3
    assert last.events == (RunEvent(EventKind.EPOCHS, 4, 0, 5),)
    assert [state.weights[1][0] for _, state, _ in engine.submitted] == list(range(6))


def test_a_stopped_run_trains_longer_too_and_the_dropped_slice_is_computed_again(
    runner: Runner, engine: HeldEngine, run_id: str
) -> None:
    runner.stop(run_id)
    assert seen(runner, run_id).state == RunState.STOPPED
    finish(runner, engine)
    assert seen(runner, run_id).epoch == 2
    runner.train_longer(run_id, 3)
    finish(runner, engine)
    assert [point.epoch for point in seen(runner, run_id).history] == list(range(6))
    assert kinds(seen(runner, run_id)) == [EventKind.STOPPED, EventKind.EPOCHS]


def test_a_late_result_of_a_stopped_run_does_not_disturb_its_second_life(
    runner: Runner, engine: HeldEngine, run_id: str
) -> None:
    runner.stop(run_id)
    runner.train_longer(run_id, 3)
    settle(runner)
    finish(runner, engine)
    last = seen(runner, run_id)
    assert [point.epoch for point in last.history] == list(range(6))
    assert [point.validation.accuracy for point in last.history] == [n / 100 for n in range(6)]


def test_a_run_that_is_paused_keeps_the_epochs_it_was_going_to_have(
    runner: Runner, engine: HeldEngine, run_id: str
) -> None:
    runner.pause(run_id)
    runner.train_longer(run_id, 3)
    assert seen(runner, run_id).config.epochs == LONG.epochs
    assert seen(runner, run_id).state == RunState.PAUSED


def test_a_failed_run_is_not_trained_longer(runner: Runner, engine: HeldEngine, run_id: str) -> None:
    engine.release(ValueError("broken"))
    assert seen(runner, run_id).state == RunState.FAILED
    runner.train_longer(run_id, 3)
    assert seen(runner, run_id).state == RunState.FAILED


def test_more_epochs_than_a_run_may_have_are_refused_at_once(runner: Runner, run_id: str) -> None:
    with pytest.raises(ConfigError, match="epochs"):
        runner.train_longer(run_id, 99)


def test_another_learning_rate_holds_from_the_next_slice_on(
    runner: Runner, engine: HeldEngine, run_id: str
) -> None:
    runner.set_learning_rate(run_id, 0.5)
    changed = seen(runner, run_id)
    assert changed.config.learning_rate == 0.5
    assert changed.recipe.learning_rate == LONG.learning_rate
    assert changed.events == (RunEvent(EventKind.LEARNING_RATE, 4, 0, 0.5),)
    engine.release()
    settle(runner)
    rates = [config.learning_rate for config, _, _ in engine.submitted]
    assert rates == [LONG.learning_rate] * 4 + [0.5]


def test_a_slice_that_is_computed_again_keeps_the_learning_rate_it_had(
    runner: Runner, engine: HeldEngine, run_id: str
) -> None:
    runner.set_learning_rate(run_id, 0.5)
    settle(runner)
    engine.release(INSTANT)
    settle(runner)
    engine.wait_for(1)
    (config, _, part), (again, _, part_again) = engine.submitted[-2:]
    assert part == part_again
    assert config.learning_rate == again.learning_rate == LONG.learning_rate


def test_a_learning_rate_out_of_range_is_refused_at_once(runner: Runner, run_id: str) -> None:
    with pytest.raises(ConfigError, match="learning_rate"):
        runner.set_learning_rate(run_id, 11.0)
    assert seen(runner, run_id).events == ()


def test_a_run_keeps_a_bounded_number_of_events(runner: Runner, run_id: str) -> None:
    for number in range(MOST_EVENTS):
        runner.set_learning_rate(run_id, 0.001 + number / 1000)
        settle(runner)
    with pytest.raises(TooMuchError, match="too often"):
        runner.set_learning_rate(run_id, 0.0005)
    runner.pause(run_id)
    assert seen(runner, run_id).state == RunState.PAUSED
    assert len(seen(runner, run_id).events) == MOST_EVENTS


def test_the_recipe_and_the_events_repeat_what_every_slice_was_computed_with() -> None:
    recipe = TrainingConfig()
    events = (
        RunEvent(EventKind.LEARNING_RATE, 2, 235, 0.1),
        RunEvent(EventKind.PAUSED, 3, 0),
        RunEvent(EventKind.EPOCHS, 21, 0, 40),
        RunEvent(EventKind.LEARNING_RATE, 3, 0, 1.0),
    )

    def rate(epoch: int, step: int) -> float:
        return config_at(recipe, events, Slice(epoch, step, 235, ends_epoch=False)).learning_rate

    assert [rate(1, 0), rate(2, 0), rate(2, 235), rate(3, 0), rate(9, 235)] == [0.01, 0.01, 0.1, 1.0, 1.0]


def test_an_event_has_its_place_on_the_curve() -> None:
    config = TrainingConfig()
    assert RunEvent(EventKind.PAUSED, 4, 0).position(config) == 3
    assert RunEvent(EventKind.PAUSED, 4, 235).position(config) == pytest.approx(3.5, abs=0.01)
    assert RunEvent(EventKind.STOPPED, 0, 0).position(config) == 0


def test_one_run_of_a_visitor_takes_turns_and_the_others_know_their_place(
    runner: Runner, engine: HeldEngine
) -> None:
    ids = [runner.submit(TINY, "ada") for _ in range(3)]
    other = runner.submit(TINY, "bob")
    assert [seen(runner, run_id).state for run_id in ids] == [
        RunState.WAITING,
        RunState.QUEUED,
        RunState.QUEUED,
    ]
    assert [seen(runner, run_id).place for run_id in ids] == [0, 1, 2]
    assert seen(runner, other).state == RunState.WAITING
    runner.stop(ids[0])
    assert [seen(runner, run_id).place for run_id in ids[1:]] == [0, 1]
    finish(runner, engine)
    assert {seen(runner, run_id).state for run_id in (*ids[1:], other)} == {RunState.FINISHED}


def test_a_paused_run_makes_room_for_the_visitors_next_one_and_then_queues_behind_it(
    runner: Runner, engine: HeldEngine, run_id: str
) -> None:
    second = runner.submit(TINY, "ada")
    assert seen(runner, second).state == RunState.QUEUED
    runner.pause(run_id)
    assert seen(runner, second).state == RunState.WAITING
    runner.resume(run_id)
    assert seen(runner, run_id).state == RunState.QUEUED
    finish(runner, engine)
    assert seen(runner, second).state == RunState.FINISHED
    assert seen(runner, run_id).state == RunState.FINISHED


def test_what_one_visitor_may_hold_is_bounded_and_the_error_says_what_to_do(runner: Runner) -> None:
    for _ in range(OPEN_RUNS_OF_VISITOR):
        runner.submit(TINY, "ada")
    with pytest.raises(TooMuchError, match="Stop one of them"):
        runner.submit(TINY, "ada")
    runner.submit(TINY, "bob")


def test_the_oldest_runs_of_a_visitor_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runs.runner.KEPT_RUNS_OF_VISITOR", 2)
    runner = Runner(InlineEngine(), learn)
    bob = runner.submit(TINY, "bob")
    ids = []
    for _ in range(4):
        ids.append(runner.submit(TINY, "ada"))
        wait_until(lambda: seen(runner, ids[-1]).state.is_over, 5)
    settle(runner)
    assert [run.id for run in runner.runs_of("ada")] == ids[:1:-1]
    assert runner.weights(ids[0], 3) is None
    assert over(runner, bob, 5).state == RunState.FINISHED


def test_a_run_that_nobody_looks_at_is_paused_and_can_go_on(
    runner: Runner, engine: HeldEngine, clock: Clock
) -> None:
    run_id = runner.submit(LONG, "ada")
    settle(runner)
    clock.ahead += UNWATCHED_SECONDS + 1
    engine.release()
    paused = seen(runner, run_id)
    assert paused.state == RunState.PAUSED
    assert kinds(paused) == [EventKind.UNWATCHED]
    runner.resume(run_id)
    finish(runner, engine)
    assert seen(runner, run_id).state == RunState.FINISHED


def test_a_look_at_a_run_keeps_it_going(runner: Runner, engine: HeldEngine, clock: Clock) -> None:
    run_id = runner.submit(LONG, "ada")
    for _ in range(4):
        clock.ahead += UNWATCHED_SECONDS / 2 + 1
        seen(runner, run_id)
        engine.release()
    assert seen(runner, run_id).state == RunState.RUNNING


def test_the_time_of_a_run_follows_from_the_measured_speed_and_the_others_turns() -> None:
    def slice_(config: Any, state: Any, part: Slice) -> Any:
        after, progress = learn(config, state, part)
        return after, dataclasses.replace(progress, seconds=0.5)

    engine = HeldEngine()
    runner = Runner(engine, slice_)
    assert runner.predict(TINY, "ada") is None
    first = runner.submit(LONG, "ada")
    engine.release()
    engine.release()
    settle(runner)
    # One slice is one epoch of TINY: half a second.
    left = seen(runner, first).config.epochs - 1
    assert runner.predict(TINY, "ada") == pytest.approx(0.5 * (3 + left))
    assert runner.predict(TINY, "bob") == pytest.approx(0.5 * (3 + 3))
    runner.pause(first)
    settle(runner)
    assert runner.predict(TINY, "bob") == pytest.approx(0.5 * 3)


def test_runs_at_work_are_those_that_take_turns(runner: Runner, run_id: str) -> None:
    runner.submit(TINY, "ada")
    runner.submit(TINY, "bob")
    assert runner.runs_at_work() == 2
    runner.stop(run_id)
    runner.pause(runner.runs_of("bob")[0].id)
    assert runner.runs_at_work() == 1


def test_the_weights_of_every_epoch_can_be_looked_at_while_and_after(
    runner: Runner, engine: HeldEngine, run_id: str
) -> None:
    assert runner.epochs(run_id) == [0, 1, 2]
    runner.stop(run_id)
    settle(runner)
    for epoch in range(3):
        weights = runner.weights(run_id, epoch)
        assert weights is not None
        assert weights[1][0] == epoch + 1
    assert runner.weights(run_id, 7) is None
    assert runner.weights("nobody knows this one", 0) is None
