"""What all figures share: no decoration, fixed axes that leave a finger free to scroll."""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

# A figure as plain data, in the words of plotly.js: what changes often is built without
# ``go.Figure``, which takes 25 ms to check it.
FigureData = dict[str, Any]

# How axes write shares and numbers: with all the digits that tell the ticks apart, and no others.
PERCENT, NUMBER = "~%", ",~f"
# Room beside what a part of 0-1 shows, as a share of its height, and at least.
_ROOM, _MIN_ROOM = 0.1, 0.005
# An axis of epochs has so many ticks at most beside 0.
_EPOCH_TICKS = 6

_AXIS = {"fixedrange": True, "automargin": True, "zeroline": False}


def plain_layout(
    height: int, xaxis: dict[str, Any] | None = None, yaxis: dict[str, Any] | None = None, **layout: Any
) -> dict[str, Any]:
    """The house's layout with a fixed ``height`` in pixels."""
    return {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "showlegend": False,
        "dragmode": False,
        "hovermode": False,
        "xaxis": {**_AXIS, **(xaxis or {})},
        "yaxis": {**_AXIS, **(yaxis or {})},
        **layout,
    }


def plain(figure: go.Figure, height: int, **layout: Any) -> go.Figure:
    """``figure`` with the house's layout and a fixed ``height`` in pixels."""
    return figure.update_layout(plain_layout(height, **layout))


def range_of(shares: Sequence[float]) -> list[float]:
    """The part of 0-1 in which all ``shares`` lie, with some room; all of it where there are none."""
    if not shares:
        return [0.0, 1.0]
    room = max(_ROOM * (max(shares) - min(shares)), _MIN_ROOM)
    return [max(0.0, min(shares) - room), min(1.0, max(shares) + room)]


def epoch_step(epochs: float) -> int:
    """The epochs from tick to tick on an axis of so many: whole ones, and the same in charts of different
    widths."""
    return next(step for step in (1, 2, 5, 10, 20) if epochs <= _EPOCH_TICKS * step)
