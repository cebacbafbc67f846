"""A hand that a program writes with: lines, curves and arcs, unsteady, narrow or wide, and leaning.

Only the starter's training uses it. Each style is a recipe of strokes in a box of about one by one, x
growing to the right and y downwards, in which everything is drawn from a generator: the digits are in
``model.starter.digit_styles``, what is no digit in ``model.starter.non_digits``.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from model.drawing.strokes import Stroke, prepare

Random = np.random.Generator
Style = Callable[[Random], list[Stroke]]

# Points between two that a curve passes through.
_PIECES = 8
# Pixels of the pad that a box takes up.
_BOX = 150
# How unsteady a hand is, and how far it leans, as shares of the box.
_TREMBLE = 0.025
_SLANT = (-0.15, 0.45)
_WIDTH = (0.35, 1.1)


def written(style: Style, rng: Random) -> list[Stroke]:
    """One digit in ``style``: unsteady, narrow or wide, and leaning."""
    width, slant, turn = rng.uniform(*_WIDTH), rng.uniform(*_SLANT), rng.normal(0, 0.06)
    lean = _BOX * np.array([[width, -slant], [turn, 1.0]])
    return [(stroke + _wave(len(stroke), rng)) @ lean.T for stroke in style(rng)]


def images(styles: Sequence[Style], count: int, rng: Random) -> NDArray[np.uint8]:
    """About ``count`` inks, as many of each of the ``styles``, uint8 (N, 784), style by style."""
    inks = [prepare(written(style, rng)) for style in styles for _ in range(count // len(styles))]
    return np.stack([np.round(ink * 255).astype(np.uint8).ravel() for ink in inks if ink is not None])


def curve(*points: tuple[float, float]) -> Stroke:
    """A smooth line through ``points`` (Catmull and Rom 1974)."""
    p = np.array([points[0], *points, points[-1]], np.float64)
    t = np.linspace(0, 1, _PIECES, endpoint=False)[:, None]
    pieces = [
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        for a, b, c, d in zip(p, p[1:], p[2:], p[3:], strict=False)
    ]
    return np.concatenate([*pieces, p[-1:]])


def line(*points: tuple[float, float]) -> Stroke:
    """Straight from point to point."""
    p = np.array(points, np.float64)
    t = np.linspace(0, 1, _PIECES, endpoint=False)[:, None]
    return np.concatenate([*(a + (b - a) * t for a, b in pairwise(p)), p[-1:]])


def arc(middle: tuple[float, float], radii: tuple[float, float], start: float, end: float) -> Stroke:
    """A part of an ellipse; angles in degrees, 0 to the right, 90 down: clockwise where ``end`` is larger."""
    angles = np.radians(np.linspace(start, end, max(6, int(abs(end - start) / 12))))
    return np.stack([middle[0] + radii[0] * np.cos(angles), middle[1] + radii[1] * np.sin(angles)], axis=1)


def stray(points: Sequence[tuple[float, float]], share: float, rng: Random) -> list[tuple[float, float]]:
    """``points``, each of them moved at random, by about ``share`` of the box."""
    moved = np.array(points) + rng.normal(0, share, (len(points), 2))
    return [(float(x), float(y)) for x, y in moved]


def _wave(count: int, rng: Random) -> Stroke:
    """A slow tremble of the hand along ``count`` points."""
    knots = rng.normal(0, _TREMBLE, (max(3, count // 8), 2))
    places, at = np.linspace(0, 1, len(knots)), np.linspace(0, 1, count)
    return np.stack([np.interp(at, places, knots[:, axis]) for axis in (0, 1)], axis=1)
