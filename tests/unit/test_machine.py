"""The runner's rules, event by event: whose slice is next, what a lost one costs, what is kept."""

import math
from dataclasses import replace

import pytest

from model.messages import Message
from model.slices import Score, Slice
from runs.commands import Command, Forget, KeepState, Rest, Save, SaveEpoch, StartEngine, SubmitSlice
from runs.events import (
    Drained,
    EngineChanged,
    EngineNeeded,
    Extended,
    OthersSeen,
    Paused,
    RateChanged,
    Restored,
    Resumed,
    RunElsewhere,
    Saved,
    SliceDelayed,
    SliceUnanswered,
    Stopped,
    Submitted,
    Taken,
    Viewed,
)
from runs.limits import Limits
from runs.problems import QuotaExceededError
from runs.records import EventKind, RunState
from runs.run import MAX_LOSS, Attempt
from runs.schedule import Crowd
from testing.driver import Driver
from testing.engines import TINY

ATTEMPTS = Limits().attempts


def seeds(attempts: list[Attempt]) -> list[int]:
    return [attempt.config.seed for attempt in attempts]


def test_a_run_goes_through_all_its_slices_in_order_and_finishes() -> None:
    driver = Driver()
    run_id = driver.submit()
    driver.finish()
    assert [attempt.part.epoch for attempt in driver.attempts] == [0, 1, 2, 3]
    last = driver.see(run_id)
    assert last.state == RunState.FINISHED
    assert [metrics.epoch for metrics in last.history] == [0, 1, 2, 3]
    assert [metrics.validation.accuracy for metrics in last.history] == [0, 0.01, 0.02, 0.03]
    assert last.history[2].training == Score(loss=(20.0 - 2) / 10, accuracy=0.5)
    assert last.position == last.epoch == 3
    assert last.partial is None


def test_a_run_waits_for_its_first_slice_and_then_it_runs() -> None:
    driver = Driver()
    run_id = driver.submit()
    assert driver.see(run_id).state == RunState.WAITING
    driver.complete()
    assert driver.see(run_id).state == RunState.RUNNING


def test_what_a_slice_led_to_is_kept_before_anything_is_built_on_it() -> None:
    driver = Driver()
    run_id = driver.submit()
    keep, save, submit = driver.complete()
    assert isinstance(keep, KeepState)
    assert isinstance(save, SaveEpoch)
    assert save.training is keep.training
    assert save.run.snapshot.history == driver.see(run_id).history
    assert isinstance(submit, SubmitSlice)
    assert submit.attempt.part.epoch == 1


def test_an_epoch_of_several_slices_counts_each_image_once() -> None:
    """Two slices an epoch; the snapshot between them shows the mean so far."""
    driver = Driver()
    run_id = driver.submit(hidden_layers=(512, 256), train_share=0.1255, batch_size=256, epochs=1)
    driver.complete()
    assert driver.in_flight[0].part == Slice(1, 0, 15, ends_epoch=False)
    commands = driver.complete(images=300, loss=300.0, correct=30)
    assert not any(isinstance(command, SaveEpoch) for command in commands)
    between = driver.see(run_id)
    assert between.partial is not None
    assert between.position == between.partial.position == 0.5
    assert between.partial.training == Score(loss=1.0, accuracy=0.1)
    assert between.epoch == 0
    assert driver.in_flight[0].part == Slice(1, 15, 15, ends_epoch=True)
    driver.complete(images=100, loss=200.0, correct=50)
    assert driver.see(run_id).history[-1].training == Score(loss=500 / 400, accuracy=80 / 400)


def test_a_step_leaves_the_schedule_before_it_as_it_was() -> None:
    driver = Driver()
    driver.submit()
    schedules = [driver.schedule]
    copies = [repr(driver.schedule)]
    for _ in range(4):
        driver.complete()
        schedules.append(driver.schedule)
        copies.append(repr(driver.schedule))
    assert len(set(copies)) == 5
    assert [repr(schedule) for schedule in schedules] == copies


# Turns


def test_a_finished_slice_puts_its_run_at_the_back_of_the_queue() -> None:
    driver = Driver()
    for seed in range(4):
        driver.submit(f"visitor {seed}", seed=seed)
    driver.finish()
    assert seeds(driver.attempts) == [0, 1, 2, 3] * 4


