"""What a network's probabilities are worth, as figures."""

from collections.abc import Sequence
from itertools import pairwise
from math import log10

import plotly.graph_objects as go

from ui.figures.colours import GREY
from ui.figures.layout import NUMBER, PERCENT, plain, range_of

HEIGHT = 260


def confidence_figure(
    edges: Sequence[float], right: Sequence[int], wrong: Sequence[int], texts: tuple[str, str, str, str]
) -> go.Figure:
    """How many answers were how sure: counts ``right`` and ``wrong`` between N + 1 ``edges`` in 0-1.

    The counts are logarithmic, or the few wrong ones could not be seen. ``texts``: right, wrong, the
    name of the probability and of the count.
    """
    middles = [(low + high) / 2 for low, high in pairwise(edges)]
    bars = [
        go.Bar(x=middles, y=list(counts), name=name, hovertemplate="%{y:,}")
        for counts, name in ((right, texts[0]), (wrong, texts[1]))
    ]
    figure = plain(
        go.Figure(bars),
        HEIGHT,
        bargap=0.1,
        hovermode="x",
        showlegend=True,
        legend={"orientation": "h", "y": 1.15, "x": 0},
    )
    figure.update_xaxes(range=[0, 1.02], tickformat=PERCENT, title={"text": texts[2]})
    most = max(*right, *wrong, 10)
    # From below 1, or a single image had no bar.
    heights = [log10(0.5), 1.05 * log10(most)]
    figure.update_yaxes(type="log", range=heights, dtick=1, tickformat=NUMBER, title={"text": texts[3]})
    return figure


def reliability_figure(
    confidence: Sequence[float], accuracy: Sequence[float], counts: Sequence[int], texts: tuple[str, str, str]
) -> go.Figure:
    """The accuracy among answers of about the same ``confidence``, both 0-1; honest ones lie on the
    diagonal. ``texts``: the name of the probability, of the accuracy, and of the diagonal."""
    honest = go.Scatter(
        x=[0, 1], y=[0, 1], mode="lines", line={"dash": "dot", "color": GREY, "width": 1}, hoverinfo="skip"
    )
    largest = max(counts, default=1)
    points = go.Scatter(
        x=list(confidence),
        y=list(accuracy),
        mode="lines+markers",
        marker={"size": [6 + 10 * (count / largest) ** 0.5 for count in counts]},
        customdata=list(counts),
        hovertemplate="%{x:.1%} → %{y:.1%} (%{customdata:,})<extra></extra>",
    )
    figure = plain(go.Figure([points, honest]), HEIGHT, hovermode="closest")
    figure.update_xaxes(range=[0, 1.02], tickformat=PERCENT, title={"text": texts[0]})
    figure.update_yaxes(range=[0, 1.05], tickformat=PERCENT, title={"text": texts[1]})
    return figure.add_annotation(
        x=0.5, y=0.5, text=texts[2], showarrow=False, yshift=-14, xshift=30, font={"color": GREY}
    )


def coverage_figure(
    coverage: Sequence[float],
    accuracy: Sequence[float],
    here: tuple[float, float] | None,
    texts: tuple[str, str],
) -> go.Figure:
    """How many are right among those that are answered, over the share of images that are, both 0-1.

    ``here`` is the point of the threshold that was chosen, ``None`` where nothing is answered.
    ``texts``: the names of both shares.
    """
    line = go.Scatter(
        x=list(coverage),
        y=list(accuracy),
        # A single point, of a network that predicts the same for all images, is no line.
        mode="lines" if len(coverage) > 1 else "markers",
        hovertemplate="%{x:.1%}: %{y:.2%}<extra></extra>",
    )
    x, y = ([here[0]], [here[1]]) if here else ([], [])
    point = go.Scatter(x=x, y=y, mode="markers", marker={"size": 12}, cliponaxis=False, hoverinfo="skip")
    figure = plain(go.Figure([line, point]), HEIGHT, hovermode="closest")
    figure.update_xaxes(range=[0, 1.02], tickformat=PERCENT, title={"text": texts[0]})
    figure.update_yaxes(range=range_of(accuracy), tickformat=PERCENT, title={"text": texts[1]})
    return figure
