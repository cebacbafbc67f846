"""Figures: plain values first, then what is drawn."""

import math
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from model.config import bounds
from model.slices import EpochMetrics, Score
from runs.records import PartialEpoch
from ui.components import chart
from ui.figures.confidence import confidence_figure, coverage_figure, reliability_figure
from ui.figures.curves import EMPTY, Curve, CurveTexts, Mark, Quantity, curves_figure, curves_of
from ui.figures.digits import picture
from ui.figures.evaluation import confusion_figure, difference_figure
from ui.figures.layout import epoch_step
from ui.figures.softmax import softmax_bars, softmax_frame

HISTORY = [
    EpochMetrics(0, Score(2.33, 0.1), Score(2.31, 0.11)),
    EpochMetrics(1, Score(0.8, 0.8), Score(0.6, 0.85)),
]
TEXTS = CurveTexts("Loss", "epoch", "training", "validation", "guessing")


def drawn(*values: Any) -> go.Figure:
    """The curves as plotly accepts them."""
    return go.Figure(curves_figure(*values))


def test_curves_start_at_epoch_zero_and_the_training_curve_reaches_into_the_unfinished_epoch() -> None:
    training, validation = curves_of(HISTORY, PartialEpoch(1.5, Score(0.5, 0.9)), Quantity.LOSS)
    assert training == Curve((0.0, 1.0, 1.5), (2.33, 0.8, 0.5))
    assert validation == Curve((0.0, 1.0), (2.31, 0.6))


def test_accuracy_is_a_curve_of_its_own() -> None:
    training, validation = curves_of(HISTORY, None, Quantity.ACCURACY)
    assert training.y == (0.1, 0.8)
    assert validation.y == (0.11, 0.85)


@pytest.mark.parametrize(("quantity", "guessing"), [("accuracy", 0.1), ("loss", math.log(10))])
def test_before_the_first_point_there_are_axes_and_the_line_of_guessing(
    quantity: str, guessing: float
) -> None:
    figure = drawn(EMPTY, EMPTY, Quantity(quantity), 20, TEXTS)
    assert [len(trace.x) for trace in figure.data] == [0, 0, 2]
    assert figure.data[2].y[0] == pytest.approx(guessing, abs=1e-6)
    assert figure.layout.height > 0
    assert figure.layout.xaxis.range[1] >= 20


def test_training_and_validation_are_told_apart_in_grey_too_and_named_outside_of_the_plot() -> None:
    figure = drawn(*curves_of(HISTORY, None, Quantity.LOSS), Quantity.LOSS, 20, TEXTS)
    assert figure.data[0].line.dash != figure.data[1].line.dash
    assert [trace.name for trace in figure.data] == ["training", "validation", "guessing"]
    assert figure.layout.showlegend
    assert figure.layout.legend.y > 1
    assert not figure.layout.annotations


RISING = Curve(tuple(map(float, range(9))), (0.1, 0.8, 0.9, 0.91, 0.92, 0.93, 0.935, 0.94, 0.945))


def test_a_zoomed_accuracy_shows_where_its_curves_move() -> None:
    low, high = drawn(RISING, RISING, Quantity.ACCURACY, 8, TEXTS, (), True).layout.yaxis.range
    assert 0.88 < low < 0.9
    assert 0.945 < high < 0.96
    assert drawn(RISING, RISING, Quantity.ACCURACY, 8, TEXTS).layout.yaxis.range[0] == 0


def test_a_zoomed_axis_keeps_a_percentage_point_and_stays_between_0_and_1() -> None:
    flat = Curve((0.0, 1.0, 2.0), (1.0, 1.0, 1.0))
    low, high = drawn(flat, flat, Quantity.ACCURACY, 8, TEXTS, (), True).layout.yaxis.range
    assert (low, high) == (pytest.approx(0.99), 1.0)


@pytest.mark.parametrize("curve", [EMPTY, Curve((0.0,), (0.1,))])
def test_nothing_is_zoomed_before_the_curve_has_risen(curve: Curve) -> None:
    assert drawn(curve, curve, Quantity.ACCURACY, 8, TEXTS, (), True).layout.yaxis.range[0] == 0


def test_the_loss_is_not_zoomed() -> None:
    zoomed = drawn(RISING, RISING, Quantity.LOSS, 8, TEXTS, (), True)
    assert zoomed == drawn(RISING, RISING, Quantity.LOSS, 8, TEXTS)


def test_a_loss_above_the_axis_lifts_it() -> None:
    high = Curve((0.0, 1.0), (2.3, 40.0))
    assert drawn(high, high, Quantity.LOSS, 20, TEXTS).layout.yaxis.range[1] > 40


def test_a_live_chart_sends_its_values_and_not_its_looks() -> None:
    figure = drawn(*curves_of(HISTORY, None, Quantity.LOSS), Quantity.LOSS, 20, TEXTS)
    sent = chart.values(figure, "curve_loss")
    assert sent["key"] == "curve_loss"
    assert sent["traces"][1]["y"] == [2.31, 0.6]
    assert set(sent["layout"]) == {"annotations", "shapes", "xaxis", "yaxis"}
    assert set(sent["layout"]["xaxis"]) == {"range"}


def test_what_happened_on_the_way_is_a_line_with_its_name() -> None:
    curves = curves_of(HISTORY, None, Quantity.LOSS)
    figure = drawn(*curves, Quantity.LOSS, 20, TEXTS, [Mark(1.5, "paused")])
    [line] = chart.values(figure, "curve_loss")["layout"]["shapes"]
    assert line["x0"] == line["x1"] == 1.5
    assert _where(figure, "paused") == 1.5


