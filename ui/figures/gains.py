"""What a network gained from being taught, by the number of pupils who taught it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from model.evaluation.teaching import Gain
from model.evaluation.writers import Change
from ui.figures.colours import AGAINST, FOR, GREY
from ui.figures.layout import plain_layout

_COLOURS = {Change.BETTER: FOR, Change.WORSE: AGAINST, Change.CANNOT_TELL: GREY}
_SIZE = 13
# In percentage points: also a gain of nothing at all has an axis.
_MIN_ROOM = 2.0


@dataclass(frozen=True)
class GainsTexts:
    """What the figure says, in the visitor's language."""

    pupils: str
    gain: str


def gains_figure(gains: Sequence[Gain], texts: GainsTexts, height: int, font: int = 12) -> go.Figure:
    """Each gain in percentage points with its interval; a ring where that cannot tell a gain from none."""
    names = [str(gain.pupils) for gain in gains]
    means = [100 * gain.difference for gain in gains]
    ends = [0.0, *means, *(100 * end for gain in gains for end in gain.interval or ())]
    room = max(0.1 * (max(ends) - min(ends)), _MIN_ROOM)

    def words(title: str) -> dict[str, Any]:
        return {"title": {"text": title, "font": {"size": font}}, "tickfont": {"size": font}}

    layout = plain_layout(
        height,
        xaxis={
            "type": "category",
            "range": [-0.5, len(gains) - 0.5],
            "showgrid": False,
            **words(texts.pupils),
        },
        yaxis={
            "range": [min(ends) - room, max(ends) + room],
            "tickformat": "+~f",
            "zeroline": True,
            "zerolinecolor": GREY,
            "zerolinewidth": 3,
            **words(texts.gain),
        },
    )
    path = {"type": "scatter", "mode": "lines", "hoverinfo": "skip", "line": {"color": GREY, "dash": "dot"}}
    points = [_point(gain) for gain in gains]
    return go.Figure({"data": [{**path, "x": names, "y": means}, *points], "layout": layout})


def _point(gain: Gain) -> dict[str, Any]:
    colour = _COLOURS[gain.verdict]
    low, high = gain.interval or (gain.difference, gain.difference)
    return {
        "type": "scatter",
        "mode": "markers",
        "hoverinfo": "skip",
        "x": [str(gain.pupils)],
        "y": [100 * gain.difference],
        "marker": {
            "size": _SIZE,
            "color": colour,
            "symbol": "circle-open" if gain.verdict is Change.CANNOT_TELL else "circle",
            "line": {"width": 3, "color": colour},
        },
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [100 * (high - gain.difference)],
            "arrayminus": [100 * (gain.difference - low)],
            "visible": gain.interval is not None,
            "color": colour,
            "thickness": 2.5,
            "width": 7,
        },
    }
