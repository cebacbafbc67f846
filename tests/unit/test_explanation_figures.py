"""The pictures of what an answer depends on: which pixel has which colour, and where a link ends."""

from itertools import pairwise
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from model.config import MAX_UNITS, MIN_UNITS
from model.explain.links import Link
from ui.components import chart
from ui.figures.attribution import change_bars, change_frame, marked, painted
from ui.figures.colours import AGAINST, FOR, rgb
from ui.figures.flow import FlowTexts, flow_figure, flow_frame
from ui.figures.places import blocks

SIZES = [(784, 10), (784, 8, 10), (784, 100, 50, 10), (784, 512, 511, 13, 33, 10)]
# What a phone of 390 px leaves inside an expander.
PHONE = 324
NAMES = ("before", "after")


def texts(sizes: tuple[int, ...]) -> FlowTexts:
    return FlowTexts("pixel", "unit %{customdata[0]}", "answer", tuple(f"layer {size}" for size in sizes))


def contrast(one: str, other: str) -> float:
    """The contrast of two colours by WCAG 2."""

    def luminance(colour: str) -> float:
        parts = np.array(rgb(colour)) / 255
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("background", ["#fcfaf5", "#1e2528", "#000000"])
@pytest.mark.parametrize("colour", [FOR, AGAINST])
def test_both_colours_stand_out_on_paper_on_slate_and_on_black(colour: str, background: str) -> None:
    assert contrast(colour, background) >= 3


def test_shares_are_painted_blue_and_orange_and_what_has_none_stays_grey_or_black() -> None:
    ink, shares = np.zeros((28, 28), np.float32), np.zeros(784)
    ink[0, :4] = 1
    shares[[0, 1, 2]] = 2.0, -2.0, 0.5
    image = painted(ink, shares)
    assert image.size == (280, 280)
    at: list[Any] = [image.getpixel((10 * column + 5, 5)) for column in range(5)]
    assert at[0] == rgb(FOR)
    assert at[1] == rgb(AGAINST)
    assert at[2] not in (at[0], (0, 0, 0))
    assert at[2][2] > at[2][0]
    assert len(set(at[3])) == 1
    assert at[3][0] > 0
    assert at[4] == (0, 0, 0)
    assert len(image.getcolors() or []) == 5


def test_no_shares_at_all_can_be_painted() -> None:
    assert painted(np.zeros((28, 28), np.float32), np.zeros(784)).getextrema() == ((0, 0),) * 3


def test_turned_pixels_are_framed_by_what_happened_to_them_and_stay_as_they_are_inside() -> None:
    ink = np.zeros((28, 28), np.float32)
    ink[1, 2] = 1
    image = marked(ink, [1 * 28 + 2, 3 * 28 + 4])
    assert image.getpixel((20, 10)) == rgb(FOR)
    assert image.getpixel((25, 15)) == (255, 255, 255)
    assert image.getpixel((49, 39)) == rgb(AGAINST)
    assert image.getpixel((45, 35)) == (0, 0, 0)
    assert image.getpixel((0, 0)) == (0, 0, 0)


def test_bars_before_are_hollow_and_bars_after_filled_with_their_numbers() -> None:
    before, after = [0.0] * 7 + [1.0, 0.0, 0.0], [0.1] * 10
    figure = go.Figure(change_bars(before, after, ["10 %"] * 10, NAMES))
    assert [bar.name for bar in figure.data] == list(NAMES)
    assert list(figure.data[0].y) == before
    assert list(figure.data[1].y) == after
    assert figure.data[0].marker.line.width > 0
    assert figure.data[0].text is None
    assert [len(bar.y) for bar in change_frame(NAMES).data] == [10, 10]


@pytest.mark.parametrize(
    "sizes", [*SIZES, *((784, size, 10) for size in range(MIN_UNITS, MAX_UNITS + 1, 63))]
)
def test_every_unit_has_a_place_of_its_own_and_no_layer_runs_into_another(sizes: tuple[int, ...]) -> None:
    places = blocks(sizes)
    assert [place.units for place in places] == list(sizes)
    for upper, lower in pairwise(places):
        assert lower.top - upper.bottom > 40
    for place in places:
        centres = np.array([place.centre(unit) for unit in range(place.units)])
        assert len(np.unique(centres.round(3), axis=0)) == place.units
        assert centres[:, 0].min() >= place.cell / 2 - 1e-9
        assert centres[:, 0].max() <= PHONE - place.cell / 2 + 1e-9
        assert place.cell >= 5
        assert place.top < centres[:, 1].min() <= centres[:, 1].max() < place.bottom