def test_a_late_run_waits_for_one_round_at_most() -> None:
    driver = Driver()
    for seed in range(5):
        driver.submit(f"visitor {seed}", seed=seed, epochs=100)
    for _ in range(20):
        driver.complete()
    before = len(driver.attempts)
    driver.submit("late", seed=99)
    for _ in range(6):
        driver.complete()
    assert 99 in seeds(driver.attempts[before:])


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_every_worker_is_busy_and_one_slice_waits(workers: int) -> None:
    driver = Driver(workers)
    for seed in range(10):
        driver.submit(f"visitor {seed}", seed=seed)
    for left in range(40, 0, -1):
        assert len(driver.in_flight) == min(workers + 1, left)
        driver.complete()
    assert len(driver.attempts) == 40


def test_one_run_has_one_slice_in_flight_at_a_time() -> None:
    driver = Driver(workers=4)
    driver.submit()
    assert len(driver.in_flight) == 1


def test_a_visitors_runs_take_turns_one_after_another_and_say_how_many_go_first() -> None:
    driver = Driver()
    ids = [driver.submit("ada") for _ in range(3)]
    other = driver.submit("bob")
    assert [driver.see(run_id).state for run_id in ids] == [
        RunState.WAITING,
        RunState.QUEUED,
        RunState.QUEUED,
    ]
    assert [driver.see(run_id).queue_position for run_id in ids] == [0, 1, 2]
    assert driver.see(other).state == RunState.WAITING
    driver.tell(Stopped(ids[0]))
    assert [driver.see(run_id).queue_position for run_id in ids] == [0, 0, 1]
    driver.finish()
    assert {driver.see(run_id).state for run_id in (*ids[1:], other)} == {RunState.FINISHED}


def test_runs_wait_until_the_engine_is_ready() -> None:
    driver = Driver(is_ready=False)
    run_id = driver.submit()
    assert driver.in_flight == []
    assert driver.see(run_id).state == RunState.WAITING
    driver.tell(EngineChanged(1, is_ready=True))
    assert len(driver.in_flight) == 1


def test_an_engine_that_is_needed_is_started() -> None:
    assert Driver().tell(EngineNeeded()) == (StartEngine(),)


def test_a_run_that_waits_in_the_queue_can_be_stopped_and_is_never_computed() -> None:
    driver = Driver(is_ready=False)
    run_id = driver.submit()
    driver.tell(Stopped(run_id))
    assert driver.see(run_id).state == RunState.STOPPED
    driver.tell(EngineChanged(1, is_ready=True))
    assert driver.attempts == []


# Results


def test_a_run_that_was_stopped_drops_its_late_result() -> None:
    driver = Driver()
    run_id = driver.submit()
    driver.complete()
    driver.tell(Stopped(run_id))
    stopped = driver.see(run_id)
    assert driver.complete() == ()
    assert driver.see(run_id) is stopped
    assert stopped.state == RunState.STOPPED
    assert len(stopped.history) == 1
    assert len(driver.attempts) == 2


def test_a_stopped_run_makes_room_for_the_next_one_once_its_slice_is_back() -> None:
    driver = Driver()
    for visitor in ("ada", "bob"):
        driver.tell(Stopped(driver.submit(visitor)))
    last = driver.submit("eve")
    assert len(driver.in_flight) == 2
    driver.complete()
    assert driver.in_flight[-1].run_id == last


def test_a_result_that_comes_twice_counts_once() -> None:
    driver = Driver()
    run_id = driver.submit()
    [attempt] = driver.in_flight
    driver.complete()
    driver.in_flight.append(attempt)
    assert driver.complete(1) == ()
    assert len(driver.see(run_id).history) == 1


@pytest.mark.parametrize("loss", [math.nan, math.inf, -math.inf, 4e15, 1.001 * MAX_LOSS])
def test_a_loss_that_diverges_fails_the_run_and_nothing_of_the_slice_is_kept(loss: float) -> None:
    driver = Driver()
    run_id = driver.submit(learning_rate=5)
    driver.complete()
    assert resting(driver.complete(images=1, loss=loss)) == [run_id]
    last = driver.see(run_id)
    assert last.state == RunState.FAILED
    assert last.diverged
    assert str(last.problem) == (
        "The loss diverged in epoch 1: the steps were too large. Try a learning rate of 0.5."
    )


