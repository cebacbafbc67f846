"""The twelve recorded pupils of a rehearsal: how each writes, and who does what when.

Their digits are made up by a program, ``testing.made_up_hands``: no child has written them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np

from model.config import CLASSES
from model.drawing.collection import Pointer
from model.drawing.strokes import Stroke
from model.evaluation.hypothesis import Guess

FILE = Path(__file__).with_name("digits.npz")


@dataclass(frozen=True)
class Plan:
    """What a pupil does when: much faster than a class does.

    ``joins_at`` and ``trains_at`` are seconds since the room was opened or the step began; a pupil without
    ``trains_at`` only looks on. Each digit takes ``seconds_a_digit``, until so many ``digits`` are drawn.
    Help is wanted after ``asks_after`` digits. While the class draws, nobody is there from the first to the
    second of the seconds in ``away``. A question is answered ``answers_at`` seconds after it was asked;
    without them never. ``guess`` is that of the first round, and who ``is_right`` is so at the end.
    """

    joins_at: float
    seconds_a_digit: float
    trains_at: float | None = None
    learning_rate: float = 0.01
    digits: int = CLASSES
    asks_after: int | None = None
    away: tuple[float, float] | None = None
    answers_at: float | None = None
    guess: Guess = Guess.HIGHER
    changes_its_mind: bool = False
    is_right: bool = True


PLANS = (
    Plan(2, 3.5, trains_at=3, answers_at=4),
    Plan(3, 4.0, trains_at=5, learning_rate=0.02, answers_at=6, guess=Guess.LOWER, changes_its_mind=True),
    Plan(4, 5.0, trains_at=12, asks_after=3, answers_at=12),
    Plan(5, 3.0, trains_at=4, learning_rate=0.05, answers_at=3),
    Plan(5, 5.5, trains_at=15, answers_at=16, guess=Guess.SAME, changes_its_mind=True),
    Plan(6, 4.5, away=(25, 75), answers_at=9, is_right=False),
    Plan(7, 4.0, trains_at=8, learning_rate=0.1, answers_at=7),
    Plan(8, 5.0, trains_at=10, learning_rate=0.005, answers_at=11, guess=Guess.LOWER),
    Plan(9, 3.5, trains_at=6, learning_rate=0.03, answers_at=5, changes_its_mind=True),
    Plan(10, 4.0, digits=4),
    Plan(12, 4.5, trains_at=18, learning_rate=0.02, answers_at=14, guess=Guess.SAME, is_right=False),
    Plan(40, 3.0, answers_at=8, guess=Guess.LOWER, changes_its_mind=True),
)


@dataclass(frozen=True)
class Pupil:
    """A recorded pupil; ``digits`` are the strokes of each digit, from 0 to 9, in pixels of the canvas."""

    plan: Plan
    pointer: Pointer
    digits: tuple[tuple[Stroke, ...], ...]


@cache
def pupils() -> tuple[Pupil, ...]:
    """All twelve, in the order of their plans."""
    with np.load(FILE, allow_pickle=False) as file:
        points = file["points"].astype(np.float64)
        strokes = [points[start:end] for start, end in pairwise(file["stroke_offsets"])]
        drawings = [tuple(strokes[start:end]) for start, end in pairwise(file["sample_offsets"])]
        pointers = [Pointer(name) for name in file["pointers"].tolist()]
    digits = [tuple(drawings[start : start + CLASSES]) for start in range(0, len(drawings), CLASSES)]
    return tuple(map(Pupil, PLANS, pointers, digits))


def save(written: Sequence[tuple[Pointer, Sequence[Sequence[Stroke]]]], path: Path = FILE) -> None:
    """Write the pointer and the ten digits of each writer, points in whole pixels, to ``path``: arrays as in
    the file of ``model.drawing.collection.strokes_file``."""
    drawings = [strokes for _pointer, digits in written for strokes in digits]
    strokes = [stroke for drawing in drawings for stroke in drawing]
    np.savez_compressed(
        path,
        points=np.concatenate(strokes).astype(np.uint16),
        stroke_offsets=np.cumsum([0, *map(len, strokes)]).astype(np.int32),
        sample_offsets=np.cumsum([0, *map(len, drawings)]).astype(np.int32),
        pointers=np.array([str(pointer) for pointer, _digits in written]),
    )
