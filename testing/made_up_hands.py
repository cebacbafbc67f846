"""Writes the digits of a rehearsal's pupils anew, as a program makes them up:

    python -m testing.made_up_hands

No child has written them, and they come from no collection: they are styles of digits that were made up for
the starter's training, in twelve hands, each with a slant, a size and a haste of its own. The same seed makes
the same digits; of the seeds from 10 to 29 this one leaves the starter the most errors.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from classroom.rehearsal import recording
from model.config import CLASSES
from model.drawing.collection import Pointer
from model.drawing.strokes import Stroke, dense
from model.starter.digit_styles import STYLES
from model.starter.handwriting import Random

_SEED = 23
# The canvas, and what stays free at its edges, in its pixels.
_CANVAS, _EDGE = 280, 8
# How far apart are the points that a canvas sends, and the bends of an unsteady line, in its pixels.
_SPACING = {Pointer.FINGER: 7.0, Pointer.PEN: 5.0, Pointer.MOUSE: 9.0}
_BENDS = 28.0


@dataclass(frozen=True)
class Hand:
    """How somebody writes. ``styles`` are those of ``STYLES``, one a digit: an open or a closed 4, a crossed
    7 ... ``width`` and the shears ``slant`` and ``turn`` are shares of the ``height``, which is in pixels of
    the canvas. By ``haste``, also a share, a digit loses its shape; by ``tremble`` its lines, and by
    ``careless`` the places of its strokes, in pixels. Corners are cut ``roundness`` times."""

    pointer: Pointer
    styles: tuple[int, ...]
    height: float
    width: float
    slant: float
    turn: float = 0.0
    haste: float = 0.05
    tremble: float = 1.5
    careless: float = 2.0
    roundness: int = 1


_FINGER, _PEN, _MOUSE = Pointer.FINGER, Pointer.PEN, Pointer.MOUSE
HANDS = (
    Hand(_FINGER, (0, 0, 0, 0, 0, 0, 0, 0, 0, 0), 190, 0.75, 0.05, haste=0.03, tremble=3),
    Hand(_PEN, (2, 1, 1, 2, 1, 1, 1, 2, 1, 1), 150, 0.65, 0.25, roundness=2),
    Hand(
        _MOUSE,
        (0, 0, 3, 1, 2, 0, 2, 1, 0, 3),
        170,
        0.8,
        -0.05,
        haste=0.06,
        tremble=4,
        careless=5,
        roundness=0,
    ),
    Hand(_FINGER, (4, 3, 4, 3, 4, 2, 3, 4, 3, 2), 220, 0.6, 0.15, 0.05, haste=0.08, tremble=3, careless=5),
    Hand(_PEN, (0, 1, 2, 4, 5, 3, 4, 6, 4, 6), 130, 0.9, 0.0, haste=0.03, roundness=2),
    Hand(_FINGER, (5, 0, 1, 0, 6, 1, 5, 8, 5, 4), 200, 0.55, 0.35, haste=0.09, tremble=3, careless=6),
    Hand(_MOUSE, (0, 2, 0, 3, 3, 0, 0, 7, 6, 0), 160, 0.7, 0.1, -0.06, tremble=4, roundness=0),
    Hand(_FINGER, (0, 1, 4, 2, 7, 2, 1, 0, 2, 5), 180, 0.85, -0.15, haste=0.07, tremble=3),
    Hand(_PEN, (3, 4, 3, 0, 1, 1, 3, 5, 1, 1), 110, 0.7, 0.2, haste=0.04, roundness=2),
    Hand(_FINGER, (1, 5, 2, 1, 0, 0, 2, 2, 0, 3), 230, 0.8, 0.0, 0.08, haste=0.1, tremble=4, careless=9),
    Hand(_MOUSE, (0, 0, 1, 4, 4, 3, 0, 0, 4, 0), 140, 0.6, 0.3, haste=0.07, tremble=4, careless=3),
    Hand(_FINGER, (2, 1, 4, 3, 2, 2, 4, 3, 3, 2), 170, 1.0, 0.1, -0.04, haste=0.08, tremble=4, careless=5),
)


def written(seed: int = _SEED) -> list[tuple[Pointer, list[list[Stroke]]]]:
    """The ten digits of each hand, in pixels of the canvas, and its pointer."""
    digits = []
    for number, hand in enumerate(HANDS):
        rng = np.random.default_rng([seed, number])
        digits.append((hand.pointer, [_write(hand, digit, rng) for digit in range(CLASSES)]))
    return digits


def _write(hand: Hand, digit: int, rng: Random) -> list[Stroke]:
    shape = hand.height * np.array([[hand.width, -hand.slant], [hand.turn, 1.0]])
    bent = _bent(STYLES[digit][hand.styles[digit]](rng), hand.haste, rng)
    strokes = [_drawn(stroke @ shape.T, hand, rng) for stroke in bent]
    points = np.concatenate(strokes)
    low, extent = points.min(axis=0), np.ptp(points, axis=0)
    free = _CANVAS - 2 * _EDGE
    scale = min(1.0, free / extent.max())
    corner = _EDGE + (free - scale * extent) * np.clip(rng.normal(0.5, 0.15, 2), 0, 1)
    return [np.round((stroke - low) * scale + corner) for stroke in strokes]


def _bent(strokes: Sequence[Stroke], haste: float, rng: Random) -> list[Stroke]:
    """``strokes`` in their box of one by one, out of shape as a rubber sheet is whose corners, edges and
    middle are moved."""
    moves = rng.normal(0, 2 * haste, (3, 3, 2))

    def bend(stroke: Stroke) -> Stroke:
        across, down = (
            np.stack([(1 - at) ** 2, 2 * at * (1 - at), at**2], axis=1) for at in np.clip(stroke, -0.2, 1.2).T
        )
        moved: Stroke = stroke + np.einsum("ni,nj,ijk->nk", across, down, moves)
        return moved

    return [bend(stroke) for stroke in strokes]


def _drawn(stroke: Stroke, hand: Hand, rng: Random) -> Stroke:
    """``stroke`` as an unsteady hand draws it, and as a canvas sends it."""
    for _ in range(hand.roundness):
        stroke = _without_corners(stroke)
    stroke = _even(stroke, 2.0)
    bends = max(3, int(2 * len(stroke) / _BENDS))
    places, at = np.linspace(0, 1, bends), np.linspace(0, 1, len(stroke))
    waves = [np.interp(at, places, wave) for wave in rng.normal(0, hand.tremble, (2, bends))]
    moved = stroke + np.stack(waves, axis=1) + rng.normal(0, hand.careless, 2)
    return _even(moved, _SPACING[hand.pointer])


def _without_corners(stroke: Stroke) -> Stroke:
    """``stroke`` with its corners cut (Chaikin 1974); its ends stay."""
    first, second = stroke[:-1], stroke[1:]
    cut = np.stack([0.75 * first + 0.25 * second, 0.25 * first + 0.75 * second], axis=1)
    return np.concatenate([stroke[:1], cut.reshape(-1, 2), stroke[-1:]])


def _even(stroke: Stroke, spacing: float) -> Stroke:
    """``stroke`` with points about ``spacing`` apart."""
    fine = dense(stroke, 1.0)
    way = np.cumsum([0.0, *np.linalg.norm(np.diff(fine, axis=0), axis=1)])
    at = np.linspace(0, way[-1], max(2, round(float(way[-1]) / spacing) + 1))
    return np.stack([np.interp(at, way, axis) for axis in fine.T], axis=1)


if __name__ == "__main__":
    recording.save(written())
