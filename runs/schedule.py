"""All runs and queues at one moment: what the state machine changes, and what readers read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from model.config import TrainingConfig
from model.slices import Slice, flops
from runs.events import EngineChanged, OthersSeen
from runs.records import RunSnapshot
from runs.run import Run


@dataclass(frozen=True)
class Schedule:
    """Never changes; ``runs.machine.step`` makes the next one.

    ``runs``: those that are not over, and those of which not everything is kept yet, by id.
    ``waiting``: QUEUED runs; each follows the visitor's own runs before it.
    ``ready``: the next slices of runs that take turns, in the order in which they are submitted.
    ``in_flight``: numbers of the attempts that the engine works at, also for runs that were stopped since.
    ``attempts``: how many there were.
    ``speed``: what the engine does, in FLOP/s; ``None`` before any measurement.
    ``others``: what is at work at other servers.
    """

    runs: Mapping[str, Run] = field(default_factory=lambda: MappingProxyType({}))
    waiting: tuple[str, ...] = ()
    ready: Mapping[str, Slice] = field(default_factory=lambda: MappingProxyType({}))
    in_flight: frozenset[int] = frozenset()
    attempts: int = 0
    engine: EngineChanged = field(default_factory=EngineChanged)
    speed: float | None = None
    others: OthersSeen = field(default_factory=OthersSeen)

    def runs_of(self, visitor: str) -> list[RunSnapshot]:
        """This visitor's runs, the newest first."""
        own = [run.snapshot for run in self.runs.values() if run.visitor == visitor]
        return sorted(own, key=lambda run: run.number, reverse=True)

    def runs_at_work(self) -> int:
        """How many runs take turns, over all visitors."""
        return sum(run.state.takes_turns for run in self.runs.values())

    def flops_until_done(self, config: TrainingConfig, visitor: str, others: int = 0) -> float:
        """What the engine would compute until a run of ``visitor`` is over that is submitted now, and by so
        many ``others`` in the same moment.

        Turns are shared equally, so another visitor's run costs at most as much as the new one does; the
        visitor's own runs come first.
        """
        own = flops(config, config.epochs)
        before = others * own / self.engine.workers
        for run in self.runs.values():
            if run.visitor == visitor and run.state.is_active:
                before += run.flops_left()
            elif run.state.takes_turns:
                before += min(own, run.flops_left()) / self.engine.workers
        before += sum(min(own, left) for left in self.others.flops_left) / self.engine.workers
        return own + before
