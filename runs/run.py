"""One run as the runner sees it: what is known of it, and what its next slice is."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from model.config import TrainingConfig
from model.early_stopping import stops_early
from model.slices import EpochMetrics, Progress, Slice, flops_of_turn, mean_score, next_slice, turns
from runs.records import EventKind, PartialEpoch, RunEvent, RunSnapshot, RunState, config_at

# A mean cross-entropy above this has diverged: guessing costs ln 10 = 2.3.
MAX_LOSS = 1e3
# Slices over which the speed is averaged.
_SPEED_WINDOW = 20


@dataclass(frozen=True)
class Attempt:
    """One try to compute ``part`` of a run with ``config``. No two share a ``number``, so that a late
    result is never taken for that of a later attempt at the same slice."""

    number: int
    run_id: str
    part: Slice
    config: TrainingConfig

    @property
    def flops(self) -> float:
        """Floating-point operations of it, and what else it costs."""
        return flops_of_turn(self.config, self.part)


@dataclass(frozen=True)
class Run:
    """A run at one moment; every change makes another one.

    ``fence`` is what every write of it carries (``storage.leases``). ``done`` is the last slice that counts,
    ``attempt`` the one whose result it waits for, ``failures`` how many attempts at that slice were lost,
    ``ready_since`` when its next slice could be submitted first, ``pause_after`` the epoch after which it
    pauses by itself. ``last_viewed`` and ``ready_since`` in seconds. ``epoch_so_far`` are the results in the
    unfinished epoch; ``finishes`` the times, in seconds, at which the last slices ended, each with the images
    that it trained on.
    """

    visitor: str
    snapshot: RunSnapshot
    fence: int = 1
    done: Slice | None = None
    attempt: Attempt | None = None
    failures: int = 0
    ready_since: float = 0.0
    pause_after: int | None = None
    last_viewed: float = 0.0
    epoch_so_far: tuple[Progress, ...] = ()
    finishes: tuple[tuple[float, int], ...] = ()

    @property
    def id(self) -> str:
        """The run's name among all runs, as in its snapshot."""
        return self.snapshot.id

    @property
    def state(self) -> RunState:
        """Where the run is in its life, as in its snapshot."""
        return self.snapshot.state

    def next_slice(self) -> Slice | None:
        """The slice after those that are done or in flight; ``None`` at the end."""
        if self.attempt is None and self.done is not None and self.done.ends_epoch and self._stops_early():
            return None
        return next_slice(self.snapshot.config, self.attempt.part if self.attempt else self.done)

    def is_elsewhere(self, progress: Progress) -> bool:
        """Whether a slice's ``progress`` was not compiled as the slices before: its last bits may differ."""
        return self.done is not None and self.snapshot.xla not in {None, progress.xla}

    def _stops_early(self) -> bool:
        # Who trains a run longer than planned gives it as many epochs again to get better.
        extended = [event.epoch - 1 for event in self.snapshot.events if event.kind == EventKind.EPOCHS]
        return stops_early(self.snapshot.config, self.snapshot.history, max(extended, default=0))

    def config_for(self, part: Slice) -> TrainingConfig:
        """What ``part`` is computed with, however often, and whatever was changed since."""
        return config_at(self.snapshot.recipe, self.snapshot.events, part)

    def flops_left(self) -> float:
        """Floating-point operations until its last epoch, and what else its slices cost."""
        return sum(turns(self.snapshot.config, self.done))

    def showing(self, **values: Any) -> Run:
        """The run with other ``values`` in its snapshot."""
        return replace(self, snapshot=replace(self.snapshot, **values))

    def noting(self, kind: EventKind, max_events: int, value: float = 0.0) -> Run:
        """The run with an event that holds from its next slice on; past ``max_events`` only those that
        change the training are recorded."""
        if len(self.snapshot.events) >= max_events and not kind.changes_training:
            return self
        part = self.next_slice() or Slice(self.snapshot.epoch + 1, 0, 0, ends_epoch=False)
        event = RunEvent(kind, part.epoch, part.first_step, value)
        return self.showing(events=(*self.snapshot.events, event))

    def beginning(self, now: float) -> Run:
        """The run as its turns begin, for the first time or again; the speed measured before a rest says
        nothing any more, and nobody could look at it while it rested."""
        state = RunState.RUNNING if self.snapshot.history else RunState.WAITING
        return replace(self, finishes=(), last_viewed=now).showing(state=state, queue_position=0)

    def advanced(self, part: Slice, progress: Progress, now: float) -> Run:
        """The run after ``part``. An epoch's training score is the mean over its slices."""
        config, history = self.snapshot.config, self.snapshot.history
        so_far = (*self.epoch_so_far, progress)
        score = mean_score(so_far)
        position, partial = part.position(config), None
        if progress.validation is not None:
            history = (*history, EpochMetrics(part.epoch, score, progress.validation))
            so_far = ()
        else:
            partial = PartialEpoch(position, score)
        finishes = (*self.finishes, (now, progress.images if part.epoch else 0))[-_SPEED_WINDOW:]
        speed = _images_per_second(finishes)
        return replace(self, done=part, failures=0, epoch_so_far=so_far, finishes=finishes).showing(
            state=RunState.RUNNING if self.state == RunState.WAITING else self.state,
            history=history,
            partial=partial,
            images_per_second=speed,
            seconds_left=(config.epochs - position) * config.training_images / speed if speed else None,
            xla=progress.xla,
        )


def _images_per_second(finishes: tuple[tuple[float, int], ...]) -> float | None:
    """Measured over the last slices, other runs' turns included; ``None`` before the second one."""
    elapsed = finishes[-1][0] - finishes[0][0]
    trained = sum(images for _, images in finishes[1:])
    return trained / elapsed if elapsed and trained else None


def diverged(progress: Progress) -> bool:
    """Whether a loss of this slice is far above guessing or no number at all."""
    losses = [mean_score([progress]).loss, *([progress.validation.loss] if progress.validation else [])]
    return not all(math.isfinite(loss) and loss <= MAX_LOSS for loss in losses)
