"""A drawing divided into the digits of a number: strokes that stand beside each other, as the starter reads
them.

Every run of neighbouring strokes could be a digit. Each gets a cost, for how little the starter reads in it
and for how little its place is that of a digit, and the cheapest way to divide all strokes into runs is found
as the shortest path through their ends (dynamic programming; Breuel 1994 reads handwriting like this).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.drawing.strokes import Ink, Stroke, clean, prepare
from model.evaluation.calibration import calibrated, evidence
from model.inference import logits
from model.starter.starter import Starter

# A digit has so many strokes at most, unless it is drawn alone; of a drawing with more than so many, only
# whether it is a digit is asked.
_MAX_STROKES, _MAX_STROKES_IN_ALL = 5, 60
# What counts how much, chosen on drawings of ``benchmarks.numbers``; lengths are shares of the height.
# A digit more; a nat of probability; a nat of evidence below what a digit has, up to a limit.
_DIGIT, _PROBABILITY, _EVIDENCE, _MAX_EVIDENCE = 0.14, 4.3, 0.59, 12.0
# Digits that overlap; a gap within one digit; a digit lower than its neighbours; one that is too wide.
_OVERLAP, _GAP, _LOW, _WIDE = 12.4, 17.2, 7.1, 11.9
_FREE_OVERLAP, _FREE_GAP, _MIN_HEIGHT, _MAX_WIDTH = 0.02, 0.005, 0.72, 0.48
# The next way to divide is this much more expensive, or the division is doubtful.
_CLEAR = 1.5


# The first piece of a digit and the one behind its last.
Span = tuple[int, int]


@dataclass(frozen=True)
class Division:
    """``digits``: the strokes of each, in the order in which they were drawn, the digits from left to right.
    ``is_doubtful``: they could be other ones."""

    digits: tuple[list[Stroke], ...]
    is_doubtful: bool


def divide(strokes: Sequence[Stroke], starter: Starter) -> Division:
    """The ``strokes`` of a drawing as one digit or as those of a number; none of a blank."""
    strokes = clean(strokes)
    if not 1 < len(strokes) <= _MAX_STROKES_IN_ALL:
        return Division((strokes,) if strokes else (), False)
    order = np.argsort([stroke[:, 0].min() + stroke[:, 0].max() for stroke in strokes], kind="stable")
    spans, is_doubtful = cheapest(_costs([strokes[index] for index in order], starter), len(strokes))
    digits = [[strokes[index] for index in sorted(order[first:last])] for first, last in spans]
    return Division(tuple(digits), is_doubtful)


def _costs(strokes: list[Stroke], starter: Starter) -> dict[Span, float]:
    """The cost of every run of strokes that could be a digit."""
    count = len(strokes)
    runs = [
        (first, last)
        for first in range(count)
        for last in range(first + 1, count + 1)
        if last - first <= _MAX_STROKES or last - first == count
    ]
    reading = costs_of_reading(np.stack([_ink(strokes[first:last]) for first, last in runs]), starter)
    boxes = np.array([[*stroke.min(axis=0), *stroke.max(axis=0)] for stroke in strokes])
    return {run: float(cost) + _cost_of_place(boxes, *run) for run, cost in zip(runs, reading, strict=True)}


def costs_of_reading(inks: NDArray[np.float32], starter: Starter) -> NDArray[np.float64]:
    """How little the starter reads in each of ``inks``, float32 (N, 28, 28): float64 (N,), in nats."""
    scores = logits(starter.network, inks)
    probability = calibrated(scores, starter.temperature).max(axis=1)
    missing = np.clip(starter.least_evidence - evidence(scores), 0, _MAX_EVIDENCE)
    return np.asarray(_DIGIT - _PROBABILITY * np.log(probability) + _EVIDENCE * missing, np.float64)


def _ink(strokes: list[Stroke]) -> Ink:
    ink = prepare(strokes)
    if ink is None:
        raise ValueError("strokes without a point")
    return ink


def _cost_of_place(boxes: NDArray[np.float64], first: int, last: int) -> float:
    """How little the run is where a digit is; ``boxes`` (N, 4) of all strokes: left, top, right, bottom."""
    height = float(boxes[:, 3].max() - boxes[:, 1].min()) or 1.0
    left, top, right, bottom = _around(boxes[first:last])
    cost = cost_of_shape((right - left) / height, (bottom - top) / height)
    if first > 0:
        overlap = (_around(boxes[:first])[2] - left) / height
        cost += _OVERLAP * max(0.0, overlap - _FREE_OVERLAP)
    for middle in range(first + 1, last):
        gap = (boxes[middle:last, 0].min() - boxes[first:middle, 2].max()) / height
        cost += _GAP * max(0.0, gap - _FREE_GAP)
    return cost


def cost_of_shape(width: float, height: float) -> float:
    """How little a digit of a number has these measures, as shares of the number's height."""
    return _LOW * max(0.0, _MIN_HEIGHT - height) + _WIDE * max(0.0, width - _MAX_WIDTH)


def _around(boxes: NDArray[np.float64]) -> tuple[float, float, float, float]:
    return (
        float(boxes[:, 0].min()),
        float(boxes[:, 1].min()),
        float(boxes[:, 2].max()),
        float(boxes[:, 3].max()),
    )


def cheapest(costs: Mapping[Span, float], count: int) -> tuple[list[Span], bool]:
    """The cheapest runs that cover all of ``count`` pieces, by the ``costs`` of each run, and whether another
    way costs hardly more."""
    best: list[list[tuple[float, list[Span]]]] = [[(0.0, [])]]
    for last in range(1, count + 1):
        ways = [
            (cost + costs[first, last], [*runs, (first, last)])
            for first in range(last)
            if (first, last) in costs
            for cost, runs in best[first]
        ]
        best.append(sorted(ways, key=lambda way: way[0])[:2])
    cheapest, *others = best[count]
    return cheapest[1], bool(others) and others[0][0] - cheapest[0] < _CLEAR
