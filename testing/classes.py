"""A class's digits, as a program writes them: every pupil has a hand of their own."""

import numpy as np
from numpy.typing import NDArray

from model.config import CLASSES
from model.data.mnist import LabelledImages
from model.drawing.collection import Pointer
from model.drawing.strokes import Stroke, prepare
from model.evaluation.writers import Drawings
from model.starter.digit_styles import STYLES

_POINTERS = (Pointer.FINGER, Pointer.PEN, Pointer.MOUSE)
_BOX = 150


class Hand:
    """A pupil's: each digit in a style of its own, or in those of a ``school``, float64 (10,) in [0, 1);
    narrow or wide and leaning as the pupil likes."""

    def __init__(self, rng: np.random.Generator, school: NDArray[np.float64] | None = None) -> None:
        self._rng = rng
        self._lean = _BOX * np.array(
            [[rng.uniform(0.5, 1), -rng.uniform(-0.1, 0.3)], [rng.normal(0, 0.05), 1]]
        )
        own = rng.random(CLASSES)
        self._styles = own if school is None else school

    def draw(self, digit: int) -> list[Stroke]:
        """The strokes of a digit, each time a little different."""
        style = STYLES[digit][int(self._styles[digit] * len(STYLES[digit]))]
        return [stroke @ self._lean.T for stroke in style(self._rng)]


def drawings(pupils: int, times: int, seed: int = 0, taught_alike: bool = False) -> Drawings:
    """Each digit ``times`` times by each of ``pupils``, who write it in a style of their own, or all in the
    same one."""
    rng = np.random.default_rng(seed)
    school = rng.random(CLASSES)
    inks, labels, writers, pointers = [], [], [], []
    for pupil in range(pupils):
        hand = Hand(rng, school if taught_alike else None)
        for digit in range(CLASSES):
            for _ in range(times):
                ink = prepare(hand.draw(digit))
                assert ink is not None
                inks.append(np.round(ink * 255).astype(np.uint8).ravel())
                labels.append(digit)
                writers.append(f"Otter {pupil + 1}")
                pointers.append(_POINTERS[pupil % len(_POINTERS)])
    images = LabelledImages(np.stack(inks), np.array(labels, np.uint8))
    return Drawings(images, np.array(writers), tuple(pointers))
