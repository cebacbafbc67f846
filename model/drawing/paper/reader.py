"""A photo of a sheet read as a class's digits: which boxes were written in, and the ink of each."""

from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from model.drawing.digits import with_mnists_pen
from model.drawing.ink import Contrast, Mask
from model.drawing.paper import layout
from model.drawing.paper.flat import LEFT, SCALE, TOP, flattened, pixel
from model.drawing.paper.marks import find_sheet
from model.drawing.picture import PhotoError, Picture
from model.drawing.strokes import SIDE, prepare_pixels
from model.messages import N_, Message

# The cores are for those who train.
cv2.setNumThreads(1)

# Of the photo's longer side, in pixels, with which the line of a pen is still 3 wide.
MAX_SIDE = 2400
# Less contrast is no ink, nor is what stands out from the paper's grain by less than so many of its standard
# deviations; a digit has so many square millimetres of its darkest ink.
_MIN_CONTRAST, _GRAIN, _DARKEST_AREA = 0.14, 5.0, 1.0
# Ink where a line was printed is so much darker than that: times, and by.
_TIMES_LINE, _OVER_LINE = 1.4, 0.05
# How far beside its middle a line may be seen, in millimetres.
_BESIDE_LINE = 0.7
# Strokes that a line crossed are joined again over so many millimetres.
_JOINT = 1.0
# What has so much of its ink in one box belongs there altogether; the rest is cut between the boxes.
_IN_ONE = 0.7
# The largest part of a digit is so long in millimetres, and another no smaller than this share of it.
_LONG, _SPECK = 2.5, 0.04


@dataclass(frozen=True, eq=False)
class ReadSheet:
    """What is written on sheet ``number``, from 1: ``inks``, uint8 (rows, columns, 28, 28), the ink in each
    box in 255ths, as the images of MNIST are; all 0 where a box is empty."""

    number: int
    inks: NDArray[np.uint8]

    @property
    def written(self) -> Mask:
        """In which boxes there is a digit, bool (rows, columns)."""
        return np.asarray(self.inks.any(axis=(2, 3)))


def read_sheet(picture: Picture) -> ReadSheet:
    """The sheet in ``picture``, uint8 (H, W, 3), in which it is seen whole.

    Raises:
        PhotoError: its marks are not all found, or nothing is written on it.
    """
    picture = np.ascontiguousarray(picture)
    found = find_sheet(picture)
    boxes = _of_boxes(_ink(flattened(picture, found)))
    inks = [_prepared(boxes[around] == number) for number, around in enumerate(_surroundings(boxes.shape), 1)]
    read = ReadSheet(found.number, np.stack(inks).reshape(layout.ROWS, layout.COLUMNS, SIDE, SIDE))
    if not read.written.any():
        empty = N_(
            "Sheet {number} was found, and no digit on it. Write with a dark pen, and photograph the sheet "
            "in even light."
        )
        raise PhotoError(Message(empty, {"number": found.number}))
    return read


def _ink(contrast: Contrast) -> Mask:
    """Where somebody has written: darker than half of the darkest ink of the same box, and on a printed line
    darker than that."""
    beside, lines = _lines(contrast.shape)
    paper = float(np.median(contrast))
    # Of the normal distribution, 1.48 median deviations are a standard deviation.
    faintest = max(_MIN_CONTRAST, paper + _GRAIN * 1.48 * float(np.median(np.abs(contrast - paper))))
    on_line = max(faintest, _TIMES_LINE * _darkness(contrast, lines) + _OVER_LINE)
    # A line alone is no ink.
    certain = np.where(beside & (contrast < on_line), np.float32(0), contrast)
    enough = round(_DARKEST_AREA * SCALE**2)
    least = np.ones_like(contrast)
    for cell in _cells(contrast.shape):
        darkest = float(np.partition(certain[cell], -enough, axis=None)[-enough])
        least[cell] = max(faintest, darkest / 2)
    mask = certain > least
    joint = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (round(SCALE * _JOINT),) * 2)
    joined = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, joint) > 0
    return np.asarray(mask | (joined & beside & (contrast > least)))


