"""Ink of a photo that hangs together, divided where two digits touch: at the columns with the least ink, as
the starter reads what lies between them (``model.number_reader``)."""

from itertools import combinations

import numpy as np
from scipy import ndimage

from model.drawing.digits import with_mnists_pen
from model.drawing.strokes import SIDE, Ink, prepare_pixels
from model.evaluation.calibration import evidence
from model.inference import logits
from model.number_reader import cheapest, cost_of_shape, costs_of_reading
from model.starter.starter import Starter

# What is narrower, beside its height, is one digit, and so is what has so much more evidence, in nats, than
# the least of a digit: of ``testing.photos``, no digit that is wide has less, and most pairs that touch have.
_NARROW, _ENOUGH = 0.75, 3.0
# So many columns are tried.
_MOST_CUTS = 6
# What a cut costs that goes through ink as high as the digit.
_CUT = 6.0
_BLANK = np.zeros((SIDE, SIDE), np.float32)


def divided(ink: Ink, starter: Starter) -> tuple[Ink, ...]:
    """``ink``, float32 (H, W), 0 or 1 and not a blank, as one digit or as several, from left to right, each
    for ``prepare_pixels``."""
    rows, columns = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
    ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    height, width = ink.shape
    if width < _NARROW * height or _is_digit(ink, starter):
        return (ink,)
    ends = [0, *_lows(ink), width]
    pieces, costs = {}, {}
    for first, last in combinations(range(len(ends)), 2):
        piece = ink[:, ends[first] : ends[last]] > 0
        inked = np.flatnonzero(piece.any(axis=1))
        if not len(inked):
            return (ink,)
        pieces[first, last] = with_mnists_pen(piece)
        shape = cost_of_shape(piece.shape[1] / height, (1 + inked[-1] - inked[0]) / height)
        costs[first, last] = shape + _CUT * _crossed(ink, ends[first]) / height
    # One digit alone may have any shape.
    costs[0, len(ends) - 1] = 0.0
    inks = [prepare_pixels(piece) for piece in pieces.values()]
    reading = costs_of_reading(np.stack([_BLANK if one is None else one for one in inks]), starter)
    for run, cost in zip(pieces, reading, strict=True):
        costs[run] += float(cost)
    runs, _is_doubtful = cheapest(costs, len(ends) - 1)
    return (ink,) if len(runs) == 1 else tuple(pieces[run] for run in runs)


def _is_digit(ink: Ink, starter: Starter) -> bool:
    whole = prepare_pixels(ink)
    return whole is not None and bool(
        evidence(logits(starter.network, whole[None]))[0] > starter.least_evidence + _ENOUGH
    )


def _lows(ink: Ink) -> list[int]:
    """The columns with less ink than those around them, sorted: the lowest ones, not too near to the ends."""
    mass = ndimage.gaussian_filter1d(ink.sum(axis=0), 1.5)
    margin = len(mass) // 8
    lows = [x for x in range(margin, len(mass) - margin) if mass[x - 1] >= mass[x] < mass[x + 1]]
    return sorted(sorted(lows, key=lambda x: float(mass[x]))[:_MOST_CUTS])


def _crossed(ink: Ink, column: int) -> float:
    """The ink, in pixels, that a cut in front of ``column`` goes through."""
    return float((ink[:, column - 1] * ink[:, column]).sum()) if column else 0.0
