import json
import math
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage

from model.data import mnist
from model.drawing.strokes import (
    Ink,
    Stroke,
    line_width,
    prepare,
    prepare_pixels,
    strokes_of_paths,
    thinned,
)
from model.inference import probabilities
from model.starter import starter
from testing.strokes import DIGITS, SEVEN

THREE = [np.array([[90 + 60 * math.sin(t), 140 - 90 * math.cos(t / 2)] for t in np.linspace(0, 6, 60)])]
DRAWINGS = {"a seven": SEVEN, "a curve": THREE}
STARTER = starter.load().network

coordinates = st.floats(-1e4, 1e4)
stroke_lists = st.lists(
    st.lists(st.tuples(coordinates, coordinates), min_size=1, max_size=12), min_size=1, max_size=4
)


def _ink(strokes: list[Stroke]) -> Ink:
    ink = prepare(strokes)
    assert ink is not None
    return ink


def _assert_same_ink(ours: Ink, theirs: Ink) -> None:
    """The same but for a pen that Pillow puts on whole pixels of the 8 times larger picture."""
    np.testing.assert_allclose(ours, theirs, atol=0.1)
    assert np.abs(ours - theirs).mean() < 0.006


def _picture_of(strokes: list[Stroke], side: int, pen: int) -> NDArray[np.float32]:
    image = Image.new("L", (side, side))
    for stroke in strokes:
        points = [(float(x), float(y)) for x, y in stroke]
        ImageDraw.Draw(image).line(points, fill=255, width=pen)
        for x, y in points:
            ImageDraw.Draw(image).ellipse((x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2), fill=255)
    return np.asarray(image, np.float32) / np.float32(255)


def _strokes(points: list[list[tuple[float, float]]]) -> list[Stroke]:
    return [np.array(stroke, np.float64).reshape(-1, 2) for stroke in points]


def _centre_of_mass(ink: Ink) -> tuple[float, float]:
    """x and y where the left edge of the first pixel is 0 and its middle 0.5."""
    middles = np.arange(28) + 0.5
    total = ink.sum()
    return float(ink.sum(axis=0) @ middles / total), float(ink.sum(axis=1) @ middles / total)


@pytest.mark.parametrize(
    "strokes",
    [[], [np.zeros((0, 2))], [np.full((3, 2), math.nan)], [np.array([[1, math.nan], [math.inf, 2]])]],
    ids=["no stroke", "no point", "not a number", "half a number"],
)
def test_a_blank_has_no_ink(strokes: list[Stroke]) -> None:
    assert prepare(strokes) is None


@pytest.mark.parametrize("drawing", DRAWINGS)
def test_ink_is_a_picture_of_28_by_28_from_nothing_to_full(drawing: str) -> None:
    ink = _ink(DRAWINGS[drawing])
    assert ink.shape == (28, 28)
    assert ink.dtype == np.float32
    assert ink.min() == 0
    assert 0.9 < ink.max() <= 1
    assert ((ink > 0.05) & (ink < 0.95)).any(), "grey at the edges"


@pytest.mark.parametrize("drawing", DRAWINGS)
@pytest.mark.parametrize(("scale", "x", "y"), [(1, 500, -30), (0.01, 0, 0), (100, 3, 4), (0.37, -5, 1e4)])
def test_where_and_how_large_it_was_drawn_does_not_matter(
    drawing: str, scale: float, x: float, y: float
) -> None:
    moved = [stroke * scale + (x, y) for stroke in DRAWINGS[drawing]]
    _assert_same_ink(_ink(moved), _ink(DRAWINGS[drawing]))


def _as_on_a_canvas(strokes: list[Stroke], corner: tuple[float, float], size: float, pen: int) -> list[Any]:
    """The objects that the canvas sends for ``strokes``, their longer side ``size`` pixels long."""
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    objects = []
    for stroke in strokes:
        placed = (stroke - low) * size / (high - low).max() + corner
        (x, y), *rest = placed.round(2).tolist()
        path = [["M", x, y], *(["L", *point] for point in rest)]
        left, top = ((placed.min(axis=0) + placed.max(axis=0)) / 2).tolist()
        objects.append({"type": "Path", "path": path, "left": left, "top": top, "strokeWidth": pen})
    return objects


