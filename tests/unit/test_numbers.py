"""Numbers: strokes divided into digits, and what takes strokes away."""

from itertools import chain

import numpy as np
import pytest

from model.drawing.eraser import touching
from model.drawing.strokes import Stroke, as_path, prepare, strokes_of_paths, within
from model.inference import logits
from model.number_reader import Division, divide
from model.starter import starter
from testing.strokes import DIGITS, SEVEN, side_by_side


@pytest.fixture(scope="module")
def check() -> starter.Starter:
    return starter.load()


def _read(division: Division, check: starter.Starter) -> str:
    inks = [ink for strokes in division.digits if (ink := prepare(strokes)) is not None]
    return "".join(map(str, logits(check.network, np.stack(inks)).argmax(axis=1)))


@pytest.mark.parametrize("number", ["12", "2026", "10", "745", "31415", "88"])
def test_a_number_is_divided_into_its_digits(number: str, check: starter.Starter) -> None:
    drawn = side_by_side(number)
    division = divide(list(chain(*drawn)), check)
    assert len(division.digits) == len(number)
    assert _read(division, check) == number
    assert not division.is_doubtful


def test_in_which_order_strokes_were_drawn_does_not_matter(check: starter.Starter) -> None:
    strokes = list(chain(*side_by_side("4745")))
    shuffled = [strokes[place] for place in np.random.default_rng(0).permutation(len(strokes))]
    assert _read(divide(shuffled, check), check) == "4745"


@pytest.mark.parametrize("strokes", [[np.array(s) * 280 for s in DIGITS[d]] for d in range(10)] + [SEVEN])
def test_a_digit_that_is_drawn_alone_stays_whole(strokes: list[Stroke], check: starter.Starter) -> None:
    division = divide(strokes, check)
    assert len(division.digits) == 1
    assert len(division.digits[0]) == len(strokes)


def test_each_digit_of_a_number_is_read_as_if_it_had_been_drawn_alone(check: starter.Starter) -> None:
    drawn = side_by_side("27")
    for found, strokes in zip(divide(list(chain(*drawn)), check).digits, drawn, strict=True):
        np.testing.assert_array_equal(prepare(found), prepare(strokes))


def test_a_tangle_of_strokes_is_one_drawing(check: starter.Starter) -> None:
    rng = np.random.default_rng(0)
    tangle = [rng.uniform(0, 280, (5, 2)) for _ in range(30)]
    assert len(divide(tangle, check).digits) == 1
    assert len(divide(4 * tangle, check).digits) == 1, "one of 120 strokes is not looked at"


def test_a_blank_has_no_digits(check: starter.Starter) -> None:
    assert divide([], check).digits == ()


def test_the_strokes_of_a_digit_stay_in_the_order_in_which_they_were_drawn(check: starter.Starter) -> None:
    bar, stem = SEVEN[1], SEVEN[0]
    for drawn in ([bar, stem], [stem, bar]):
        (digit,) = divide(drawn, check).digits
        assert [stroke.tolist() for stroke in digit] == [stroke.tolist() for stroke in drawn]


def test_an_eraser_takes_what_it_touches_and_nothing_else() -> None:
    near, far = np.array([[0.0, 0.0], [100.0, 0.0]]), np.array([[0.0, 50.0], [100.0, 50.0]])
    across = np.array([[50.0, -20.0], [50.0, 20.0]])
    dot = np.array([[50.0, 4.0]])
    assert [*map(touching([across], reach=9), [near, dot, far])] == [True, True, False]
    assert [*map(touching([], reach=9), [near, dot, far])] == [False, False, False]


def test_what_is_drawn_beside_the_canvas_does_not_count() -> None:
    out_and_back = np.array([[100.0, 100.0], [400.0, 100.0], [100.0, 200.0]])
    parts = within([out_and_back], 280, 280)
    assert len(parts) == 2, "a stroke that comes back is another one"
    assert all(((part >= 0) & (part <= 280)).all() for part in parts)
    assert max(part[:, 0].max() for part in parts) == pytest.approx(280, abs=2)
    inside = np.array([[10.0, 10.0], [20.0, 20.0]])
    np.testing.assert_array_equal(within([inside], 280, 280)[0], inside)
    assert within([np.array([[-5.0, 3.0], [300.0, -1.0]])], 2, 2) == []


@pytest.mark.parametrize("points", [[[3, 4], [50.5, 60]], [[7, 7]]])
def test_a_stroke_from_the_keyboard_is_a_path_of_the_canvas(points: list[list[float]]) -> None:
    (stroke,) = strokes_of_paths([as_path(points, "#ffffff", 18)])
    assert stroke[0].tolist() == points[0]
    assert stroke[-1].tolist() == points[-1]


@pytest.mark.parametrize("nonsense", [None, [], "abc", [["x", 1]], [1, 2], [[1e9, 1e9]], {"a": 1}])
def test_what_is_no_stroke_becomes_no_path(nonsense: object) -> None:
    assert as_path(nonsense, "#ffffff", 18) is None
