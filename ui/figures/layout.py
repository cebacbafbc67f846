"""What all figures share: no decoration, fixed axes that leave a finger free to scroll."""

from typing import Any

import plotly.graph_objects as go

# A figure as plain data, in the words of plotly.js: what changes often is built without
# ``go.Figure``, which takes 25 ms to check it.
FigureData = dict[str, Any]

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
