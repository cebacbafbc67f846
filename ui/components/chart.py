"""How a figure gets onto a page."""

import json
import pickle
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import plotly.graph_objects as go
import streamlit as st

# Registers the template through which this app's theme reaches plotly; Streamlit itself would
# import it with the first chart, after the first figure was made.
import streamlit.elements.plotly_chart
from plotly.basedatatypes import BaseFigure

from ui.base import session
from ui.components.script import script
from ui.figures.layout import FigureData

_mover = st.components.v2.component("digitlab_chart", js=script(Path(__file__).with_name("chart.js")))


class _Ready(BaseFigure):  # type: ignore[misc]  # plotly has no types
    """A figure that plotly has checked, as data. It is shared, so nobody may change it."""

    def __init__(self, figure: go.Figure) -> None:
        # Not the base's, which takes 25 ms to check it once more.
        object.__setattr__(self, "parts", json.loads(figure.to_json()))

    def to_dict(self) -> FigureData:
        parts: FigureData = object.__getattribute__(self, "parts")
        return parts


def shared(make: Callable[..., go.Figure], *values: Any) -> BaseFigure:
    """``make(*values)``, made once for all who ask for the same: a figure takes plotly 15 to 60 ms, and a
    class opens the same page in the same second."""
    return _shared(make, pickle.dumps(values))


_one_at_a_time = Lock()


# Without the lock: whoever asks for what is there waits for nobody.
@lru_cache(maxsize=512)
def _shared(make: Callable[..., go.Figure], values: bytes) -> _Ready:
    # A class asks for the same in the same second: one makes it, the others wait.
    with _one_at_a_time:
        return _made(make, values)


# For those who have waited.
@lru_cache(maxsize=32)
def _made(make: Callable[..., go.Figure], values: bytes) -> _Ready:
    return _Ready(make(*pickle.loads(values)))


def show(figure: BaseFigure, key: str, alt: str) -> None:
    """Draw ``figure``; ``alt`` describes it to a screen reader."""
    st.plotly_chart(figure, key=key, alt=alt, config={"displayModeBar": False})


def show_clickable(figure: BaseFigure, key: str, alt: str) -> tuple[str, str] | None:
    """Draw ``figure``; returns x and y of the marker that was clicked, if any."""
    event = st.plotly_chart(
        figure,
        key=key,
        alt=alt,
        config={"displayModeBar": False},
        on_select="rerun",
        selection_mode="points",
    )
    points = event.selection.points
    return (str(points[0]["x"]), str(points[0]["y"])) if points else None


def show_live(
    frame: BaseFigure,
    figure: BaseFigure | FigureData,
    key: str,
    alt: str,
    on_click: Callable[[int, Any], None] | None = None,
) -> None:
    """Draw ``frame`` once and move the values of ``figure`` in it, without mounting it anew.

    ``frame`` is the same figure without values: it must stay the same while it is on the page.
    ``on_click`` is a callback that gets the place of a clicked trace, and of the point in it, which is
    [row, column] in a heat map.
    """
    show(frame, key, alt)
    mover = f"{key}_values"

    def clicked() -> None:
        if on_click:
            on_click(*session.value(mover)["clicked"])

    data = {**values(figure, key), "clickable": on_click is not None}
    _mover(data=data, key=mover, height=1, on_clicked_change=clicked)


def values(figure: BaseFigure | FigureData, key: str) -> dict[str, Any]:
    """What changes while a chart is live: its traces, annotations, shapes and the ranges of its axes."""
    parts = figure if isinstance(figure, dict) else _parts(figure)
    layout = parts["layout"]
    ranges = {
        name: {"range": axis["range"]}
        for name, axis in layout.items()
        if name.startswith(("xaxis", "yaxis")) and "range" in axis
    }
    return {
        "key": key,
        "traces": parts["data"],
        "layout": {
            "annotations": layout.get("annotations", []),
            "shapes": layout.get("shapes", []),
            **ranges,
        },
    }


def _parts(figure: BaseFigure) -> FigureData:
    parts: FigureData = figure.to_dict() if isinstance(figure, _Ready) else json.loads(figure.to_json())
    return parts
