"""What has to be done about an event: all that comes out of the state machine beside the schedule."""

from dataclasses import dataclass

from model.slices import Arrays, TrainingState
from runs.run import Attempt


@dataclass(frozen=True)
class SubmitSlice:
    """Let the engine compute a slice; answered by one of ``runs.events.SliceEnded``."""

    attempt: Attempt


@dataclass(frozen=True)
class KeepState:
    """Hold what the run's next slice begins with."""

    run_id: str
    training: TrainingState


@dataclass(frozen=True)
class SaveWeights:
    """Keep the weights after ``epoch`` for readers, and those after the ``best`` one whatever else goes."""

    run_id: str
    epoch: int
    weights: Arrays
    best: int


@dataclass(frozen=True)
class Rest:
    """The run computes nothing for now: its state may leave the memory, but not get lost."""

    run_id: str


@dataclass(frozen=True)
class Forget:
    """Delete all that is kept of the run."""

    run_id: str


@dataclass(frozen=True)
class StartEngine:
    """Start the engine again, if it needs that."""


Command = SubmitSlice | KeepState | SaveWeights | Rest | Forget | StartEngine
