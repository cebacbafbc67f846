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
from ui.figures.layout import FigureData, plain_layout

HEIGHT = 230
# Labels nearer to each other than this share of the axis would overlap.
_LABEL_SHARE = 0.2

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
) -> FigureData:
    """Both curves on axes that stand still while they grow; empty axes before the first point."""
    guessing = getattr(GUESSING, quantity)
    accuracy = quantity == Quantity.ACCURACY
    top = 1.02 * (1.0 if accuracy else max([2.5, *(1.05 * y for y in (*training.y, *validation.y))]))
    right = epochs * 1.01
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
        title={"text": texts.title, "font": {"size": 15}, "x": 0, "xref": "paper"},
        margin={"l": 8, "r": 8, "t": 34, "b": 8},
        hovermode="x unified",
        xaxis={"range": [0, right], "title": {"text": texts.epoch}},
        yaxis={"range": [0, top], "tickformat": ".0%" if accuracy else ""},
        annotations=[
            _guessing_label(guessing, right, top, training, validation, texts),
            *_line_labels(right, training, validation, texts),
            *(_mark_label(mark, at_bottom=accuracy) for mark in marks),
        ],
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


def _guessing_label(
    guessing: float, right: float, top: float, training: Curve, validation: Curve, texts: CurveTexts
) -> dict[str, Any]:
    """At the right end, above its line; at the left end where a curve that has not learned ends there."""
    ends = [(curve.x[-1], curve.y[-1]) for curve in (training, validation) if curve.x]
    taken = any(x > right / 2 and abs(y - guessing) < _LABEL_SHARE * top for x, y in ends)
    return {
        "x": 0 if taken else right,
        "y": guessing,
        "text": texts.guessing,
        "showarrow": False,
        "xanchor": "left" if taken else "right",
        "yanchor": "bottom",
    }


def _line_labels(right: float, training: Curve, validation: Curve, texts: CurveTexts) -> list[dict[str, Any]]:
    """A name at the end of each line: the higher line's above it, the other's below."""
    if not validation.x:
        return []
    training_is_higher = training.y[-1] >= validation.y[-1]
    return [
        {
            "x": curve.x[-1],
            "y": curve.y[-1],
            "text": name,
            "showarrow": False,
            "xanchor": "right" if curve.x[-1] > right / 2 else "left",
            "yshift": 14 if above else -14,
        }
        for curve, name, above in (
            (training, texts.training, training_is_higher),
            (validation, texts.validation, not training_is_higher),
        )
    ]


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
