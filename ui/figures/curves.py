"""The curves of a run, first as points, then as a figure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import plotly.graph_objects as go

from model.config import CLASSES
from model.slices import EpochMetrics, Score
from runs.records import PartialEpoch
from ui.figures.colours import GREY
from ui.figures.layout import NUMBER, PERCENT, FigureData, epoch_step, plain_layout

HEIGHT = 310
# A zoomed accuracy leaves the steep first quarter of the epochs out of sight, shows a percentage point at
# least, and this share more than its curves.
_STEEP_SHARE = 0.25
_MIN_SPAN, _MARGIN = 0.01, 0.08

# What a network that only guesses reaches: one in ten, and the surprise of one in ten, ln 10.
GUESSING = Score(loss=2.302585, accuracy=1 / CLASSES)


class Quantity(StrEnum):
    """What a chart shows of a score."""

    ACCURACY = "accuracy"
    LOSS = "loss"


@dataclass(frozen=True)
class Curve:
    """One line: ``x`` in epochs, ``y`` in the unit of the quantity."""

    x: tuple[float, ...]
    y: tuple[float, ...]


EMPTY = Curve((), ())


@dataclass(frozen=True)
class CurveTexts:
    """What the chart says, in the visitor's language."""

    title: str
    epoch: str
    training: str
    validation: str
    guessing: str


def curves_of(
    history: Sequence[EpochMetrics], partial: PartialEpoch | None, quantity: Quantity
) -> tuple[Curve, Curve]:
    """The training and the validation curve; the training one reaches into an unfinished epoch."""
    training = [(float(point.epoch), getattr(point.training, quantity)) for point in history]
    if partial is not None:
        training.append((partial.position, getattr(partial.training, quantity)))
    validation = [(float(point.epoch), getattr(point.validation, quantity)) for point in history]
    return _curve(training), _curve(validation)


@dataclass(frozen=True)
class Mark:
    """Something that happened on the way: ``x`` in epochs, and what it was in a word or two."""

    x: float
    text: str


def curves_figure(
    training: Curve,
    validation: Curve,
    quantity: Quantity,
    epochs: int,
    texts: CurveTexts,
    marks: Sequence[Mark] = (),
    is_zoomed: bool = False,
) -> FigureData:
    """Both curves on axes that stand still while they grow; empty axes before the first point. The axis of a
    zoomed accuracy is as short as its curves are high."""
    guessing = getattr(GUESSING, quantity)
    accuracy = quantity == Quantity.ACCURACY
    top = 1.02 * (1.0 if accuracy else max([2.5, *(1.05 * y for y in (*training.y, *validation.y))]))
    heights = _moving_range(training, validation) if accuracy and is_zoomed else None
    hover = "%{y:.1%}" if accuracy else "%{y:.3f}"
    traces = [
        _trace(training, texts.training, hover, line={"width": 2.5}),
        _trace(
            validation,
            texts.validation,
            hover,
            line={"width": 2.5, "dash": "dot"},
            marker={"symbol": "square"},
        ),
        {
            "type": "scatter",
            "name": texts.guessing,
            "x": [0, epochs],
            "y": [guessing, guessing],
            "mode": "lines",
            "line": {"width": 1, "dash": "dash"},
            "hoverinfo": "skip",
        },
    ]
    layout = plain_layout(
        HEIGHT,
        title={
            "text": texts.title,
            "font": {"size": 15},
            "x": 0,
            "xref": "paper",
            "y": 1,
            "yanchor": "top",
            "pad": {"t": 6},
        },
        # Room for the longest tick, or the widths of two charts side by side would depend on their ticks.
        margin={"l": 52, "r": 8, "t": 104, "b": 8},
        hovermode="x unified",
        showlegend=True,
        legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 12}},
        xaxis={"range": [0, epochs * 1.01], "dtick": epoch_step(epochs), "title": {"text": texts.epoch}},
        yaxis={
            "range": heights or [0, top],
            "tickformat": PERCENT if accuracy else NUMBER,
            "automargin": False,
        },
        annotations=[_mark_label(mark, at_bottom=accuracy) for mark in marks],
        shapes=[_mark_line(mark) for mark in marks],
    )
    return {"data": traces, "layout": layout}


def curves_frame(quantity: Quantity, epochs: int, texts: CurveTexts) -> go.Figure:
    """A chart without curves, for ``chart.show_live``."""
    return go.Figure(curves_figure(EMPTY, EMPTY, quantity, epochs, texts))


def _trace(curve: Curve, name: str, hover: str, **looks: Any) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": name,
        "x": list(curve.x),
        "y": list(curve.y),
        "mode": _mode(curve),
        "hovertemplate": hover,
        **looks,
    }


def _moving_range(*curves: Curve) -> list[float] | None:
    """The accuracies between which ``curves`` move once they have risen; ``None`` before they have."""
    risen = [y for curve in curves for y in curve.y[max(1, int(_STEEP_SHARE * len(curve.y))) :]]
    if not risen:
        return None
    low, high = min(risen), max(risen)
    margin = max(_MARGIN * (high - low), (_MIN_SPAN - (high - low)) / 2)
    top = min(1.0, high + margin)
    return [max(0.0, min(low - margin, top - _MIN_SPAN)), top]


def _mark_line(mark: Mark) -> dict[str, Any]:
    return {
        "type": "line",
        "x0": mark.x,
        "x1": mark.x,
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "line": {"width": 1, "dash": "dot", "color": GREY},
    }


def _mark_label(mark: Mark, at_bottom: bool) -> dict[str, Any]:
    """Along its line, where the curve is not: it rises in one chart and falls in the other."""
    return {
        "x": mark.x,
        "yref": "paper",
        "y": 0 if at_bottom else 1,
        "text": mark.text,
        "textangle": -90,
        "font": {"size": 11},
        "showarrow": False,
        "xanchor": "right",
        "yanchor": "bottom" if at_bottom else "top",
    }


def _curve(points: Sequence[tuple[float, float]]) -> Curve:
    return Curve(tuple(x for x, _ in points), tuple(y for _, y in points))


def _mode(curve: Curve) -> str:
    """A single point is no line, so it is shown as a dot."""
    return "lines+markers" if len(curve.x) <= 30 else "lines"
