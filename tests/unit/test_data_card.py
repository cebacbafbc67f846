"""The data card of a class counts what is there, beside MNIST's known figures."""

from dataclasses import replace

import numpy as np
import pytest

from model.data import mnist
from model.data.mnist import LabelledImages
from model.drawing.collection import Pointer
from model.evaluation.writers import Drawings
from model.export.data_card import Facts, Row, data_card
from testing import classes

TRAINING, TEST = mnist.load("train"), mnist.load("test")
CLASS = classes.drawings(4, 1)


def _card(drawings: Drawings) -> dict[str, tuple[list[str], list[str]]]:
    return {str(row.heading): (_lines(row, "drawn"), _lines(row, "mnist")) for row in _rows(drawings)}


def _rows(drawings: Drawings) -> tuple[Row, ...]:
    return data_card(drawings, TRAINING, TEST)


def _lines(row: Row, side: str) -> list[str]:
    return [str(line) for line in getattr(row, side)]


def test_a_class_is_counted() -> None:
    # Otter 1 and 4 with a finger, 2 with a pen, 3 with a mouse; of 3 one digit is missing.
    card = _card(CLASS.only(np.arange(len(CLASS)) != 25))
    assert card["Digits"][0] == ["In all: 39.", "Of each digit: from 3 to 4."]
    assert card["Writers"][0] == ["Writers in all: 4.", "By each writer: from 9 to 10."]
    assert card["Written with"][0] == [
        "Drawn with a finger: 20.",
        "Drawn with a pen: 10.",
        "Drawn with a mouse: 9.",
    ]


def test_a_number_that_is_the_same_for_all_stands_once() -> None:
    card = _card(CLASS)
    assert card["Digits"][0] == ["In all: 40.", "Of each digit: 4."]
    assert card["Writers"][0] == ["Writers in all: 4.", "By each writer: 10."]


def test_mnist_stands_beside_it() -> None:
    card = _card(CLASS)
    # The counts that its authors' files have, and the mean that every tutorial normalises with, 0.1307.
    assert card["Digits"][1] == [
        "For training: 60000. For testing: 10000.",
        "Of each digit: from 5421 to 6742.",
    ]
    assert card["Ink"][1] == ["On average, 13.1% of an image is ink."]
    assert "US Census Bureau" in card["How it was collected"][1][0]


def test_ink_is_counted_by_its_grey() -> None:
    images = LabelledImages(
        np.array([[255] * 392 + [0] * 392, [51] * 784], np.uint8), np.array([3, 3], np.uint8)
    )
    facts = Facts.of(images)
    assert facts.ink == pytest.approx((0.5 + 0.2) / 2)
    assert facts.per_digit.tolist() == [0, 0, 0, 2, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize("pointer", [*Pointer, None])
def test_every_kind_of_pointer_has_its_line(pointer: Pointer | None) -> None:
    with_it = replace(CLASS, pointers=(pointer,) * len(CLASS))
    (line,) = _card(with_it)["Written with"][0]
    assert line.endswith(": 40.")
    assert (pointer or "not noted") in line.lower()


def test_a_class_that_has_drawn_nothing_yet_has_a_card_too() -> None:
    card = _card(CLASS.of([]))
    assert card["Digits"][0] == ["In all: 0."]
    assert card["Writers"][0] == ["Writers in all: 0."]
    assert card["Written with"][0] == card["Ink"][0] == []
