"""The validation curves of several runs in one figure, first as values."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from math import inf
from typing import Any

import plotly.graph_objects as go

from model.slices import EpochMetrics
from ui.figures.colours import GREY
from ui.figures.curves import Curve, Quantity, curves_of
from ui.figures.layout import NUMBER, PERCENT, epoch_step, plain_layout

# As many as the theme has colours, and as can be followed by eye.
MAX_LINES = 10
HEIGHT = 520
# A pattern of its own for each line, so that they are told apart in grey, too.
_DASHES = (
    "solid",
    "dot",
    "dash",
    "dashdot",
    "longdash",
    "longdashdot",
    "1px,6px",
    "14px,2px",
    "10px,3px,2px,3px,2px,3px",
    "4px,8px",
)
# In pixels: the height of one chart's axes, the space between labels, the room to the right for a label's
# line and its letters, and the least of it.
_AXES, _LABEL, _LINE, _LETTER, _MARGIN = 190, 15, 20, 6, 70
# Ends nearer to each other than this share of the epochs have labels that could overlap.
_NEAR = 0.2
# What an axis has beyond its lines at least; and what it shows without any.
_MIN_ROOM = 0.005
_WIDEST = {Quantity.ACCURACY: (0.0, 1.0), Quantity.LOSS: (0.0, 2.5)}
_ROWS = {Quantity.ACCURACY: ("y", (0.55, 1.0)), Quantity.LOSS: ("y2", (0.0, 0.45))}

Range = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """The validation curves of one run, and the short name that stands at their ends."""

    name: str
    accuracy: Curve
    loss: Curve


@dataclass(frozen=True)
class ComparedTexts:
    """What the figure says, in the visitor's language."""

    accuracy: str
    loss: str
    epoch: str


def lines_of(histories: Sequence[tuple[str, Sequence[EpochMetrics]]]) -> list[Line]:
    """The lines of named histories, ``MAX_LINES`` at most; one without any epoch has none."""
    begun = [(name, history) for name, history in histories if history][:MAX_LINES]
    return [
        Line(name, *(curves_of(history, None, quantity)[1] for quantity in _ROWS)) for name, history in begun
    ]


def last_epoch(lines: Sequence[Line]) -> float:
    """Where the longest line ends; at least 1."""
    return max([1.0, *(line.accuracy.x[-1] for line in lines)])


def shown_range(lines: Sequence[Line], quantity: Quantity) -> Range:
    """The values on the axis at first: those of trained networks. All begin at guessing, and with that
    on the axis the good ones could not be told apart."""
    curves = [getattr(line, quantity) for line in lines]
    values = [y for curve in curves for y in (curve.y[1:] or curve.y)]
    if not values:
        return _WIDEST[quantity]
    room = max(0.05 * (max(values) - min(values)), _MIN_ROOM)
    highest = 1.0 if quantity == Quantity.ACCURACY else inf
    return max(min(values) - room, 0.0), min(max(values) + room, highest)


def label_shifts(ends: Sequence[tuple[float, float]], epochs: float, shown: Range) -> list[float]:
    """How many pixels above its line's end each label stands, so that none covers another.

    ``ends``: epoch and value of each line's last point, on axes up to ``epochs`` and over ``shown``.
    """
    low, high = shown
    shifts = [0.0] * len(ends)
    for group in _near(ends, _NEAR * epochs):
        heights = [(ends[i][1] - low) / (high - low) * _AXES for i in group]
        for i, height, place in zip(group, heights, _spread(heights), strict=True):
            shifts[i] = place - height
    return shifts


