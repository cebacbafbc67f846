"""Pause, go on, one epoch more, stop, train longer, another learning rate, nobody there: rule by rule."""

import pytest

from model.config import ConfigError
from runs.commands import Rest, Save
from runs.events import EpochRequested, Extended, Paused, RateChanged, Resumed, Stopped, Viewed
from runs.limits import Limits
from runs.problems import QuotaExceededError
from runs.records import EventKind, RunEvent, RunSnapshot, RunState
from testing.driver import Driver
from testing.engines import TINY

LONG = TINY.with_changes(epochs=50)
UNWATCHED = Limits().unwatched_seconds


@pytest.fixture
def driver() -> Driver:
    return Driver()


@pytest.fixture
def run_id(driver: Driver) -> str:
    """A run that has two epochs behind it and the third in flight."""
    run_id = driver.submit(recipe=LONG)
    for _ in range(3):
        driver.complete()
    return run_id


def kinds(snapshot: RunSnapshot) -> list[EventKind]:
    return [event.kind for event in snapshot.events]


def epochs(snapshot: RunSnapshot) -> list[int]:
    return [metrics.epoch for metrics in snapshot.history]


def test_a_paused_run_keeps_the_slice_that_was_in_flight_and_gets_no_other(
    driver: Driver, run_id: str
) -> None:
    assert driver.tell(Paused(run_id)) == (Save(driver.schedule.runs[run_id]),)
    assert driver.see(run_id).state == RunState.PAUSED
    assert driver.complete()[-1] == Rest(driver.schedule.runs[run_id])
    assert driver.in_flight == []
    paused = driver.see(run_id)
    assert (paused.state, paused.epoch) == (RunState.PAUSED, 3)
    assert paused.events == (RunEvent(EventKind.PAUSED, 4, 0),)


def test_a_run_that_goes_on_ends_as_if_it_had_never_paused(driver: Driver, run_id: str) -> None:
    driver.tell(Paused(run_id))
    driver.finish()
    driver.tell(Resumed(run_id))
    driver.finish()
    assert driver.see(run_id).state == RunState.FINISHED
    assert epochs(driver.see(run_id)) == list(range(51))
    assert [attempt.part.epoch for attempt in driver.attempts] == list(range(51))


def test_going_on_before_the_slice_in_flight_is_back_computes_nothing_twice(
    driver: Driver, run_id: str
) -> None:
    driver.tell(Paused(run_id))
    driver.tell(Resumed(run_id))
    assert len(driver.in_flight) == 1
    driver.finish()
    assert [attempt.part.epoch for attempt in driver.attempts] == list(range(51))


def test_a_run_that_pauses_while_its_worker_dies_goes_on_with_the_same_slice(
    driver: Driver, run_id: str
) -> None:
    driver.tell(Paused(run_id))
    assert driver.lose() == (Rest(driver.schedule.runs[run_id]),)
    driver.tell(Resumed(run_id))
    assert driver.in_flight[0].part.epoch == 3


def test_one_epoch_more_pauses_at_the_end_of_it(driver: Driver, run_id: str) -> None:
    driver.tell(Paused(run_id))
    driver.finish()
    driver.tell(EpochRequested(run_id))
    driver.finish()
    after = driver.see(run_id)
    assert (after.state, after.epoch) == (RunState.PAUSED, 4)
    driver.tell(EpochRequested(run_id))
    driver.finish()
    assert driver.see(run_id).epoch == 5


def test_a_finished_run_trains_longer_from_where_it_was(driver: Driver) -> None:
    run_id = driver.submit()
    driver.finish()
    assert driver.see(run_id).state == RunState.FINISHED
    driver.tell(Extended(run_id, 2))
    driver.finish()
    last = driver.see(run_id)
    assert last.state == RunState.FINISHED
    assert epochs(last) == list(range(6))
    assert last.config.epochs == 5
    assert last.recipe.epochs == 3
    assert last.events == (RunEvent(EventKind.EPOCHS, 4, 0, 5),)


def test_a_stopped_run_trains_longer_too_and_the_dropped_slice_is_computed_again(
    driver: Driver, run_id: str
) -> None:
    driver.tell(Stopped(run_id))
    assert driver.see(run_id).state == RunState.STOPPED
    driver.finish()
    assert driver.see(run_id).epoch == 2
    driver.tell(Extended(run_id, 3))
    driver.finish()
    assert epochs(driver.see(run_id)) == list(range(6))
    assert kinds(driver.see(run_id)) == [EventKind.STOPPED, EventKind.EPOCHS]


def test_a_late_result_of_a_stopped_run_does_not_disturb_its_second_life(driver: Driver, run_id: str) -> None:
    driver.tell(Stopped(run_id))
    driver.tell(Extended(run_id, 3))
    late, again = driver.in_flight
    assert late.part == again.part
    assert driver.complete(loss=1e-3) == ()
    driver.finish()
    last = driver.see(run_id)
    assert epochs(last) == list(range(6))
    assert [point.training.loss for point in last.history] == [(20.0 - epoch) / 10 for epoch in range(6)]


