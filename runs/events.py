"""What can happen to the runs: all that goes into the state machine."""

from dataclasses import dataclass

from model.config import TrainingConfig
from model.messages import Message
from model.slices import Progress, TrainingState
from runs.run import Attempt

# What visitors do.


@dataclass(frozen=True)
class Submitted:
    """A visitor wants a run of ``recipe``; no other run has, or had, this id."""

    run_id: str
    recipe: TrainingConfig
    visitor: str


@dataclass(frozen=True)
class Viewed:
    """Somebody looked at the run."""

    run_id: str


@dataclass(frozen=True)
class Paused:
    """No further slice shall be submitted; the one in flight still counts."""

    run_id: str


@dataclass(frozen=True)
class Resumed:
    """A paused run shall go on."""

    run_id: str


@dataclass(frozen=True)
class EpochRequested:
    """The run shall go on to the end of an epoch, and pause there."""

    run_id: str


@dataclass(frozen=True)
class Extended:
    """A finished or stopped run shall train ``epochs`` more than it has finished."""

    run_id: str
    epochs: int


@dataclass(frozen=True)
class RateChanged:
    """The learning rate shall be ``rate`` from the next slice on."""

    run_id: str
    rate: float


@dataclass(frozen=True)
class Stopped:
    """The run shall be over now; a slice in flight is dropped."""

    run_id: str


# What the engine does.


@dataclass(frozen=True)
class EngineChanged:
    """The engine has ``workers``, all of them warm where it ``is_ready``.

    ``speed`` in FLOP/s, as it measured itself; ``None`` before.
    """

    workers: int = 0
    is_ready: bool = False
    speed: float | None = None


@dataclass(frozen=True)
class EngineNeeded:
    """Somebody wants an engine that failed, or never gets ready, to be started again."""


@dataclass(frozen=True)
class SliceCompleted:
    """``attempt`` led to ``training``, which nothing here looks into."""

    attempt: Attempt
    training: TrainingState
    progress: Progress


@dataclass(frozen=True)
class SliceLost:
    """The worker died, so ``attempt`` says nothing about the run itself."""

    attempt: Attempt


@dataclass(frozen=True)
class SliceFailed:
    """``attempt`` can only fail, however often it is repeated."""

    attempt: Attempt
    problem: Message


Steering = Viewed | Paused | Resumed | EpochRequested | Extended | RateChanged | Stopped
SliceEnded = SliceCompleted | SliceLost | SliceFailed
Event = Submitted | Steering | EngineChanged | EngineNeeded | SliceEnded