def _darkness(contrast: Contrast, lines: NDArray[np.int32]) -> float:
    """How dark the printed lines are: of each box what three quarters of its outline are no darker than, and
    of that the middle one."""
    # The darkest across a line, wherever it lies exactly.
    near = cv2.dilate(contrast, np.ones((3, 3), np.uint8))
    levels = [
        float(np.quantile(near[lines == number], 0.75))
        for number in range(1, 1 + layout.ROWS * layout.COLUMNS)
    ]
    return float(np.median(levels))


def _lines(shape: tuple[int, ...]) -> tuple[Mask, NDArray[np.int32]]:
    """Where the lines of boxes are seen, bool (H, W), and the middles of those of each box, numbered from
    1."""
    beside, middles = np.zeros(shape, np.uint8), np.zeros(shape, np.int32)
    for number, (row, column) in enumerate(_places(), 1):
        left, top = layout.box(row, column)
        corner = pixel(left, LEFT), pixel(top, TOP)
        other = pixel(left + layout.BOX_WIDTH, LEFT), pixel(top + layout.BOX_HEIGHT, TOP)
        cv2.rectangle(beside, corner, other, 1, 2 * round(SCALE * _BESIDE_LINE))
        cv2.rectangle(middles, corner, other, number, 1)
    return beside > 0, middles


def _cells(shape: tuple[int, ...]) -> list[tuple[slice, slice]]:
    """The part of the sheet that is nearest to each box."""
    return [_around(place, layout.GAP_X / 2, layout.GAP_Y / 2, shape) for place in _places()]


def _surroundings(shape: tuple[int, ...]) -> list[tuple[slice, slice]]:
    """Where the ink of a digit in each box may be."""
    return [_around(place, layout.BOX_WIDTH, layout.BOX_HEIGHT, shape) for place in _places()]


def _around(
    place: tuple[int, int], aside: float, above: float, shape: tuple[int, ...]
) -> tuple[slice, slice]:
    """A box, and what lies so many millimetres around it."""
    left, top = layout.box(*place)
    down = pixel(top - above, TOP), pixel(top + layout.BOX_HEIGHT + above, TOP)
    across = pixel(left - aside, LEFT), pixel(left + layout.BOX_WIDTH + aside, LEFT)
    height, width = shape
    return slice(max(0, down[0]), min(down[1], height)), slice(max(0, across[0]), min(across[1], width))


def _places() -> list[tuple[int, int]]:
    return list(product(range(layout.ROWS), range(layout.COLUMNS)))


def _of_boxes(mask: Mask) -> NDArray[np.int32]:
    """To which box each pixel of ink belongs, int32 (H, W), from 1; 0 for paper."""
    cells = np.zeros(mask.shape, np.int32)
    for number, cell in enumerate(_cells(mask.shape), 1):
        cells[cell] = number
    cells[~mask] = 0
    count, parts, stats, _middles = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    for part in range(1, count):
        x, y, width, height, area = map(int, stats[part])
        place = slice(y, y + height), slice(x, x + width)
        ink = parts[place] == part
        shares = np.bincount(cells[place][ink])
        shares[0] = 0
        if shares.any() and np.count_nonzero(shares) > 1 and shares.max() >= _IN_ONE * area:
            cells[place][ink] = int(shares.argmax())
    return cells


def _prepared(mask: Mask) -> NDArray[np.uint8]:
    """The ink of one box as the network reads it, uint8 (28, 28); 0 where it is empty."""
    empty = np.zeros((SIDE, SIDE), np.uint8)
    if not mask.any():
        return empty
    count, parts, stats, _middles = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    areas = stats[:, cv2.CC_STAT_AREA] * (np.arange(count) > 0)
    _x, _y, width, height, area = map(int, stats[areas.argmax()])
    if max(width, height) < _LONG * SCALE:
        return empty
    mask = np.isin(parts, np.flatnonzero(areas >= max(1, _SPECK * area)))
    ink = prepare_pixels(with_mnists_pen(mask))
    return empty if ink is None else np.round(ink * 255).astype(np.uint8)
