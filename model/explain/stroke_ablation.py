"""What a prediction depends on, stroke by stroke: the ink without one of them."""

from collections.abc import Sequence

import numpy as np

from model.drawing.strokes import Ink, Stroke, prepare


def without(strokes: Sequence[Stroke], left_out: int) -> Ink | None:
    """The ink as if stroke ``left_out`` (from 0) had never been drawn: the others are prepared anew."""
    return prepare([*strokes[:left_out], *strokes[left_out + 1 :]])


def longest(strokes: Sequence[Stroke], count: int) -> list[int]:
    """Which strokes, at most ``count``, have the longest way of the pen, in the order they were drawn."""
    lengths = [float(np.linalg.norm(np.diff(stroke, axis=0), axis=1).sum()) for stroke in strokes]
    order = np.argsort([-length for length in lengths], kind="stable")
    return sorted(order[:count].tolist())
