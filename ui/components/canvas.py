"""The pad: the only import of streamlit-drawable-canvas."""

import streamlit as st
from streamlit_drawable_canvas import st_canvas

from model.drawing.strokes import Stroke, strokes_of_paths
from ui.base import session
from ui.base.text import _

# CSS pixels; fits a phone of 320 px, and the same on every page so that a drawing fits them all.
SIDE = 280
PEN = 18


def pad(name: str = "draw") -> list[Stroke]:
    """The drawing canvas with Undo and Clear; returns the strokes on it, in canvas pixels.

    The drawing belongs to the session and to ``name``: it is there again after a change of page, on
    every page that asks for the same name. The lens answers on the pad called "draw" only. Call it
    inside a fragment, so that a stroke reruns nothing else.
    """
    drawing, prefix = session.pad(name), "" if name == "draw" else f"{name}_"
    visit = session.visit.get()
    if drawing["visit"] != visit:
        drawing["visit"], drawing["initial"], drawing["discarded"] = visit, drawing["objects"], None
    with st.container(key=f"{prefix}pad", width="content", gap="small"):
        # A fixed height cuts off the canvas' own toolbar, which would lie over what stands above.
        with st.container(width=SIDE, height=SIDE, border=False):
            result = st_canvas(
                stroke_width=PEN,
                stroke_color="#ffffff",
                background_color="#000000",
                # Changed text makes the canvas load it anew, so it changes on Undo and Clear only.
                initial_drawing={"objects": drawing["initial"], "version": drawing["version"]},
                width=SIDE,
                height=SIDE,
                key=f"{prefix}canvas_{visit}",
            )
        _receive(drawing, result.json_data)
        with st.container(horizontal=True, gap="small", width=SIDE):
            nothing = not drawing["objects"]
            st.button(
                _("Undo"),
                key=f"{prefix}undo",
                icon=":material/undo:",
                width="stretch",
                disabled=nothing,
                on_click=_load,
                args=(name, drawing["objects"][:-1]),
            )
            st.button(
                _("Clear"),
                key=f"{prefix}clear",
                icon=":material/delete:",
                width="stretch",
                disabled=nothing,
                on_click=_load,
                args=(name, []),
            )
    return strokes_of_paths(drawing["objects"])


def clear(name: str) -> None:
    """Wipe the drawing called ``name``, wherever it is shown next."""
    _load(name, [])


def _receive(drawing: session.Pad, sent: object) -> None:
    objects = sent.get("objects") if isinstance(sent, dict) else None
    if not isinstance(objects, list) or objects == drawing["discarded"]:
        return
    drawing["objects"], drawing["discarded"] = objects, None


def _load(name: str, objects: list[object]) -> None:
    """Put ``objects`` on the canvas; what it held before is ignored if it still comes in."""
    drawing = session.pad(name)
    drawing["discarded"] = drawing["objects"]
    drawing["objects"] = drawing["initial"] = objects
    drawing["version"] += 1