def compared_figure(lines: Sequence[Line], texts: ComparedTexts) -> go.Figure:
    """Accuracy above loss, over the same epochs: to zoom into one is to zoom into both."""
    epochs = last_epoch(lines)
    shown = {quantity: shown_range(lines, quantity) for quantity in _ROWS}
    axis = {"fixedrange": False}
    letters = max((len(line.name) for line in lines), default=0)
    layout = plain_layout(
        HEIGHT,
        margin={"l": 8, "r": max(_MARGIN, _LINE + _LETTER * letters), "t": 24, "b": 8},
        dragmode="zoom",
        hovermode="x unified",
        xaxis={
            "range": [0, 1.02 * epochs],
            "dtick": epoch_step(epochs),
            "title": {"text": texts.epoch},
            "anchor": "y2",
            **axis,
        },
        yaxis={
            "range": shown[Quantity.ACCURACY],
            "domain": _ROWS[Quantity.ACCURACY][1],
            "tickformat": PERCENT,
            **axis,
        },
        annotations=[
            *_titles(texts),
            *(label for quantity in _ROWS for label in _labels(lines, quantity, epochs, shown[quantity])),
        ],
        # What the visitor has zoomed into stays while the same lines are drawn again.
        uirevision="-".join(line.name for line in lines),
    )
    loss = {"range": shown[Quantity.LOSS], "domain": _ROWS[Quantity.LOSS][1], "tickformat": NUMBER}
    layout["yaxis2"] = {**layout["yaxis"], **loss}
    traces = [trace for quantity in _ROWS for trace in _traces(lines, quantity)]
    return go.Figure({"data": traces, "layout": layout})


def _traces(lines: Sequence[Line], quantity: Quantity) -> list[dict[str, Any]]:
    """Always ``MAX_LINES``, so that both charts begin with the theme's first colour."""
    hover = "%{y:.2%}" if quantity == Quantity.ACCURACY else "%{y:.4f}"
    blank = [{"type": "scatter", "x": [], "y": []}] * (MAX_LINES - len(lines))
    return [
        *(
            {
                "type": "scatter",
                "name": _as_text(line.name),
                "x": list(getattr(line, quantity).x),
                "y": list(getattr(line, quantity).y),
                # A single point is no line, so it is shown as a dot.
                "mode": "lines" if len(line.accuracy.x) > 1 else "markers",
                "line": {"width": 2.5, "dash": dash},
                "hovertemplate": hover,
                "yaxis": _ROWS[quantity][0],
            }
            for line, dash in zip(lines, _DASHES, strict=False)
        ),
        *blank,
    ]


def _labels(lines: Sequence[Line], quantity: Quantity, epochs: float, shown: Range) -> list[dict[str, Any]]:
    curves = [getattr(line, quantity) for line in lines]
    ends = [(curve.x[-1], curve.y[-1]) for curve in curves]
    return [
        {
            "x": x,
            "y": y,
            "yref": _ROWS[quantity][0],
            "text": _as_text(line.name),
            "xanchor": "left",
            "showarrow": True,
            "arrowhead": 0,
            "arrowwidth": 1,
            "arrowcolor": GREY,
            "ax": 14,
            "ay": -shift,
        }
        for line, (x, y), shift in zip(lines, ends, label_shifts(ends, epochs, shown), strict=True)
    ]


def _as_text(name: str) -> str:
    """What a visitor has called a run: plotly reads HTML."""
    return escape(name, quote=False)


def _titles(texts: ComparedTexts) -> list[dict[str, Any]]:
    return [
        {
            "x": 0,
            "xref": "paper",
            "y": _ROWS[quantity][1][1],
            "yref": "paper",
            "text": text,
            "font": {"size": 15},
            "showarrow": False,
            "xanchor": "left",
            "yanchor": "bottom",
        }
        for quantity, text in ((Quantity.ACCURACY, texts.accuracy), (Quantity.LOSS, texts.loss))
    ]


def _near(ends: Sequence[tuple[float, float]], distance: float) -> list[list[int]]:
    """The numbers of the ends in groups: a gap of ``distance`` epochs parts two groups."""
    order = sorted(range(len(ends)), key=lambda i: ends[i][0])
    groups = [order[:1]]
    for before, here in pairwise(order):
        if ends[here][0] - ends[before][0] > distance:
            groups.append([])
        groups[-1].append(here)
    return groups


def _spread(heights: Sequence[float]) -> list[float]:
    """``heights`` moved apart to ``_LABEL`` at least, in the same order and within the axes, if they
    have the room."""
    order = sorted(range(len(heights)), key=lambda i: heights[i])
    places = list(heights)
    for below, above in pairwise(order):
        places[above] = max(places[above], places[below] + _LABEL)
    highest = float(_AXES)
    for i in reversed(order):
        places[i] = min(places[i], highest)
        highest = places[i] - _LABEL
    return places
