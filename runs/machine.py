"""The runner's rules as a pure state machine. Long, since every event has its rule here.

There is no thread, clock, engine or file in it.

- One run of a visitor takes turns at a time; the next one follows when it is over or paused. That holds over
  all servers: of a visitor's runs at several, those with the smallest numbers come first.
- A run has at most one slice in flight, and a finished slice puts its run at the back of the queue.
- The engine gets more slices than it has workers, so that none of them waits for the next one.
- A slice whose worker died is attempted again; a run that is over changes no more, unless it is extended.
- A slice that was compiled otherwise than those before does not count: the visitor decides how to go on.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import assert_never

from model.config import TrainingConfig
from model.messages import Message
from model.slices import Progress, Slice
from runs import commands, events, problems
from runs.limits import Limits
from runs.records import EventKind, RunSnapshot, RunState
from runs.run import Attempt, Run, diverged
from runs.schedule import Crowd, Schedule

# How much the last slice counts in the measured speed.
_SMOOTHING = 0.1


def step(
    schedule: Schedule, event: events.Event, now: float, limits: Limits
) -> tuple[Schedule, tuple[commands.Command, ...]]:
    """The schedule after ``event``, and what has to be done about it, in this order.

    ``now`` in seconds, of a clock that never goes back. Events that do not fit, or speak of a run that is
    not known (any more), change nothing.

    Raises:
        runs.problems.QuotaExceededError: the event asks for more than ``limits`` allow.
        model.config.ConfigError: it asks for a value out of range.
    """
    transition = _Transition(schedule, now, limits)
    transition.take(event)
    return transition.result()


class _Transition:
    """One step in the making: copies of the schedule's parts that may change, and the commands so far."""

    def __init__(self, schedule: Schedule, now: float, limits: Limits) -> None:
        self._now, self._limits = now, limits
        self._before = schedule.runs
        self._runs = dict(schedule.runs)
        self._waiting = list(schedule.waiting)
        self._ready = dict(schedule.ready)
        self._in_flight = set(schedule.in_flight)
        self._attempts = schedule.attempts
        self._engine = schedule.engine
        self._speed = schedule.speed
        self._crowd = schedule.crowd
        self._others = schedule.others
        self._commands: list[commands.Command] = []

    def take(self, event: events.Event) -> None:
        match event:
            case events.Submitted():
                self._submit(event)
            case events.EngineChanged():
                self._engine = event
                self._speed = self._speed or event.speed
            case events.EngineNeeded():
                self._commands.append(commands.StartEngine())
            case events.Restored():
                self._restore(event.run)
            case events.OthersSeen():
                self._others = event
                self._give_way()
            case events.Drained():
                unfinished = [run for run in self._runs.values() if not run.state.is_over]
                self._commands += [commands.Rest(run) for run in unfinished if run.attempt is None]
            case _ if isinstance(event, events.SliceEnded):
                self._receive(event)
            case _:
                if isinstance(event, events.Extended) and event.run and event.run_id not in self._runs:
                    self._restore(event.run)
                if run := self._runs.get(event.run_id):
                    self._steer(run, event)

    def result(self) -> tuple[Schedule, tuple[commands.Command, ...]]:
        self._admit()
        self._dispatch()
        self._count_queue()
        self._save()
        schedule = Schedule(
            runs=MappingProxyType(self._runs),
            waiting=tuple(self._waiting),
            ready=MappingProxyType(self._ready),
            in_flight=frozenset(self._in_flight),
            attempts=self._attempts,
            engine=self._engine,
            speed=self._speed,
            crowd=self._crowd,
            others=self._others,
        )
        return schedule, tuple(self._commands)

    # What visitors do

    def _submit(self, event: events.Submitted) -> None:
        self._check_quota(event.visitor, event.open_runs)
        numbers = [run.snapshot.number for run in self._runs.values() if run.visitor == event.visitor]
        number = max([event.number, *numbers]) + 1
        snapshot = RunSnapshot(event.run_id, number, event.recipe, event.recipe, RunState.QUEUED)
        self._enqueue(Run(event.visitor, snapshot, last_viewed=self._now))

    def _check_quota(self, visitor: str, open_runs: tuple[events.RunElsewhere, ...]) -> None:
        elsewhere = check_quota(self._runs, visitor, open_runs, self._limits)
        of_others = [run for run in self._others.runs if run.visitor != visitor]
        self._others = replace(self._others, runs=(*of_others, *elsewhere))

    def _steer(self, run: Run, event: events.Steering | events.Saved | events.Taken | events.Moved) -> None:
        match event:
            case events.Viewed():
                self._runs[run.id] = replace(run, last_viewed=self._now)
            case events.Paused():
                if run.state.is_active:
                    self._pause(run, EventKind.PAUSED)
            case events.Resumed():
                self._resume(run)
            case events.EpochRequested():
                self._train_one_epoch(run)
            case events.Extended():
                self._extend(run, event)
            case events.RateChanged():
                self._change_rate(run, event.rate)
            case events.Stopped():
                self._stop(run)
            case events.Renamed():
                self._runs[run.id] = run.showing(name=event.name)
            case events.Saved():
                if run.state.is_over:
                    self._forget(run)
            case events.Moved():
                if run.state.is_active:
                    self._pause(run, EventKind.MOVED)
            case events.Taken():
                if event.fence is None or run.fence <= event.fence:
                    self._forget(run)
            case _:
                assert_never(event)

    def _pause(self, run: Run, kind: EventKind) -> None:
        run = replace(run, pause_after=None).noting(kind, self._limits.max_events)
        self._leave(run.showing(state=RunState.PAUSED))

    def _resume(self, run: Run) -> None:
        if run.state == RunState.PAUSED:
            self._enqueue(run)

    def _train_one_epoch(self, run: Run) -> None:
        part = run.next_slice()
        if part is not None and not run.state.is_over:
            run = self._runs[run.id] = replace(run, pause_after=part.epoch)
            self._resume(run)

    def _extend(self, run: Run, event: events.Extended) -> None:
        total = run.snapshot.epoch + event.epochs
        config = run.snapshot.config.with_changes(epochs=total)
        if run.state in {RunState.FINISHED, RunState.STOPPED}:
            self._check_quota(run.visitor, event.open_runs)
            run = run.noting(EventKind.EPOCHS, self._limits.max_events, total)
            self._enqueue(run.showing(config=config))

    def _change_rate(self, run: Run, rate: float) -> None:
        config = with_rate(run.snapshot, rate, self._limits)
        if not run.state.is_over and config != run.snapshot.config:
            run = run.noting(EventKind.LEARNING_RATE, self._limits.max_events, rate)
            self._runs[run.id] = run.showing(config=config)

    def _stop(self, run: Run) -> None:
        if not run.state.is_over:
            run = replace(run, attempt=None).noting(EventKind.STOPPED, self._limits.max_events)
            self._end(run, RunState.STOPPED)

    # What the engine does

    def _receive(self, event: events.SliceEnded) -> None:
        attempt = event.attempt
        self._in_flight.discard(attempt.number)
        run = self._runs.get(attempt.run_id)
        if run is None or run.attempt != attempt:
            return  # Stopped or forgotten meanwhile: nobody awaits this result.
        run = replace(run, attempt=None)
        match event:
            case events.SliceCompleted():
                self._complete(run, event)
            case events.SliceLost():
                self._try_again(replace(run, failures=run.failures + 1))
            case events.SliceUnanswered():
                self._go_on(run)
            case events.SliceFailed():
                self._end(run, RunState.FAILED, event.problem)
            case events.SliceDelayed():
                self._pause(run, EventKind.PAUSED)
            case _:
                assert_never(event)

    def _complete(self, run: Run, event: events.SliceCompleted) -> None:
        attempt, training, progress = event.attempt, event.training, event.progress
        part = attempt.part
        if run.is_elsewhere(progress):
            self._pause(run.showing(xla=progress.xla), EventKind.MOVED)
            return
        if diverged(progress):
            problem = problems.loss_diverged(attempt.config, part)
            self._end(run.showing(diverged=True), RunState.FAILED, problem)
            return
        self._measure_speed(attempt, progress)
        self._commands.append(commands.KeepState(run.id, part, training))
        run = run.advanced(part, progress, self._now)
        if part.ends_epoch:
            self._commands.append(commands.SaveEpoch(run, training))
        if run.state.is_active and run.next_slice() and (reason := self._reason_to_pause(run, part)):
            self._pause(run, reason)
        else:
            self._go_on(run)

    def _reason_to_pause(self, run: Run, part: Slice) -> EventKind | None:
        if part.ends_epoch and part.epoch == run.pause_after:
            return EventKind.PAUSED
        unwatched = self._now - run.last_viewed > self._limits.unwatched_seconds
        return EventKind.UNWATCHED if unwatched else None

    def _try_again(self, run: Run) -> None:
        if run.failures >= self._limits.attempts:
            self._end(run, RunState.FAILED, problems.worker_died(run.failures))
        else:
            self._go_on(run)

    def _measure_speed(self, attempt: Attempt, progress: Progress) -> None:
        if attempt.part.steps and progress.seconds:
            speed = attempt.flops / progress.seconds
            self._speed = _smooth(self._speed or speed, speed)
            # This slice, which has just left them, counts as well.
            busy = min(len(self._in_flight) + 1, self._engine.workers)
            at_work = sum(run.state.takes_turns for run in self._runs.values())
            self._crowd = Crowd(_smooth(self._crowd.busy, busy), _smooth(self._crowd.at_work, at_work))

    # Queues

    def _enqueue(self, run: Run) -> None:
        """Put a run behind the visitor's others."""
        self._runs[run.id] = run.showing(state=RunState.QUEUED)
        self._waiting.append(run.id)

    def _admit(self) -> None:
        """Let the next run of every visitor take turns of whom no other one does."""
        if not self._waiting:
            return
        busy = {run.visitor for run in self._runs.values() if run.state.takes_turns}
        for run_id in tuple(self._waiting):
            run = self._runs[run_id]
            if run.visitor not in busy and not self._is_behind_another(run):
                busy.add(run.visitor)
                self._waiting.remove(run_id)
                run = self._runs[run_id] = run.beginning(self._now)
                if run.attempt is None:
                    self._go_on(run)

    def _is_behind_another(self, run: Run) -> bool:
        """Whether a run of the visitor at another server comes first."""
        place = (run.snapshot.number, run.id)
        return any(
            other.visitor == run.visitor
            and other.is_active
            and other.run_id not in self._runs
            and (other.number, other.run_id) < place
            for other in self._others.runs
        )

    def _give_way(self) -> None:
        """Let no run take turns that another server's comes before; a slice in flight still counts."""
        for run in list(self._runs.values()):
            if run.state.takes_turns and self._is_behind_another(run):
                self._runs[run.id] = run.showing(state=RunState.QUEUED)
                self._ready.pop(run.id, None)
                self._waiting.insert(0, run.id)

    def _go_on(self, run: Run) -> None:
        """No slice of the run is in flight: at the back of the queue with the next one."""
        self._runs[run.id] = run
        part = run.next_slice()
        if part is None:
            self._end(run, RunState.FINISHED)
        elif run.state.takes_turns:
            self._runs[run.id] = replace(run, ready_since=self._now)
            self._ready[run.id] = part
        elif run.state == RunState.PAUSED:
            self._commands.append(commands.Rest(run))

    def _dispatch(self) -> None:
        """Keep every worker busy and one slice waiting; the rest of the queue stays here."""
        while self._engine.is_ready and self._ready and len(self._in_flight) < self._room():
            run = self._runs[next(iter(self._ready))]
            part = self._ready.pop(run.id)
            self._attempts += 1
            attempt = Attempt(self._attempts, run.id, part, run.config_for(part))
            self._runs[run.id] = replace(run, attempt=attempt)
            self._in_flight.add(attempt.number)
            self._commands.append(commands.SubmitSlice(attempt, run.ready_since, self._patience(attempt)))

    def _patience(self, attempt: Attempt) -> float:
        """Seconds after which a slice is given up."""
        estimate = attempt.flops / self._speed if self._speed else 0
        return max(self._limits.least_patience, self._limits.patience * estimate)

    def _room(self) -> int:
        """How many slices may be in flight. One that waits behind a deadly slice dies with it, so none waits
        while one is suspected."""
        suspected = any(run.failures and run.state.takes_turns for run in self._runs.values())
        return self._engine.workers + (0 if suspected else self._engine.waiting)

    def _leave(self, run: Run) -> None:
        """Take a run out of all queues."""
        self._runs[run.id] = run.showing(seconds_left=None, queue_position=0)
        self._ready.pop(run.id, None)
        if run.id in self._waiting:
            self._waiting.remove(run.id)
        if run.attempt is None:
            self._commands.append(commands.Rest(self._runs[run.id]))

    def _end(self, run: Run, state: RunState, problem: Message | None = None) -> None:
        self._leave(run.showing(state=state, problem=problem))

    # What the storage does

    def _restore(self, run: Run) -> None:
        """What was kept counts: another server may have gone on with a run that was at work here."""
        if run.id in self._runs:
            self._leave(replace(self._runs[run.id], attempt=None))
        self._runs[run.id] = run = replace(run, last_viewed=self._now)
        if run.state.is_active:
            self._enqueue(run)

    def _forget(self, run: Run) -> None:
        self._leave(replace(run, attempt=None))
        del self._runs[run.id]
        self._commands = [command for command in self._commands if not isinstance(command, commands.Rest)]
        self._commands.append(commands.Forget(run.id))

    def _save(self) -> None:
        """Keep what has changed of the runs, their epochs apart."""
        for run in self._runs.values():
            before = self._before.get(run.id)
            if before is not run and (before is None or _lasting(before) != _lasting(run)):
                self._commands.append(commands.Save(run))

    def _count_queue(self) -> None:
        """Tell every queued run how many of the visitor's own are in front of it."""
        counts: Counter[str] = Counter()
        for run_id in self._waiting:
            run = self._runs[run_id]
            counts[run.visitor] += 1
            if run.snapshot.queue_position != counts[run.visitor]:
                self._runs[run_id] = run.showing(queue_position=counts[run.visitor])