def test_a_validation_loss_that_diverges_fails_the_run() -> None:
    driver = Driver()
    run_id = driver.submit()
    driver.complete(validation=Score(math.nan, 0.1))
    assert driver.see(run_id).diverged


def test_a_loss_just_below_the_limit_does_not_diverge() -> None:
    driver = Driver()
    run_id = driver.submit()
    driver.complete(images=1, loss=MAX_LOSS)
    assert driver.see(run_id).state == RunState.RUNNING
    assert not driver.see(run_id).diverged


@pytest.mark.parametrize(("rate", "suggested"), [(0.7, "0.07"), (0.3, "0.03"), (6.0, "0.6"), (0.07, "0.007")])
def test_the_suggested_learning_rate_is_a_number_that_a_pupil_can_read(rate: float, suggested: str) -> None:
    driver = Driver()
    run_id = driver.submit(learning_rate=rate)
    driver.complete(loss=math.nan)
    assert str(driver.see(run_id).problem).endswith(f"Try a learning rate of {suggested}.")


def test_a_failed_run_says_why_and_does_not_stop_the_others() -> None:
    driver = Driver()
    ids = [driver.submit(visitor) for visitor in ("ada", "bob", "eve")]
    driver.fail(1)
    driver.finish()
    states = [driver.see(run_id).state for run_id in ids]
    assert states == [RunState.FINISHED, RunState.FAILED, RunState.FINISHED]
    assert driver.see(ids[1]).problem == Message("broken")


def test_attempts_are_counted_for_each_slice_anew() -> None:
    driver = Driver()
    run_id = driver.submit()
    for _ in range(4):
        for _ in range(ATTEMPTS - 1):
            driver.lose()
        driver.complete()
    assert driver.see(run_id).state == RunState.FINISHED
    assert [attempt.part.epoch for attempt in driver.attempts] == sorted([0, 1, 2, 3] * ATTEMPTS)


def test_a_worker_that_dies_as_often_as_allowed_fails_the_run() -> None:
    driver = Driver()
    run_id = driver.submit()
    for _ in range(ATTEMPTS):
        driver.lose()
    last = driver.see(run_id)
    assert last.state == RunState.FAILED
    assert "ended 3 times at the same point" in str(last.problem)
    assert len(driver.attempts) == ATTEMPTS


def test_a_run_that_only_waited_behind_a_deadly_one_is_not_failed() -> None:
    """Both slices are in the one worker's executor; whoever dies there breaks both."""
    driver = Driver()
    deadly, innocent = driver.submit("deadly"), driver.submit("innocent")
    while driver.in_flight:
        if driver.in_flight[0].run_id == deadly:
            for _ in tuple(driver.in_flight):
                driver.lose()
        else:
            driver.complete()
    assert driver.see(deadly).state == RunState.FAILED
    assert driver.see(innocent).state == RunState.FINISHED


# Bounds


def test_what_one_visitor_may_hold_is_bounded_and_the_error_says_what_to_do() -> None:
    driver = Driver(limits=Limits(open_runs_of_visitor=2))
    for _ in range(2):
        driver.submit("ada")
    before = driver.schedule
    with pytest.raises(QuotaExceededError, match="You already have 2 unfinished runs"):
        driver.submit("ada")
    assert driver.schedule is before
    driver.submit("bob")
    driver.finish()
    driver.submit("ada")


def test_a_run_that_trains_longer_counts_among_those_that_are_not_over() -> None:
    driver = Driver(limits=Limits(open_runs_of_visitor=2))
    run_id = driver.submit("ada")
    driver.finish()
    driver.tell(Extended(run_id, 1, open_runs=(elsewhere(9),)))
    driver.finish()
    driver.submit("ada")
    before = driver.schedule
    with pytest.raises(QuotaExceededError, match="You already have 2 unfinished runs"):
        driver.tell(Extended(run_id, 1, open_runs=(elsewhere(9),)))
    assert driver.schedule is before


def test_a_run_that_is_over_leaves_once_everything_of_it_is_kept() -> None:
    driver = Driver()
    finished, active = driver.submit("ada"), driver.submit("ada")
    assert driver.tell(Saved(finished)) == ()
    for _ in range(4):
        driver.complete()
    assert driver.see(finished).state == RunState.FINISHED
    assert driver.tell(Saved(finished)) == (Forget(finished),)
    assert list(driver.schedule.runs) == [active]


