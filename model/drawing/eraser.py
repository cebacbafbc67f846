"""What a line takes away: strokes that it crosses, as wholes."""

from collections.abc import Iterable, Sequence

import numpy as np
from scipy.spatial import cKDTree

from model.drawing.strokes import Stroke, dense


def touched(strokes: Sequence[Stroke], erasers: Iterable[Stroke], reach: float) -> list[bool]:
    """For each of ``strokes``, whether one of the ``erasers`` comes as near as ``reach`` to it; all are in
    pixels of the canvas."""
    swept = [dense(eraser) for eraser in erasers]
    if not swept:
        return [False] * len(strokes)
    tree = cKDTree(np.concatenate(swept))
    return [bool((tree.query(dense(stroke))[0] <= reach).any()) for stroke in strokes]
