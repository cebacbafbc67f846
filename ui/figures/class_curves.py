"""The validation accuracies of a class's runs as a band, first as values."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import plotly.graph_objects as go

from model.config import FEW_EPOCHS
from ui.figures.colours import AGAINST, FOR, rgb
from ui.figures.layout import PERCENT, plain_layout

# A pattern for each of the lines over the band.
_DASHES = ("solid", "dot", "dash", "dashdot")
MAX_LINES = len(_DASHES)
_BAND = "rgba({}, {}, {}, 0.3)".format(*rgb(FOR))


@dataclass(frozen=True)
class Band:
    """The lowest, the middle and the highest accuracy after each epoch, from 0 on, of the runs that have come
    so far."""

    lowest: tuple[float, ...] = ()
    middle: tuple[float, ...] = ()
    highest: tuple[float, ...] = ()


@dataclass(frozen=True)
class CurvesTexts:
    """What the figure says, in the visitor's language."""

    epoch: str
    accuracy: str


def band_of(curves: Iterable[Sequence[float]]) -> Band:
    """The band of accuracies by epoch, from 0 on."""
    all_curves = list(curves)
    longest = max((len(curve) for curve in all_curves), default=0)
    at = [[curve[epoch] for curve in all_curves if epoch < len(curve)] for epoch in range(longest)]
    return Band(
        tuple(min(values) for values in at),
        tuple(median(values) for values in at),
        tuple(max(values) for values in at),
    )


def band_figure(
    band: Band, texts: CurvesTexts, height: int, font: int = 12, lines: Sequence[Sequence[float]] = ()
) -> go.Figure:
    """The middle as a line in its band, which is no more than the line for a single run; over it ``lines``,
    ``MAX_LINES`` at most."""
    epochs = list(range(len(band.middle)))

    def trace(values: Sequence[float], **looks: Any) -> dict[str, Any]:
        shape = {"type": "scatter", "x": epochs[: len(values)], "y": list(values), "hoverinfo": "skip"}
        return {**shape, "mode": "lines", **looks}

    def words(title: str) -> dict[str, Any]:
        return {"title": {"text": title, "font": {"size": font}}, "tickfont": {"size": font}}

    layout = plain_layout(
        height,
        xaxis={"range": [0, max([FEW_EPOCHS, *epochs])], **words(texts.epoch)},
        yaxis={"range": [0, 1.02], "tickformat": PERCENT, **words(texts.accuracy)},
    )
    edge = {"line": {"width": 0}, "showlegend": False}
    blank: list[Sequence[float]] = [()] * (MAX_LINES - len(lines))
    traces = [
        trace(band.lowest, **edge),
        trace(band.highest, fill="tonexty", fillcolor=_BAND, **edge),
        trace(band.middle, mode="lines+markers", line={"width": 4, "color": FOR}),
        *(
            trace(line, line={"width": 3, "color": AGAINST, "dash": dash})
            for line, dash in zip((*lines, *blank), _DASHES, strict=True)
        ),
    ]
    return go.Figure({"data": traces, "layout": layout})
