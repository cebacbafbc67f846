"""A class's digits, as a program writes them: every pupil has a hand of their own."""

import numpy as np

from model.config import CLASSES
from model.data.mnist import LabelledImages
from model.drawing.collection import Pointer
from model.drawing.strokes import prepare
from model.evaluation.writers import Drawings
from model.starter.digit_styles import STYLES

_POINTERS = (Pointer.FINGER, Pointer.PEN, Pointer.MOUSE)
_BOX = 150


def drawings(pupils: int, times: int, seed: int = 0, taught_alike: bool = False) -> Drawings:
    """Each digit ``times`` times by each of ``pupils``, who write it in a style of their own, or all in the
    same one; narrow or wide and leaning they write as they like."""
    rng = np.random.default_rng(seed)
    school = rng.random(CLASSES)
    inks, labels, writers, pointers = [], [], [], []
    for pupil in range(pupils):
        lean = _BOX * np.array([[rng.uniform(0.5, 1), -rng.uniform(-0.1, 0.3)], [rng.normal(0, 0.05), 1]])
        own = rng.random(CLASSES)
        for digit in range(CLASSES):
            chosen = (school if taught_alike else own)[digit]
            style = STYLES[digit][int(chosen * len(STYLES[digit]))]
            for _ in range(times):
                ink = prepare([stroke @ lean.T for stroke in style(rng)])
                assert ink is not None
                inks.append(np.round(ink * 255).astype(np.uint8).ravel())
                labels.append(digit)
                writers.append(f"Otter {pupil + 1}")
                pointers.append(_POINTERS[pupil % len(_POINTERS)])
    images = LabelledImages(np.stack(inks), np.array(labels, np.uint8))
    return Drawings(images, np.array(writers), tuple(pointers))
