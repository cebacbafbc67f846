"""A test set by the visitor's own hand: digits that were asked for, and whatever network reads them.

A digit is asked for before it is drawn, and a drawing never changes after it was handed in. Answers
are no part of the test: any network can be asked for its own, at any time.
"""

import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from model.config import CLASSES
from model.data.mnist import LabelledImages
from model.drawing.strokes import SIDE, Ink, Stroke, clean, prepare, thinned

# An accuracy of fewer drawings says next to nothing, nor does a confusion matrix of fewer than these.
ENOUGH_FOR_ACCURACY = 10
ENOUGH_FOR_CONFUSION = 50
# Digits asked for in one test, skipped ones included.
MAX_TRIALS = 500
# One drawing holds no more; a longer one is thinned out. The canvas makes about four points of a
# movement of the pen: a slow 8 has 2,000.
_MAX_STROKES = 100
_MAX_POINTS = 4_000

# The sheet of pictures, in pixels: how much larger than 28x28, and what lies around each.
_ZOOM = 3
_GAP = 12
_CAPTION = 26
_CELL = (SIDE * _ZOOM + _GAP + _CAPTION, SIDE * _ZOOM + _GAP)
_WHITE, _ORANGE = (255, 255, 255), (240, 151, 90)


class Pointer(StrEnum):
    """What a digit was drawn with, or that it was written on paper. Digits drawn on a trackpad hardly count
    as handwriting."""

    FINGER = "finger"
    PEN = "pen"
    MOUSE = "mouse"
    TRACKPAD = "trackpad"
    KEYBOARD = "keyboard"
    PAPER = "paper"


@dataclass(frozen=True)
class Trial:
    """A digit that was asked for, and what came of it.

    ``strokes`` are float64 (N, 2) in pixels of the canvas, ``ink`` float32 (28, 28) in 255ths, as the
    images of MNIST are; both read-only. A trial without ink was skipped. ``pointer`` is ``None`` where
    nobody noted it.
    """

    label: int
    strokes: tuple[Stroke, ...] = ()
    ink: Ink | None = None
    pointer: Pointer | None = None


@dataclass(frozen=True)
class OwnTest:
    """The trials so far, in order; ``seed`` decides which digit comes when."""

    seed: int
    trials: tuple[Trial, ...] = ()

    @property
    def asked(self) -> int:
        """The digit to draw next."""
        return label_at(self.seed, len(self.trials))

    @property
    def is_full(self) -> bool:
        """Whether no digit is asked for any more: ``MAX_TRIALS`` were drawn or skipped."""
        return len(self.trials) >= MAX_TRIALS

    @property
    def drawn(self) -> list[Trial]:
        """The trials with a digit, in order: all but the skipped ones."""
        return [trial for trial in self.trials if trial.ink is not None]

    @property
    def pointers(self) -> Counter[Pointer]:
        """How many drawings were made with each kind of pointer, as far as it was noted."""
        return Counter(trial.pointer for trial in self.drawn if trial.pointer is not None)

    @property
    def skipped(self) -> int:
        """How many trials were skipped."""
        return len(self.trials) - len(self.drawn)


def label_at(seed: int, number: int) -> int:
    """The digit that trial ``number``, from 0, asks for.

    Every ten trials ask for each digit once, in an order of their own, and no digit follows itself.
    """
    block, index = divmod(number, CLASSES)
    order = _shuffled(seed, block)
    if block and order[0] == _shuffled(seed, block - 1)[-1]:
        order[:2] = order[1::-1]
    return int(order[index])


def submit(test: OwnTest, number: int, strokes: Sequence[Stroke], pointer: Pointer | None = None) -> OwnTest:
    """``test`` with ``strokes`` as what was drawn, with ``pointer``, in trial ``number``.

    Only the trial that is next takes a drawing: a second one for the same digit changes nothing, nor
    does a blank.
    """
    trial = _drawn(label_at(test.seed, number), _bounded(strokes), pointer)
    return test if trial is None else _with(test, number, trial)


def restored(seed: int, drawings: Sequence[tuple[Sequence[Stroke], Pointer | None] | None]) -> OwnTest:
    """The test with this ``seed`` in which ``drawings`` were handed in, ``None`` for a skipped one.

    Raises:
        ValueError: one of them is a blank, or has more strokes or points than are kept, or there are more
            than ``MAX_TRIALS``.
    """
    if len(drawings) > MAX_TRIALS:
        raise ValueError(f"at most {MAX_TRIALS} drawings")
    trials = []
    for number, drawing in enumerate(drawings):
        strokes, pointer = drawing or ((), None)
        # Where a long drawing was thinned out, each stroke kept its last point.
        if len(strokes) > _MAX_STROKES or sum(map(len, strokes)) > _MAX_POINTS + 2 * _MAX_STROKES:
            raise ValueError(f"at most {_MAX_STROKES} strokes and about {_MAX_POINTS} points")
        label = label_at(seed, number)
        trial = Trial(label) if drawing is None else _drawn(label, clean(strokes), pointer)
        if trial is None:
            raise ValueError("a drawing without ink")
        trials.append(trial)
    return OwnTest(seed, tuple(trials))


