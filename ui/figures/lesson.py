"""The pictures of the lesson: plain values in, a figure out."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import plotly.graph_objects as go

from model.drawing.strokes import SIDE
from model.slices import Values
from ui.figures.layout import PERCENT, plain

NETWORK_HEIGHT = 330
SHARES_HEIGHT = 250
SMALL_HEIGHT = 170
FORECAST_HEIGHT = 240
CURVE_HEIGHT = 260

# Units that a column of the network has room for; of a larger layer the first and last are drawn.
_PLACES = 10
_ENDS = 4
# Pixels on the screen of the mark for the largest share; 28 marks stand side by side.
_MAX_MARK = 9


def drawn_units(size: int) -> list[float]:
    """The heights from 1 down to 0 at which units of a layer are drawn: all of them where they fit,
    else the first and the last, with a gap between."""
    indices = range(size) if size <= _PLACES else [*range(_ENDS), *range(_PLACES - _ENDS, _PLACES)]
    return [1 - (index + 0.5) / min(size, _PLACES) for index in indices]


def network_figure(layer_sizes: Sequence[int], texts: Sequence[str]) -> go.Figure:
    """The network with the links between the units that are drawn, those into one unit marked,
    and ``texts`` under the layers."""
    columns = [[(float(x), y) for y in drawn_units(size)] for x, size in enumerate(layer_sizes)]
    units = [point for column in columns for point in column]
    marked = columns[1][0]
    links = [
        (start, end) for left, right in pairwise(columns) for start in left for end in right if end != marked
    ]
    digits = [""] * (len(units) - len(columns[-1])) + [f"  {digit}" for digit in range(len(columns[-1]))]
    figure = go.Figure(
        [
            go.Scatter(
                x=[x for x, _ in units],
                y=[y for _, y in units],
                text=digits,
                mode="markers+text",
                textposition="middle right",
                marker={"size": 13},
                zorder=2,
            ),
            go.Scatter(**_lines([(start, marked) for start in columns[0]]), line={"width": 1.5}, zorder=1),
            go.Scatter(**_lines(links), line={"width": 0.6}, opacity=0.5),
        ]
    )
    for x, (size, text) in enumerate(zip(layer_sizes, texts, strict=True)):
        figure.add_annotation(x=x, y=-0.04, text=text, showarrow=False, yanchor="top")
        if size > _PLACES:
            figure.add_annotation(x=x, y=0.5, text="⋮", showarrow=False, font={"size": 24})
    plain(figure, NETWORK_HEIGHT)
    figure.update_xaxes(visible=False, range=[-0.4, len(layer_sizes) - 0.6])
    figure.update_yaxes(visible=False, range=[-0.16, 1])
    return figure


def _lines(links: Sequence[tuple[tuple[float, float], tuple[float, float]]]) -> dict[str, object]:
    """Many separate lines as one trace."""
    return {
        "x": [x for (x0, _), (x1, _) in links for x in (x0, x1, None)],
        "y": [y for (_, y0), (_, y1) in links for y in (y0, y1, None)],
        "mode": "lines",
    }


def shares_figure(shares: Values | None) -> go.Figure:
    """What each of 784 pixels adds to a sum (filled squares) or takes from it (open diamonds); the
    area of a mark is its share. ``None``: an empty frame."""
    values = np.zeros((SIDE, SIDE)) if shares is None else shares.reshape(SIDE, SIDE).astype(np.float64)
    unit = float(np.abs(values).max()) or 1.0
    traces = []
    for sign, symbol in ((1, "square"), (-1, "diamond-open")):
        # Smaller ones would be dots that nobody sees.
        rows, columns = np.nonzero(sign * values > unit / 200)
        sizes = _MAX_MARK * np.sqrt(np.abs(values[rows, columns]) / unit)
        traces.append(
            go.Scatter(
                x=columns.tolist(),
                y=rows.tolist(),
                mode="markers",
                marker={
                    "size": sizes.tolist(),
                    "symbol": symbol,
                    "opacity": 1,
                    "line": {"width": 1.5 if sign < 0 else 0},
                },
            )
        )
    low, high = -0.5, SIDE - 0.5
    traces.append(
        go.Scatter(
            x=[low, high, high, low, low], y=[low, low, high, high, low], mode="lines", line={"width": 1}
        )
    )
    figure = plain(go.Figure(traces), SHARES_HEIGHT)
    figure.update_xaxes(visible=False, range=[low - 0.5, high + 0.5], constrain="domain")
    figure.update_yaxes(visible=False, range=[high + 0.5, low - 0.5], scaleanchor="x", constrain="domain")
    return figure


def loss_figure(probability: float, axis: str, loss: str) -> go.Figure:
    """The curve -ln p with a point at ``probability``."""
    p = np.linspace(0.01, 1, 100)
    figure = go.Figure(
        [
            go.Scatter(x=p.tolist(), y=(-np.log(p)).tolist(), mode="lines"),
            _point(probability, -math.log(probability)),
        ]
    )
    plain(figure, CURVE_HEIGHT)
    figure.update_xaxes(range=[0, 1.02], tickformat=PERCENT, title={"text": axis})
    figure.update_yaxes(range=[-0.2, 4.8], title={"text": loss})
    return figure


def descent_figure(
    curve: Sequence[tuple[float, float]], visited: Sequence[tuple[float, float]], axis: str, loss: str
) -> go.Figure:
    """The loss along one weight, and the points that were visited, the last one large."""
    sizes = [7] * (len(visited) - 1) + [14]
    figure = go.Figure(
        [
            go.Scatter(x=[x for x, _ in curve], y=[y for _, y in curve], mode="lines"),
            go.Scatter(
                x=[x for x, _ in visited],
                y=[y for _, y in visited],
                mode="lines+markers",
                marker={"size": sizes, "opacity": 1},
                line={"width": 1, "dash": "dot"},
            ),
        ]
    )
    plain(figure, CURVE_HEIGHT)
    low, high = min(y for _, y in curve), max(y for _, y in curve)
    figure.update_xaxes(range=[curve[0][0], curve[-1][0]], title={"text": axis})
    figure.update_yaxes(range=[low - 0.1 * (high - low), high], title={"text": loss})
    return figure


def bars_figure(names: Sequence[str], shares: Sequence[float], texts: Sequence[str]) -> go.Figure:
    """A few named shares from 0 to 1 as bars, labelled with ``texts``."""
    bars = go.Bar(
        x=list(shares), y=list(names), orientation="h", text=list(texts), textposition="outside", textangle=0
    )
    figure = plain(go.Figure(bars), SMALL_HEIGHT, bargap=0.3)
    figure.update_xaxes(range=[0, 1.15 * max(shares)], visible=False)
    figure.update_yaxes(autorange="reversed", ticks="", tickfont={"size": 14})
    return figure


def above(values: Sequence[float], threshold: float) -> list[tuple[int, float]]:
    """Place and value of everything in ``values`` that is larger than ``threshold``."""
    return [(i, value) for i, value in enumerate(values) if value > threshold]


def anomaly_figure(values: Sequence[float], threshold: float) -> go.Figure:
    """A measured line; what lies above ``threshold`` is marked."""
    over = above(values, threshold)
    figure = go.Figure(
        [
            go.Scatter(y=list(values), mode="lines"),
            go.Scatter(x=[x for x, _ in over], y=[y for _, y in over], mode="markers", marker={"size": 10}),
            go.Scatter(
                x=[0, len(values) - 1],
                y=[threshold, threshold],
                mode="lines",
                line={"dash": "dash", "width": 1},
            ),
        ]
    )
    plain(figure, SMALL_HEIGHT)
    figure.update_xaxes(visible=False, range=[-1, len(values)])
    figure.update_yaxes(visible=False, range=[0, 1.05])
    return figure


def forecast_figure(past: Sequence[float], future: Sequence[float], texts: tuple[str, str]) -> go.Figure:
    """A line that was measured and its continuation, dotted, each with its name."""
    start = len(past) - 1
    figure = go.Figure(
        [
            go.Scatter(y=list(past), mode="lines"),
            go.Scatter(
                x=list(range(start, start + len(future) + 1)),
                y=[past[-1], *future],
                mode="lines",
                line={"dash": "dot"},
            ),
        ]
    )
    figure.add_annotation(x=start / 2, y=1.1, text=texts[0], showarrow=False)
    figure.add_annotation(x=start + len(future) / 2, y=1.1, text=texts[1], showarrow=False)
    plain(figure, FORECAST_HEIGHT)
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False, range=[0, 1.2])
    return figure


def _point(x: float, y: float) -> go.Scatter:
    return go.Scatter(x=[x], y=[y], mode="markers", marker={"size": 14})