def test_bars_show_every_probability_and_stress_the_largest() -> None:
    shares = [0.01] * 9 + [0.91]
    [bars] = go.Figure(softmax_bars(shares, [str(share) for share in shares])).data
    assert list(bars.y) == shares
    assert bars.marker.opacity[9] == max(bars.marker.opacity) > bars.marker.opacity[0]


def test_a_blank_has_empty_bars_that_also_take_back_old_texts() -> None:
    [bars] = softmax_frame().data
    assert list(bars.y) == [0.0] * 10
    assert list(bars.text) == [""] * 10


def test_a_digit_is_drawn_white_on_black_without_smoothing() -> None:
    ink = np.zeros(784, np.float32)
    ink[0], ink[1] = 1.0, 0.5
    drawn = np.asarray(picture(ink, 56))
    assert set(np.unique(drawn)) == {0, 128, 255}
    assert (drawn[:2, :2] == 255).all()
    same = np.asarray(picture((ink * 255).round().astype(np.uint8), 56))
    assert (drawn == same).all()


def test_a_blank_picture_is_black() -> None:
    assert np.asarray(picture(None, 56)).max() == 0


def test_the_confusion_matrix_has_the_true_digits_in_its_rows() -> None:
    counts = np.zeros((10, 10), np.int64)
    counts[4, 9] = 23
    heat, _ = confusion_figure(counts, "true digit", "answer").data
    assert heat.text[4][9] == "23"
    assert heat.text[9][4] == ""
    assert heat.z[4][9] == pytest.approx(math.log(24))


def _where(figure: go.Figure, text: str) -> float:
    [x] = [annotation.x for annotation in figure.layout.annotations if annotation.text == text]
    return float(x)


def test_every_cell_of_a_matrix_has_a_marker_that_can_be_clicked() -> None:
    _, cells = confusion_figure(np.eye(10, dtype=np.int64), "true digit", "answer").data
    assert len(set(zip(cells.x, cells.y, strict=True))) == 100


def test_of_two_matrices_more_is_blue_and_less_is_orange_whatever_the_largest() -> None:
    difference = np.zeros((10, 10), np.int64)
    difference[4, 9], difference[7, 2] = 20, -3
    heat, _ = difference_figure(difference, "true digit", "answer").data
    assert (heat.text[4][9], heat.text[7][2], heat.text[0][0]) == ("+20", "-3", "")
    assert heat.z[4][9] > 0 > heat.z[7][2]
    assert heat.zmin == -heat.zmax
    assert difference_figure(np.zeros((10, 10), np.int64), "t", "a").data[0].zmax > 0


def test_right_and_wrong_answers_are_counted_in_the_same_bins() -> None:
    right, wrong = confidence_figure([0, 0.5, 1], [1, 90], [3, 4], ("right", "wrong", "p", "n")).data
    assert list(right.x) == list(wrong.x) == [0.25, 0.75]
    assert (list(right.y), list(wrong.y)) == ([1, 90], [3, 4])


def test_honest_probabilities_lie_on_the_diagonal() -> None:
    points, honest = reliability_figure([0.6, 0.9], [0.5, 0.9], [4, 400], ("p", "a", "honest")).data
    assert list(honest.x) == list(honest.y)
    assert points.marker.size[0] < points.marker.size[1]
    assert len(reliability_figure([], [], [], ("p", "a", "honest")).data[0].x) == 0


def test_a_threshold_without_answers_has_no_point_on_the_curve() -> None:
    assert len(coverage_figure([1, 0.5], [0.9, 1], None, ("c", "a")).data[1].x) == 0
    assert list(coverage_figure([1, 0.5], [0.9, 1], (0.5, 1.0), ("c", "a")).data[1].y) == [1.0]


def test_a_single_point_of_coverage_is_a_dot_on_an_axis_within_0_and_1() -> None:
    same_for_all = coverage_figure([1.0], [0.0958], (1.0, 0.0958), ("c", "a"))
    assert same_for_all.data[0].mode == "markers"
    for accuracies in ([0.0958], [0.0], [1.0], [0.97, 1.0], []):
        low, high = coverage_figure([1.0] * len(accuracies), accuracies, None, ("c", "a")).layout.yaxis.range
        assert 0 <= low < high <= 1
        assert all(low <= accuracy <= high for accuracy in accuracies)


def test_counts_stand_on_a_ground_below_1_however_many_there_are() -> None:
    for right, wrong in (([958], [9042]), ([0], [1]), ([0], [0])):
        low, high = confidence_figure([0, 1], right, wrong, ("r", "w", "p", "n")).layout.yaxis.range
        assert -1 < low < 0, "the logarithm of less than 1"
        assert high > math.log10(max(*right, *wrong, 9))


def test_the_two_charts_of_a_run_have_the_same_epochs_and_the_same_width() -> None:
    accuracy, loss = (drawn(EMPTY, EMPTY, quantity, 5, TEXTS).layout for quantity in Quantity)
    assert accuracy.xaxis == loss.xaxis
    assert accuracy.margin == loss.margin
    assert not accuracy.yaxis.automargin
    assert not loss.yaxis.automargin


def test_ticks_are_whole_epochs_and_few() -> None:
    for epochs in range(1, bounds("epochs")[1] + 1):
        assert isinstance(epoch_step(epochs), int)
        assert epochs / epoch_step(epochs) <= 6
