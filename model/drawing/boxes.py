"""Boxes that a digit crosses: they hang together with it, and only the digit is meant."""

import cv2
import numpy as np
from numpy.typing import NDArray

from model.drawing.ink import Mask

# A box is so large at least, in pixels; its ink fills so much of it at most, and each of its lines is as long
# as this share of its side, and lies in the outer share of it.
_MIN_SIDE, _FILLED, _LONG, _OUTER = 40, 0.5, 0.8, 0.2
# A line is straight in pieces of such a share of its side, and may lean by so many pixels in a piece.
_PIECE, _LEAN = 0.25, 3
# Strokes that a line crossed are joined again over so many pixels beyond its width.
_JOINT = 4


def without_boxes(mask: Mask) -> Mask | None:
    """``mask``, bool (H, W), without the lines of boxes, and with the strokes that crossed them joined again;
    ``None`` where there are no boxes."""
    count, labels, stats, _middles = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    cleared = None
    for label in range(1, count):
        x, y, width, height, area = map(int, stats[label])
        if min(width, height) < _MIN_SIDE or area > _FILLED * width * height:
            continue
        place = slice(y, y + height), slice(x, x + width)
        part = (labels[place] == label).astype(np.uint8)
        lines = _lines_of_box(part)
        if lines is not None:
            cleared = mask.copy() if cleared is None else cleared
            cleared[place] &= (part == 0) | _left_by(lines, part)
    return cleared


def _lines_of_box(part: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """Where the four lines around ``part`` are, uint8 (H, W), 0 or 1; ``None`` where one is missing."""
    across, down = _horizontal(part), _horizontal(part.T).T
    height, width = (round(_OUTER * side) for side in part.shape)
    sides = (
        across[:height].any(axis=0),
        across[-height:].any(axis=0),
        down[:, :width].any(axis=1),
        down[:, -width:].any(axis=1),
    )
    if min(float(side.mean()) for side in sides) < _LONG:
        return None
    lines = np.zeros_like(part)
    for rows in (slice(None, height), slice(-height, None)):
        lines[rows] |= across[rows]
    for columns in (slice(None, width), slice(-width, None)):
        lines[:, columns] |= down[:, columns]
    return lines


def _horizontal(part: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Straight ink, perhaps a little tilted."""
    length = max(_LEAN, round(_PIECE * part.shape[1]))
    thick = cv2.dilate(part, np.ones((_LEAN, 1), np.uint8))
    straight = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    return np.minimum(np.asarray(straight, np.uint8), part)


def _left_by(lines: NDArray[np.uint8], part: NDArray[np.uint8]) -> Mask:
    """What is left of ``part``: what is no line, or broader than the lines are."""
    depth = cv2.distanceTransform(np.pad(lines, 1), cv2.DIST_L1, cv2.DIST_MASK_3)
    width = 2 * int(np.ceil(np.median(depth[depth > 0]))) + 1
    # With paper around: what is beyond the edge counts as ink for an opening.
    ink, lines = np.pad(part, 2 * width), np.pad(lines, 2 * width)
    broad = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((width + 2, width + 2), np.uint8))
    left = np.where((lines == 0) | (broad > 0), ink, 0).astype(np.uint8)
    joint = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width + _JOINT, width + _JOINT))
    joined = cv2.morphologyEx(left, cv2.MORPH_CLOSE, joint)
    back = slice(2 * width, -2 * width)
    return np.asarray((left > 0) | ((joined > 0) & (ink > 0)))[back, back]
