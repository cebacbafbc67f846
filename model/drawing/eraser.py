"""What a line takes away: strokes that it crosses, as wholes."""

from collections.abc import Callable, Iterable

import numpy as np
from scipy.spatial import cKDTree

from model.drawing.strokes import Stroke, dense


def touching(erasers: Iterable[Stroke], reach: float) -> Callable[[Stroke], bool]:
    """What tells of a stroke whether one of the ``erasers`` comes as near as ``reach`` to it; all are in
    pixels of the canvas."""
    swept = [dense(eraser) for eraser in erasers]
    if not swept:
        return lambda _stroke: False
    tree = cKDTree(np.concatenate(swept))
    return lambda stroke: bool((tree.query(dense(stroke))[0] <= reach).any())
