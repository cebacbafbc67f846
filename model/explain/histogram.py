"""Histograms that can be added up and laid beside each other without an error.

The bins begin at multiples of their width, and every width is a power of two. So two neighbouring
bins make one of twice the width: counting a part at a time gives what counting at once gives, and the
histograms of two epochs can share their bins whatever the range of each.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

_MOST_BINS = 64
# The narrowest bins: 2 ** -20, and for large values 2 ** -22 of the largest. So places stay small numbers.
_LEAST_EXPONENT, _BITS = -20, 22


@dataclass(frozen=True)
class Histogram:
    """``counts`` int64 (bins,), at most 64: how many values lie in each bin of width ``2 ** exponent``.

    Bin i holds values from ``(first + i) * width``, inclusive, to ``(first + i + 1) * width``. Infinite
    values and those that are not a number are in no bin but in ``not_finite``. ``counts`` is read-only,
    and empty where no value is finite.
    """

    first: int
    exponent: int
    counts: NDArray[np.int64]
    not_finite: int = 0

    @property
    def width(self) -> float:
        """Of one bin, in the unit of the values; a power of 2."""
        return 2.0**self.exponent

    @property
    def edges(self) -> NDArray[np.float64]:
        """Where the bins begin, and where the last ends: float64 (bins + 1,)."""
        return self.width * np.arange(self.first, self.first + len(self.counts) + 1, dtype=np.float64)


def histogram(values: NDArray[np.float32]) -> Histogram:
    """The histogram of ``values``, float32 of any shape, in the narrowest bins of which 64 are enough."""
    flat = values.reshape(-1)
    finite = np.isfinite(flat)
    if not finite.all():
        flat = flat[finite]
    not_finite = values.size - flat.size
    if not flat.size:
        return Histogram(0, _LEAST_EXPONENT, _locked(np.zeros(0, np.int64)), not_finite)
    low, high = float(flat.min()), float(flat.max())
    exponent = max(_LEAST_EXPONENT, int(np.frexp(max(-low, high))[1]) - _BITS)
    while high // 2.0**exponent - low // 2.0**exponent >= _MOST_BINS:
        exponent += 1
    first = int(low // 2.0**exponent)
    # A power of two: neither the quotient nor its floor is rounded.
    places = np.floor(flat * np.float32(2.0**-exponent)).astype(np.int64)
    return Histogram(first, exponent, _locked(np.bincount(places - first)), not_finite)


def aligned(histograms: Sequence[Histogram]) -> list[Histogram]:
    """The same counts, all in the same bins: the narrowest that all have, and of which 64 are enough."""
    filled = [each for each in histograms if len(each.counts)]
    if not filled:
        return list(histograms)
    exponent = max(each.exponent for each in filled)
    while True:
        wider = [_widened(each, exponent) for each in filled]
        first = min(each.first for each in wider)
        bins = max(each.first + len(each.counts) for each in wider) - first
        if bins <= _MOST_BINS:
            return [_placed(_widened(each, exponent), first, bins) for each in histograms]
        exponent += 1


def added(histograms: Sequence[Histogram]) -> Histogram:
    """The histogram of all values together. ``histograms`` holds at least one."""
    same = aligned(histograms)
    counts = np.stack([each.counts for each in same]).sum(axis=0)
    return replace(same[0], counts=_locked(counts), not_finite=sum(each.not_finite for each in same))


def _widened(one: Histogram, exponent: int) -> Histogram:
    if not len(one.counts):
        return replace(one, exponent=exponent)
    places = (one.first + np.arange(len(one.counts))) >> (exponent - one.exponent)
    counts = np.zeros(places[-1] - places[0] + 1, np.int64)
    np.add.at(counts, places - places[0], one.counts)
    return replace(one, first=int(places[0]), exponent=exponent, counts=_locked(counts))


def _placed(one: Histogram, first: int, bins: int) -> Histogram:
    counts = np.zeros(bins, np.int64)
    if len(one.counts):
        counts[one.first - first : one.first - first + len(one.counts)] = one.counts
    return replace(one, first=first, counts=_locked(counts))


def _locked(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    counts.setflags(write=False)
    return counts
