"""All runs and queues at one moment: what the state machine changes, and what readers read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from model.slices import Slice
from runs.events import EngineChanged, OthersSeen
from runs.records import RunSnapshot
from runs.run import Run


@dataclass(frozen=True)
class Crowd:
    """How many workers were ``busy``, and how many runs ``at_work``, while a speed was measured; means, as it
    is one."""

    busy: float = 1.0
    at_work: float = 0.0


@dataclass(frozen=True)
class Schedule:
    """Never changes; ``runs.machine.step`` makes the next one.

    ``runs``: those that are not over, and those of which not everything is kept yet, by id.
    ``waiting``: QUEUED runs; each follows the visitor's own runs before it.
    ``ready``: the next slices of runs that take turns, in the order in which they are submitted.
    ``in_flight``: numbers of the attempts that the engine works at, also for runs that were stopped since.
    ``attempts``: how many there were.
    ``speed``: what a worker does, in FLOP/s; ``None`` before any measurement.
    ``crowd``: among how many others, since they share the cores.
    ``others``: what is at work at other servers.
    """

    runs: Mapping[str, Run] = field(default_factory=lambda: MappingProxyType({}))
    waiting: tuple[str, ...] = ()
    ready: Mapping[str, Slice] = field(default_factory=lambda: MappingProxyType({}))
    in_flight: frozenset[int] = frozenset()
    attempts: int = 0
    engine: EngineChanged = field(default_factory=EngineChanged)
    speed: float | None = None
    crowd: Crowd = field(default_factory=Crowd)
    others: OthersSeen = field(default_factory=OthersSeen)

    def runs_of(self, visitor: str) -> list[RunSnapshot]:
        """This visitor's runs, the newest first."""
        own = [run.snapshot for run in self.runs.values() if run.visitor == visitor]
        return sorted(own, key=lambda run: run.number, reverse=True)

    def runs_at_work(self) -> int:
        """How many runs take turns, over all visitors."""
        return sum(run.state.takes_turns for run in self.runs.values())
