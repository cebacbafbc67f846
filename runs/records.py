"""What a reader sees of a run: frozen, and free of TensorFlow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from model.config import TrainingConfig
from model.early_stopping import kept_epoch
from model.messages import Message
from model.slices import EpochMetrics, Score, Slice


class RunState(StrEnum):
    """QUEUED behind the visitor's other run, WAITING for the first slice, RUNNING, PAUSED; then over
    in one of three ways."""

    QUEUED = "queued"
    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def is_over(self) -> bool:
        """Nothing more happens to the run by itself; a visitor may still go on with it."""
        return self in {RunState.FINISHED, RunState.STOPPED, RunState.FAILED}

    @property
    def takes_turns(self) -> bool:
        """Its slices are computed, or it waits for the first one."""
        return self in {RunState.WAITING, RunState.RUNNING}

    @property
    def is_active(self) -> bool:
        """It takes turns, or will by itself."""
        return self.takes_turns or self == RunState.QUEUED


class EventKind(StrEnum):
    """What happened to a run on its way. INTERRUPTED: the server ended, and the next one went on from the
    epoch before. MOVED: it was computed with other versions or on another processor so far, and pauses;
    if its visitor lets it go on, its last bits may differ."""

    LEARNING_RATE = "learning_rate"
    EPOCHS = "epochs"
    PAUSED = "paused"
    UNWATCHED = "unwatched"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    MOVED = "moved"

    @property
    def changes_training(self) -> bool:
        """What a run needs to be repeated; the others only say when it rested."""
        return self in {EventKind.LEARNING_RATE, EventKind.EPOCHS}


@dataclass(frozen=True)
class RunEvent:
    """Something that holds from ``step`` of ``epoch`` on; ``value`` is the new learning rate or the
    new number of epochs."""

    kind: EventKind
    epoch: int
    step: int
    value: float = 0.0

    def position(self, config: TrainingConfig) -> float:
        """Where it stands on a curve, in epochs."""
        return max(0.0, self.epoch - 1 + self.step / config.steps_per_epoch)


def config_at(recipe: TrainingConfig, events: Sequence[RunEvent], part: Slice) -> TrainingConfig:
    """The configuration of one slice: ``recipe`` with the changes that hold there. Together with the
    recipe the events repeat the run."""
    rates = [
        event.value
        for event in events
        if event.kind == EventKind.LEARNING_RATE
        and (event.epoch, event.step) <= (part.epoch, part.first_step)
    ]
    return recipe.with_changes(learning_rate=rates[-1]) if rates else recipe


@dataclass(frozen=True)
class PartialEpoch:
    """The training mean so far in an unfinished epoch; ``position`` in epochs, such as 3.5."""

    position: float
    training: Score


@dataclass(frozen=True)
class RunSnapshot:
    """A run at one moment.

    ``recipe`` is what it was submitted with, ``config`` the same with all ``events`` so far.
    ``queue_position`` counts the visitor's own runs in front of a queued one. ``seconds_left`` and
    ``images_per_second`` are ``None`` until measured. ``xla`` says what compiled the training, which decides
    its last bits. ``problem`` says why it FAILED; ``diverged`` that its loss did. ``name``
    is what its visitor calls it.
    """

    id: str
    number: int
    recipe: TrainingConfig
    config: TrainingConfig
    state: RunState
    history: tuple[EpochMetrics, ...] = ()
    partial: PartialEpoch | None = None
    events: tuple[RunEvent, ...] = ()
    queue_position: int = 0
    images_per_second: float | None = None
    seconds_left: float | None = None
    xla: bool | None = None
    problem: Message | None = None
    diverged: bool = False
    name: str | None = None

    @property
    def epoch(self) -> int:
        """The last finished epoch; 0 before the first."""
        return self.history[-1].epoch if self.history else 0

    @property
    def kept_epoch(self) -> int:
        """The epoch that the run is shown and used with: once it is over, that which its recipe keeps."""
        return kept_epoch(self.config, self.history) if self.state.is_over else self.epoch

    @property
    def keeps_recipe(self) -> bool:
        """Whether its end will tell what its recipe does: it has not failed, was not stopped, and nobody
        changed it on its way."""
        is_cut = self.state in {RunState.FAILED, RunState.STOPPED}
        return not is_cut and not any(event.kind.changes_training for event in self.events)

    @property
    def position(self) -> float:
        """How far the run is, in epochs."""
        return self.partial.position if self.partial else float(self.epoch)