@given(
    drawing=st.sampled_from(sorted(DRAWINGS)),
    side=st.integers(120, 1_200),
    share=st.floats(0.3, 0.9),
    across=st.floats(0, 1),
    down=st.floats(0, 1),
    pen=st.integers(4, 40),
)
def test_size_of_the_canvas_position_and_pen_width_do_not_matter(
    drawing: str, side: int, share: float, across: float, down: float, pen: int
) -> None:
    size = share * side
    corner = (across * (side - size), down * (side - size))
    ink = _ink(strokes_of_paths(_as_on_a_canvas(DRAWINGS[drawing], corner, size, pen)))
    as_drawn = _ink(DRAWINGS[drawing])
    np.testing.assert_allclose(ink, as_drawn, atol=0.25)
    np.testing.assert_allclose(probabilities(STARTER, ink), probabilities(STARTER, as_drawn), atol=0.03)


@pytest.mark.parametrize("drawing", DRAWINGS)
def test_the_longer_side_fills_the_box_of_mnist(drawing: str) -> None:
    ink = _ink(DRAWINGS[drawing])
    rows, columns = ink.max(axis=1), ink.max(axis=0)
    assert max(rows.sum(), columns.sum()) == pytest.approx(19.6, abs=0.8)
    assert max(np.ptp(np.flatnonzero(rows)), np.ptp(np.flatnonzero(columns))) + 1 <= 22


@pytest.mark.parametrize("drawing", DRAWINGS)
def test_the_centre_of_mass_is_where_mnist_has_it(drawing: str) -> None:
    np.testing.assert_allclose(_centre_of_mass(_ink(DRAWINGS[drawing])), 14.5, atol=0.1)


def test_mnist_has_its_centre_of_mass_there_indeed() -> None:
    images = mnist.load("train").images[:3000].reshape(-1, 28, 28).astype(np.float32)
    centres = [_centre_of_mass(image) for image in images]
    np.testing.assert_allclose(np.mean(centres, axis=0), 14.5, atol=0.05)


def _line_width(ink: Ink) -> float:
    """In pixels, at half of full ink: twice the distance from the ridge of the lines to paper."""
    large = ndimage.zoom(ink.astype(np.float64), 8, order=1) > 0.5 * ink.max()
    depth = ndimage.distance_transform_edt(large)
    ridge = (depth == ndimage.maximum_filter(depth, 5)) & large
    return float(2 * depth[ridge].mean() / 8)


def test_lines_are_as_wide_as_those_of_mnist() -> None:
    mnists = [
        _line_width(image.reshape(28, 28) / np.float32(255)) for image in mnist.load("train").images[:300]
    ]
    ours = [_line_width(_ink([np.array(stroke) * 280 for stroke in strokes])) for strokes in DIGITS.values()]
    assert np.median(ours) == pytest.approx(np.median(mnists), abs=0.2)


def test_the_order_and_direction_of_strokes_do_not_matter() -> None:
    turned = [stroke[::-1] for stroke in SEVEN[::-1]]
    _assert_same_ink(_ink(turned), _ink(SEVEN))


@pytest.mark.parametrize("points", [1, 5])
def test_a_single_dot_draws_a_dot(points: int) -> None:
    ink = _ink([np.full((points, 2), 77.0)])
    assert ink.sum() == pytest.approx(math.pi * 1.15**2, abs=1)
    np.testing.assert_allclose(_centre_of_mass(ink), 14.5, atol=0.1)


def test_a_click_on_the_canvas_draws_a_dot() -> None:
    """Fabric.js pulls the two equal points of a click apart by a thousandth of the pen's width each."""
    path = [["M", 99.982, 50], ["Q", 99.982, 50, 100, 50], ["L", 100.018, 50]]
    ink = _ink(strokes_of_paths([{"type": "Path", "path": path}]))
    assert ink.sum() < 8


