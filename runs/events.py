"""What can happen to the runs: all that goes into the state machine."""

from dataclasses import dataclass

from model.config import TrainingConfig
from model.messages import Message
from model.slices import Progress, TrainingState
from runs.run import Attempt, Run


@dataclass(frozen=True)
class RunElsewhere:
    """What has to be known here of a visitor's run at another server, which is not over."""

    run_id: str
    visitor: str
    number: int
    is_active: bool


# What visitors do.


@dataclass(frozen=True)
class Submitted:
    """A visitor wants a run of ``recipe``; no other run has, or had, this id. ``number``: how many runs the
    visitor has had before, as far as they are not at work any more. ``open_runs``: those that are not over
    as they are kept, at whatever server."""

    run_id: str
    recipe: TrainingConfig
    visitor: str
    number: int = 0
    open_runs: tuple[RunElsewhere, ...] = ()


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
    """A finished or stopped run shall train ``epochs`` more than it has finished. ``run`` is what was kept of
    it, where it is not at work; ``open_runs`` as in ``Submitted``."""

    run_id: str
    epochs: int
    run: Run | None = None
    open_runs: tuple[RunElsewhere, ...] = ()


@dataclass(frozen=True)
class RateChanged:
    """The learning rate shall be ``rate`` from the next slice on."""

    run_id: str
    rate: float


@dataclass(frozen=True)
class Stopped:
    """The run shall be over now; a slice in flight is dropped."""

    run_id: str


@dataclass(frozen=True)
class Renamed:
    """The visitor calls the run ``name``, or no longer anything."""

    run_id: str
    name: str | None


# What the engine does.


@dataclass(frozen=True)
class EngineChanged:
    """The engine has ``workers``, all of them warm where it ``is_ready``.

    ``speed`` in FLOP/s, as it measured itself; ``None`` before. Beside the slices at work so many may be
    ``waiting`` in it.
    """

    workers: int = 0
    is_ready: bool = False
    speed: float | None = None
    waiting: int = 1


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
class SliceUnanswered:
    """The engine could not be reached (any more): it says nothing about ``attempt`` or its worker."""

    attempt: Attempt


@dataclass(frozen=True)
class SliceFailed:
    """``attempt`` can only fail, however often it is repeated."""

    attempt: Attempt
    problem: Message


@dataclass(frozen=True)
class SliceDelayed:
    """``attempt`` could not begin, since what it begins with cannot be read just now."""

    attempt: Attempt


# What the storage does.


@dataclass(frozen=True)
class Restored:
    """A run is this server's, as it was kept. It goes on if it is active, and else waits for its visitor."""

    run: Run


@dataclass(frozen=True)
class Saved:
    """Everything of a run is kept: where it is over, nobody needs it here any more."""

    run_id: str


@dataclass(frozen=True)
class OthersSeen:
    """What is at work at other servers: the ``runs`` of visitors who have some here, too; and for each run
    that takes turns in the same workers how many floating-point operations it has left."""

    runs: tuple[RunElsewhere, ...] = ()
    flops_left: tuple[float, ...] = ()


@dataclass(frozen=True)
class Drained:
    """Nothing is computed any more: what each run goes on from is to be kept."""


@dataclass(frozen=True)
class Taken:
    """Another server has the run now, and whoever had it with this ``fence`` has not; or, without one, its
    visitor deleted it."""

    run_id: str
    fence: int | None = None


@dataclass(frozen=True)
class Moved:
    """What the run was computed with before it was left differs from what computes here."""

    run_id: str


# What reaches a run at another server, too.
Order = Viewed | Paused | Resumed | EpochRequested | RateChanged | Stopped | Renamed
Steering = Order | Extended
SliceEnded = SliceCompleted | SliceLost | SliceUnanswered | SliceFailed | SliceDelayed
Kept = Restored | Saved | Drained | Taken | Moved | OthersSeen
Event = Submitted | Steering | EngineChanged | EngineNeeded | SliceEnded | Kept
