"""Ten probabilities as ten bars."""

from collections.abc import Callable, Sequence

import plotly.graph_objects as go

from ui.figures.layout import plain

HEIGHT = 150


def bar_texts(probabilities: Sequence[float], percent: Callable[[float], str]) -> list[str]:
    """What stands above the bars: nothing where it would say 0 %."""
    return [percent(p) if p >= 0.005 else "" for p in probabilities]


def softmax_bars(
    probabilities: Sequence[float] | None, texts: Sequence[str], height: int = HEIGHT
) -> go.Figure:
    """Bars for the digits 0 to 9 with ``texts`` above them; empty places for ``None``."""
    values = list(probabilities) if probabilities is not None else [0.0] * 10
    best = max(values)
    opacity = [1.0 if value == best else 0.45 for value in values]
    labels = list(texts) if probabilities is not None else [""] * 10
    bars = go.Bar(
        x=[str(digit) for digit in range(10)],
        y=values,
        marker={"opacity": opacity},
        text=labels,
        textposition="outside",
        textangle=0,
        cliponaxis=False,
    )
    figure = plain(go.Figure(bars), height, bargap=0.25)
    figure.update_xaxes(type="category", tickfont={"size": 16})
    figure.update_yaxes(range=[0, 1.15], visible=False)
    return figure