def test_a_run_of_another_server_is_not_computed_any_more() -> None:
    driver = Driver()
    run_id = driver.submit()
    assert driver.tell(Taken(run_id)) == (Forget(run_id),)
    assert driver.complete() == ()
    assert driver.schedule.runs == {}
    assert driver.schedule.in_flight == frozenset()


def test_the_number_of_a_visitors_next_run_follows_that_of_the_newest_one_that_is_kept() -> None:
    driver = Driver()
    first = driver.submit("ada")
    driver.finish()
    driver.tell(Saved(first))
    driver.tell(Submitted("next", TINY, "ada", number=1))
    assert driver.see("next").number == 2
    driver.tell(Submitted("one more", TINY, "ada", number=1))
    assert driver.see("one more").number == 3


def test_every_change_of_a_run_is_kept_but_not_who_looked_at_it() -> None:
    driver = Driver()
    commands = driver.tell(Submitted("run", TINY, "ada"))
    assert saved(commands) == [RunState.WAITING]
    assert saved(driver.complete()) == []
    assert driver.tell(Viewed("run")) == ()
    assert saved(driver.tell(RateChanged("run", 0.5))) == [RunState.RUNNING]
    assert saved(driver.tell(Paused("run"))) == [RunState.PAUSED]
    assert saved(driver.complete()) == []
    assert saved(driver.tell(Resumed("run"))) == [RunState.RUNNING]
    assert saved(driver.tell(Stopped("run"))) == [RunState.STOPPED]


def test_a_restored_run_goes_on_after_its_last_slice_and_a_paused_one_waits() -> None:
    former = Driver()
    active, paused = former.submit("ada"), former.submit("bob")
    for _ in range(4):
        former.complete()
    former.tell(Paused(paused))
    runs = dict(former.schedule.runs)
    driver = Driver(workers=2)
    for run_id in (active, paused):
        driver.tell(Restored(replace(runs[run_id], attempt=None)))
    assert [attempt.run_id for attempt in driver.in_flight] == [active]
    assert driver.in_flight[0].part == former.in_flight[0].part
    assert driver.see(paused).state == RunState.PAUSED


def test_a_run_at_work_that_comes_back_from_another_server_goes_on_as_that_one_left_it() -> None:
    driver, other = Driver(), Driver()
    run_id = driver.submit()
    driver.complete()
    kept = driver.schedule.runs[run_id]
    late = driver.in_flight[0]
    other.tell(Restored(replace(kept, attempt=None)))
    other.complete()
    other.complete()
    driver.tell(Restored(replace(other.schedule.runs[run_id], attempt=None, fence=3)))
    assert driver.see(run_id).epoch == 2
    driver.complete(driver.in_flight.index(late))
    assert driver.see(run_id).epoch == 2, "what was on its way here does not count"
    driver.finish()
    assert [point.epoch for point in driver.see(run_id).history] == [0, 1, 2, 3]


def test_a_run_that_this_server_has_again_is_not_lost_by_an_older_refusal() -> None:
    driver = Driver()
    run_id = driver.submit()
    driver.tell(Restored(replace(driver.schedule.runs[run_id], attempt=None, fence=3)))
    assert driver.tell(Taken(run_id, fence=1)) == ()
    assert run_id in driver.schedule.runs
    driver.tell(Taken(run_id, fence=3))
    assert run_id not in driver.schedule.runs


def test_a_slice_that_was_not_answered_is_attempted_again_and_never_counts_as_a_death() -> None:
    driver = Driver()
    run_id = driver.submit()
    first = driver.in_flight[0]
    for _ in range(2 * Limits().attempts):
        driver.tell(SliceUnanswered(driver.in_flight.pop()))
    (again,) = driver.in_flight
    assert again.part == first.part
    assert again.number == first.number + 2 * Limits().attempts
    assert driver.see(run_id).state == RunState.WAITING


def test_a_slice_may_take_twenty_times_its_estimate_but_a_minute_at_least() -> None:
    driver = Driver()
    driver.submit()
    *_, submit = driver.complete(seconds=10.0)
    assert isinstance(submit, SubmitSlice)
    assert submit.patience == 60
    *_, submit = driver.complete(seconds=10.0)
    assert isinstance(submit, SubmitSlice)
    assert submit.patience == pytest.approx(200)


