"""Digits as a pen leaves them: masks of ink, float64 (H, W), 0 for paper and 1 for full ink."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage

from model.drawing.strokes import Stroke
from model.starter.digit_styles import STYLES
from model.starter.handwriting import written

Grey = NDArray[np.float64]
Random = np.random.Generator
T = TypeVar("T")
# Drawn larger, then averaged.
_OVERSAMPLING = 2


def one_of(choices: Sequence[T], rng: Random) -> T:
    """One of ``choices``, each as likely."""
    return choices[int(rng.integers(len(choices)))]


def hand(digit: int, rng: Random) -> list[Stroke]:
    """One digit in a hand of its own, in a box of height 1 with its upper left corner at 0, 0."""
    styles = STYLES[digit]
    strokes = written(one_of(styles, rng), rng)
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    return [(stroke - low) / max(float(high[1] - low[1]), 1.0) for stroke in strokes]


def drawn(shape: tuple[int, int], strokes: list[Stroke], pen: float, rng: Random | None = None) -> Grey:
    """``strokes``, in pixels, with a round pen ``pen`` pixels wide; with ``rng``, as dry as a pencil."""
    height, width = shape
    image = Image.new("L", (width * _OVERSAMPLING, height * _OVERSAMPLING))
    draw = ImageDraw.Draw(image)
    radius = pen * _OVERSAMPLING / 2
    for stroke in strokes:
        points = [(float(x), float(y)) for x, y in stroke * _OVERSAMPLING]
        draw.line(points, fill=255, width=max(1, round(2 * radius)))
        for x, y in points:
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    mask = np.asarray(image.resize((width, height), Image.Resampling.BOX), np.float64) / 255
    if rng is None:
        return mask
    grain = ndimage.gaussian_filter(rng.normal(0, 1, shape), 0.8)
    return np.asarray(mask * np.clip(0.85 + 0.5 * grain, 0.25, 1))


def placed(digit: int, box: tuple[float, float, float], rng: Random) -> list[Stroke]:
    """A digit with its upper left corner at x, y and so high: ``box`` is (x, y, height) in pixels."""
    x, y, height = box
    return [stroke * height + (x, y) for stroke in hand(digit, rng)]


def width_of(strokes: list[Stroke]) -> float:
    """How far ``strokes`` reach to the right of where they begin."""
    points = np.concatenate(strokes)
    return float(np.ptp(points[:, 0]))
