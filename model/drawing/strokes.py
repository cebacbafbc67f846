"""Strokes to ink: what a pen drew, prepared the way MNIST was."""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

# A stroke is float64 (N, 2): x and y of the pen in pixels of the canvas, y growing downwards.
Stroke = NDArray[np.float64]
Ink = NDArray[np.float32]

SIDE = 28
# MNIST fits a digit, its pen included, into 20x20 and centres its mass in 28x28 (LeCun et al. 1998).
# Measured on its training images: the longer side is 19.6 with grey edge pixels counted by their
# grey; the centre of mass is at 14.5 (the middle of pixel 14, not the corner that four pixels
# share); at half ink its lines are 2.6 wide in the median, and so are these with a pen of 2.3.
BOX = 19.6
PEN_WIDTH = 2.3
CENTRE = 14.5
# Drawn this many times larger, then averaged: anti-aliased grey.
OVERSAMPLING = 8
# Straight pieces that a quadratic curve of the canvas is cut into.
_CURVE_PIECES = 4
# Fainter than this is paper.
FAINT = 0.1
# Points farther out are not from a pad, and a drawing smaller than this is a click.
_MAX_COORDINATE = 1e6
MIN_EXTENT = 0.5
# No pen of a pad draws a wider line, in pixels of the canvas.
_MAX_LINE_WIDTH = 100
# Points of a stroke that is looked at closely are so near to each other, in pixels of the canvas.
_DENSE = 2.0
# How Fabric.js says where an object is: its middle in pixels, factors, degrees.
_PLACEMENT = ("left", "top", "scaleX", "scaleY", "angle", "skewX", "skewY")
# A minute of drawing holds fewer points; more are thinned out.
_MAX_POINTS = 20_000


def strokes_of_paths(objects: Iterable[Any]) -> list[Stroke]:
    """The strokes in the vector objects of a Fabric.js canvas.

    Each pen path is a list of commands ``["M", x, y]``, ``["L", x, y]`` and
    ``["Q", control_x, control_y, x, y]``, and where the path was put since, see ``_as_placed``.
    Whatever is not of this form is passed over.
    """
    items = [item for item in objects if isinstance(item, dict) and isinstance(item.get("path"), list)]
    strokes = [np.array(_points_of_path(item["path"]), np.float64).reshape(-1, 2) for item in items]
    return clean(
        [_as_placed(stroke, item) for stroke, item in zip(strokes, items, strict=True) if len(stroke)]
    )


def line_width(item: Any) -> float | None:
    """How wide a line the canvas draws for one of its vector objects, in its pixels; ``None`` where the
    object does not say, or what no pen draws."""
    numbers = _numbers([item.get("strokeWidth")], 1) if isinstance(item, dict) else None
    return numbers[0] if numbers and 0 < numbers[0] <= _MAX_LINE_WIDTH else None


def as_path(points: object, colour: str, pen: float) -> dict[str, Any] | None:
    """A path of a Fabric.js canvas straight through ``points``, pairs of canvas pixels that came from a
    browser, as ``strokes_of_paths`` reads it; ``None`` where they are no such pairs."""
    pairs = points if isinstance(points, list) else []
    numbers = [_numbers(pair, 2) if isinstance(pair, list) else None for pair in pairs[:_MAX_POINTS]]
    stroke = np.array([pair for pair in numbers if pair], np.float64).reshape(-1, 2)
    if not len(stroke):
        return None
    low, high = stroke.min(axis=0), stroke.max(axis=0)
    (left, top), (width, height) = ((low + high) / 2).tolist(), (high - low).tolist()
    first, *rest = stroke.tolist()
    return {
        "type": "Path",
        "path": [["M", *first], *(["L", *point] for point in rest or [first])],
        "left": left,
        "top": top,
        "width": width,
        "height": height,
        "originX": "center",
        "originY": "center",
        "fill": None,
        "stroke": colour,
        "strokeWidth": pen,
        "strokeLineCap": "round",
        "strokeLineJoin": "round",
    }


def clean(strokes: Iterable[Stroke]) -> list[Stroke]:
    """The strokes without points that no pad can hold, and without strokes that have no points."""
    possible = [stroke[(np.abs(stroke) < _MAX_COORDINATE).all(axis=1)] for stroke in strokes]
    return [stroke for stroke in possible if len(stroke)]


