"""A frame that a visitor draws on a photo, on the canvas of streamlit-drawable-canvas."""

from typing import Any

import streamlit as st
from PIL import Image
from streamlit_drawable_canvas import st_canvas

from model.drawing.picture import Frame, Picture
from ui.base.text import _

_SIDE = 280
_COLOUR = "#f0975a"
# A smaller one, in pixels of the canvas, is a click.
_MIN_SIDE = 8
# Where Fabric.js counts an object's left and top from, as a share of its sides.
_ORIGINS = {"left": 0.0, "top": 0.0, "center": 0.5, "right": 1.0, "bottom": 1.0}


def choose_frame(picture: Picture, key: str) -> Frame | None:
    """A switch, and ``picture`` to draw a frame on; ``None`` where there is none."""
    if not st.toggle(_("Draw a frame around the digit"), key=f"frame_{key}"):
        return None
    height, width = picture.shape[:2]
    shown = _SIDE / max(height, width)
    size = round(shown * width), round(shown * height)
    with st.container(width=size[0], height=size[1], border=False):
        result = st_canvas(
            fill_color="rgba(0, 0, 0, 0)",
            stroke_width=3,
            stroke_color=_COLOUR,
            background_image=Image.fromarray(picture),
            drawing_mode="rect",
            width=size[0],
            height=size[1],
            key=f"frame_on_{key}",
        )
    return _last_frame(result.json_data, *size)


def _last_frame(sent: Any, width: int, height: int) -> Frame | None:
    """The frame that was drawn last, of what the canvas has sent."""
    objects = sent.get("objects") if isinstance(sent, dict) else None
    for item in reversed(objects if isinstance(objects, list) else []):
        try:
            sides = [
                item[side] * item.get(scale, 1) for side, scale in (("width", "scaleX"), ("height", "scaleY"))
            ]
            corner = [
                item[place] - _ORIGINS[item.get(origin, place)] * side
                for place, origin, side in (("left", "originX", sides[0]), ("top", "originY", sides[1]))
            ]
        except (KeyError, TypeError, AttributeError):
            continue
        if min(sides) >= _MIN_SIDE:
            ends = [start + side for start, side in zip(corner, sides, strict=True)]
            shares = (corner[0] / width, corner[1] / height, ends[0] / width, ends[1] / height)
            left, top, right, bottom = (min(max(share, 0.0), 1.0) for share in shares)
            return Frame(left, top, right, bottom)
    return None
