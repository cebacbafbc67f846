"""What people draw that is no single digit: letters that no digit looks like, shapes, scribbles and numbers.

Only the starter's training uses them, to learn what is no digit. The strokes are written as
those of ``model.starter.handwriting`` are. Left out are the letters that somebody could mean as a digit:
B C D G I J L O Q S Y Z and b g i j l o q s y z.
"""

from functools import partial

import numpy as np

from model.drawing.strokes import Stroke
from model.starter.digit_styles import STYLES
from model.starter.handwriting import Random, Style, arc, curve, line, stray

# How far each point of a letter strays, as a share of the box.
_STRAY = 0.05
# Digits of a number are narrower, and so far apart.
_WIDTH_IN_NUMBER, _SPACE = (0.5, 0.9), (0.02, 0.3)

_STRAIGHT: dict[str, list[list[tuple[float, float]]]] = {
    "A": [[(0, 1), (0.5, 0), (1, 1)], [(0.2, 0.65), (0.8, 0.65)]],
    "E": [[(0.9, 0), (0, 0), (0, 1), (0.9, 1)], [(0, 0.5), (0.8, 0.5)]],
    "F": [[(0.9, 0), (0, 0), (0, 1)], [(0, 0.5), (0.7, 0.5)]],
    "H": [[(0, 0), (0, 1)], [(0.9, 0), (0.9, 1)], [(0, 0.5), (0.9, 0.5)]],
    "K": [[(0, 0), (0, 1)], [(0.85, 0), (0, 0.55)], [(0.3, 0.4), (0.9, 1)]],
    "M": [[(0, 1), (0.1, 0), (0.5, 0.7), (0.9, 0), (1, 1)]],
    "N": [[(0, 1), (0, 0), (0.9, 1), (0.9, 0)]],
    "T": [[(0, 0), (1, 0)], [(0.5, 0), (0.5, 1)]],
    "V": [[(0, 0), (0.5, 1), (1, 0)]],
    "W": [[(0, 0), (0.25, 1), (0.5, 0.3), (0.75, 1), (1, 0)]],
    "X": [[(0, 0), (1, 1)], [(1, 0), (0, 1)]],
    "k": [[(0, 0), (0, 1)], [(0.6, 0.4), (0, 0.75)], [(0.2, 0.65), (0.65, 1)]],
    "+": [[(0, 0.5), (1, 0.5)], [(0.5, 0), (0.5, 1)]],
    "#": [[(0.3, 0), (0.2, 1)], [(0.8, 0), (0.7, 1)], [(0, 0.35), (1, 0.3)], [(0, 0.7), (1, 0.65)]],
    "=": [[(0, 0.3), (1, 0.3)], [(0, 0.7), (1, 0.7)]],
    "triangle": [[(0.5, 0), (1, 1), (0, 1), (0.5, 0)]],
    "star": [[(0.2, 1), (0.5, 0), (0.8, 1), (0, 0.38), (1, 0.38), (0.2, 1)]],
    "house": [[(0, 1), (0, 0.4), (0.5, 0), (1, 0.4), (1, 1), (0, 1)]],
    "arrow": [[(0, 0.5), (1, 0.5)], [(0.65, 0.2), (1, 0.5), (0.65, 0.8)]],
}
_ROUND: dict[str, list[list[tuple[float, float]]]] = {
    "P": [[(0, 0), (0, 0.5), (0, 1)], [(0, 0), (0.7, 0.05), (0.75, 0.4), (0, 0.52)]],
    "R": [[(0, 0), (0, 0.5), (0, 1)], [(0, 0), (0.7, 0.05), (0.7, 0.4), (0, 0.5)], [(0.2, 0.5), (0.8, 1)]],
    "U": [[(0, 0), (0, 0.6), (0.2, 0.98), (0.5, 1), (0.8, 0.9), (0.9, 0.5), (0.9, 0)]],
    "a": [[(0.8, 0.2), (0.4, 0), (0, 0.5), (0.35, 1), (0.8, 0.5)], [(0.85, 0), (0.8, 0.7), (1.05, 1)]],
    "d": [[(0.7, 0.55), (0.3, 0.45), (0, 0.75), (0.3, 1), (0.7, 0.7)], [(0.75, 0), (0.75, 0.5), (0.8, 1)]],
    "e": [[(0, 0.55), (0.5, 0.55), (0.9, 0.4), (0.5, 0), (0.05, 0.4), (0.3, 0.95), (0.9, 0.9)]],
    "f": [[(0.8, 0.1), (0.5, 0), (0.35, 0.3), (0.35, 1)], [(0, 0.42), (0.4, 0.42), (0.75, 0.42)]],
    "h": [[(0, 0), (0, 0.5), (0, 1)], [(0, 0.65), (0.35, 0.45), (0.6, 0.65), (0.6, 1)]],
    "m": [[(0, 0.05), (0, 1)], [(0, 0.4), (0.25, 0), (0.45, 0.3), (0.45, 1)],
          [(0.45, 0.4), (0.75, 0), (0.95, 0.3), (0.95, 1)]],
    "n": [[(0, 0.05), (0, 0.5), (0, 1)], [(0, 0.4), (0.4, 0), (0.8, 0.35), (0.8, 1)]],
    "r": [[(0, 0), (0, 0.5), (0, 1)], [(0, 0.5), (0.25, 0.1), (0.65, 0.1)]],
    "t": [[(0.35, 0), (0.35, 0.75), (0.55, 1), (0.8, 0.9)], [(0, 0.3), (0.4, 0.3), (0.75, 0.3)]],
    "u": [[(0, 0), (0, 0.65), (0.35, 1), (0.8, 0.6), (0.8, 0)], [(0.8, 0), (0.8, 0.5), (0.85, 1)]],
    "w": [[(0, 0), (0.1, 0.8), (0.3, 1), (0.5, 0.3), (0.65, 1), (0.85, 0.8), (1, 0)]],
    "heart": [[(0.5, 0.25), (0.25, 0), (0, 0.3), (0.5, 1), (1, 0.3), (0.75, 0), (0.5, 0.25)]],
    "infinity": [[(0.5, 0.5), (0.25, 0.25), (0, 0.5), (0.25, 0.75), (0.5, 0.5), (0.75, 0.25), (1, 0.5),
                  (0.75, 0.75), (0.5, 0.5)]],
}  # fmt: skip