def thinned(strokes: Sequence[Stroke], most: int) -> list[Stroke]:
    """About every n-th point of the strokes, the ends among them, so that ``most`` are left or a few more."""
    every = 1 + sum(map(len, strokes)) // most
    indices = [np.unique([*range(0, len(stroke), every), len(stroke) - 1]) for stroke in strokes]
    return [stroke[kept] for stroke, kept in zip(strokes, indices, strict=True)]


def dense(stroke: Stroke, step: float = _DENSE) -> Stroke:
    """``stroke`` with more points, none farther than ``step`` from the next."""
    steps = [
        np.linspace(a, b, max(1, math.ceil(np.linalg.norm(b - a) / step)), endpoint=False)
        for a, b in pairwise(stroke)
    ]
    return np.concatenate([*steps, stroke[-1:]])


def within(strokes: Iterable[Stroke], width: float, height: float) -> list[Stroke]:
    """What of ``strokes`` lies on a canvas of this size: a pen that leaves it goes on drawing where nobody
    sees it. A stroke that comes back is another one."""
    parts: list[Stroke] = []
    for stroke in strokes:
        if _inside(stroke, width, height).all():
            parts.append(stroke)
            continue
        fine = dense(stroke)
        inside = _inside(fine, width, height)
        ends = np.flatnonzero(np.diff(inside)) + 1
        parts += [part for part in np.split(fine, ends) if _inside(part[:1], width, height).all()]
    return parts


def _inside(stroke: Stroke, width: float, height: float) -> NDArray[np.bool_]:
    return np.asarray(((stroke >= 0) & (stroke <= (width, height))).all(axis=1))


def prepare(strokes: Sequence[Stroke]) -> Ink | None:
    """The picture that the network reads: float32 (28, 28) in [0, 1], or ``None`` for a blank.

    Where it was drawn and how large does not matter: the strokes are fitted into 20x20 keeping
    their shape, drawn anew with MNIST's pen, and their centre of mass is moved to the middle.
    ``ui/components/lens/preparation.js`` does the same in the browser.
    """
    strokes = clean(strokes)
    if not strokes:
        return None
    strokes = thinned(strokes, _MAX_POINTS)
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    extent = float((high - low).max())
    scale = (BOX - PEN_WIDTH) / extent if extent >= MIN_EXTENT else 0.0
    middle = (low + high) / 2
    large = draw_with_pen([(stroke - middle) * scale + SIDE / 2 for stroke in strokes])
    return averaged(centre_mass(large))


def prepare_pixels(picture: Ink) -> Ink | None:
    """The ink that the network reads from a picture: float32 (28, 28) in [0, 1], or ``None`` for a blank.

    ``picture``: float32 (H, W) in [0, 1], any size, 1 is full ink. The box around its ink is fitted
    into 20x20 keeping its shape, with the centre of mass in the middle; each pixel of the result is
    the mean ink of the area that it covers. The pen stays as wide as it was drawn.
    """
    if picture.max(initial=0) <= FAINT:
        return None
    scale = BOX / max(high - low for low, high in box_of(picture))
    rows, columns = (_area_means(picture.sum(axis=1 - axis), scale) for axis in (0, 1))
    ink: Ink = np.clip(rows @ picture @ columns.T, 0, 1, dtype=np.float32)
    return ink


def box_of(picture: Ink) -> list[tuple[float, float]]:
    """Where the ink of ``picture``, not a blank, begins and ends: (top, bottom) and (left, right) in
    pixels, at least one apart. Grey ends count by their grey."""
    ends = []
    for axis in (0, 1):
        darkest = picture.max(axis=1 - axis)
        inked = np.flatnonzero(darkest > FAINT)
        low = float(inked[0] + 1 - darkest[inked[0]])
        ends.append((low, max(float(inked[-1] + darkest[inked[-1]]), low + 1)))
    return ends


def _area_means(mass: NDArray[np.float32], scale: float) -> Ink:
    """(28, N): the share that each of N source pixels has in each of 28, along one axis.

    ``mass`` (N,) is the ink along the axis; its centre lands in the middle, ``scale`` times as large.
    """
    places = np.arange(len(mass))
    centre = mass @ (places + 0.5) / mass.sum()
    edges = (np.arange(SIDE + 1) - CENTRE) / scale + centre
    covered = np.clip(edges[:, None] - places, 0, 1)
    shares: Ink = (np.diff(covered, axis=0) * scale).astype(np.float32)
    return shares


