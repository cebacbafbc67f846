"""What has to be done about an event: all that comes out of the state machine beside the schedule."""

from dataclasses import dataclass

from model.slices import Slice, TrainingState
from runs.run import Attempt, Run


@dataclass(frozen=True)
class SubmitSlice:
    """Let the engine compute a slice; answered by one of ``runs.events.SliceEnded``.

    It is ``ready_since`` this moment, and given up after ``patience``, both in seconds."""

    attempt: Attempt
    ready_since: float
    patience: float


@dataclass(frozen=True)
class KeepState:
    """Hold what ``done`` has led to, and the run's next slice begins with."""

    run_id: str
    done: Slice
    training: TrainingState


@dataclass(frozen=True)
class SaveEpoch:
    """Keep the epoch that ``run`` has just finished: its point on the curves, its weights, and what the run
    goes on from, ``training``."""

    run: Run
    training: TrainingState


@dataclass(frozen=True)
class Save:
    """Keep what has happened to ``run``."""

    run: Run


@dataclass(frozen=True)
class Rest:
    """``run`` computes nothing for now: what it goes on from may leave the memory, but not get lost."""

    run: Run


@dataclass(frozen=True)
class Forget:
    """Nothing of the run is needed here any more; what is kept of it stays."""

    run_id: str


@dataclass(frozen=True)
class StartEngine:
    """Start the engine again, if it needs that."""


Command = SubmitSlice | KeepState | SaveEpoch | Save | Rest | Forget | StartEngine
