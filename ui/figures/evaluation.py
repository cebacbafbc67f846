"""Where a network is right and where it is wrong, as figures."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from model.config import CLASSES
from ui.figures.colours import AGAINST, FOR, rgb
from ui.figures.layout import plain

HEIGHT = 420


def confusion_figure(confusion: NDArray[np.int64], truth: str, answer: str) -> go.Figure:
    """The confusion matrix int (10, 10), rows the true digits; the diagonal would drown the rest,
    so colour shows the logarithm and every cell its number. Its cells can be clicked."""
    counts = [[str(count) if count else "" for count in row] for row in confusion.tolist()]
    return _matrix(np.log1p(confusion), counts, truth, answer)


def difference_figure(difference: NDArray[np.int64], truth: str, answer: str) -> go.Figure:
    """A confusion matrix (10, 10) minus another: blue cells count more, orange ones less."""
    counts = [[f"{count:+d}" if count else "" for count in row] for row in difference.tolist()]
    strength = np.sign(difference) * np.log1p(np.abs(difference))
    most = float(np.abs(strength).max()) or 1.0
    # Pale enough for the page's text by day and by night.
    minus, plus = (f"rgba{(*rgb(colour), 0.55)}" for colour in (AGAINST, FOR))
    colours = [[0, minus], [0.5, "rgba(133, 133, 124, 0.15)"], [1, plus]]
    figure = _matrix(strength, counts, truth, answer, zmin=-most, zmax=most, colorscale=colours)
    # What lies on cells that let the page through has the colour of the page's text.
    figure.data[0].texttemplate = ""
    return figure.update_traces(
        {"mode": "markers+text", "text": [text for row in counts for text in row]}, {"type": "scatter"}
    )


def _matrix(
    values: NDArray[np.float64], texts: list[list[str]], truth: str, answer: str, **colours: Any
) -> go.Figure:
    """A click on a cell selects a marker that nobody sees: plotly cannot select the cells themselves."""
    digits = [str(digit) for digit in range(CLASSES)]
    heat = go.Heatmap(
        x=digits,
        y=digits,
        z=values,
        text=texts,
        texttemplate="%{text}",
        hoverinfo="skip",
        showscale=False,
        xgap=2,
        ygap=2,
        **colours,
    )
    cells = go.Scatter(
        x=digits * CLASSES,
        y=[digit for digit in digits for _ in digits],
        mode="markers",
        marker={"symbol": "square", "size": 30, "opacity": 0},
        hoverinfo="none",
    )
    figure = plain(go.Figure([heat, cells]), HEIGHT, hovermode="closest", clickmode="event+select")
    axis = {"type": "category", "showgrid": False}
    figure.update_xaxes(title={"text": answer}, side="top", range=[-0.5, CLASSES - 0.5], **axis)
    figure.update_yaxes(title={"text": truth}, range=[CLASSES - 0.5, -0.5], **axis)
    return figure
