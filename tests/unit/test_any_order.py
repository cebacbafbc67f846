"""What the runner's state machine keeps to, whatever happens in whatever order."""

import math
from collections.abc import Callable
from contextlib import suppress

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from runs.commands import Command, Forget, KeepState, SaveEpoch, StartEngine, SubmitSlice
from runs.events import (
    EngineChanged,
    EpochRequested,
    Event,
    Extended,
    Paused,
    RateChanged,
    Resumed,
    Saved,
    SliceCompleted,
    SliceFailed,
    SliceLost,
    Steering,
    Stopped,
    Taken,
    Viewed,
)
from runs.limits import Limits
from runs.problems import QuotaExceededError
from runs.run import diverged
from runs.schedule import Schedule
from testing.driver import Driver

LIMITS = Limits(open_runs_of_visitor=3, max_events=6, unwatched_seconds=10)
STEERING: list[Callable[[str], Steering]] = [
    Viewed,
    Paused,
    Resumed,
    EpochRequested,
    Stopped,
    lambda run_id: Extended(run_id, 2),
    lambda run_id: RateChanged(run_id, 0.5),
    lambda run_id: RateChanged(run_id, 0.25),
]


class WatchedDriver(Driver):
    """Looks at every step."""

    def tell(self, event: Event) -> tuple[Command, ...]:
        before, copy = self.schedule, _copy(self.schedule)
        commands = super().tell(event)
        after = self.schedule
        assert _copy(before) == copy, "the old schedule stays as it was"
        _check_queues(after, self)
        _check_commands(before, after, event, commands)
        _check_fairness(before, after, commands)
        for run_id, run in before.runs.items():
            if run.state.is_over and run_id in after.runs and not isinstance(event, Extended):
                assert after.runs[run_id].snapshot is run.snapshot, "a run that is over never changes"
            if run.attempt and run_id in after.runs and after.runs[run_id].attempt != run.attempt:
                ended = isinstance(event, SliceCompleted | SliceLost | SliceFailed) and event.attempt
                assert ended == run.attempt or event == Stopped(run_id), "a slice on its way is awaited"
            if run_id not in after.runs:
                assert event == Taken(run_id) or (event == Saved(run_id) and run.state.is_over), (
                    "nobody else goes"
                )
        return commands


def _copy(schedule: Schedule) -> tuple[object, ...]:
    return (
        dict(schedule.runs),
        schedule.waiting,
        list(schedule.ready.items()),
        schedule.in_flight,
    )


def _check_queues(schedule: Schedule, driver: Driver) -> None:
    runs = schedule.runs.values()
    at_work = [run.visitor for run in runs if run.state.takes_turns]
    assert len(at_work) == len(set(at_work)), "one run of a visitor takes turns"
    active = {run.id for run in runs if run.state.is_active}
    awaited = {run.attempt.number: run.id for run in runs if run.attempt}
    assert schedule.in_flight == {attempt.number for attempt in driver.in_flight}
    assert awaited.keys() <= schedule.in_flight
    assert not schedule.ready.keys() & set(awaited.values()), "no run has two slices on their way"
    for run_id in active:
        ways = [run_id in schedule.waiting, run_id in schedule.ready, run_id in awaited.values()]
        assert any(ways), "no run that goes on by itself is lost"
    assert schedule.ready.keys() | set(schedule.waiting) <= active
    for run in runs:
        own = [other for other in schedule.waiting if schedule.runs[other].visitor == run.visitor]
        assert run.snapshot.queue_position == (own.index(run.id) + 1 if run.id in own else 0)
        assert len(run.snapshot.events) <= LIMITS.max_events + 3
        history = [metrics.epoch for metrics in run.snapshot.history]
        assert history == list(range(len(history)))


def _check_commands(before: Schedule, after: Schedule, event: Event, commands: tuple[Command, ...]) -> None:
    submitted = [command.attempt for command in commands if isinstance(command, SubmitSlice)]
    if submitted:
        assert after.engine.is_ready
        suspected = any(run.failures and run.state.takes_turns for run in after.runs.values())
        assert len(after.in_flight) <= after.engine.workers + (not suspected), "nobody waits behind a suspect"
    for command in commands:
        if isinstance(command, SubmitSlice):
            assert after.runs[command.attempt.run_id].attempt == command.attempt
        elif isinstance(command, KeepState | Forget):
            assert command.run_id in before.runs.keys() | after.runs.keys()
        elif not isinstance(command, StartEngine):
            assert command.run.id in after.runs
    if isinstance(event, SliceLost) and (run := before.runs.get(event.attempt.run_id)):
        counted = run.attempt == event.attempt
        later = after.runs.get(run.id)
        assert later is None or later.failures == run.failures + counted, "every lost slice counts"
    if isinstance(event, SliceCompleted):
        run = before.runs.get(event.attempt.run_id)
        counts = run is not None and run.attempt == event.attempt and not diverged(event.progress)
        assert any(isinstance(command, KeepState) for command in commands) == counts
        saves = counts and event.attempt.part.ends_epoch
        assert any(isinstance(command, SaveEpoch) for command in commands) == saves


