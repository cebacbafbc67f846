"""A sheet as if it lay flat: its perspective is taken out, and then what its printed boxes show of a curl."""

from collections.abc import Callable
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from model.drawing.ink import Contrast, contrasted
from model.drawing.paper import layout
from model.drawing.paper.layout import Points
from model.drawing.paper.marks import Found
from model.drawing.picture import Picture

# Pixels a millimetre of what is looked at.
SCALE = 6
# The part of the page with the boxes, in millimetres: left, top, right, bottom.
_ROOM = 2.0
LEFT, TOP = layout.LEFT - _ROOM, layout.TOP - _ROOM
RIGHT = layout.box(0, layout.COLUMNS - 1)[0] + layout.BOX_WIDTH + _ROOM
BOTTOM = layout.box(layout.ROWS - 1, 0)[1] + layout.BOX_HEIGHT + _ROOM
# The paper is looked at in squares of such a share of that.
_PATCH = 0.06
# How far boxes are looked for from where they should be, in millimetres: first, and then again.
_REACHES = (3.5, 1.5)
# A line counts no more than this, so that ink does not pull a box to itself, and is so wide at least.
_FAINT, _LINE = 0.15, 0.5
# A box that fits the others by less, in millimetres, shows nothing.
_OFF = 0.6
_ROUNDS = 4
# Of a box that is looked for, in pixels.
_MARGIN = SCALE

# Where points of the page, (..., 2) in millimetres, lie in a curled one.
Bend = Callable[[Points], Points]


def flattened(picture: Picture, found: Found) -> Contrast:
    """The part of the sheet with the boxes, ``SCALE`` pixels a millimetre: how much darker than the paper
    around it each pixel is, float32 (H, W)."""
    bend: Bend = _as_it_is
    for reach in _REACHES:
        bend = _followed_by(bend, _shifts(_seen(picture, found, bend), reach))
    return _seen(picture, found, bend)


def pixel(millimetres: float, start: float) -> int:
    """Where something lies in the flattened sheet, which begins at ``start``."""
    return round(SCALE * (millimetres - start))


def _seen(picture: Picture, found: Found, bend: Bend) -> Contrast:
    width, height = pixel(RIGHT, LEFT), pixel(BOTTOM, TOP)
    # A curl is smooth: every eighth pixel will do.
    across, down = np.arange(0, width + 8, 8), np.arange(0, height + 8, 8)
    x, y = np.meshgrid(LEFT + across / SCALE, TOP + down / SCALE)
    bent = bend(np.stack([x, y], axis=-1)).reshape(1, -1, 2)
    places = cv2.perspectiveTransform(bent, found.projection).reshape(*x.shape, 2).astype(np.float32)
    step = np.arange(width, dtype=np.float32) / 8, np.arange(height, dtype=np.float32) / 8
    from_x, from_y = cv2.split(cv2.remap(places, *np.meshgrid(*step), interpolation=cv2.INTER_LINEAR))
    flat = cv2.remap(picture, from_x, from_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return contrasted(np.asarray(flat, np.uint8), _PATCH)


def _shifts(contrast: Contrast, reach: float) -> tuple[Points, Points, NDArray[np.float64]]:
    """Of every box: its middle, how far it lies from there, both (N, 2) in millimetres, and how clearly."""
    lines = cv2.GaussianBlur(np.minimum(contrast, _FAINT), (0, 0), 1.0)
    outline = _outline()
    around = round(SCALE * reach)
    padded = cv2.copyMakeBorder(lines, around, around, around, around, cv2.BORDER_CONSTANT, value=0)
    middles, shifts, clear = [], [], []
    for row, column in product(range(layout.ROWS), range(layout.COLUMNS)):
        left, top = layout.box(row, column)
        x, y = pixel(left, LEFT) - _MARGIN, pixel(top, TOP) - _MARGIN
        height, width = outline.shape
        part = padded[y : y + height + 2 * around, x : x + width + 2 * around]
        match = cv2.matchTemplate(np.asarray(part, np.float32), outline, cv2.TM_CCOEFF_NORMED)
        _low, best, _where, (at_x, at_y) = cv2.minMaxLoc(match)
        middles.append((left + layout.BOX_WIDTH / 2, top + layout.BOX_HEIGHT / 2))
        shifts.append(((at_x - around) / SCALE, (at_y - around) / SCALE))
        clear.append(max(0.0, best))
    return np.array(middles), np.array(shifts), np.array(clear)


def _outline() -> Contrast:
    """How a box looks, with a little around."""
    height, width = round(SCALE * layout.BOX_HEIGHT), round(SCALE * layout.BOX_WIDTH)
    picture = np.zeros((height + 2 * _MARGIN, width + 2 * _MARGIN), np.float32)
    corner = (_MARGIN, _MARGIN), (_MARGIN + width, _MARGIN + height)
    cv2.rectangle(picture, *corner, 1.0, round(SCALE * _LINE))
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.0), np.float32)


def _as_it_is(points: Points) -> Points:
    return points


def _followed_by(before: Bend, shifts: tuple[Points, Points, NDArray[np.float64]]) -> Bend:
    """``before``, and then the smooth bend that most of the boxes have been shifted by."""
    middles, moved, clear = shifts
    # The marks stay where they are.
    places = np.concatenate([middles, layout.marks().mean(axis=1)])
    wanted = np.concatenate([moved, np.zeros((4, 2))])
    trust = np.concatenate([clear, np.ones(4)])
    terms, weights = _terms(places), trust.copy()
    for _ in range(_ROUNDS):
        root = np.sqrt(weights)[:, None]
        factors = np.linalg.lstsq(root * terms, root * wanted, rcond=None)[0]
        off = np.linalg.norm(terms @ factors - wanted, axis=1)
        weights = trust / (1 + (off / (_OFF / 2)) ** 4)
    return lambda points: before(points + _terms(points) @ factors)


def _terms(points: Points) -> Points:
    """Those of a polynomial of degree 3 in x and y, (..., 10)."""
    x = points[..., 0] / layout.WIDTH * 2 - 1
    y = points[..., 1] / layout.HEIGHT * 2 - 1
    powers = [(i, j) for i in range(4) for j in range(4 - i)]
    return np.stack([x**i * y**j for i, j in powers], axis=-1)
