"""From a drawing to the ink that the network reads, one step after another, any of them left out."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from model.drawing.strokes import (
    BOX,
    FAINT,
    OVERSAMPLING,
    PEN_WIDTH,
    SIDE,
    Ink,
    Stroke,
    averaged,
    box_of,
    centre_mass,
    clean,
    draw_with_pen,
)

# A shorter side is that of a dot or of a straight line: it is not stretched.
_MIN_EXTENT = 0.5


class Step(StrEnum):
    """What is done to a drawing, in this order; ``DRAWN`` is the canvas itself, shrunk."""

    DRAWN = "drawn"
    CROPPED = "cropped"
    SCALED = "scaled"
    INKED = "inked"
    CENTRED = "centred"


@dataclass(frozen=True)
class Switches:
    """Which steps are done. Without ``crop`` all of the paper is taken, without ``scale`` it is stretched
    over the whole picture, without ``ink`` the pen is as thick as it was."""

    crop: bool = True
    scale: bool = True
    ink: bool = True
    centre: bool = True


def pictures(
    strokes: Sequence[Stroke], side: int, widths: Sequence[float], switches: Switches
) -> dict[Step, Ink]:
    """The picture after every step that is switched on so far, float32 (28, 28) in [0, 1] each.

    ``strokes``, not a blank, were drawn on a canvas of ``side`` pixels, each with a pen as wide as ``widths``
    says, in pixels. With all switches on, the last picture is what ``model.drawing.strokes.prepare`` makes.
    Raises ValueError where there are not as many widths as strokes.
    """
    canvas = _canvas(strokes, side, widths)
    strokes = clean(strokes)
    return {step: _after(upto, strokes, canvas) for step, upto in zip(Step, _so_far(switches), strict=True)}


def pictures_of(picture: Ink, switches: Switches) -> dict[Step, Ink]:
    """The picture after every step that is switched on so far, float32 (28, 28) in [0, 1] each, of a
    ``picture`` in place of strokes: float32 (H, W) in [0, 1], not a blank, 1 is full ink.

    It has no strokes that could be drawn anew, so it is never inked.
    """
    return {
        step: _after(replace(upto, ink=False), [], picture)
        for step, upto in zip(Step, _so_far(switches), strict=True)
    }


def _so_far(switches: Switches) -> list[Switches]:
    on = astuple(switches)
    return [Switches(*(done and number < count for number, done in enumerate(on))) for count in range(5)]


def _after(switches: Switches, strokes: Sequence[Stroke], canvas: Ink) -> Ink:
    large = _inked(strokes, canvas.shape, switches) if switches.ink else _resampled(canvas, switches)
    return averaged(centre_mass(large) if switches.centre and large.any() else large)


def _inked(strokes: Sequence[Stroke], paper: tuple[int, ...], switches: Switches) -> Ink:
    """The strokes drawn anew with MNIST's pen, oversampled."""
    points = np.concatenate(strokes) if switches.crop else np.array([(0.0, 0.0), paper[::-1]])
    low, high = points.min(axis=0), points.max(axis=0)
    room = (BOX if switches.scale else SIDE) - (PEN_WIDTH if switches.crop else 0)
    factors = _factors(high - low, room, switches)
    return draw_with_pen([(stroke - (low + high) / 2) * factors + SIDE / 2 for stroke in strokes])


def _resampled(picture: Ink, switches: Switches) -> Ink:
    """The picture as it is, its box or all of it, as area means of an oversampled picture; a blank where
    all strokes were moved off the canvas, see ``model.drawing.strokes``."""
    if picture.max() <= FAINT:
        return np.zeros((SIDE * OVERSAMPLING,) * 2, np.float32)
    box = box_of(picture) if switches.crop else [(0.0, float(length)) for length in picture.shape]
    low, high = np.array(box).T
    factors = _factors(high - low, BOX if switches.scale else SIDE, switches)
    places = np.arange(SIDE * OVERSAMPLING + 1) / OVERSAMPLING - SIDE / 2
    rows, columns = (
        np.diff(np.clip((places / factor + middle)[:, None] - np.arange(length), 0, 1), axis=0)
        * (factor * OVERSAMPLING)
        for factor, middle, length in zip(factors, (low + high) / 2, picture.shape, strict=True)
    )
    large: Ink = np.clip(rows @ picture @ columns.T, 0, 1).astype(np.float32)
    return large


def _factors(lengths: NDArray[np.float64], room: float, switches: Switches) -> NDArray[np.float64]:
    """How much larger each axis becomes: both the same, or each so that it fills ``room``."""
    factors = room / np.maximum(lengths, 1e-9)
    longest = float(factors.min()) if lengths.max() >= _MIN_EXTENT else 0.0
    return np.where(lengths >= _MIN_EXTENT, factors, longest) if not switches.scale else np.full(2, longest)


def _canvas(strokes: Sequence[Stroke], side: int, widths: Sequence[float]) -> Ink:
    """What the visitor sees on the canvas, float32 (side, side)."""
    image = Image.new("L", (side, side))
    draw = ImageDraw.Draw(image)
    drawn = [(part, pen) for stroke, pen in zip(strokes, widths, strict=True) for part in clean([stroke])]
    for stroke, pen in drawn:
        points = [(float(x), float(y)) for x, y in stroke]
        draw.line(points, fill=255, width=round(pen))
        for x, y in points:
            draw.ellipse((x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2), fill=255)
    return np.asarray(image, np.float32) / np.float32(255)
