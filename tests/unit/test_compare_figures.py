"""Several runs in one figure: which points, where the labels stand, what is told apart by what."""

from itertools import pairwise

import pytest

from model.slices import EpochMetrics, Score
from ui.figures.compare import (
    MAX_LINES,
    ComparedTexts,
    compared_figure,
    label_shifts,
    last_epoch,
    lines_of,
    shown_range,
)
from ui.figures.curves import Quantity
from ui.figures.layout import NUMBER, PERCENT

TEXTS = ComparedTexts("accuracy", "loss", "epoch")
_LABEL = 15


def _history(*scores: tuple[float, float]) -> list[EpochMetrics]:
    """Epochs with this validation loss and accuracy."""
    return [EpochMetrics(epoch, Score(9, 0), Score(*score)) for epoch, score in enumerate(scores)]


_GOOD = _history((2.3, 0.1), (0.5, 0.9), (0.25, 0.95))
_SHORT = _history((2.4, 0.08), (0.6, 0.8))


def test_a_line_is_the_validation_of_every_epoch() -> None:
    [line] = lines_of([("Run 1", _GOOD)])
    assert line.accuracy.x == line.loss.x == (0, 1, 2)
    assert line.accuracy.y == (0.1, 0.9, 0.95)
    assert line.loss.y == (2.3, 0.5, 0.25)


def test_there_are_ten_lines_at_most_and_none_for_a_network_without_a_history() -> None:
    lines = lines_of([("Starter", []), *((f"Run {i}", _GOOD) for i in range(15))])
    assert [line.name for line in lines] == [f"Run {i}" for i in range(MAX_LINES)]


def test_the_axes_show_what_was_learned_and_not_the_guessing_before_it() -> None:
    lines = lines_of([("Run 1", _GOOD), ("Run 2", _SHORT)])
    assert last_epoch(lines) == 2
    low, high = shown_range(lines, Quantity.ACCURACY)
    assert 0.75 < low < 0.8
    assert 0.95 < high <= 1
    low, high = shown_range(lines, Quantity.LOSS)
    assert 0 <= low < 0.25
    assert 0.6 < high < 0.7


def test_a_network_that_was_only_measured_untrained_is_on_the_axes() -> None:
    low, high = shown_range(lines_of([("Run 1", _GOOD[:1])]), Quantity.ACCURACY)
    assert low < 0.1 < high


def test_without_lines_there_are_axes_all_the_same() -> None:
    figure = compared_figure([], TEXTS)
    assert figure.layout.xaxis.range == (0, 1.02)
    assert figure.layout.yaxis.range == (0, 1)
    assert figure.layout.height == compared_figure(lines_of([("Run 1", _GOOD)]), TEXTS).layout.height


def test_labels_of_lines_that_end_together_do_not_cover_each_other() -> None:
    ends = [(20.0, 0.95 + 0.001 * i) for i in range(10)]
    shifts = label_shifts(ends, 20, (0.8, 1.0))
    pixels = sorted(190 * (y - 0.8) / 0.2 + shift for (_, y), shift in zip(ends, shifts, strict=True))
    gaps = [above - below for below, above in pairwise(pixels)]
    assert min(gaps) == pytest.approx(_LABEL)
    assert pixels[-1] <= 190 + 1e-9
    assert pixels[0] >= 0


def test_labels_keep_the_order_of_their_lines() -> None:
    ends = [(20.0, 0.95), (20.0, 0.94), (20.0, 0.951)]
    shifts = label_shifts(ends, 20, (0.0, 1.0))
    heights = [190 * y + shift for (_, y), shift in zip(ends, shifts, strict=True)]
    assert heights[1] < heights[0] < heights[2]


def test_a_label_that_is_in_nobodys_way_stands_at_its_lines_end() -> None:
    assert label_shifts([(20.0, 0.9), (5.0, 0.9), (20.0, 0.2)], 20, (0.0, 1.0)) == [0, 0, 0]


def test_ten_lines_are_told_apart_in_grey_too() -> None:
    figure = compared_figure(lines_of([(f"Run {i}", _GOOD) for i in range(10)]), TEXTS)
    assert len({trace.line.dash for trace in figure.data[:10]}) == 10


@pytest.mark.parametrize("count", [1, 2, 10])
def test_a_run_has_the_same_place_among_the_colours_and_the_same_dash_in_both_charts(count: int) -> None:
    figure = compared_figure(lines_of([(f"Run {i}", _GOOD) for i in range(count)]), TEXTS)
    for i in range(count):
        accuracy, loss = figure.data[i], figure.data[i + MAX_LINES]
        assert accuracy.name == loss.name == f"Run {i}"
        assert accuracy.line.dash == loss.line.dash
        assert (accuracy.yaxis, loss.yaxis) == ("y", "y2")
        assert (accuracy.y[-1], loss.y[-1]) == (0.95, 0.25)


def test_both_charts_have_one_axis_of_epochs_and_can_be_zoomed() -> None:
    layout = compared_figure(lines_of([("Run 1", _GOOD)]), TEXTS).layout
    assert layout.dragmode == "zoom"
    assert not any(axis.fixedrange for axis in (layout.xaxis, layout.yaxis, layout.yaxis2))
    assert "xaxis2" not in layout.to_plotly_json()


def test_every_line_is_named_at_both_of_its_ends() -> None:
    figure = compared_figure(lines_of([("Run 1", _GOOD), ("Run 2", _SHORT)]), TEXTS)
    ends = {
        (label.text, label.yref): (label.x, label.y)
        for label in figure.layout.annotations
        if label.text.startswith("Run")
    }
    assert ends == {
        ("Run 1", "y"): (2, 0.95),
        ("Run 1", "y2"): (2, 0.25),
        ("Run 2", "y"): (1, 0.8),
        ("Run 2", "y2"): (1, 0.6),
    }


def test_ticks_have_the_digits_that_tell_them_apart_and_labels_the_room_that_they_need() -> None:
    layout = compared_figure(lines_of([("Run 1", _history((2.3, 0.1), (2.3, 0.102)))]), TEXTS).layout
    assert layout.yaxis.tickformat == PERCENT == "~%", "10% and 10.2%, not twice 10%"
    assert layout.yaxis2.tickformat == NUMBER == ",~f"
    named = compared_figure(lines_of([("with dropou… (run 12)", _GOOD)]), TEXTS).layout
    assert named.margin.r > layout.margin.r
