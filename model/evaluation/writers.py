"""Digits that several people wrote, and intervals over the people.

Digits of one hand belong together: thirty pupils' three hundred drawings tell less about the next pupil than
three hundred drawings by as many. So writers are what was drawn by chance, and one writer alone tells nothing
about others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from model.data.mnist import LabelledImages
from model.drawing.collection import Pointer
from model.evaluation.metrics import LEVEL, TWO_SIDED, Interval, wilson


class Change(StrEnum):
    """What an interval of a difference of accuracies says."""

    BETTER = "better"
    WORSE = "worse"
    CANNOT_TELL = "cannot tell"

    @classmethod
    def of(cls, interval: Interval | None) -> "Change":
        """Only what lies on one side of 0 altogether is a change."""
        if interval is None or interval[0] <= 0 <= interval[1]:
            return cls.CANNOT_TELL
        return cls.BETTER if interval[0] > 0 else cls.WORSE


@dataclass(frozen=True)
class Drawings:
    """N digits: ``images`` with their labels, ``writers`` str (N,), any name for each writer, and
    ``pointers``, N, each ``None`` where nobody noted it."""

    images: LabelledImages
    writers: NDArray[np.str_]
    pointers: tuple[Pointer | None, ...]

    def __len__(self) -> int:
        return len(self.writers)

    @property
    def names(self) -> tuple[str, ...]:
        """Every writer once, sorted."""
        return tuple(np.unique(self.writers).tolist())

    def of(self, writers: Sequence[str]) -> "Drawings":
        """Those by ``writers`` alone."""
        return self.only(np.isin(self.writers, writers))

    def without(self, writer: str) -> "Drawings":
        """Those by everybody else: what a pupil's own network is measured on."""
        return self.only(self.writers != writer)

    def only(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> "Drawings":
        """The ``chosen`` ones, bool (N,) or their indices."""
        indices = np.arange(len(self))[chosen]
        images = LabelledImages(self.images.images[indices], self.images.labels[indices])
        return Drawings(images, self.writers[indices], tuple(self.pointers[i] for i in indices))


def interval_over_writers(correct: NDArray[np.bool_], writers: NDArray[np.str_]) -> Interval | None:
    """The interval at ``LEVEL`` of the share that is ``correct``, bool (N,), of digits by ``writers`` (N,):
    where the share among other people's digits lies. ``None`` with fewer than two writers.

    Wilson's interval for as many independent digits as these are worth (Korn and Graubard 1998, Survey
    Methodology 24, 193-201; Wilson's in place of Clopper and Pearson's as in Dean and Pagano 2015, Journal of
    Survey Statistics and Methodology 3, 484-503): the variance between writers is that of a ratio (Cochran
    1977, Sampling Techniques, 6.3), and Student's t instead of the normal quantile makes up for few writers.
    The digits are never worth more than if each had another writer; so it holds for all of them correct, too.
    """
    names, of_digit = np.unique(writers, return_inverse=True)
    if len(names) < 2:
        return None
    images, right = np.bincount(of_digit), np.bincount(of_digit, weights=correct)
    count, share = len(correct), float(correct.mean())
    apart = float(np.square(right - share * images).sum()) * len(names) / (len(names) - 1) / count**2
    worth = min(count, share * (1 - share) / apart) if apart else count
    return wilson(share, worth * (TWO_SIDED / t_quantile(len(names) - 1)) ** 2)


def t_quantile(degrees: float) -> float:
    """So many standard errors to either side hold ``LEVEL`` of Student's t with these degrees of freedom."""
    # Takes long to import, and most pages do without.
    from scipy.special import stdtrit

    return float(stdtrit(degrees, (1 + LEVEL) / 2))
