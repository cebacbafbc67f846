"""Ten probabilities as ten bars."""

from collections.abc import Callable, Sequence

import plotly.graph_objects as go

from ui.figures.layout import FigureData, plain_layout

HEIGHT = 150
# A bar says its probability from here on: less would be 0 %.
SHOWN_FROM = 0.005


def bar_texts(probabilities: Sequence[float], percent: Callable[[float], str]) -> list[str]:
    """What stands above the bars: nothing where it would say 0 %."""
    return [percent(p) if p >= SHOWN_FROM else "" for p in probabilities]


def softmax_bars(
    probabilities: Sequence[float] | None, texts: Sequence[str], height: int = HEIGHT
) -> FigureData:
    """Bars for the digits 0 to 9 with ``texts`` above them; empty places for ``None``."""
    values = list(probabilities) if probabilities is not None else [0.0] * 10
    best = max(values)
    bars = {
        "type": "bar",
        "x": [str(digit) for digit in range(10)],
        "y": values,
        "marker": {"opacity": [1.0 if value == best else 0.45 for value in values]},
        "text": list(texts) if probabilities is not None else [""] * 10,
        "textposition": "outside",
        "textangle": 0,
        # Narrow bars would have letters of other sizes.
        "constraintext": "none",
        "cliponaxis": False,
    }
    layout = plain_layout(
        height,
        xaxis={"type": "category", "tickfont": {"size": 16}},
        yaxis={"range": [0, 1.15], "visible": False},
        bargap=0.25,
    )
    return {"data": [bars], "layout": layout}


def softmax_frame(height: int = HEIGHT) -> go.Figure:
    """Axes of ten digits without bars, for ``chart.show_live``."""
    return go.Figure(softmax_bars(None, [], height))