def test_a_run_that_is_paused_keeps_the_epochs_it_was_going_to_have(driver: Driver, run_id: str) -> None:
    driver.tell(Paused(run_id))
    driver.tell(Extended(run_id, 3))
    assert driver.see(run_id).config.epochs == LONG.epochs
    assert driver.see(run_id).state == RunState.PAUSED


def test_a_failed_run_is_not_trained_longer(driver: Driver, run_id: str) -> None:
    driver.fail()
    assert driver.see(run_id).state == RunState.FAILED
    driver.tell(Extended(run_id, 3))
    assert driver.see(run_id).state == RunState.FAILED


def test_more_epochs_than_a_run_may_have_are_refused(driver: Driver, run_id: str) -> None:
    with pytest.raises(ConfigError, match="Epochs"):
        driver.tell(Extended(run_id, 99))


def test_another_learning_rate_holds_from_the_next_slice_on(driver: Driver, run_id: str) -> None:
    driver.tell(RateChanged(run_id, 0.5))
    changed = driver.see(run_id)
    assert changed.config.learning_rate == 0.5
    assert changed.recipe.learning_rate == LONG.learning_rate
    assert changed.events == (RunEvent(EventKind.LEARNING_RATE, 4, 0, 0.5),)
    driver.complete()
    rates = [attempt.config.learning_rate for attempt in driver.attempts]
    assert rates == [LONG.learning_rate] * 4 + [0.5]


def test_a_slice_that_is_computed_again_keeps_the_learning_rate_it_had(driver: Driver, run_id: str) -> None:
    driver.tell(RateChanged(run_id, 0.5))
    driver.lose()
    first, again = driver.attempts[-2:]
    assert first.part == again.part
    assert first.config.learning_rate == again.config.learning_rate == LONG.learning_rate


def test_a_learning_rate_out_of_range_is_refused(driver: Driver, run_id: str) -> None:
    with pytest.raises(ConfigError, match="Learning rate"):
        driver.tell(RateChanged(run_id, 11.0))
    assert driver.see(run_id).events == ()


def test_a_run_keeps_a_bounded_number_of_events(run_id: str, driver: Driver) -> None:
    for number in range(driver.limits.max_events):
        driver.tell(RateChanged(run_id, 0.001 + number / 1000))
    with pytest.raises(QuotaExceededError, match="too many times"):
        driver.tell(RateChanged(run_id, 0.0005))
    driver.tell(Paused(run_id))
    assert driver.see(run_id).state == RunState.PAUSED
    assert len(driver.see(run_id).events) == driver.limits.max_events


def test_a_paused_run_lets_the_visitors_next_one_take_turns(driver: Driver, run_id: str) -> None:
    second = driver.submit()
    assert driver.see(second).state == RunState.QUEUED
    driver.tell(Paused(run_id))
    assert driver.see(second).state == RunState.WAITING
    driver.tell(Resumed(run_id))
    assert driver.see(run_id).state == RunState.QUEUED
    driver.finish()
    assert driver.see(second).state == RunState.FINISHED
    assert driver.see(run_id).state == RunState.FINISHED


def test_a_run_that_nobody_looks_at_is_paused_and_can_go_on(driver: Driver, run_id: str) -> None:
    driver.now += UNWATCHED
    driver.complete()
    assert driver.see(run_id).state == RunState.RUNNING
    driver.now += 0.1
    driver.complete()
    paused = driver.see(run_id)
    assert paused.state == RunState.PAUSED
    assert kinds(paused) == [EventKind.UNWATCHED]
    driver.tell(Resumed(run_id))
    driver.finish()
    assert driver.see(run_id).state == RunState.FINISHED


def test_a_look_at_a_run_keeps_it_going(driver: Driver, run_id: str) -> None:
    for _ in range(4):
        driver.now += 0.6 * UNWATCHED
        driver.tell(Viewed(run_id))
        driver.complete()
    assert driver.see(run_id).state == RunState.RUNNING


def test_time_in_the_queue_does_not_count_as_unwatched(driver: Driver, run_id: str) -> None:
    second = driver.submit()
    driver.now += 2 * UNWATCHED
    driver.tell(Stopped(run_id))
    driver.finish()
    assert driver.see(second).state == RunState.FINISHED


def test_steering_a_run_that_is_over_or_unknown_changes_nothing(driver: Driver) -> None:
    run_id = driver.submit()
    driver.finish()
    finished = driver.see(run_id)
    for event in (Paused, Resumed, EpochRequested, Stopped):
        assert driver.tell(event(run_id)) == ()
        assert driver.tell(event("nobody knows this one")) == ()
    assert driver.see(run_id) is finished
    assert list(driver.schedule.runs) == [run_id]