def _smooth(before: float, now: float) -> float:
    return (1 - _SMOOTHING) * before + _SMOOTHING * now


def check_quota(
    runs: Mapping[str, Run], visitor: str, open_runs: Iterable[events.RunElsewhere], limits: Limits
) -> tuple[events.RunElsewhere, ...]:
    """Whether a visitor may have one more run that is not over, beside the ``runs`` here; those among
    ``open_runs``, as they are kept, that are elsewhere.

    Raises:
        runs.problems.QuotaExceededError: there are too many already.
    """
    elsewhere = tuple(run for run in open_runs if run.run_id not in runs)
    here = sum(run.visitor == visitor and not run.state.is_over for run in runs.values())
    if len(elsewhere) + here >= limits.open_runs_of_visitor:
        raise problems.too_many_runs(len(elsewhere) + here)
    return elsewhere


def with_rate(run: RunSnapshot, rate: float, limits: Limits) -> TrainingConfig:
    """The configuration of a run once its learning rate is changed.

    Raises:
        runs.problems.QuotaExceededError: the run was changed too often.
        model.config.ConfigError: a rate out of range.
    """
    config = run.config.with_changes(learning_rate=rate)
    if len(run.events) >= limits.max_events:
        raise problems.changed_too_often()
    return config


def _lasting(run: Run) -> tuple[object, ...]:
    """What is kept of a run beside its epochs. That it waits or computes follows from the others' turns."""
    state = "active" if run.state.is_active else run.state
    return state, run.snapshot.events, run.snapshot.problem, run.snapshot.diverged, run.snapshot.name