def test_the_paths_of_the_canvas_become_strokes() -> None:
    [one, two] = strokes_of_paths(
        [
            {"type": "Path", "path": [["M", 0, 0], ["L", 10, 20.5]]},
            {"type": "Path", "path": [["M", 0, 0], ["Q", 10, 0, 10, 10]]},
        ]
    )
    np.testing.assert_array_equal(one, [[0, 0], [10, 20.5]])
    assert one.dtype == np.float64
    np.testing.assert_array_equal(two[[0, -1]], [[0, 0], [10, 10]])
    # A quadratic curve at its middle: a quarter, a half and a quarter of its three points.
    np.testing.assert_allclose(two[len(two) // 2], [0.25 * 0 + 0.5 * 10 + 0.25 * 10, 0.25 * 10])


@pytest.mark.parametrize(
    "item",
    [
        None,
        3,
        "path",
        [],
        {},
        {"path": None},
        {"path": "M 0 0"},
        {"path": []},
        {"path": [None, 3, "M", [], ["M"], ["M", 1], ["M", "1", "2"], ["Z"], ["Q", 1, 2, 3, 4]]},
        {"path": [["M", None, 2], ["M", math.nan, 2], ["M", 1, math.inf]]},
        {"path": [["C", 1, 2, 3, 4, 5, 6], {"M": 1}]},
    ],
    ids=repr,
)
def test_what_is_no_pen_path_is_passed_over(item: Any) -> None:
    good = {"path": [["M", 1, 2], ["L", 3, 4]]}
    assert strokes_of_paths([item]) == []
    [stroke] = strokes_of_paths([item, good])
    np.testing.assert_array_equal(stroke, [[1, 2], [3, 4]])


@pytest.mark.parametrize(
    "command", [["M", 10**400, 1], ["L", 1, -(10**400)], ["Q", 10**400, 1, 2, 2]], ids=["M", "L", "Q"]
)
def test_an_integer_that_no_float_can_hold_is_passed_over(command: list[Any]) -> None:
    [stroke] = strokes_of_paths([{"path": [["M", 1, 2], command, ["L", 3, 4]]}])
    np.testing.assert_array_equal(stroke[[0, -1]], [[1, 2], [3, 4]])


numbers = st.floats(allow_nan=True) | st.integers(-(10**6), 10**6)
anything = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from(["path", "type"]), inner),
)
commands = st.lists(st.sampled_from(["M", "L", "Q", "Z"]) | numbers | anything, max_size=6)
paths = st.lists(
    st.tuples(st.sampled_from(["M", "L"]), numbers, numbers).map(list)
    | st.tuples(st.just("Q"), numbers, numbers, numbers, numbers).map(list)
    | commands,
    max_size=6,
)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.fixed_dictionaries({"path": paths}) | anything, max_size=4))
def test_any_json_gives_strokes_of_real_numbers(objects: list[Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        strokes = strokes_of_paths(json.loads(json.dumps(objects)))
    for stroke in strokes:
        assert stroke.ndim == 2
        assert stroke.shape[1] == 2
        assert len(stroke)
        assert np.isfinite(stroke).all()


@settings(deadline=None, max_examples=60)
@given(stroke_lists)
def test_any_drawing_is_ink_in_range_and_centred(points: list[list[tuple[float, float]]]) -> None:
    ink = _ink(_strokes(points))
    assert ink.shape == (28, 28)
    assert ink.dtype == np.float32
    assert np.isfinite(ink).all()
    assert ink.min() >= 0
    assert ink.max() <= 1
    assert ink.sum() > 1


wild = st.floats(allow_nan=True, allow_infinity=True)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.lists(st.tuples(wild, wild), max_size=6), max_size=4))
def test_coordinates_of_any_size_do_not_crash(points: list[list[tuple[float, float]]]) -> None:
    ink = prepare(_strokes(points))
    assert ink is None or (np.isfinite(ink).all() and ink.min() >= 0 and ink.max() <= 1)


@pytest.mark.parametrize(
    "points",
    [
        [[0, 0], [math.inf, 0]],
        [[1e308, -1e308], [-1e308, 1e308]],
        [[1.7e308, 1.7e308], [1.7e308, 1.7e308]],
        [[0, 0], [1e-320, 0]],
        [[1e17, 1e17], [1e17, 1e17]],
    ],
    ids=repr,
)
def test_huge_and_tiny_coordinates_draw_something_or_are_a_blank(points: list[list[float]]) -> None:
    """An empty picture would be answered as if it were a digit."""
    ink = prepare([np.array(points)])
    assert ink is None or ink.sum() > 1


