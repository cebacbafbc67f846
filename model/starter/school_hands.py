"""Digits as the world's schools teach them and as hands keep them, sketched as points that a pen passes.

Looked at for them: the article "Regional handwriting variation" of Wikipedia, the number formations of
American first grades (ball and stick, and slanted with a tail), the numerals on French squared paper with
their long upstroke and crossed 7, and the hooked 1 and 7 of the German school hands.
"""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from model.drawing.strokes import Stroke
from model.starter.handwriting import Random, Style, curve, line, stray

# A coordinate: where it is, or the range in which it is drawn anew for every digit.
_Place = float | tuple[float, float]
_Points = Sequence[tuple[_Place, _Place]]
_Pen = Callable[..., Stroke]

# How far each point strays, as a share of the box.
_STRAY = 0.03


def _sketched(strokes: Sequence[Sequence[tuple[_Pen, _Points]]], rng: Random) -> list[Stroke]:
    return [
        np.concatenate([pen(*stray(_drawn(points, rng), _STRAY, rng)) for pen, points in stroke])
        for stroke in strokes
    ]


def _drawn(points: _Points, rng: Random) -> list[tuple[float, float]]:
    return [(_place(x, rng), _place(y, rng)) for x, y in points]


def _place(place: _Place, rng: Random) -> float:
    return rng.uniform(*place) if isinstance(place, tuple) else place


def _sketch(*strokes: Sequence[tuple[_Pen, _Points]]) -> Style:
    """A style of ``strokes``, each of them parts that follow one another without lifting the pen."""
    return partial(_sketched, strokes)


def _curved(*points: tuple[_Place, _Place]) -> list[tuple[_Pen, _Points]]:
    return [(curve, points)]


def _straight(*points: tuple[_Place, _Place]) -> list[tuple[_Pen, _Points]]:
    return [(line, points)]


_RING = _curved((0.55, 0.0), (0.12, 0.3), (0.12, 0.7), (0.5, 1.0), (0.88, 0.7), (0.88, 0.3), (0.5, 0.0))
_BAR_OF_SEVEN = _straight(((0.1, 0.35), (0.42, 0.62)), ((0.75, 1.0), (0.4, 0.6)))
_WAVY_TOP: list[tuple[_Pen, _Points]] = [
    (curve, (((0.0, 0.1), (0.1, 0.3)), (0.2, 0.0), (0.5, (0.06, 0.18)), (0.85, 0.0))),
    (curve, ((0.85, 0.0), ((0.5, 0.7), 0.5), ((0.2, 0.5), 1.0))),
]
_HOOKED_TOP: list[tuple[_Pen, _Points]] = [
    (line, ((0.05, (0.12, 0.35)), (0.08, 0.03), (0.85, 0.03))),
    (curve, ((0.85, 0.03), ((0.4, 0.6), 0.45), ((0.25, 0.5), 1.0))),
]
_LONG_FLAG: list[tuple[_Pen, _Points]] = _straight(((-0.15, 0.2), (0.45, 0.95)), (0.6, 0.0), (0.6, 1.0))
_SMALL_RING = ((0.8, 0.12), (0.5, 0.0), ((0.15, 0.35), (0.12, 0.25)), (0.5, (0.3, 0.45)), (0.8, (0.1, 0.2)))

