"""The validation accuracy of two variants in one chart, each trained from one or more seeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from ui.figures.curves import Curve
from ui.figures.layout import PERCENT, FigureData, epoch_step, plain_layout, range_of

HEIGHT = 270
_LABEL_SHIFT = 8


@dataclass(frozen=True)
class OverlayTexts:
    """What the chart says, in the visitor's language; ``variants`` are short names of the two."""

    title: str
    epoch: str
    variants: tuple[str, str]


def overlay_figure(
    variants: tuple[Sequence[Curve], Sequence[Curve]],
    epochs: int,
    texts: OverlayTexts,
    height: int = HEIGHT,
    font: int = 12,
) -> FigureData:
    """All curves of a variant in one colour and one pattern, over ``epochs`` on an axis that stands still;
    ``height`` and the size of the ``font`` in pixels."""
    traces = [
        _trace(curves, name, dash)
        for curves, name, dash in zip(variants, texts.variants, ("solid", "dot"), strict=True)
    ]
    words = {"tickfont": {"size": font}}
    layout = plain_layout(
        height,
        title={"text": texts.title, "font": {"size": font + 3}, "x": 0, "xref": "paper"},
        margin={"l": 8, "r": 2 * font + 4, "t": 2 * font + 10, "b": 8},
        hovermode="closest",
        xaxis={
            "range": [0, epochs * 1.01],
            "dtick": epoch_step(epochs),
            "title": {"text": texts.epoch, "font": {"size": font + 2}},
            **words,
        },
        yaxis={"range": accuracy_range([*variants[0], *variants[1]]), "tickformat": PERCENT, **words},
        annotations=_labels(variants, texts.variants, font),
    )
    return {"data": traces, "layout": layout}


def overlay_frame(epochs: int, texts: OverlayTexts, height: int = HEIGHT, font: int = 12) -> go.Figure:
    """A chart without curves, for ``chart.show_live``."""
    return go.Figure(overlay_figure(((), ()), epochs, texts, height, font))


def accuracy_range(curves: Sequence[Curve]) -> list[float]:
    """The part of 0-1 that shows everything from the first epoch on; the untrained networks would press
    the rest together."""
    return range_of([y for curve in curves for x, y in zip(curve.x, curve.y, strict=True) if x >= 1])


def _trace(curves: Sequence[Curve], name: str, dash: str) -> dict[str, Any]:
    """One trace, so that the theme gives it one colour; a gap parts the seeds."""
    return {
        "type": "scatter",
        "name": name,
        "x": [x for curve in curves for x in (*curve.x, None)],
        "y": [y for curve in curves for y in (*curve.y, None)],
        "mode": "lines+markers",
        "line": {"width": 2.5, "dash": dash},
        "hovertemplate": "%{y:.2%}",
    }


def _labels(
    variants: tuple[Sequence[Curve], Sequence[Curve]], names: tuple[str, str], font: int
) -> list[dict[str, Any]]:
    """A name at the end of each variant's curves, the higher one's a little above."""
    ends = [_end(curves) for curves in variants]
    heights = [end[1] for end in ends if end is not None]
    return [
        {
            "x": end[0],
            "y": end[1],
            "text": f"<b>{name}</b>",
            "font": {"size": font},
            "showarrow": False,
            "xanchor": "left",
            "xshift": 6,
            "yshift": shift,
        }
        for end, name, shift in zip(ends, names, _shifts(heights), strict=False)
        if end is not None
    ]


def _shifts(heights: Sequence[float]) -> tuple[int, int]:
    is_first_higher = len(heights) < 2 or heights[0] >= heights[1]
    return (_LABEL_SHIFT, -_LABEL_SHIFT) if is_first_higher else (-_LABEL_SHIFT, _LABEL_SHIFT)


def _end(curves: Sequence[Curve]) -> tuple[float, float] | None:
    """The last epoch that is shown, and the mean of what the seeds reached there."""
    last = max((curve.x[-1] for curve in curves if curve.x), default=None)
    if last is None:
        return None
    reached = [curve.y[-1] for curve in curves if curve.x and curve.x[-1] == last]
    return last, sum(reached) / len(reached)
