"""The yardstick of ``benchmarks.latency``: the app's pad with a text, a button that wipes it, and no more.

Streamlit runs this file: what a pen-up takes here, no page with a pad can do without.
"""

import streamlit as st
from streamlit_drawable_canvas import st_canvas

from ui.components.drawing import SIDE, Pen


def _wipe() -> None:
    st.session_state["version"] = st.session_state.get("version", 0) + 1


drawn = st_canvas(
    stroke_width=Pen.MEDIUM.pixels,
    stroke_color="#ffffff",
    background_color="#000000",
    initial_drawing={"objects": [], "version": st.session_state.get("version", 0)},
    width=SIDE,
    height=SIDE,
    key="canvas",
)
strokes = len((drawn.json_data or {}).get("objects", []))
with st.container(key="strokes"):
    st.text(f"{strokes} strokes")
st.button("Clear", key="clear", on_click=_wipe)