def test_more_points_than_a_hand_draws_are_thinned_out_and_keep_their_shape() -> None:
    t = np.linspace(0, 2 * np.pi, 1_000_000)
    circle = 140 + 90 * np.stack([np.cos(t), np.sin(t)], axis=1)
    thinned, few = prepare([circle]), prepare([circle[::2_000]])
    assert thinned is not None
    assert few is not None
    assert np.abs(thinned - few).mean() < 0.01


def _placed(**placement: Any) -> np.ndarray:
    """A stroke from (60, 100) to (100, 120), its middle at (80, 110), as edited on the canvas."""
    path = [["M", 60, 100], ["L", 100, 120]]
    [stroke] = strokes_of_paths([{"path": path, "left": 80, "top": 110, **placement}])
    return stroke


@pytest.mark.parametrize(
    ("placement", "ends"),
    [
        ({}, [(60, 100), (100, 120)]),
        ({"left": 90, "top": 90}, [(70, 80), (110, 100)]),
        ({"scaleX": 2, "scaleY": 0.5}, [(40, 105), (120, 115)]),
        ({"angle": 90}, [(90, 90), (70, 130)]),
        ({"flipX": True}, [(100, 100), (60, 120)]),
        ({"skewX": 45}, [(50, 100), (110, 120)]),
        ({"left": 90, "top": 110, "scaleX": 2, "angle": 180}, [(130, 120), (50, 100)]),
        ({"scaleX": "wide"}, [(60, 100), (100, 120)]),
    ],
    ids=repr,
)
def test_a_stroke_is_where_editing_on_the_canvas_put_it(
    placement: dict[str, Any], ends: list[tuple[float, float]]
) -> None:
    np.testing.assert_allclose(_placed(**placement), ends, atol=1e-9)


def test_a_picture_of_strokes_becomes_nearly_the_ink_of_the_strokes() -> None:
    as_wide_as_mnists = 22
    from_picture = prepare_pixels(_picture_of(SEVEN, 280, as_wide_as_mnists))
    assert from_picture is not None
    assert np.abs(_ink(SEVEN) - from_picture).mean() < 0.02


@pytest.mark.parametrize("factor", [1, 2, 3])
def test_the_ink_of_a_picture_does_not_depend_on_its_size_or_on_its_margins(factor: int) -> None:
    picture = _picture_of(SEVEN, 280, 18)
    larger = np.pad(picture, ((0, 40), (90, 10))).repeat(factor, axis=0).repeat(factor, axis=1)
    small, large = prepare_pixels(picture), prepare_pixels(larger)
    assert small is not None
    assert large is not None
    np.testing.assert_allclose(large, small, atol=2e-3)


def test_a_picture_without_ink_is_a_blank() -> None:
    assert prepare_pixels(np.zeros((280, 280), np.float32)) is None
    assert prepare_pixels(np.full((280, 280), 0.05, np.float32)) is None


def test_mnists_own_pictures_stay_nearly_as_they_are() -> None:
    images = mnist.load("test").images[:200].reshape(-1, 28, 28).astype(np.float32) / np.float32(255)
    changes = [np.abs(image - prepare_pixels(image)).mean() for image in images]
    assert np.mean(changes) < 0.04


def test_thinning_keeps_the_ends_of_every_stroke() -> None:
    bar, loop = np.array([[0.0, 0.0], [100.0, 0.0]]), np.random.default_rng(0).uniform(0, 280, (5_000, 2))
    few = thinned([bar, loop], 1_000)
    np.testing.assert_array_equal(few[0], bar)
    np.testing.assert_array_equal(few[1][[0, -1]], loop[[0, -1]])
    assert sum(map(len, few)) <= 1_002


@pytest.mark.parametrize(
    "sent", [None, {}, *({"strokeWidth": width} for width in ("8", 0, -1, 1e5, math.nan))]
)
def test_a_line_whose_width_no_pen_draws_has_none(sent: Any) -> None:
    assert line_width({"strokeWidth": 8}) == 8
    assert line_width(sent) is None