def test_a_slice_says_since_when_it_could_be_submitted() -> None:
    driver = Driver()
    driver.submit(hidden_layers=(8,))
    driver.submit(hidden_layers=(16,))
    driver.now = 7.0
    *_, submit = driver.complete()
    assert isinstance(submit, SubmitSlice)
    assert (submit.attempt.part.epoch, submit.ready_since) == (1, 7.0)


def test_a_run_pauses_where_what_it_goes_on_from_cannot_be_read_now() -> None:
    driver = Driver()
    run_id = driver.submit()
    driver.complete()
    driver.tell(SliceDelayed(driver.in_flight.pop()))
    assert driver.see(run_id).state == RunState.PAUSED
    driver.tell(Resumed(run_id))
    driver.finish()
    assert driver.see(run_id).state == RunState.FINISHED


def test_a_run_waits_for_its_visitor_where_xla_does_not_compile_as_before() -> None:
    former, driver = Driver(), Driver()
    run_id = former.submit()
    former.complete()
    former.complete(xla=True)
    driver.tell(Restored(replace(former.schedule.runs[run_id], attempt=None)))
    commands = driver.complete(xla=False)
    run = driver.see(run_id)
    assert (run.state, run.epoch) == (RunState.PAUSED, 1), "the slice does not count"
    assert [event.kind for event in run.events] == [EventKind.MOVED]
    assert not any(isinstance(command, KeepState | SaveEpoch) for command in commands)
    driver.tell(Resumed(run_id))
    while driver.in_flight:
        driver.complete(xla=False)
    assert driver.see(run_id).state == RunState.FINISHED
    assert [event.kind for event in driver.see(run_id).events] == [EventKind.MOVED]


def test_a_run_that_begins_again_takes_any_compiler() -> None:
    driver = Driver()
    run_id = driver.submit()
    driver.tell(Restored(replace(driver.schedule.runs[run_id], attempt=None).showing(xla=True)))
    driver.in_flight.pop(0)
    while driver.in_flight:
        driver.complete(xla=False)
    assert driver.see(run_id).state == RunState.FINISHED


def test_a_drained_server_keeps_what_every_unfinished_run_goes_on_from() -> None:
    driver = Driver()
    over, unfinished = driver.submit("ada", epochs=1), driver.submit("bob")
    driver.complete()
    driver.complete()
    driver.complete()
    assert driver.see(over).state == RunState.FINISHED
    driver.tell(EngineChanged(1, is_ready=False))
    driver.complete()
    assert driver.in_flight == []
    assert resting(driver.tell(Drained())) == [unfinished]


def resting(commands: tuple[Command, ...]) -> list[str]:
    return [command.run.id for command in commands if isinstance(command, Rest)]


def saved(commands: tuple[Command, ...]) -> list[RunState]:
    """The states of the runs that are to be kept, their epochs apart."""
    return [command.run.state for command in commands if isinstance(command, Save)]


# Time


def test_time_left_is_told_once_it_was_measured() -> None:
    driver = Driver()
    run_id = driver.submit()
    driver.now = 1.0
    driver.complete()
    assert driver.see(run_id).images_per_second is None
    assert driver.see(run_id).seconds_left is None
    driver.now = 3.0
    driver.complete(images=TINY.training_images, loss=1.0)
    assert driver.see(run_id).images_per_second == TINY.training_images / 2
    assert driver.see(run_id).seconds_left == 2 * 2
    driver.tell(Stopped(run_id))
    assert driver.see(run_id).seconds_left is None


def test_a_rest_does_not_count_as_slowness() -> None:
    driver = Driver()
    run_id = driver.submit()
    driver.complete()
    driver.complete()
    driver.tell(Paused(run_id))
    driver.complete()
    driver.now = 1000.0
    driver.tell(Resumed(run_id))
    driver.complete()
    assert driver.see(run_id).images_per_second is None


def test_the_measured_speed_follows_slowly() -> None:
    driver = Driver()
    driver.tell(EngineChanged(1, is_ready=True, speed=1e9))
    assert driver.schedule.speed == 1e9
    driver.submit()
    driver.complete()
    assert driver.schedule.speed == 1e9, "the untrained network is measured, not trained"
    driver.complete(seconds=driver.in_flight[0].flops / 3e9)
    assert driver.schedule.speed == pytest.approx(1.2e9)


