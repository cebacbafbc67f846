"""What all figures share: no decoration, fixed axes that leave a finger free to scroll."""

from typing import Any

import plotly.graph_objects as go


def plain(figure: go.Figure, height: int, **layout: Any) -> go.Figure:
    """``figure`` with the house's layout and a fixed ``height`` in pixels."""
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        showlegend=False,
        dragmode=False,
        hovermode=False,
        **layout,
    )
    figure.update_xaxes(fixedrange=True, automargin=True, zeroline=False)
    figure.update_yaxes(fixedrange=True, automargin=True, zeroline=False)
    return figure
