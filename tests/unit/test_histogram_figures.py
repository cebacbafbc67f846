"""Histograms beside each other: which bar has which height, colour and place, and what it says."""

import numpy as np
import plotly.graph_objects as go
import pytest

from model.explain.histogram import Histogram, aligned, histogram
from ui.components import chart
from ui.figures.colours import AGAINST, FOR
from ui.figures.histograms import Bars, Row, histograms_figure, histograms_frame

rng = np.random.default_rng(1)
HOVER = "from %{customdata[0]} to %{customdata[1]}: %{customdata[2]}, most of unit %{customdata[3]}"


def rows(layers: int, columns: int) -> list[Row]:
    """Layers of different size and spread; the second column is wider than the first."""
    made = []
    for layer in range(layers):
        samples = [
            rng.normal(0, (1 + column) * 0.1 * 4**layer, 500 * (layer + 1)) for column in range(columns)
        ]
        same = aligned([histogram(sample.astype(np.float32)[:, None]) for sample in samples])
        cells = [Bars(f"column {i}", bins, np.arange(len(bins.counts))) for i, bins in enumerate(same)]
        made.append(Row(f"layer {layer}", HOVER, tuple(cells)))
    return made


@pytest.mark.parametrize(("layers", "columns"), [(1, 1), (3, 2), (5, 2)])
def test_bars_are_the_square_roots_of_the_counts_over_their_bins(layers: int, columns: int) -> None:
    data = rows(layers, columns)
    figure = go.Figure(histograms_figure(data))
    cells = [bars for row in data for bars in row.columns]
    empty = 0
    for trace, bars in zip(figure.data, cells, strict=True):
        found = bars.histogram
        heights = [height or 0 for height in trace.y]
        np.testing.assert_allclose(np.square(heights), found.counts, atol=1e-6)
        empty += trace.y.count(None)
        np.testing.assert_allclose(np.array(trace.x) - trace.width / 2, found.edges[:-1])
        np.testing.assert_allclose(np.array(trace.x) + trace.width / 2, found.edges[1:])
        assert [colour == FOR for colour in trace.marker.color] == [low >= 0 for low in found.edges[:-1]]
        assert {FOR, AGAINST} == set(trace.marker.color)
        assert trace.y.count(None) == np.count_nonzero(found.counts == 0)
    assert empty or columns == 1


def test_a_bar_fits_its_axis_and_says_what_it_counts() -> None:
    data = rows(2, 2)
    figure = histograms_figure(data)
    cells = [bars for row in data for bars in row.columns]
    for bars, trace in zip(cells, figure["data"], strict=True):
        top = figure["layout"]["yaxis" + trace["yaxis"][1:]]["range"][1]
        assert max(height or 0 for height in trace["y"]) <= top
        for i, count in enumerate(bars.histogram.counts.tolist()):
            low, high = bars.histogram.edges[i : i + 2].tolist()
            assert trace["customdata"][i] == (low, high, count, i)
        assert trace["hovertemplate"].startswith(HOVER)


def test_histograms_of_a_row_share_their_axes_and_other_rows_have_their_own() -> None:
    layout = histograms_figure(rows(3, 2))["layout"]
    ranges = [
        (*layout[f"xaxis{number}"]["range"], *layout[f"yaxis{number}"]["range"])
        for number in ("", 2, 3, 4, 5, 6)
    ]
    assert ranges[::2] == ranges[1::2]
    assert len(set(ranges)) == 3


@pytest.mark.parametrize(("layers", "columns"), [(1, 1), (1, 2), (5, 1), (5, 2)])
def test_no_histogram_lies_over_another_or_over_a_name(layers: int, columns: int) -> None:
    layout = go.Figure(histograms_figure(rows(layers, columns))).layout
    boxes = []
    for number in range(layers * columns):
        x, y = layout[f"xaxis{number + 1}"], layout[f"yaxis{number + 1}"]
        assert 0 <= x.domain[0] < x.domain[1] <= 1 + 1e-9
        assert 0 <= y.domain[0] < y.domain[1] < 1
        boxes.append((x.domain, y.domain))
        # A phone of 390 px leaves 358, less the margins.
        assert (x.domain[1] - x.domain[0]) * 334 >= 150
        assert (y.domain[1] - y.domain[0]) * layout.height == pytest.approx(96)
    for place, (x, y) in enumerate(boxes):
        for other_x, other_y in boxes[:place]:
            assert x[0] > other_x[1] or y[1] < other_y[0]
        for text in layout.annotations:
            top, bottom = text.y, text.y - 1.3 * text.font.size / layout.height
            assert bottom > y[1] or top < y[0]
    names = [text.text for text in layout.annotations]
    assert names.count("column 0") == layers
    assert [name for name in names if "layer" in name] == [f"<b>layer {i}</b>" for i in range(layers)]


def test_the_frame_takes_whatever_moves_in_it() -> None:
    data = rows(3, 2)
    names = tuple(row.name for row in data)
    frame = histograms_frame(names, (HOVER,) * 3, 2)
    figure = histograms_figure(data)
    assert [trace.type for trace in frame.data] == [trace["type"] for trace in figure["data"]]
    assert all(not trace.x for trace in frame.data)
    moved = chart.values(figure, "key")["layout"]
    for name in ("xaxis", "yaxis", "xaxis6", "yaxis6"):
        assert moved[name]["range"] == figure["layout"][name]["range"]
    assert len(moved["annotations"]) == len(frame.layout.annotations)


def test_a_layer_without_a_single_number_leaves_its_place_empty() -> None:
    nothing = Bars("title", Histogram(0, 0, np.zeros((0, 1), np.int32), 9), np.zeros(0, np.int64))
    figure = go.Figure(histograms_figure([Row("name", HOVER, (nothing, nothing))]))
    assert [len(trace.x) for trace in figure.data] == [0] * 2
    assert figure.layout.xaxis.range[0] < figure.layout.xaxis.range[1]