SCHOOL_HANDS: dict[int, Sequence[Style]] = {
    0: (
        _sketch(_RING, _straight((0.45, 0.48), (0.55, 0.52))),
        _sketch(_RING, _straight(((0.9, 1.2), (-0.1, 0.05)), ((0.6, 0.75), (0.2, 0.35)))),
        _sketch(_curved(((0.6, 0.8), 0.08), (0.3, 0.05), (0.1, 0.5), (0.45, 1.0), (0.88, 0.6), (0.85, 0.25))),
        _sketch(
            _curved((0.5, 0.25), (0.05, 0.45), (0.25, 0.75), (0.8, 0.7), (0.95, 0.4), (0.5, 0.25)),
            _straight(((0.5, 0.7), -0.1), ((0.3, 0.5), 1.1)),
        ),
    ),
    1: (
        _sketch(_LONG_FLAG),
        _sketch(_LONG_FLAG, _straight(((0.1, 0.4), 1.0), ((0.8, 1.1), 1.0))),
        _sketch(
            [
                (curve, (((0.0, 0.3), (0.2, 0.5)), (0.4, (0.1, 0.3)), (0.6, 0.0))),
                (line, ((0.6, 0.0), (0.6, 1.0))),
            ],
            _curved(((0.2, 0.4), 1.0), (0.6, 0.98), ((0.8, 1.0), 1.02)),
        ),
    ),
    2: (
        _sketch([
            (curve, ((0.1, (0.2, 0.35)), (0.3, 0.02), (0.7, 0.05), (0.8, 0.3))),
            (line, ((0.8, 0.3), (0.05, 1.0), ((0.7, 1.1), 1.0))),
        ]),
        _sketch(_curved((0.1, 0.25), (0.45, 0.0), (0.8, 0.25), (0.05, 1.0), (0.35, (0.85, 0.92)),
                        (0.65, 1.0), (1.0, (0.85, 0.95)))),
        _sketch([
            (curve, ((0.3, (0.25, 0.35)), (0.12, 0.18), (0.45, 0.0), (0.82, 0.25), (0.5, 0.65), (0.05, 1.0))),
            (line, ((0.05, 1.0), ((0.7, 1.1), 0.98))),
        ]),
    ),
    3: (
        _sketch(_curved((0.22, 0.25), (0.12, 0.1), (0.5, 0.0), (0.8, 0.22), ((0.35, 0.5), 0.46), (0.85, 0.72),
                        (0.45, 1.0), (0.05, 0.82), ((0.1, 0.25), (0.65, 0.75)))),
        _sketch(_curved((0.1, 0.12), (0.5, 0.0), (0.8, 0.22), (0.48, 0.5), (0.35, 0.42), (0.5, 0.38),
                        (0.88, 0.7), (0.5, 1.0), (0.05, (0.8, 0.92)))),
        _sketch(_curved((0.2, 0.08), (0.55, 0.0), (0.7, 0.18), ((0.3, 0.45), 0.38), (0.95, 0.6),
                        (0.7, 0.95), (0.0, (0.9, 1.05)))),
    ),
    4: (
        _sketch(_straight(((0.1, 0.3), 0.0), ((0.0, 0.15), 0.55), (0.75, (0.48, 0.58)), (0.8, (0.0, 0.2)),
                          ((0.65, 0.85), 1.0))),
        _sketch(_straight((0.35, 0.0), (0.0, (0.75, 0.9)), (1.0, (0.72, 0.88))),
                _straight((0.6, (0.2, 0.5)), ((0.5, 0.65), (1.02, 1.15)))),
        _sketch(_straight(((0.55, 0.75), 1.0), (0.7, 0.0), (0.0, (0.55, 0.7)), (1.0, (0.55, 0.7)))),
        _sketch(_straight((0.1, 0.0), (0.1, (0.4, 0.6)), ((0.8, 1.0), (0.4, 0.6))),
                _straight((0.8, 0.0), (0.8, 1.0))),
        _sketch(_curved((0.2, 0.0), (0.1, 0.35), (0.3, 0.55), (0.75, (0.35, 0.5))),
                _straight((0.85, 0.0), ((0.65, 0.8), 1.0))),
    ),
    5: (
        _sketch(_curved(((0.75, 1.0), 0.02), (0.35, 0.03), (0.2, (0.3, 0.4)), (0.6, 0.42), (0.82, 0.7),
                        (0.45, 1.0), (0.0, (0.85, 1.0)))),
        _sketch([
            (line, ((0.25, 0.08), (0.2, (0.4, 0.55)))),
            (curve, ((0.2, 0.5), (0.55, 0.42), (0.8, 0.72), (0.45, 1.0), (0.05, 0.88))),
        ], _straight(((0.25, 0.5), (-0.1, 0.02)), ((0.8, 1.1), (-0.1, 0.02)))),
        _sketch([
            (line, (((0.8, 1.1), 0.0), (0.35, 0.02), (0.15, 0.45))),
            (curve, ((0.15, 0.45), (0.55, 0.38), (0.8, 0.65), (0.5, 0.98), (0.1, 0.9), (0.12, (0.7, 0.8)))),
        ]),
    ),
    6: (
        _sketch(_curved(((0.5, 0.9), 0.0), (0.25, 0.45), (0.18, 0.85), (0.42, 1.0), (0.62, 0.88),
                        (0.45, (0.68, 0.8)), (0.2, (0.8, 0.92)))),
        _sketch(_curved(((0.5, 0.8), 0.0), (0.3, 0.4), (0.15, 0.75), (0.45, 1.0), (0.8, 0.75),
                        (0.5, (0.5, 0.6)), ((-0.1, 0.1), (0.65, 0.85)))),
        _sketch([
            (line, (((0.4, 0.85), 0.0), (0.12, 0.65))),
            (curve, ((0.12, 0.65), (0.2, 0.95), (0.6, 1.0), (0.8, 0.75), (0.5, 0.55), (0.14, 0.75))),
        ]),
        _sketch(_curved((0.2, 0.0), (0.15, 0.5), (0.2, 0.9), (0.55, 1.0), (0.8, 0.8), (0.55, (0.55, 0.65)),
                        (0.2, 0.75))),
    ),
    7: (
        _sketch(_WAVY_TOP),
        _sketch(_WAVY_TOP, _BAR_OF_SEVEN),
        _sketch(_HOOKED_TOP),
        _sketch(_HOOKED_TOP, _BAR_OF_SEVEN),
        _sketch(_curved(((0.0, 0.2), (0.0, 0.15)), (0.5, (0.0, 0.1)), (0.85, 0.02), (0.75, 0.3), (0.4, 1.0)),
                _BAR_OF_SEVEN),
        _sketch(_straight((0.0, 0.0), (0.8, 0.0), ((0.5, 0.8), 1.0))),
    ),
    8: (
        _sketch(_curved((0.62, 0.08), (0.5, 0.0), (0.38, 0.25), (0.5, 0.48), (0.66, 0.75), (0.5, 1.0),
                        (0.34, 0.75), (0.5, 0.48), (0.62, 0.25), (0.55, 0.02))),
        _sketch(_curved((0.78, (0.05, 0.2)), (0.45, 0.0), (0.22, 0.2), (0.7, 0.65), (0.55, 1.0), (0.2, 0.85),
                        (0.35, 0.6), ((0.75, 1.0), (-0.05, 0.1)))),
        _sketch(_curved((0.5, 0.45), (0.25, 0.22), (0.5, 0.0), (0.75, 0.2), (0.5, 0.45), (0.15, 0.75),
                        (0.5, 1.0), (0.85, 0.75), (0.52, 0.47))),
        _sketch(_curved(((0.7, 0.95), 0.0), (0.5, 0.45), (0.2, 0.8), (0.5, 1.0), (0.75, 0.8), (0.4, 0.45),
                        (0.2, 0.2), ((0.2, 0.45), 0.02))),
        _sketch(_curved((0.55, 0.1), (0.42, 0.0), (0.3, 0.18), (0.5, 0.36), (0.85, 0.65), (0.5, 1.0),
                        (0.15, 0.68), (0.48, 0.38), (0.66, 0.18), (0.55, 0.03))),
    ),
    9: (
        _sketch([
            (curve, _SMALL_RING),
            (curve, ((0.8, 0.15), (0.85, 0.6), ((0.6, 0.75), 0.95), (0.25, 1.0), ((-0.2, 0.0), (0.7, 0.9)))),
        ]),
        _sketch([(curve, (*_SMALL_RING[:-1], (0.82, 0.15)))], _straight((0.82, 0.0), ((0.7, 0.9), 1.0))),
        _sketch([
            (curve, ((0.85, (0.0, 0.15)), (0.4, 0.0), (0.12, 0.25), (0.4, 0.45), (0.82, (0.2, 0.35)))),
            (curve, ((0.84, 0.1), (0.82, 0.6), ((0.5, 0.8), 1.0))),
        ]),
        _sketch([
            (curve, ((0.65, 0.05), (0.3, 0.1), (0.3, 0.4), (0.65, 0.38), (0.75, 0.1))),
            (line, ((0.75, 0.08), ((0.3, 0.6), 1.0))),
        ]),
        _sketch([
            (curve, _SMALL_RING),
            (curve, ((0.8, 0.15), (0.8, 0.85), (0.6, 1.0), ((0.3, 0.45), (0.85, 0.95)))),
        ]),
    ),
}  # fmt: skip
