"""What a reader sees of a run: frozen, and free of TensorFlow."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from model.config import TrainingConfig
from model.messages import Message
from model.slices import Arrays, EpochMetrics, Score


class RunState(StrEnum):
    """The life of a run: WAITING for its first slice, RUNNING, then over in one of three ways."""

    WAITING = "waiting"
    RUNNING = "running"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def is_over(self) -> bool:
        return self in {RunState.FINISHED, RunState.STOPPED, RunState.FAILED}


@dataclass(frozen=True)
class PartialEpoch:
    """The training mean so far in an unfinished epoch; ``position`` in epochs, such as 3.5."""

    position: float
    training: Score


@dataclass(frozen=True)
class RunSnapshot:
    """A run at one moment. ``weights`` are those after the last epoch in ``history``, or the first
    weights before that; ``seconds_left`` and ``images_per_second`` are ``None`` until measured."""

    id: str
    number: int
    config: TrainingConfig
    state: RunState
    weights: Arrays
    history: tuple[EpochMetrics, ...] = ()
    partial: PartialEpoch | None = None
    images_per_second: float | None = None
    seconds_left: float | None = None
    xla: bool | None = None
    problem: Message | None = None

    @property
    def epoch(self) -> int:
        """The last finished epoch; 0 before the first."""
        return self.history[-1].epoch if self.history else 0

    @property
    def position(self) -> float:
        """How far the run is, in epochs."""
        return self.partial.position if self.partial else float(self.epoch)
