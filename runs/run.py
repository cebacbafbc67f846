"""One run as the runner sees it: what is known of it, and what its next slice is."""

import math
import time
from collections import deque
from dataclasses import replace

from model.config import TrainingConfig
from model.slices import (
    Arrays,
    EpochMetrics,
    Progress,
    Slice,
    TrainingState,
    initial_state,
    mean_score,
    next_slice,
    work,
)
from runs.records import EventKind, PartialEpoch, RunEvent, RunSnapshot, RunState, config_at

# A mean cross-entropy above this is an explosion: guessing costs ln 10 = 2.3.
EXPLODED_LOSS = 1e3
# Events that one run keeps.
MOST_EVENTS = 200
# Slices over which the speed is averaged.
_SPEED_WINDOW = 20


class Run:
    """The changing side of a run. Only the runner's thread changes it; anybody may read ``snapshot``,
    which is replaced as a whole, and ``latest``."""

    def __init__(self, run_id: str, number: int, recipe: TrainingConfig, visitor: str) -> None:
        self.visitor = visitor
        self.snapshot = RunSnapshot(run_id, number, recipe, recipe, RunState.QUEUED)
        # ``None`` while it rests in a file.
        self.training: TrainingState | None = initial_state(recipe)
        # The last finished epoch and the weights after it; before the first one, the first weights.
        self.latest: tuple[int, Arrays] | None = (0, self.training.weights)
        self.done: Slice | None = None
        self.in_flight: Slice | None = None
        self.deaths = 0
        # The epoch after which it pauses by itself.
        self.pause_after: int | None = None
        self.looked_at = time.monotonic()
        self._epoch_so_far: list[Progress] = []
        self._speed: deque[tuple[float, int]] = deque(maxlen=_SPEED_WINDOW)

    @property
    def state(self) -> RunState:
        return self.snapshot.state

    def next_part(self) -> Slice | None:
        """The slice after those that are done or in flight; ``None`` at the end."""
        return next_slice(self.snapshot.config, self.in_flight or self.done)

    def config_for(self, part: Slice) -> TrainingConfig:
        """What ``part`` is computed with, however often, and whatever was changed since."""
        return config_at(self.snapshot.recipe, self.snapshot.events, part)

    def work_left(self) -> float:
        """Floating-point operations until its last epoch."""
        return work(self.snapshot.config, self.snapshot.config.epochs - self.snapshot.position)

    def note(self, kind: EventKind, value: float = 0.0) -> None:
        """Record an event that holds from the next slice on; a full list takes no more pauses."""
        if len(self.snapshot.events) >= MOST_EVENTS and not kind.changes_training:
            return
        part = self.next_part()
        if part is None:
            part = Slice(self.snapshot.epoch + 1, 0, 0, ends_epoch=False)
        event = RunEvent(kind, part.epoch, part.first_step, value)
        self.snapshot = replace(self.snapshot, events=(*self.snapshot.events, event))

    def change(self, **values: object) -> None:
        """Replace the snapshot by one with other ``values``."""
        self.snapshot = replace(self.snapshot, **values)  # type: ignore[arg-type]

    def begin_again(self) -> None:
        """Forget the measured speed: time passed while the run rested."""
        self._speed.clear()

    def advance(self, part: Slice, training: TrainingState, progress: Progress) -> None:
        """Take in the result of ``part``. An epoch's training score is the mean over its slices."""
        self.training, self.done, self.deaths = training, part, 0
        self._epoch_so_far.append(progress)
        self._speed.append((time.monotonic(), progress.images if part.epoch else 0))
        config = self.snapshot.config
        score = mean_score(self._epoch_so_far)
        history, position, partial = self.snapshot.history, float(part.epoch), None
        if progress.validation is not None:
            history = (*history, EpochMetrics(part.epoch, score, progress.validation))
            self.latest = (part.epoch, training.weights)
            self._epoch_so_far = []
        else:
            position = part.epoch - 1 + (part.first_step + part.steps) / config.steps_per_epoch
            partial = PartialEpoch(position, score)
        rate = self._images_per_second()
        self.change(
            state=RunState.RUNNING if self.state == RunState.WAITING else self.state,
            history=history,
            partial=partial,
            images_per_second=rate,
            seconds_left=(config.epochs - position) * config.training_images / rate if rate else None,
            xla=progress.xla,
        )

    def _images_per_second(self) -> float | None:
        """Measured over the last slices, other runs' turns included; ``None`` before the second one."""
        elapsed = self._speed[-1][0] - self._speed[0][0]
        trained = sum(images for _, images in list(self._speed)[1:])
        return trained / elapsed if elapsed and trained else None


def explodes(progress: Progress) -> bool:
    """Whether a loss of this slice is far above guessing or no number at all."""
    losses = [mean_score([progress]).loss, *([progress.validation.loss] if progress.validation else [])]
    return not all(math.isfinite(loss) and loss <= EXPLODED_LOSS for loss in losses)
