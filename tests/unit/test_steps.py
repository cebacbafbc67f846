"""The steps of the preparation: all of them are ``prepare``, none of them is a shrunk canvas."""

import numpy as np
import pytest
from PIL import Image

from model.data import mnist
from model.drawing.preprocessing import Step, Switches, pictures, pictures_of
from model.drawing.strokes import Ink, Stroke, prepare, prepare_pixels
from testing.strokes import DIGITS

SIDE, PEN = 280, 18
NONE = Switches(False, False, False, False)


def strokes_of(digit: int) -> list[np.ndarray]:
    return [0.6 * SIDE * np.array(stroke) + (30, 70) for stroke in DIGITS[digit]]


def _pictures(strokes: list[Stroke], switches: Switches) -> dict[Step, Ink]:
    return pictures(strokes, SIDE, [PEN] * len(strokes), switches)


@pytest.mark.parametrize("digit", DIGITS)
def test_with_all_switches_on_the_last_picture_is_what_the_network_reads(digit: int) -> None:
    last = _pictures(strokes_of(digit), Switches())[Step.CENTRED]
    np.testing.assert_array_equal(last, prepare(strokes_of(digit)))


def test_a_step_that_is_off_leaves_the_picture_before_it_alone() -> None:
    for number, name in enumerate(("crop", "scale", "ink", "centre"), start=1):
        made = list(_pictures(strokes_of(7), Switches(**{name: False})).values())
        np.testing.assert_array_equal(made[number], made[number - 1])


def test_each_step_changes_what_it_says() -> None:
    made = _pictures(strokes_of(7), Switches())
    inked = {step: np.argwhere(picture > 0.1) for step, picture in made.items()}
    sizes = {step: np.ptp(places, axis=0) + 1 for step, places in inked.items()}
    assert sizes[Step.DRAWN].max() < 18, "a small digit on a large canvas"
    np.testing.assert_array_equal(sizes[Step.CROPPED], (28, 28))
    assert 19 <= sizes[Step.SCALED].max() <= 21
    assert sizes[Step.SCALED].min() < 16
    assert made[Step.INKED].sum() < made[Step.SCALED].sum(), "a thick pen became MNIST's"
    y, x = (made[Step.CENTRED] * np.indices((28, 28))).sum(axis=(1, 2)) / made[Step.CENTRED].sum() + 0.5
    np.testing.assert_allclose((y, x), 14.5, atol=0.1)


def test_a_picture_goes_the_same_way_without_new_ink() -> None:
    image = mnist.load("test").images[3].reshape(28, 28).astype(np.float32) / np.float32(255)
    large = np.asarray(Image.fromarray(image).resize((140, 140), Image.Resampling.NEAREST))
    wide = np.pad(large, ((100, 20), (10, 200)))
    made = pictures_of(wide, Switches())
    last = prepare_pixels(wide)
    assert last is not None
    assert np.abs(made[Step.CENTRED] - last).mean() < 0.01
    np.testing.assert_array_equal(made[Step.INKED], made[Step.SCALED])


@pytest.mark.parametrize("strokes", [[[140, 140]], [[20, 50], [250, 50]]], ids=["a dot", "a level line"])
@pytest.mark.parametrize(
    "switches", [Switches(), NONE, Switches(scale=False), Switches(crop=False)], ids=repr
)
def test_a_dot_and_a_line_are_pictures_too(strokes: list[list[int]], switches: Switches) -> None:
    for picture in _pictures([np.array(strokes, float)], switches).values():
        assert np.isfinite(picture).all()
        assert picture.max() > 0.1
        assert picture.min() >= 0


def test_strokes_that_the_edit_tool_moved_off_the_canvas_leave_a_blank_canvas_and_the_same_ink() -> None:
    away = [stroke + 400 for stroke in strokes_of(4)]
    made = _pictures(away, Switches())
    assert made[Step.DRAWN].max() == 0
    np.testing.assert_array_equal(made[Step.CENTRED], prepare(away))


def test_each_stroke_is_shown_with_the_pen_that_drew_it() -> None:
    left, right = (np.array([[x, 70.0], [x, 210.0]]) for x in (70.0, 210.0))
    canvas = pictures([left, right], SIDE, [8, 30], NONE)[Step.DRAWN]
    assert canvas[14, :14].sum() * 10 == pytest.approx(8, abs=1)
    assert canvas[14, 14:].sum() * 10 == pytest.approx(30, abs=1)
