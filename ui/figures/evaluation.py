"""Where a network is right and where it is wrong, as figures."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from ui.figures.layout import plain

HEIGHT = 420


def confusion_figure(confusion: NDArray[np.int64], truth: str, answer: str) -> go.Figure:
    """The confusion matrix int (10, 10), rows the true digits; the diagonal would drown the rest,
    so colour shows the logarithm and every cell its number."""
    digits = [str(digit) for digit in range(10)]
    counts = [[str(count) if count else "" for count in row] for row in confusion.tolist()]
    heat = go.Heatmap(
        x=digits,
        y=digits,
        z=np.log1p(confusion),
        text=counts,
        texttemplate="%{text}",
        showscale=False,
        xgap=2,
        ygap=2,
    )
    figure = plain(go.Figure(heat), HEIGHT)
    figure.update_xaxes(title={"text": answer}, type="category", side="top", showgrid=False)
    figure.update_yaxes(title={"text": truth}, type="category", autorange="reversed", showgrid=False)
    return figure


def per_digit_figure(shares: Sequence[float], texts: Sequence[str], digit: str) -> go.Figure:
    """Accuracy of each digit as bars from ``shares`` in 0-1, labelled with ``texts``."""
    bars = go.Bar(
        y=[str(number) for number in range(10)],
        x=list(shares),
        orientation="h",
        text=list(texts),
        textposition="inside",
        insidetextanchor="end",
    )
    figure = plain(go.Figure(bars), HEIGHT, bargap=0.25)
    figure.update_yaxes(type="category", autorange="reversed", title={"text": digit})
    figure.update_xaxes(range=[0, 1], tickformat=".0%", side="top")
    return figure