def _sign(strokes: list[list[tuple[float, float]]], is_round: bool, rng: Random) -> list[Stroke]:
    pen = curve if is_round else line
    return [pen(*stray(stroke, _STRAY, rng)) for stroke in strokes]


def _tangle(rng: Random) -> list[Stroke]:
    return [curve(*rng.random((rng.integers(5, 25), 2)))]


def _jumble(rng: Random) -> list[Stroke]:
    return [line(*rng.random((2, 2))) for _ in range(rng.integers(3, 9))]


def _zigzag(rng: Random) -> list[Stroke]:
    teeth = int(rng.integers(5, 14))
    points = np.stack([np.linspace(0, 1, teeth), np.arange(teeth) % 2 * rng.uniform(0.2, 1)], axis=1)
    return [(line if rng.random() < 0.5 else curve)(*(points[:, ::-1] if rng.random() < 0.5 else points))]


def _spiral(rng: Random) -> list[Stroke]:
    turns = rng.uniform(1.8, 5)
    angles = np.linspace(0, 2 * np.pi * turns, 120) + rng.uniform(0, 2 * np.pi)
    radius = np.linspace(0.03, 0.5, 120)
    return [0.5 + np.stack([radius * np.cos(angles), rng.choice([-1, 1]) * radius * np.sin(angles)], axis=1)]


def _dots(rng: Random) -> list[Stroke]:
    return [rng.random((1, 2)) + rng.normal(0, 0.01, (2, 2)) for _ in range(rng.integers(1, 7))]


def _dash(rng: Random) -> list[Stroke]:
    y = rng.normal(0, 0.12, 2)
    return [line((0, float(y[0])), (1.5, float(y[1])))]


def _face(rng: Random) -> list[Stroke]:
    eyes = [arc((x, 0.35), (0.03, 0.05), 0, 360) for x in (0.32, 0.68)]
    return [
        arc((0.5, 0.5), (0.5, 0.5), 0, 370),
        *eyes,
        arc((0.5, 0.55), (0.25, 0.2), rng.uniform(0, 40), 150),
    ]


def _two_digits(rng: Random) -> list[Stroke]:
    """A number of two digits, near to each other."""
    drawn: list[Stroke] = []
    right = 0.0
    for _ in range(2):
        styles = STYLES[int(rng.integers(10))]
        strokes = styles[int(rng.integers(len(styles)))](rng)
        width = rng.uniform(*_WIDTH_IN_NUMBER)
        left, end = (float(edge(np.concatenate(strokes)[:, 0])) for edge in (np.min, np.max))
        drawn += [(stroke - (left, 0)) * (width, 1) + (right, 0) for stroke in strokes]
        right += (end - left) * width + rng.uniform(*_SPACE)
    return drawn


LETTERS: dict[str, Style] = {
    **{name: partial(_sign, strokes, False) for name, strokes in _STRAIGHT.items()},
    **{name: partial(_sign, strokes, True) for name, strokes in _ROUND.items()},
}
SCRIBBLES: dict[str, Style] = {
    "tangle": _tangle, "jumble": _jumble, "zigzag": _zigzag, "spiral": _spiral, "dots": _dots, "dash": _dash,
    "face": _face,
}  # fmt: skip
NUMBERS: dict[str, Style] = {"two digits": _two_digits}
