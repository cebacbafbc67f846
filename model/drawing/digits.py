"""Ink divided into digits: which parts belong together, which stand beside each other, which are none."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from model.drawing.ink import Mask
from model.drawing.picture import Picture
from model.drawing.strokes import BOX, PEN_WIDTH, Ink

# Fewer pixels are noise.
_MIN_AREA = 12
# The digits of a number: not smaller than this share of the largest, nor that much larger, beside it for so
# much of its height, of so much of its ink, and at most so many of its heights apart.
_SMALLER, _LARGER, _BESIDE, _LESS_INK, _APART = 0.55, 1.8, 0.4, 0.15, 1.0
# Two parts above each other, as of a 5 whose bar stands alone, share so much of the narrower one's width.
_ABOVE = 0.35
# Small parts of a digit: not smaller than this share of the largest, and not farther away than that share of
# the digit's longer side; to its side, less.
_SPECK, _FAR, _FAR_ASIDE = 0.04, 0.35, 0.6
# Another colour: the largest difference of a channel, 0-255, once the brightness is taken out.
_OTHER_COLOUR = 45
# A box around a digit: it holds something of this share of its height, is not filled more than that, and its
# ink lies along all four sides. What holds something of these shares is a ring; the slash of a 0 is higher.
_HELD, _FILLED, _ALONG = 0.25, 0.45, 0.8
_HELD_BY_RING = (0.4, 0.75)
# Ink along this share of an edge is a table, not a digit; so is a strip from edge to edge thinner than this
# share of the picture.
_WHOLE_EDGE = 0.95
_STRIP = 0.2
# A child who writes all ten digits in a row is read; what is longer is a text.
MAX_DIGITS = 12
# The largest parts are looked at: a page of print has thousands.
_MAX_PARTS = 200
# Pixels of a digit's longer side at which its pen is measured.
_PEN_SIDE = 140


@dataclass(frozen=True, eq=False)
class _Part:
    """Ink that hangs together: ``label`` in ``labels``, the box around it, and its area in pixels."""

    label: int
    x: int
    y: int
    width: int
    height: int
    area: int
    labels: NDArray[np.int32]

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    @cached_property
    def ink(self) -> Mask:
        """Of the box, where the part is."""
        return np.asarray(self.labels[self.y : self.bottom, self.x : self.right] == self.label)

    def size(self) -> float:
        """Height counts most, since a 1 is narrow; a hair is less than a line of ink that is as high."""
        return float(self.height * (self.width * self.area) ** 0.3)

    def holds(self, other: "_Part") -> bool:
        """The box of ``other`` lies within this one's."""
        return (
            self is not other
            and self.x <= other.x
            and other.right <= self.right
            and self.y <= other.y
            and other.bottom <= self.bottom
        )

    def touches_edge(self) -> bool:
        height, width = self.labels.shape
        return self.x == 0 or self.y == 0 or self.right == width or self.bottom == height

    def is_edge(self) -> bool:
        """It lies along a whole edge of the picture, or goes straight from one edge to the opposite one: a
        table behind the sheet. In a picture three times as long as wide, which is cut tightly around a 1, ink
        along an edge is the digit."""
        height, width = self.labels.shape
        if 3 * min(height, width) < max(height, width):
            return False
        edges = (self.labels[0], self.labels[-1], self.labels[:, 0], self.labels[:, -1])
        along = max(float((edge == self.label).mean()) for edge in edges)
        down = self.height == height and self.width < _STRIP * width
        across = self.width == width and self.height < _STRIP * height
        return along > _WHOLE_EDGE or across or down


def digits_in(mask: Mask, picture: Picture) -> Iterator[list[Mask]]:
    """The ink of each digit in ``mask``, from left to right, each as bool (H, W) of the whole picture: once
    of what does not touch the edge of the picture, and once of everything, where anything touches it.

    The largest part is a digit; others of its size beside it and of its colour are more digits of a number,
    what is smaller and near belongs to one of them, and what is drawn around them is left out. Nothing is
    found where there are more than ``MAX_DIGITS``.
    """
    parts = _parts(mask)
    parts = [part for part in parts if not _is_around_another(part, parts) and not part.is_edge()]
    inside = [part for part in parts if not part.touches_edge()]
    yield _digits_of(inside, picture)
    if len(inside) < len(parts):
        yield _digits_of(parts, picture)


def _digits_of(parts: list[_Part], picture: Picture) -> list[Mask]:
    if not parts:
        return []
    largest = max(parts, key=_Part.size)
    tall = [part for part in parts if _is_digit_beside(part, largest, picture)]
    groups = _near(_columns(tall), largest)
    for part in parts:
        if part not in tall and _SPECK * largest.area <= part.area and part.height < largest.height:
            _join(part, groups)
    labels = parts[0].labels
    if len(groups) > MAX_DIGITS:
        return []
    return [np.isin(labels, [part.label for part in group]) for group in groups]


def _parts(mask: Mask) -> list[_Part]:
    count, labels, stats, _middles = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    found = []
    for label in range(1, count):
        x, y, width, height, area = map(int, stats[label])
        if area >= _MIN_AREA:
            found.append(_Part(label, x, y, width, height, area, np.asarray(labels, np.int32)))
    return sorted(found, key=lambda part: part.area, reverse=True)[:_MAX_PARTS]