def _points_of_path(path: list[Any]) -> list[tuple[float, float]]:
    points: list[tuple[float, float]] = []
    for command in path:
        match command:
            case ["M" | "L", *rest] if numbers := _numbers(rest, 2):
                points.append((numbers[0], numbers[1]))
            case ["Q", *rest] if points and (numbers := _numbers(rest, 4)):
                (x0, y0), (cx, cy, x, y) = points[-1], numbers
                for t in np.linspace(0, 1, _CURVE_PIECES + 1)[1:]:
                    a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t**2
                    points.append((a * x0 + b * cx + c * x, a * y0 + b * cy + c * y))
    return points


def _as_placed(stroke: Stroke, item: dict[str, Any]) -> Stroke:
    """``stroke`` where the canvas shows it. The pad edits nothing, but drawings that are kept from when the
    canvas' own toolbar was within reach, or come in an archive, may have paths that were moved, scaled,
    turned and skewed around the middle of their box, with their own commands as they were (Fabric.js 7)."""
    middle = (stroke.min(axis=0) + stroke.max(axis=0)) / 2
    values = [
        item.get(name, default) for name, default in zip(_PLACEMENT, (*middle, 1, 1, 0, 0, 0), strict=True)
    ]
    numbers = _numbers(values, len(_PLACEMENT))
    if numbers is None:
        return stroke
    x, y, scale_x, scale_y, *degrees = numbers
    angle, skew_x, skew_y = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    scale = np.diag([scale_x * _mirrors(item, "flipX"), scale_y * _mirrors(item, "flipY")])
    skew = np.array([[1, np.tan(skew_x)], [0, 1]]) @ np.array([[1, 0], [np.tan(skew_y), 1]])
    placed: Stroke = (stroke - middle) @ (turn @ scale @ skew).T + (x, y)
    return placed


def _mirrors(item: dict[str, Any], name: str) -> int:
    return -1 if item.get(name) is True else 1


def _numbers(values: list[Any], count: int) -> list[float] | None:
    """``count`` numbers that a pad can hold, or ``None``."""
    if len(values) == count and all(isinstance(v, int | float) and abs(v) < _MAX_COORDINATE for v in values):
        return [float(value) for value in values]
    return None


def draw_with_pen(strokes: Sequence[Stroke]) -> Ink:
    """Strokes in ink pixels, drawn with MNIST's round pen, oversampled: float32 (224, 224) in [0, 1]."""
    side = SIDE * OVERSAMPLING
    image = Image.new("L", (side, side))
    pen = ImageDraw.Draw(image)
    radius = PEN_WIDTH * OVERSAMPLING / 2
    for stroke in strokes:
        points = [(float(x), float(y)) for x, y in stroke * OVERSAMPLING]
        pen.line(points, fill=255, width=round(2 * radius))
        for x, y in points:
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return np.asarray(image, np.float32) / np.float32(255)


def centre_mass(image: Ink) -> Ink:
    """``image``, oversampled, shifted until its centre of mass is where MNIST has it."""
    for axis in (0, 1):
        mass = image.sum(axis=1 - axis, dtype=np.float64)
        centre = float(mass @ np.arange(len(mass)) / mass.sum())
        image = _shifted(image, CENTRE * OVERSAMPLING - 0.5 - centre, axis)
    return image


def _shifted(image: Ink, by: float, axis: int) -> Ink:
    """``image`` moved by a number of pixels along ``axis``, the two pixels beside each place blended; what
    comes in from outside is paper."""
    whole = math.floor(by)
    share = np.float32(by - whole)
    # One pixel of paper more at either side, for what is between two pixels.
    width = [(0, 0), (0, 0)]
    width[axis] = (max(whole, 0) + 1, max(-whole, 0) + 1)
    padded = np.moveaxis(np.pad(image, width), axis, 0)
    first = max(-whole, 0)
    near, far = (padded[first + ahead : first + ahead + image.shape[axis]] for ahead in (1, 0))
    return np.moveaxis((1 - share) * near + share * far, 0, axis)


def averaged(image: Ink) -> Ink:
    """``image``, oversampled, as ink: float32 (28, 28)."""
    pieces = image.reshape(SIDE, OVERSAMPLING, SIDE, OVERSAMPLING)
    ink: Ink = pieces.mean(axis=(1, 3), dtype=np.float32)
    return ink
