"""Predict, observe, explain: did a guess hold about what one changed setting does?

Variant A is trained, and variant B with the setting changed, from one to three seeds; with the same
seed both see the same images in the same order, so that the difference B - A is taken seed by seed.
How sure that difference is, is an interval:

- of two or three seeds, their mean difference, give or take the spread of the seeds: the largest of the
  differences minus the smallest. Where B is no other than A, a difference still comes out of that spread
  once in 12 times with three seeds (mean over range is the test of Lord 1947, Biometrika 34, 41-67), but
  3 times in 10 with two;
- of one seed, the interval that covers the choice of test images (``model.evaluation.comparison``).
  What another seed would have given remains unknown.

A guess says where the difference lies: "higher" above 0, "lower" below 0, "about the same" within a
margin to either side of 0. It was right where the whole interval lies there, wrong where no part of it
does, and otherwise nobody can tell. So a difference inside the spread is neither "higher" nor "lower",
and it takes a small spread, too, to be sure of "about the same". A tiny difference can be both "higher"
and "about the same".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import inf, isfinite

MAX_SEEDS = 3
# Half a percentage point is 50 of the test images. Six seeds of the seed recipe lay 0.0014 apart in
# test accuracy and 0.008 in loss, with 110 units for its 100 they lay 0.0029 and 0.008 apart: three
# seeds can tell so much.
ACCURACY_MARGIN = 0.005

# Accuracies are counts over thousands of images: anything finer is the rounding of floats.
_DECIMALS = 9


class Guess(StrEnum):
    """What variant B's figure will be beside variant A's."""

    HIGHER = "higher"
    LOWER = "lower"
    SAME = "about the same"


class Verdict(StrEnum):
    """Whether a guess held."""

    RIGHT = "right"
    WRONG = "wrong"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True)
class Observation:
    """What came out: B - A of each seed in ``differences``, and the interval from ``low`` to ``high``.

    ``spread``: the largest difference minus the smallest; ``None`` with one seed, where it is unknown.
    """

    differences: tuple[float, ...]
    low: float
    high: float
    spread: float | None

    @property
    def difference(self) -> float:
        """The mean over the seeds."""
        return sum(self.differences) / len(self.differences)


def observe(
    first: Sequence[float], second: Sequence[float], of_images: tuple[float, float] | None = None
) -> Observation:
    """The final figures (all accuracies, or all losses) of variant A and variant B, seed by seed.

    ``of_images``: the interval of the difference from ``model.evaluation.comparison.compare``; it counts with
    one seed only, and without it that one tells nothing.

    Raises:
        ValueError: not one to three finite figures of each.
    """
    if len(first) != len(second) or not 1 <= len(first) <= MAX_SEEDS:
        raise ValueError(f"1 to {MAX_SEEDS} figures of each variant, one for every seed")
    if not all(map(isfinite, (*first, *second))):
        raise ValueError("the figures must be finite")
    differences = tuple(b - a for a, b in zip(first, second, strict=True))
    if len(differences) == 1:
        low, high = of_images or (-inf, inf)
        return Observation(differences, low, high, spread=None)
    spread = max(differences) - min(differences)
    middle = sum(differences) / len(differences)
    return Observation(
        differences, round(middle - spread, _DECIMALS), round(middle + spread, _DECIMALS), spread
    )


def judge(guess: Guess, seen: Observation, margin: float = ACCURACY_MARGIN) -> Verdict:
    """Whether ``guess`` held; ``margin`` is what still counts as about the same."""
    match guess:
        case Guess.HIGHER:
            right, wrong = seen.low > 0, seen.high < 0
        case Guess.LOWER:
            right, wrong = seen.high < 0, seen.low > 0
        case Guess.SAME:
            right = -margin <= seen.low and seen.high <= margin
            wrong = seen.low > margin or seen.high < -margin
    return Verdict.RIGHT if right else Verdict.WRONG if wrong else Verdict.CANNOT_TELL