def _is_around_another(part: _Part, parts: list[_Part]) -> bool:
    """A box, with lines along all four sides of it, or a ring."""
    held = [other.height / part.height for other in parts if part.holds(other)]
    if part.area > _FILLED * part.width * part.height or max(held, default=0) < _HELD:
        return False
    if _HELD_BY_RING[0] < max(held) < _HELD_BY_RING[1]:
        return True
    border = max(2, int(0.06 * min(part.width, part.height)))
    top, bottom = part.ink[:border].any(axis=0), part.ink[-border:].any(axis=0)
    left, right = part.ink[:, :border].any(axis=1), part.ink[:, -border:].any(axis=1)
    return min(float(side.mean()) for side in (top, bottom, left, right)) > _ALONG


def _is_digit_beside(part: _Part, largest: _Part, picture: Picture) -> bool:
    beside = min(part.bottom, largest.bottom) - max(part.y, largest.y)
    return (
        _SMALLER * largest.height <= part.height <= _LARGER * largest.height
        and beside > _BESIDE * largest.height
        and part.area >= _LESS_INK * largest.area
        and float(np.abs(_colour(part, picture) - _colour(largest, picture)).max()) < _OTHER_COLOUR
    )


def _colour(part: _Part, picture: Picture) -> NDArray[np.float64]:
    """The mean colour without its brightness: float64 (3,), 0 for grey."""
    mean = picture[part.y : part.bottom, part.x : part.right][part.ink].mean(axis=0)
    return np.asarray(mean - mean.mean(), np.float64)


def _columns(parts: list[_Part]) -> list[list[_Part]]:
    """``parts`` from left to right, those above each other together."""
    groups: list[list[_Part]] = []
    for part in sorted(parts, key=lambda part: part.x):
        for group in groups:
            left, right = _span(group)
            if min(right, part.right) - max(left, part.x) > _ABOVE * min(right - left, part.width):
                group.append(part)
                break
        else:
            groups.append([part])
    return groups


def _span(group: list[_Part]) -> tuple[int, int]:
    return min(part.x for part in group), max(part.right for part in group)


def _near(groups: list[list[_Part]], largest: _Part) -> list[list[_Part]]:
    """The group of the ``largest`` part, and those beside it without a gap too wide for a number."""
    first = last = next(index for index, group in enumerate(groups) if largest in group)
    most = _APART * largest.height
    while first > 0 and _span(groups[first])[0] - _span(groups[first - 1])[1] < most:
        first -= 1
    while last < len(groups) - 1 and _span(groups[last + 1])[0] - _span(groups[last])[1] < most:
        last += 1
    return groups[first : last + 1]


def _join(part: _Part, groups: list[list[_Part]]) -> None:
    """Add a small ``part`` to the nearest of ``groups``, if it is near any."""
    nearest, least = None, float("inf")
    for group in groups:
        left, right = _span(group)
        top, bottom = min(one.y for one in group), max(one.bottom for one in group)
        far = _FAR * max(right - left, bottom - top)
        aside = max(left - part.right, part.x - right, 0)
        away = max(top - part.bottom, part.y - bottom, 0)
        if aside < _FAR_ASIDE * far and away < far and aside + away < least:
            nearest, least = group, aside + away
    if nearest is not None:
        nearest.append(part)


def pen_width(digit: Mask) -> float:
    """How wide the lines of one digit, bool (H, W), are in the median, as a share of its longer side."""
    return _pen_width(_cut_out(digit))[1] / _PEN_SIDE


def with_mnists_pen(digit: Mask) -> Ink:
    """The lines of one digit, bool (H, W), thickened or thinned until they are as wide, beside its longer
    side, as MNIST's pen: float32 (H', W'), 0 or 1, with room around, for ``prepare_pixels``."""
    ink = _cut_out(digit)
    depth, width = _pen_width(ink)
    wanted = PEN_WIDTH / (BOX - PEN_WIDTH) * max(_PEN_SIDE - width, 1)
    if width < wanted:
        return np.asarray(_distance(~ink) <= (wanted - width) / 2, np.float32)
    # Nothing gets so thin that it breaks.
    return np.asarray(depth > min((width - wanted) / 2, 0.35 * width), np.float32)


def _cut_out(digit: Mask) -> Mask:
    """One digit, ``_PEN_SIDE`` pixels long, with room around."""
    rows, columns = (np.flatnonzero(digit.any(axis=axis)) for axis in (1, 0))
    cut = digit[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float32)
    scale = _PEN_SIDE / max(cut.shape)
    if scale < 1:
        # A hairline would be lost between two pixels.
        reach = math.ceil(1 / scale)
        cut = np.asarray(cv2.dilate(cut, np.ones((reach, reach), np.uint8)), np.float32)
    width, height = (max(1, round(scale * side)) for side in (cut.shape[1], cut.shape[0]))
    smoothly = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    scaled = cv2.resize(cut, (width, height), interpolation=smoothly)
    return np.pad(np.asarray(scaled > 0.5), _PEN_SIDE // 3)


def _pen_width(ink: Mask) -> tuple[NDArray[np.float32], float]:
    """How deep each pixel lies in the ink, and the width of the lines in pixels."""
    depth = _distance(ink)
    ridge = ink & (depth == cv2.dilate(depth, np.ones((3, 3), np.uint8)))
    return depth, 2 * float(np.median(depth[ridge])) - 1 if ridge.any() else 0.0


def _distance(mask: Mask) -> NDArray[np.float32]:
    """How far each pixel of ``mask`` is from the nearest one outside of it."""
    return np.asarray(
        cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE), np.float32
    )