def test_a_measured_speed_says_among_how_many_others_it_was() -> None:
    driver = Driver(workers=2)
    assert driver.schedule.crowd == Crowd(1, 0)
    for visitor in ("ada", "bob", "eve"):
        driver.submit(visitor, epochs=40)
    for _ in range(100):
        driver.complete()
    assert driver.schedule.crowd.busy == pytest.approx(2, rel=0.01)
    assert driver.schedule.crowd.at_work == pytest.approx(3, rel=0.01)


def test_runs_at_work_are_those_that_take_turns() -> None:
    driver = Driver()
    first = driver.submit("ada")
    driver.submit("ada")
    other = driver.submit("bob")
    assert driver.schedule.runs_at_work() == 2
    driver.tell(Stopped(first))
    driver.tell(Paused(other))
    assert driver.schedule.runs_at_work() == 1


# Other servers


def elsewhere(number: int, visitor: str = "ada", is_active: bool = True) -> RunElsewhere:
    return RunElsewhere(f"{visitor}'s {number} elsewhere", visitor, number, is_active)


def test_a_run_waits_for_one_with_a_smaller_number_at_another_server() -> None:
    driver = Driver()
    driver.tell(Submitted("second", TINY, "ada", 1, (elsewhere(1),)))
    assert driver.see("second").state == RunState.QUEUED
    assert driver.see("second").queue_position == 1
    driver.tell(OthersSeen((elsewhere(1, is_active=False), elsewhere(3), elsewhere(1, "bob"))))
    assert driver.see("second").state == RunState.WAITING
    driver.finish()
    assert driver.see("second").state == RunState.FINISHED


def test_a_run_gives_way_to_one_with_a_smaller_number_and_its_slice_in_flight_counts() -> None:
    driver = Driver()
    driver.tell(Submitted("second", TINY, "ada", 1))
    driver.complete()
    driver.tell(OthersSeen((elsewhere(1),)))
    assert driver.see("second").state == RunState.QUEUED
    driver.complete()
    assert driver.in_flight == []
    assert driver.see("second").epoch == 1
    driver.tell(OthersSeen())
    driver.finish()
    assert [attempt.part.epoch for attempt in driver.attempts] == [0, 1, 2, 3]


def test_a_run_that_gave_way_in_the_queue_is_submitted_once_when_its_turn_comes() -> None:
    driver = Driver()
    driver.submit("bob")
    driver.submit("bob's friend")
    driver.tell(Submitted("second", TINY, "ada", 1))
    driver.tell(OthersSeen((elsewhere(1),)))
    driver.complete()
    assert "second" not in {attempt.run_id for attempt in driver.attempts}
    driver.tell(OthersSeen())
    driver.finish()
    assert [attempt.part.epoch for attempt in driver.attempts if attempt.run_id == "second"] == [0, 1, 2, 3]


def test_while_one_run_waits_for_another_server_the_visitors_first_one_goes_on() -> None:
    """Else two servers could wait for each other."""
    driver = Driver()
    driver.tell(Submitted("first", TINY, "ada", 0))
    driver.tell(Submitted("third", TINY, "ada", 2))
    driver.tell(Paused("first"))
    assert driver.see("third").state.takes_turns
    driver.tell(Resumed("first"))
    driver.tell(OthersSeen((elsewhere(2),)))
    assert driver.see("first").state.takes_turns
    assert driver.see("third").state == RunState.QUEUED


def test_a_run_that_was_taken_over_from_elsewhere_is_not_waited_for_and_counts_once() -> None:
    driver = Driver(limits=Limits(open_runs_of_visitor=2))
    driver.tell(Submitted("here", TINY, "ada", 0))
    both = (RunElsewhere("here", "ada", 1, True),)
    driver.tell(Submitted("second", TINY, "ada", 1, both))
    driver.tell(OthersSeen(both))
    driver.tell(Stopped("here"))
    assert driver.see("second").state.takes_turns


def test_what_is_not_over_elsewhere_counts_for_the_visitor() -> None:
    driver = Driver(limits=Limits(open_runs_of_visitor=2))
    with pytest.raises(QuotaExceededError, match="2 unfinished"):
        driver.tell(Submitted("third", TINY, "ada", 2, (elsewhere(1), elsewhere(2, is_active=False))))
