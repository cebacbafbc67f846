"""How many chose each answer, as bars that can be read from the back row."""

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import plotly.graph_objects as go

from ui.figures.colours import FOR, GREY
from ui.figures.layout import plain_layout

# The axis is that long before there are more.
_MIN_LENGTH = 5
# Letters of an answer beside its bar before it goes on in the next line.
_LETTERS = 34


@dataclass(frozen=True)
class VoteBars:
    """``counts`` of each answer, by round where there were several, which ``rounds`` names. ``right`` are the
    indices of the answers that are marked."""

    answers: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    rounds: tuple[str, ...] = ("",)
    right: tuple[int, ...] = ()


def votes_figure(votes: VoteBars, height: int, font: int) -> go.Figure:
    """A bar for each answer, from above; of two rounds the first is grey. Sizes are in pixels."""
    names = [_name(answer, index in votes.right) for index, answer in enumerate(votes.answers)]
    colours = (FOR,) if len(votes.counts) == 1 else (GREY, FOR)
    most = max((max(counts) for counts in votes.counts), default=0)
    layout = plain_layout(
        height,
        barmode="group",
        bargap=0.3,
        showlegend=len(votes.counts) > 1,
        legend={"orientation": "h", "y": 1.12, "font": {"size": font}, "traceorder": "normal"},
        xaxis={"range": [0, max(_MIN_LENGTH, most) * 1.1], "visible": False},
        yaxis={"autorange": "reversed", "tickfont": {"size": font}, "showgrid": False},
    )
    traces = [
        _bars(names, counts, name, colour, font)
        for counts, name, colour in zip(votes.counts, votes.rounds, colours, strict=True)
    ]
    return go.Figure({"data": traces, "layout": layout})


def _bars(names: Sequence[str], counts: Sequence[int], name: str, colour: str, font: int) -> dict[str, Any]:
    return {
        "type": "bar",
        "orientation": "h",
        "y": list(names),
        "x": list(counts),
        "text": [f"<b>{count}</b>" for count in counts],
        "textposition": "outside",
        "textfont": {"size": font},
        "cliponaxis": False,
        "name": name,
        "marker": {"color": colour},
        "hoverinfo": "skip",
    }


def _name(answer: str, is_right: bool) -> str:
    """An answer beside its bar, in several lines."""
    lines = "<br>".join(wrap(answer, _LETTERS))
    return f"<b>✓ {lines}</b>" if is_right else lines