def skip(test: OwnTest, number: int) -> OwnTest:
    """``test`` with trial ``number`` skipped, if it is the next one."""
    return _with(test, number, Trial(label_at(test.seed, number)))


def start_over(test: OwnTest) -> OwnTest:
    """A test without trials, in another order."""
    return OwnTest(test.seed + 1)


def images_of(test: OwnTest) -> LabelledImages:
    """The drawings as ``model.evaluation.metrics.evaluate`` takes them, in the order they were drawn."""
    inks = [np.round(trial.ink * 255) for trial in test.drawn if trial.ink is not None]
    images = np.array(inks, np.uint8).reshape(-1, SIDE * SIDE)
    labels = np.array([trial.label for trial in test.drawn], np.uint8)
    return LabelledImages(images, labels)


def sheet(images: LabelledImages, answers: NDArray[np.int64]) -> bytes:
    """All drawings on one PNG: a column a digit, under each drawing its label and the answer (N,).

    A wrong answer has a frame.
    """
    labels = images.labels.tolist()
    rows = [labels[:index].count(label) for index, label in enumerate(labels)]
    height, width = _CELL
    page = Image.new("RGB", (CLASSES * width + _GAP, (max(rows, default=0) + 1) * height + _GAP))
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(16)
    for picture, label, row, answer in zip(images.images, labels, rows, answers.tolist(), strict=True):
        x, y = _GAP + label * width, _GAP + row * height
        large = picture.reshape(SIDE, SIDE).repeat(_ZOOM, axis=0).repeat(_ZOOM, axis=1)
        side = len(large)
        page.paste(Image.fromarray(large), (x, y))
        colour = _WHITE if label == answer else _ORANGE
        if label != answer:
            pen.rectangle((x - 2, y - 2, x + side + 1, y + side + 1), outline=colour, width=2)
        pen.text((x + side / 2, y + side + 4), f"{label} → {answer}", fill=colour, font=font, anchor="ma")
    return _png(page)


def strokes_file(test: OwnTest) -> bytes:
    """The strokes of all drawings as an ``.npz``, the format that ``benchmarks.drawn`` reads.

    ``points`` float32 (N, 2) in pixels of the canvas; stroke i is the points from ``stroke_offsets[i]``
    up to the next offset, drawing j the strokes from ``sample_offsets[j]`` up to the next, both int32;
    ``labels`` uint8, ``writers`` and ``pointers`` str (empty where nobody noted it), one each a drawing.
    """
    drawings = [trial.strokes for trial in test.drawn]
    strokes = [stroke for drawing in drawings for stroke in drawing]
    file = io.BytesIO()
    np.savez_compressed(
        file,
        points=np.concatenate([np.empty((0, 2)), *strokes]).astype(np.float32),
        stroke_offsets=_offsets([len(stroke) for stroke in strokes]),
        sample_offsets=_offsets([len(drawing) for drawing in drawings]),
        labels=images_of(test).labels,
        writers=np.array(["own test"] * len(drawings), np.str_),
        pointers=np.array([str(trial.pointer or "") for trial in test.drawn], np.str_),
    )
    return file.getvalue()


def _shuffled(seed: int, block: int) -> NDArray[np.int64]:
    return np.random.default_rng([seed, block]).permutation(CLASSES)


def _drawn(label: int, strokes: Sequence[Stroke], pointer: Pointer | None) -> Trial | None:
    """``None`` for a blank."""
    ink = prepare(strokes)
    if ink is None:
        return None
    grey = np.round(ink * 255).astype(np.float32) / np.float32(255)
    for array in (*strokes, grey):
        array.setflags(write=False)
    return Trial(label, tuple(strokes), grey, pointer)


def _with(test: OwnTest, number: int, trial: Trial) -> OwnTest:
    if number != len(test.trials) or test.is_full:
        return test
    return replace(test, trials=(*test.trials, trial))


def _bounded(strokes: Sequence[Stroke]) -> list[Stroke]:
    """Copies of the strokes, few enough and short enough to be kept."""
    few = clean(strokes)[:_MAX_STROKES]
    return [stroke.astype(np.float64) for stroke in thinned(few, _MAX_POINTS)]


def _offsets(lengths: list[int]) -> NDArray[np.int32]:
    return np.cumsum([0, *lengths]).astype(np.int32)


def _png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, format="PNG")
    return file.getvalue()