@pytest.mark.parametrize("sizes", SIZES)
def test_all_units_are_lit_by_what_they_pass_on(sizes: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    layers = [rng.random(size).astype(np.float32) for size in sizes]
    probabilities = np.full(10, 0.1, np.float32)
    figure = go.Figure(flow_figure(layers, probabilities, [], [], texts(sizes)))
    maps = [trace for trace in figure.data if trace.type == "heatmap"]
    for trace, values in zip(maps, [*layers[:-1], probabilities], strict=True):
        shown = [z for row in trace.z for z in row if z is not None]
        np.testing.assert_allclose(shown, values, atol=1e-4)
        assert trace.zmax == -trace.zmin == pytest.approx(values.max())
    numbers = [about[0] for row in maps[-2].customdata for about in row if about[0] is not None]
    assert numbers[: sizes[-2]] == (list(range(1, sizes[-2] + 1)) if len(sizes) > 2 else numbers)
    assert figure.layout.hovermode == "closest"


def test_links_go_from_unit_to_unit_in_the_colour_of_their_sign_and_the_width_of_their_strength() -> None:
    sizes = (784, 100, 50, 10)
    layers = [np.ones(size, np.float32) for size in sizes]
    links = [Link(2, 3, 7, 9.0), Link(2, 4, 7, 1.0), Link(1, 99, 3, -0.2)]
    figure = go.Figure(flow_figure(layers, layers[-1], links, ["a", "b", "c"], texts(sizes)))
    places = blocks(sizes)
    lines = [trace for trace in figure.data if trace.type == "scatter" and trace.mode == "lines" and trace.x]
    drawn = {(line.line.color, line.line.width): (line.x[:2], line.y[:2]) for line in lines}
    assert len(drawn) == 3
    widths = sorted(width for colour, width in drawn if colour == FOR)
    ends = [places[2].centre(3), places[3].centre(7)]
    assert drawn[FOR, widths[1]] == tuple(zip(*ends, strict=True))
    # Each gap has its own scale: -0.2 is the strongest there.
    assert (AGAINST, widths[1]) in drawn
    points = figure.data[-1]
    assert list(points.text) == ["a"] * 3 + ["b"] * 3 + ["c"] * 3
    assert all(places[2].bottom < y < places[3].top for y in points.y[:3])


def test_a_numbered_unit_carries_its_number_and_a_picked_link_has_a_ring_at_both_ends() -> None:
    sizes = (784, 100, 50, 10)
    layers = [np.ones(size, np.float32) for size in sizes]
    figure = flow_figure(
        layers, layers[-1], [], [], texts(sizes), picked=[None, None, 3, 7], numbered=[3, 40]
    )
    places = blocks(sizes)
    numbers = {note["text"]: note["x"] for note in figure["layout"]["annotations"] if "<b>" in note["text"]}
    assert numbers == {"<b>1</b>": places[2].centre(3)[0], "<b>2</b>": places[2].centre(40)[0]}
    rings = figure["data"][-2]
    assert list(zip(rings["x"], rings["y"], strict=True)) == [places[2].centre(3), places[3].centre(7)]


@pytest.mark.parametrize("sizes", SIZES)
def test_the_frame_of_a_network_has_the_traces_and_the_height_of_its_figure(sizes: tuple[int, ...]) -> None:
    layers = [np.ones(size, np.float32) for size in sizes]
    links = [Link(0, 1, 2, 1.0)]
    figure = flow_figure(layers, layers[-1], links, ["a"], texts(sizes))
    frame = flow_frame(sizes, texts(sizes))
    assert [trace.type for trace in frame.data] == [trace["type"] for trace in figure["data"]]
    assert frame.layout.height == figure["layout"]["height"]
    assert chart.values(figure, "flow")["layout"]["shapes"]
