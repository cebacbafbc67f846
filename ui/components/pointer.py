"""What a visitor draws with."""

from pathlib import Path

import streamlit as st

from model.drawing.collection import Pointer
from ui.base import session
from ui.base.text import _
from ui.components.choices import choose
from ui.components.script import script

_KEY, _CHOICE = "pointer_seen", "pointer"
_watcher = st.components.v2.component("digitlab_pointer", js=script(Path(__file__).with_name("pointer.js")))
# By what browsers call them; a trackpad is a mouse to them.
_SEEN = {"touch": Pointer.FINGER, "pen": Pointer.PEN, "mouse": Pointer.MOUSE}


def choose_pointer(pad: str) -> Pointer:
    """A control over the kinds of pointers, set to the one that was seen on the pad with the class ``pad``:
    a visitor says what no browser knows."""

    def seen() -> None:
        kind = _SEEN.get(str(session.value(_KEY).get("kind")))
        says_trackpad = kind == Pointer.MOUSE and session.value(_CHOICE) == Pointer.TRACKPAD
        if kind and not says_trackpad:
            session.prefer(_CHOICE, kind, anew=True)

    kinds = [kind for kind in Pointer if kind not in (Pointer.KEYBOARD, Pointer.PAPER)]
    chosen = choose(_("Drawn with"), kinds, pointer_name, _CHOICE)
    _watcher(data=pad, key=_KEY, height=1, on_kind_change=seen)
    return chosen


def pointer_name(pointer: Pointer) -> str:
    """What it is called."""
    match pointer:
        case Pointer.FINGER:
            return _("finger")
        case Pointer.PEN:
            return _("pen")
        case Pointer.MOUSE:
            return _("mouse")
        case Pointer.TRACKPAD:
            return _("trackpad")
        case Pointer.KEYBOARD:
            return _("keyboard")
        case Pointer.PAPER:
            return _("paper")