def _check_fairness(before: Schedule, after: Schedule, commands: tuple[Command, ...]) -> None:
    """First come, first served: nobody overtakes a run that was ready already."""
    left = [run_id for run_id in before.ready if run_id in after.ready]
    assert list(after.ready)[: len(left)] == left
    submitted = [command.attempt.run_id for command in commands if isinstance(command, SubmitSlice)]
    first = [run_id for run_id in before.ready if run_id in submitted]
    assert submitted[: len(first)] == first
    if left:
        assert set(submitted) <= before.ready.keys(), "who came later waits"
    if after.ready and after.engine.is_ready:
        assert len(after.in_flight) >= after.engine.workers, "no worker is idle while a run is ready"


class AnyOrder(RuleBasedStateMachine):
    """Three visitors, one to three workers, and every event in any order."""

    @initialize(workers=st.integers(1, 3))
    def begin(self, workers: int) -> None:
        self.workers = workers
        self.driver = WatchedDriver(workers, limits=LIMITS)

    @rule(visitor=st.sampled_from(["ada", "bob", "eve"]), epochs=st.integers(1, 3))
    def submit(self, visitor: str, epochs: int) -> None:
        runs = [run for run in self.driver.schedule.runs.values() if run.visitor == visitor]
        has_room = sum(not run.state.is_over for run in runs) < LIMITS.open_runs_of_visitor
        before = len(self.driver.schedule.runs)
        with suppress(QuotaExceededError):
            self.driver.submit(visitor, epochs=epochs)
        assert len(self.driver.schedule.runs) == before + has_room

    @precondition(lambda self: self.driver.schedule.runs)
    @rule(data=st.data(), event=st.sampled_from(STEERING))
    def steer(self, data: st.DataObject, event: Callable[[str], Steering]) -> None:
        run_id = data.draw(st.sampled_from(["nobody's", *self.driver.schedule.runs]))
        with suppress(QuotaExceededError):
            self.driver.tell(event(run_id))

    @precondition(lambda self: self.driver.schedule.runs)
    @rule(data=st.data(), event=st.sampled_from([Saved, Saved, Taken]))
    def hear_of_the_storage(self, data: st.DataObject, event: Callable[[str], Event]) -> None:
        self.driver.tell(event(data.draw(st.sampled_from(["nobody's", *self.driver.schedule.runs]))))

    @rule(is_ready=st.booleans())
    def change_the_engine(self, is_ready: bool) -> None:
        self.driver.tell(EngineChanged(self.workers, is_ready))

    @rule(seconds=st.sampled_from([0.2, 11.0]))
    def let_time_pass(self, seconds: float) -> None:
        self.driver.now += seconds

    @precondition(lambda self: self.driver.in_flight)
    @rule(data=st.data(), loss=st.sampled_from([20.0, 20.0, 20.0, math.nan]))
    def complete(self, data: st.DataObject, loss: float) -> None:
        self.driver.complete(self._index(data), loss=loss)

    @precondition(lambda self: self.driver.in_flight)
    @rule(data=st.data())
    def lose(self, data: st.DataObject) -> None:
        self.driver.lose(self._index(data))

    @precondition(lambda self: self.driver.in_flight)
    @rule(data=st.data())
    def fail(self, data: st.DataObject) -> None:
        self.driver.fail(self._index(data))

    def _index(self, data: st.DataObject) -> int:
        return data.draw(st.integers(0, len(self.driver.in_flight) - 1))

    def teardown(self) -> None:
        """However it came: when all go on, all come to their end."""
        if not hasattr(self, "driver"):
            return
        self.driver.tell(EngineChanged(self.workers, is_ready=True))
        while unfinished := [run for run in self.driver.schedule.runs.values() if not run.state.is_over]:
            for run in unfinished:
                self.driver.tell(Resumed(run.id))
            assert self.driver.in_flight
            self.driver.finish()


AnyOrder.TestCase.settings = settings(deadline=None, max_examples=150, stateful_step_count=60)
test_any_order_of_events_keeps_the_rules = AnyOrder.TestCase
