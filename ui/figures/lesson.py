"""The pictures of the lesson: plain values in, a figure out."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import plotly.graph_objects as go

from ui.figures.layout import plain

NETWORK_HEIGHT = 300
SMALL_HEIGHT = 170
CURVE_HEIGHT = 230

_DRAWN_UNITS = 10


def network_figure(layer_sizes: Sequence[int], texts: Sequence[str]) -> go.Figure:
    """The network, at most ten units of each layer drawn, with all links between those."""
    columns = [
        [(x, _height(i, size)) for i in range(min(size, _DRAWN_UNITS))] for x, size in enumerate(layer_sizes)
    ]
    lines_x: list[float | None] = []
    lines_y: list[float | None] = []
    for left, right in pairwise(columns):
        for x0, y0 in left:
            for x1, y1 in right:
                lines_x += [x0, x1, None]
                lines_y += [y0, y1, None]
    units = [point for column in columns for point in column]
    figure = go.Figure(
        [
            go.Scatter(x=[x for x, _ in units], y=[y for _, y in units], mode="markers", marker={"size": 12}),
            go.Scatter(x=lines_x, y=lines_y, mode="lines", line={"width": 0.5}, opacity=0.5),
        ]
    )
    for x, text in enumerate(texts):
        figure.add_annotation(x=x, y=-0.16, text=text, showarrow=False, yanchor="top")
    plain(figure, NETWORK_HEIGHT)
    figure.update_xaxes(visible=False, range=[-0.5, len(layer_sizes) - 0.5])
    figure.update_yaxes(visible=False, range=[-0.4, 1.1])
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
    figure.update_xaxes(range=[0, 1.02], tickformat=".0%", title={"text": axis})
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
                marker={"size": sizes},
                line={"width": 1, "dash": "dot"},
            ),
        ]
    )
    plain(figure, CURVE_HEIGHT)
    low, high = min(y for _, y in curve), max(y for _, y in curve)
    figure.update_xaxes(range=[curve[0][0], curve[-1][0]], title={"text": axis})
    figure.update_yaxes(range=[low - 0.1 * (high - low), high], title={"text": loss})
    return figure


def bars_figure(names: Sequence[str], shares: Sequence[float]) -> go.Figure:
    """A few named shares from 0 to 1 as bars."""
    bars = go.Bar(x=list(shares), y=list(names), orientation="h")
    figure = plain(go.Figure(bars), SMALL_HEIGHT)
    figure.update_xaxes(range=[0, 1], tickformat=".0%")
    figure.update_yaxes(autorange="reversed")
    return figure


def anomaly_figure(values: Sequence[float], threshold: float) -> go.Figure:
    """A measured line; what lies above ``threshold`` is marked."""
    over = [(i, value) for i, value in enumerate(values) if value > threshold]
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
    figure.update_xaxes(visible=False)
    figure.update_yaxes(range=[0, 1.05], showticklabels=False)
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
    figure.add_annotation(x=start / 2, y=1.15, text=texts[0], showarrow=False)
    figure.add_annotation(x=start + len(future) / 2, y=1.15, text=texts[1], showarrow=False)
    plain(figure, SMALL_HEIGHT)
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False, range=[-0.1, 1.25])
    return figure


def _height(unit: int, size: int) -> float:
    """Where a unit stands between 0 and 1: small layers are spread like large ones."""
    return 1 - (unit + 0.5) / min(size, _DRAWN_UNITS)


def _point(x: float, y: float) -> go.Scatter:
    return go.Scatter(x=[x], y=[y], mode="markers", marker={"size": 14})
