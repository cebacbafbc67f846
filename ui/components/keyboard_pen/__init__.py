"""A pen that arrow keys move, for those who have no pointer."""

from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from model.drawing.strokes import Stroke
from ui.base import session
from ui.base.text import _
from ui.components.script import script, style

_HERE = Path(__file__).parent
# How far an arrow key moves the pen, as a share of the pad; with Shift held down, much less.
_STEP, _FINE_STEP = 0.04, 0.01
_pad = st.components.v2.component(
    "digitlab_keyboard_pen",
    js=script(_HERE / "keyboard_pen.js"),
    css=style(_HERE / "keyboard_pen.css", _HERE.with_name("spoken.css")),
)


def show(
    key: str, strokes: Sequence[Stroke], size: tuple[int, int], pen: int, on_strokes: Callable[[object], None]
) -> None:
    """A pad of ``size``, width and height in pixels, with the ``strokes`` on it, in lines of ``pen`` pixels.

    ``on_strokes`` is a callback that gets what the browser sends, unchecked: new strokes, perhaps some of
    them again, each a list of [x, y].
    """

    def drawn() -> None:
        on_strokes(session.value(key)["strokes"])

    _pad(
        data={
            "strokes": [stroke.round(1).tolist() for stroke in strokes],
            "size": size,
            "pen": pen,
            "step": _STEP * size[1],
            "fineStep": _FINE_STEP * size[1],
            "label": _("Drawing pad for the keyboard"),
            "help": _("Arrow keys move the pen (with Shift: slowly). Space puts it down and lifts it."),
            "down": _("Pen down"),
            "up": _("Pen up"),
        },
        key=key,
        on_strokes_change=drawn,
    )
