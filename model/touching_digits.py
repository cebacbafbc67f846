"""Ink of a photo that hangs together, divided where two digits touch: along lines, upright or slanted, that
cross the least ink, as the starter reads what lies between them (``model.number_reader``)."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from model.drawing.digits import with_mnists_pen
from model.drawing.ink import Mask
from model.drawing.strokes import SIDE, Ink, prepare_pixels
from model.evaluation.calibration import evidence
from model.inference import logits
from model.number_reader import cheapest, cost_of_shape, costs_of_reading
from model.starter.starter import Starter

# What is narrower, beside its height, is one digit, and so is what has so much more evidence, in nats, than
# the least of a digit: of ``testing.photos``, no digit that is wide has less, and most pairs that touch have.
_NARROW, _ENOUGH = 0.6, 3.0
# How far a cut leans to the right on its way up, in pixels a pixel; for each slant, so many places are tried.
_SLANTS = (0.0, 0.25, 0.5)
_MAX_CUTS = 6
# What a cut costs that goes through ink as high as the digit; what each of several digits costs, and one
# alone, for what comes here is wide and no clear digit. Chosen by hand, as the slants were, on 120 pairs and
# 70 single digits of ``testing.photos``.
_CUT, _ONE_OF_SEVERAL, _ALONE = 4.0, 3.0, 6.0
_BLANK = np.zeros((SIDE, SIDE), np.float32)


def divided(ink: Ink, starter: Starter) -> tuple[Ink, ...]:
    """``ink``, float32 (H, W), 0 or 1 and not a blank, as one digit or as several, from left to right, each
    for ``prepare_pixels``."""
    rows, columns = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
    ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = ink.shape
    if width < _NARROW * height or _is_digit(ink, starter):
        return (ink,)
    divisions = [_divided_along(cuts, ink, starter) for cuts in _all_cuts(ink)]
    return min(divisions, key=lambda division: division[0])[1]


def _all_cuts(ink: Ink) -> Iterator[NDArray[np.intp]]:
    """For each slant, how far to the right every pixel is: int (H, W), the same along a cut, 0 where the ink
    begins."""
    rows, columns = np.indices(ink.shape)
    for slant in _SLANTS:
        across = np.rint(columns + slant * rows).astype(np.intp)
        yield across - across[ink > 0].min()


def _divided_along(across: NDArray[np.intp], ink: Ink, starter: Starter) -> tuple[float, tuple[Ink, ...]]:
    """The cheapest division by cuts along which ``across`` is the same, and what it costs."""
    height = len(ink)
    inked = ink > 0
    ends = [0, *_lows(np.bincount(across[inked])), int(across[inked].max()) + 1]
    pieces, costs = {}, {}
    for first, last in combinations(range(len(ends)), 2):
        piece = inked & (ends[first] <= across) & (across < ends[last])
        if not piece.any():
            continue
        pieces[first, last] = with_mnists_pen(piece)
        tall, wide = (1 + int(np.ptp(np.flatnonzero(piece.any(axis=axis)))) for axis in (1, 0))
        costs[first, last] = _ONE_OF_SEVERAL + cost_of_shape(wide / height, tall / height)
        costs[first, last] += _CUT * _crossed(inked, across, ends[first]) / height
    # One digit alone may have any shape.
    costs[0, len(ends) - 1] = _ALONE
    inks = [prepare_pixels(piece) for piece in pieces.values()]
    reading = costs_of_reading(np.stack([_BLANK if one is None else one for one in inks]), starter)
    for run, cost in zip(pieces, reading, strict=True):
        costs[run] += float(cost)
    runs, _is_doubtful = cheapest(costs, len(ends) - 1)
    found = (ink,) if len(runs) == 1 else tuple(pieces[run] for run in runs)
    return sum(costs[run] for run in runs), found


def _is_digit(ink: Ink, starter: Starter) -> bool:
    whole = prepare_pixels(ink)
    return whole is not None and bool(
        evidence(logits(starter.network, whole[None]))[0] > starter.least_evidence + _ENOUGH
    )


def _lows(mass: NDArray[np.intp]) -> list[int]:
    """The places with less ink than those around them, sorted: the lowest ones, not too near to the ends."""
    mass = ndimage.gaussian_filter1d(mass.astype(np.float64), 1.5)
    margin = len(mass) // 8
    lows = [x for x in range(margin, len(mass) - margin) if mass[x - 1] >= mass[x] < mass[x + 1]]
    return sorted(sorted(lows, key=lambda x: float(mass[x]))[:_MAX_CUTS])


def _crossed(inked: Mask, across: NDArray[np.intp], place: int) -> float:
    """The ink, in pixels, that a cut in front of ``place`` goes through."""
    return float((inked & (across == place)).sum()) if place else 0.0
