"""Histograms in rows, one a layer, and columns, which share a row's bins and scales."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from model.explain.histogram import Histogram
from ui.figures.colours import AGAINST, FOR, GREY
from ui.figures.layout import FigureData, plain_layout

# CSS pixels of a row: its name, the titles of its histograms, the bars, the numbers below them.
_NAME, _TITLE, _BARS, _NUMBERS = 24, 20, 96, 34
_ROW = _NAME + _TITLE + _BARS + _NUMBERS
# Between two columns, as a share of the width: the numbers at the ends of their axes must not meet.
_GAP = 0.06
_AXIS = {"fixedrange": True, "automargin": False, "zeroline": False, "showgrid": False}


@dataclass(frozen=True)
class Bars:
    """One histogram under its ``title``; ``units`` (bins,): the number by which visitors know the unit
    that has most values in each bin."""

    title: str
    histogram: Histogram
    units: NDArray[np.int64]


@dataclass(frozen=True)
class Row:
    """The histograms of one layer, all in the same bins. ``hover``: what a bar says, with plotly's
    ``customdata`` 0 to 3 for where it begins and ends, how many values it counts, and its unit."""

    name: str
    hover: str
    columns: tuple[Bars, ...]


def histograms_figure(rows: Sequence[Row]) -> FigureData:
    """The bars of every histogram, row by row. A bar is hovered and clicked anywhere above it, too, since
    the lowest are one pixel high.

    Heights are square roots of counts: so a few values can be seen beside many. Bars are orange below 0
    and blue above.
    """
    columns = len(rows[0].columns)
    traces, axes, annotations = [], {}, []
    for number, row in enumerate(rows):
        top = 1 - number / len(rows)
        highest = max(_highest(bars.histogram) for bars in row.columns)
        annotations.append(_text(f"<b>{row.name}</b>", 0, top, 13))
        for index, bars in enumerate(row.columns):
            axis = _axis_number(number * columns + index)
            left, right = _span(index, columns)
            annotations.append(_text(bars.title, left, top - _NAME / (_ROW * len(rows)), 12))
            traces.append(_bars(bars, row.hover, axis))
            axes[f"xaxis{axis}"] = {
                **_AXIS,
                "domain": [left, right],
                "anchor": f"y{axis}",
                "range": _across([bars.histogram for bars in row.columns]),
                "nticks": 5,
                "exponentformat": "none",
                "separatethousands": True,
                "hoverformat": ".3~g",
                "ticks": "outside",
                "tickcolor": GREY,
                "linecolor": GREY,
                "showline": True,
            }
            axes[f"yaxis{axis}"] = {
                **_AXIS,
                "domain": [
                    max(top - (_ROW - _NUMBERS) / (_ROW * len(rows)), 0),
                    top - (_NAME + _TITLE) / (_ROW * len(rows)),
                ],
                "anchor": f"x{axis}",
                "range": [0, highest],
                "showticklabels": False,
            }
    layout = plain_layout(
        _ROW * len(rows),
        margin={"l": 12, "r": 12, "t": 0, "b": 0, "pad": 0},
        bargap=0,
        barmode="overlay",
        hovermode="x",
        annotations=annotations,
    )
    return {"data": traces, "layout": {**layout, **axes}}


def histograms_frame(names: tuple[str, ...], hovers: tuple[str, ...], columns: int) -> go.Figure:
    """Histograms without bars, for ``chart.show_live``."""
    nothing = Bars("", Histogram(0, 0, np.zeros((0, 1), np.int32)), np.zeros(0, np.int64))
    rows = [Row(name, hover, (nothing,) * columns) for name, hover in zip(names, hovers, strict=True)]
    return go.Figure(histograms_figure(rows))


def _axis_number(index: int) -> str:
    """Plotly counts axes from 1 and leaves that one out."""
    return str(index + 1) if index else ""


def _span(index: int, columns: int) -> tuple[float, float]:
    """Where a column begins and ends, as shares of the width."""
    width = (1 - _GAP * (columns - 1)) / columns
    return index * (width + _GAP), index * (width + _GAP) + width


def _across(histograms: Sequence[Histogram]) -> list[float]:
    edges = histograms[0].edges
    return [float(edges[0]), float(edges[-1])] if len(edges) > 1 else [-1.0, 1.0]


def _highest(histogram: Histogram) -> float:
    return 1.04 * float(np.sqrt(histogram.counts.max(initial=1)))


def _bars(bars: Bars, hover: str, axis: str) -> dict[str, Any]:
    """None in an empty bin."""
    found = bars.histogram
    starts, ends = found.edges[:-1], found.edges[1:]
    return {
        "type": "bar",
        "x": ((starts + ends) / 2).tolist(),
        "y": [height or None for height in np.sqrt(found.counts).tolist()],
        "width": found.width,
        "marker": {"color": [AGAINST if end <= 0 else FOR for end in ends], "line": {"width": 0}},
        "customdata": list(
            zip(starts.tolist(), ends.tolist(), found.counts.tolist(), bars.units.tolist(), strict=True)
        ),
        "hovertemplate": f"{hover}<extra></extra>",
        "xaxis": f"x{axis}",
        "yaxis": f"y{axis}",
    }


def _text(text: str, x: float, y: float, size: int) -> dict[str, Any]:
    return {
        "text": text,
        "xref": "paper",
        "yref": "paper",
        "x": x,
        "y": y,
        "xanchor": "left",
        "yanchor": "top",
        "showarrow": False,
        "font": {"size": size},
    }
