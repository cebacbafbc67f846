"""Whether the parts of a run from an archive fit each other."""

import math
from collections import Counter
from collections.abc import Sequence

from model.config import bounds
from model.slices import Score
from runs.records import EventKind
from visitors.archive.format import GoesOn, RunFile

# How often an optimizer holds a variable for each of the weights.
_MOMENTS = 2


def check_run(file: RunFile) -> None:
    """Raises ``ValueError`` where parts of a run do not fit each other."""
    if [point.epoch for point in file.history] != list(range(len(file.history))):
        raise ValueError("epochs are missing")
    for point in file.history:
        if not (_is_score(point.training) and _is_score(point.validation)):
            raise ValueError(f"epoch {point.epoch}: {point}")
    last = len(file.history) - 1
    if sorted(set(file.weights)) != list(file.weights) or not all(0 <= e <= last for e in file.weights):
        raise ValueError(f"weights of the epochs {list(file.weights)[:5]}")
    for event in file.events:
        kind, value = event.kind, event.value
        low, high = bounds("learning_rate") if kind == EventKind.LEARNING_RATE else bounds("epochs")
        if kind.changes_training and not low <= value <= high:
            raise ValueError(f"{kind} {value}")
        if not (0 <= event.epoch <= 10_000 and 0 <= event.step <= 100_000 and math.isfinite(value)):
            raise ValueError(f"{kind} in epoch {event.epoch}")


def fits(goes_on: GoesOn, file: RunFile) -> bool:
    """Whether what a run goes on from is a slice of its next epoch, or the end of its last one."""
    done, steps = goes_on.done, file.recipe.steps_per_epoch
    last = len(file.history) - 1
    sound = all(
        part.images > 0 and math.isfinite(part.loss) and 0 <= part.correct <= part.images
        for part in goes_on.so_far
    )
    end = done.first_step + done.steps
    if done.ends_epoch:
        is_whole = 0 <= done.first_step <= end == (steps if done.epoch else 0)
        return is_whole and done.epoch == last and not goes_on.so_far
    inside = 0 <= done.first_step < end < steps
    return sound and inside and done.epoch == last + 1 > 0 and bool(goes_on.so_far)


def is_optimizer(found: Sequence[tuple[int, ...]], weights: list[tuple[int, ...]]) -> bool:
    """Whether these are the shapes of nothing; or of a counter, and as many variables for each of
    the weights."""
    if not found:
        return True
    first, *rest = found
    counts = [Counter(weights * moments) for moments in range(_MOMENTS + 1)]
    return first == () and Counter(rest) in counts


def _is_score(score: Score) -> bool:
    return math.isfinite(score.loss) and 0 <= score.accuracy <= 1
