"""The runner's state machine with visitors, engine and clock in the hands of a test."""

from dataclasses import replace
from typing import Any

from model.config import TrainingConfig
from model.messages import Message
from model.slices import TrainingState
from runs.commands import Command, SubmitSlice
from runs.events import EngineChanged, Event, SliceCompleted, SliceFailed, SliceLost, Submitted
from runs.limits import Limits
from runs.machine import step
from runs.records import RunSnapshot
from runs.run import Attempt
from runs.schedule import Schedule
from testing.engines import TINY, learn


class Driver:
    """``attempts`` are all that were ever submitted, ``in_flight`` those that wait for the test."""

    def __init__(self, workers: int = 1, is_ready: bool = True, limits: Limits | None = None) -> None:
        self.schedule = Schedule()
        self.limits = limits or Limits()
        self.now = 0.0
        self.attempts: list[Attempt] = []
        self.in_flight: list[Attempt] = []
        self._submitted = 0
        self.tell(EngineChanged(workers, is_ready))

    def tell(self, event: Event) -> tuple[Command, ...]:
        self.schedule, commands = step(self.schedule, event, self.now, self.limits)
        submitted = [command.attempt for command in commands if isinstance(command, SubmitSlice)]
        self.attempts += submitted
        self.in_flight += submitted
        return commands

    def submit(self, visitor: str = "ada", recipe: TrainingConfig = TINY, **fields: Any) -> str:
        """The id of a new run of ``recipe`` with other ``fields``."""
        self._submitted += 1
        run_id = f"{visitor}'s, submission {self._submitted}"
        self.tell(Submitted(run_id, recipe.with_changes(**fields), visitor))
        return run_id

    def see(self, run_id: str) -> RunSnapshot:
        return self.schedule.runs[run_id].snapshot

    def complete(self, index: int = 0, **progress: Any) -> tuple[Command, ...]:
        """An attempt in flight is done, by default the oldest, with other values in its ``progress``."""
        attempt = self.in_flight.pop(index)
        after, measured = learn(attempt.config, TrainingState(()), attempt.part)
        return self.tell(SliceCompleted(attempt, after, replace(measured, **progress)))

    def lose(self, index: int = 0) -> tuple[Command, ...]:
        return self.tell(SliceLost(self.in_flight.pop(index)))

    def fail(self, index: int = 0) -> tuple[Command, ...]:
        return self.tell(SliceFailed(self.in_flight.pop(index), Message("broken")))

    def finish(self) -> None:
        """Complete slices until none is left."""
        while self.in_flight:
            self.complete()
