"""A data card in plain words: what a class's set of digits is, beside MNIST's, and what it cannot stand for.

After Gebru et al. 2021, "Datasheets for Datasets", and Pushkarna et al. 2022, "Data Cards", as short as a
pupil will read.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.config import CLASSES
from model.data.mnist import LabelledImages
from model.drawing.collection import Pointer
from model.evaluation.writers import Drawings
from model.export.model_card import MNIST
from model.messages import N_, Message

_DRAWN_WITH = {
    Pointer.FINGER: N_("Drawn with a finger: {count}."),
    Pointer.PEN: N_("Drawn with a pen: {count}."),
    Pointer.MOUSE: N_("Drawn with a mouse: {count}."),
    Pointer.TRACKPAD: N_("Drawn on a trackpad: {count}."),
    Pointer.KEYBOARD: N_("Drawn with the keyboard: {count}."),
    Pointer.PAPER: N_("Written on paper and photographed: {count}."),
    None: N_("Not noted what they were drawn with: {count}."),
}


@dataclass(frozen=True)
class Facts:
    """What can be counted in a set of labelled images.

    ``per_digit`` int64 (10,): how many of each digit; ``ink``: how much of an image is ink in the mean, 0-1,
    grey counting in part, ``None`` without images.
    """

    count: int
    per_digit: NDArray[np.int64]
    ink: float | None

    @classmethod
    def of(cls, images: LabelledImages) -> "Facts":
        """Those of ``images``."""
        ink = float(images.images.mean(dtype=np.float64)) / 255 if len(images) else None
        return cls(len(images), np.bincount(images.labels, minlength=CLASSES), ink)


@dataclass(frozen=True)
class Row:
    """What is to be known of both sets under one ``heading``: sentences about the class's set, and about
    MNIST's, each a line of its own."""

    heading: Message
    drawn: tuple[Message, ...]
    mnist: tuple[Message, ...]


def data_card(drawings: Drawings, training: LabelledImages, test: LabelledImages) -> tuple[Row, ...]:
    """The card of a class's ``drawings`` beside MNIST's ``training`` and ``test`` images."""
    drawn, mnist = Facts.of(drawings.images), Facts.of(training)
    return (
        Row(
            Message(N_("Digits")),
            (Message(N_("In all: {count}."), {"count": drawn.count}), *_balance(drawn)),
            (
                Message(
                    N_("For training: {training}. For testing: {test}."),
                    {"training": mnist.count, "test": len(test)},
                ),
                *_balance(mnist),
            ),
        ),
        Row(
            Message(N_("Writers")),
            (Message(N_("Writers in all: {count}."), {"count": len(drawings.names)}), *_shares(drawings)),
            # As its authors say: http://yann.lecun.com/exdb/mnist
            (Message(N_("About 250 wrote the training images. Others wrote the test images.")),),
        ),
        Row(
            Message(N_("Written with")),
            _written_with(Counter(drawings.pointers)),
            (Message(N_("On paper forms, which were scanned.")),),
        ),
        Row(Message(N_("Ink")), _ink(drawn), _ink(mnist)),
        Row(
            Message(N_("How it was collected")),
            (
                Message(N_("In Digit Lab, by one class.")),
                Message(
                    N_("The digit to draw was asked for first, so the label was there before the drawing.")
                ),
            ),
            (MNIST,),
        ),
        Row(
            Message(N_("Limitations")),
            (
                Message(
                    N_("One class does not stand for all others: many learned to write at the same school.")
                ),
            ),
            (Message(N_("Few 1s have a flag and few 7s are crossed, as many countries teach them.")),),
        ),
    )


def _balance(facts: Facts) -> tuple[Message, ...]:
    if not facts.count:
        return ()
    text = N_("Of each digit: from {low} to {high}.")
    return (Message(text, {"low": int(facts.per_digit.min()), "high": int(facts.per_digit.max())}),)


def _shares(drawings: Drawings) -> tuple[Message, ...]:
    if not len(drawings):
        return ()
    counts = Counter(drawings.writers.tolist()).values()
    return (Message(N_("By each writer: from {low} to {high}."), {"low": min(counts), "high": max(counts)}),)


def _written_with(pointers: Mapping[Pointer | None, int]) -> tuple[Message, ...]:
    return tuple(
        Message(text, {"count": pointers[kind]}) for kind, text in _DRAWN_WITH.items() if pointers[kind]
    )


def _ink(facts: Facts) -> tuple[Message, ...]:
    if facts.ink is None:
        return ()
    text = N_("On average, {share}% of an image is ink.")
    return (Message(text, {"share": round(100 * facts.ink, 1)}),)
