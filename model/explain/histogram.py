"""Histograms that can be laid beside each other without an error.

The bins begin at multiples of their width, and every width is a power of two. So two neighbouring
bins make one of twice the width, and the histograms of two epochs can share their bins whatever the range
of each, although their values are not kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from model.slices import Values

_MAX_BINS = 64
# The narrowest bins: 2 ** -20, and for large values 2 ** -22 of the largest. So indices stay small numbers.
_MIN_EXPONENT, _BITS = -20, 22


@dataclass(frozen=True)
class Histogram:
    """``by_unit`` int32 (bins, units), read-only: how many values of each unit lie in each bin of width
    ``2 ** exponent``; at most 64 bins.

    Bin i holds values from ``(first + i) * width``, inclusive, to ``(first + i + 1) * width``. Infinite
    values and those that are not a number are in no bin but in ``not_finite``. Where no value is finite
    there are no bins.
    """

    first: int
    exponent: int
    by_unit: NDArray[np.int32]
    not_finite: int = 0

    @property
    def width(self) -> float:
        """Of one bin, in the unit of the values; a power of 2."""
        return 2.0**self.exponent

    @property
    def edges(self) -> NDArray[np.float64]:
        """Where the bins begin, and where the last ends: float64 (bins + 1,)."""
        return self.width * np.arange(self.first, self.first + len(self.by_unit) + 1, dtype=np.float64)

    @property
    def counts(self) -> NDArray[np.int64]:
        """How many values lie in each bin, int64 (bins,)."""
        counts: NDArray[np.int64] = self.by_unit.sum(axis=1, dtype=np.int64)
        return counts

    @property
    def dominant_units(self) -> NDArray[np.int64]:
        """Which unit has most of the values in each bin: int64 (bins,), of equal ones the first; -1 in an
        empty bin."""
        return np.where(self.by_unit.any(axis=1), self.by_unit.argmax(axis=1), -1)


def histogram(values: Values) -> Histogram:
    """The histogram of ``values``, float32 (N, units), in the narrowest bins of which 64 are enough."""
    units = values.shape[1]
    finite = np.isfinite(values)
    is_finite = bool(finite.all())
    flat = values.ravel() if is_finite else values[finite]
    if not flat.size:
        return Histogram(0, _MIN_EXPONENT, _read_only(np.zeros((0, units), np.int32)), values.size)
    low, high = float(flat.min()), float(flat.max())
    exponent = max(_MIN_EXPONENT, int(np.frexp(max(-low, high))[1]) - _BITS)
    while high // 2.0**exponent - low // 2.0**exponent >= _MAX_BINS:
        exponent += 1
    first = int(low // 2.0**exponent)
    bins = int(high // 2.0**exponent) - first + 1
    # A power of two: neither the quotient nor its floor is rounded.
    indices = np.floor(flat * np.float32(2.0**-exponent)).astype(np.int64) - first
    owners = np.broadcast_to(np.arange(units), values.shape)
    owners = owners.ravel() if is_finite else owners[finite]
    by_unit = np.bincount(indices * units + owners, minlength=bins * units).reshape(bins, units)
    return Histogram(first, exponent, _read_only(by_unit.astype(np.int32)), values.size - flat.size)


def aligned(histograms: Sequence[Histogram]) -> list[Histogram]:
    """``histograms`` in the same bins: the narrowest that all have, and of which 64 are enough."""
    filled = [each for each in histograms if len(each.by_unit)]
    if not filled:
        return list(histograms)
    exponent = max(each.exponent for each in filled)
    while True:
        first = min(each.first >> (exponent - each.exponent) for each in filled)
        last = max((each.first + len(each.by_unit) - 1) >> (exponent - each.exponent) for each in filled)
        if last - first < _MAX_BINS:
            return [_in_bins(each, first, exponent, last - first + 1) for each in histograms]
        exponent += 1


def _in_bins(found: Histogram, first: int, exponent: int, bins: int) -> Histogram:
    by_unit = np.zeros((bins, found.by_unit.shape[1]), np.int32)
    indices = found.first + np.arange(len(found.by_unit))
    np.add.at(by_unit, (indices >> max(exponent - found.exponent, 0)) - first, found.by_unit)
    return replace(found, first=first, exponent=exponent, by_unit=_read_only(by_unit))


def _read_only(counts: NDArray[np.int32]) -> NDArray[np.int32]:
    counts.setflags(write=False)
    return counts
