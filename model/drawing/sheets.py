"""Where in a picture somebody may have written: on all of it, on a sheet or a note, on a dark tile, also seen
from the side."""

from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from model.drawing.picture import MIN_SIDE, Picture

# A sheet takes up such a share of the picture, is a rectangle but for so much, and not narrower than this.
_AREA = (0.03, 0.93)
_RECTANGULAR = 0.86
_MIN_SIDE = 50
# Its edge, as a share of its shorter side, is cut off: shadows, an outline, what is seen behind it.
_EDGE = 0.025
# What is seen from the side has four corners, but for so much of its outline, and fills the shape that they
# make.
_STRAIGHT, _FILLED = 0.02, 0.9
# The largest are looked at: a form has a cell for every letter.
_MAX_SHEETS = 6
# Two outlines that differ by less, in pixels, are those of one sheet.
_ALIKE = 20.0


def sheets(picture: Picture) -> list[Picture]:
    """``picture`` itself, and the largest bright or dark rectangles in it, turned upright."""
    least, most = (share * picture.shape[0] * picture.shape[1] for share in _AREA)
    outlines = [one for one in _outlines(picture) if least <= cv2.contourArea(one) <= most]
    found: list[cv2.typing.RotatedRect] = []
    for outline in sorted(outlines, key=cv2.contourArea, reverse=True):
        rectangle = cv2.minAreaRect(outline)
        is_new = not any(_alike(rectangle, one) for one in found)
        if is_new and _is_rectangle(outline, rectangle) and len(found) < _MAX_SHEETS:
            found.append(rectangle)
    flat = [_upright_cut(picture, rectangle) for rectangle in found]
    slanted = (_corners(outline) for outline in sorted(outlines, key=cv2.contourArea, reverse=True))
    seen_from_the_side = next((corners for corners in slanted if corners is not None), None)
    if seen_from_the_side is not None:
        flat.append(_flattened(picture, seen_from_the_side))
    return [picture, *flat]


def _outlines(picture: Picture) -> list[NDArray[np.int32]]:
    """Of all that is brighter, or darker, than one of three levels of grey."""
    grey = cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), (5, 5), 0)
    middle, _ = cv2.threshold(grey, 0, 255, cv2.THRESH_OTSU)
    levels = (middle, (middle + float(grey.min())) / 2, (middle + float(grey.max())) / 2)
    found: list[NDArray[np.int32]] = []
    for level, is_bright in product(levels, (True, False)):
        area = ((grey > level) == is_bright).astype(np.uint8)
        # What joins a sheet to something else is thinner than a sheet.
        area = cv2.morphologyEx(area, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
        outlines, _ = cv2.findContours(area, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        found += [np.asarray(outline, np.int32) for outline in outlines]
    return found


def _is_rectangle(outline: NDArray[np.int32], rectangle: cv2.typing.RotatedRect) -> bool:
    _middle, (width, height), _degrees = rectangle
    return min(width, height) >= _MIN_SIDE and cv2.contourArea(outline) >= _RECTANGULAR * width * height


def _corners(outline: NDArray[np.int32]) -> NDArray[np.float32] | None:
    """The four corners of a sheet that is seen from the side, float32 (4, 2), from the upper left one around
    clockwise; ``None`` where ``outline`` is no quadrilateral, or is a rectangle already."""
    hull = cv2.convexHull(outline)
    corners = np.asarray(cv2.approxPolyDP(hull, _STRAIGHT * cv2.arcLength(hull, True), True), np.int32)
    corners = corners.reshape(-1, 2)
    if len(corners) != 4 or cv2.contourArea(outline) < _FILLED * cv2.contourArea(corners):
        return None
    if _is_rectangle(outline, cv2.minAreaRect(outline)) or _shortest_side(corners) < _MIN_SIDE:
        return None
    around = corners - corners.mean(axis=0)
    ordered = corners[np.argsort(np.arctan2(around[:, 1], around[:, 0]))]
    return np.asarray(ordered, np.float32)


def _shortest_side(corners: NDArray[np.integer]) -> float:
    return float(np.linalg.norm(corners - np.roll(corners, 1, axis=0), axis=1).min())


def _flattened(picture: Picture, corners: NDArray[np.float32]) -> Picture:
    """The sheet with these ``corners`` as if it were seen from above."""
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    width, height = (sides[0] + sides[2]) / 2, (sides[1] + sides[3]) / 2
    scale = max(1.0, MIN_SIDE / max(width, height))
    width, height = float(scale * width), float(scale * height)
    edge = max(3.0, 2 * _EDGE * min(width, height))
    flat = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32) - np.float32(edge)
    projection = cv2.getPerspectiveTransform(corners, flat)
    size = (round(width - 2 * edge), round(height - 2 * edge))
    seen: Picture = cv2.warpPerspective(
        picture, projection, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    ).astype(np.uint8)
    return seen


def _alike(one: cv2.typing.RotatedRect, other: cv2.typing.RotatedRect) -> bool:
    (middle, size, _), (other_middle, other_size, _) = _upright(one), _upright(other)
    differences = np.abs(np.subtract((*middle, *size), (*other_middle, *other_size)))
    return float(differences.sum()) < _ALIKE


def _upright(rectangle: cv2.typing.RotatedRect) -> cv2.typing.RotatedRect:
    """The same rectangle, turned by at most 45 degrees."""
    middle, (width, height), degrees = rectangle
    if degrees > 45:
        return middle, (height, width), degrees - 90
    if degrees < -45:
        return middle, (height, width), degrees + 90
    return rectangle


def _upright_cut(picture: Picture, rectangle: cv2.typing.RotatedRect) -> Picture:
    (x, y), (width, height), degrees = _upright(rectangle)
    edge = max(3.0, _EDGE * min(width, height))
    size = (round(width - 2 * edge), round(height - 2 * edge))
    scale = max(1.0, MIN_SIDE / max(size))
    turn = np.asarray(cv2.getRotationMatrix2D((x, y), degrees, scale), np.float64)
    size = (round(scale * size[0]), round(scale * size[1]))
    turn[:, 2] += np.array(size) / 2 - (x, y)
    cut: Picture = cv2.warpAffine(
        picture, turn, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    ).astype(np.uint8)
    return cut
