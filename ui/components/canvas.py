"""The pad, on the canvas of streamlit-drawable-canvas."""

from functools import partial
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitAPIException
from streamlit_drawable_canvas import st_canvas

from model.drawing.eraser import touching
from model.drawing.strokes import Stroke, as_path, line_width, strokes_of_paths, within
from ui.base import session
from ui.base.text import _
from ui.components import desk, keyboard_pen
from ui.components.choices import choose
from ui.components.drawing import SIDE, Drawing, Pen, Size, Tool

_INK, _PAPER, _ERASER = "#ffffff", "#000000", "#f0975a"
_ERASER_WIDTH = 18
# Of the button behind which they are: what is in the hand is seen there.
_TOOL_ICONS = {
    Tool.PEN: None,
    Tool.ERASER: ":material/ink_eraser:",
    Tool.KEYBOARD: ":material/keyboard:",
}


def pad(name: str = "draw", sizes: bool = False) -> Drawing:
    """The drawing canvas with Undo, Clear and tools; returns what is on it.

    The drawing belongs to the session and to ``name``: it is there again after a change of page, on
    every page that asks for the same name. The lens answers on the pad called "draw" only. ``sizes``: it can
    be made larger here. Call it inside a fragment, so that a stroke reruns nothing else.
    """
    drawing, prefix = session.pad(name), _prefix(name)
    visit = session.visit.get()
    if drawing["visit"] != visit:
        drawing["visit"], drawing["initial"], drawing["discarded"] = visit, drawing["objects"], None
    size = Size(drawing["size"])
    width, height = size.pixels
    with st.container(key=f"{prefix}pad", width="content", gap="small"):
        # Its room is there before the canvas is.
        sheet = st.container(key=f"{prefix}sheet_{size}", width=width, height=height, border=False)
        with st.container(horizontal=True, gap="xsmall", width=SIDE):
            # Drawn before what it changes, and filled after: the canvas may have sent something.
            buttons = st.container(horizontal=True, gap="xsmall", width="stretch")
            tool, pen = _tools(name, sizes)
        with sheet:
            if tool == Tool.KEYBOARD:
                strokes = strokes_of_paths(drawing["objects"])
                # The canvas begins with these when it comes back.
                drawing["initial"], drawing["discarded"] = drawing["objects"], None
                keyboard_pen.show(
                    f"{prefix}keyboard_pen", strokes, size.pixels, pen, partial(_add, name, pen)
                )
            else:
                key = f"{prefix}canvas_{visit}" if size == Size.NORMAL else f"{prefix}canvas_{visit}_{size}"
                _canvas(name, key, tool, pen)
        with buttons:
            _undo_and_clear(name)
    if name == "draw":
        desk.keep()
    drawn = [
        (part, line)
        for stroke, line in _strokes_and_lines(drawing["objects"], pen)
        for part in within([stroke], width, height)
    ]
    return Drawing([stroke for stroke, _line in drawn], [line for _stroke, line in drawn], size.pixels, tool)


def is_enlarged(name: str = "draw") -> bool:
    """Whether the pad called ``name`` needs more room than a column has."""
    return session.pad(name)["size"] != Size.NORMAL


def clear(name: str) -> None:
    """Wipe the drawing called ``name``, wherever it is shown next."""
    _load(name, [])


def _room(name: str) -> tuple[int, int]:
    return Size(session.pad(name)["size"]).pixels


def _prefix(name: str) -> str:
    return "" if name == "draw" else f"{name}_"


def _strokes_and_lines(objects: list[Any], pen: int) -> list[tuple[Stroke, float]]:
    """The strokes in ``objects`` and the width of each one's line, ``pen`` where its object does not say."""
    return [(stroke, line_width(item) or pen) for item in objects for stroke in strokes_of_paths([item])]


def _canvas(name: str, key: str, tool: Tool, pen: int) -> None:
    drawing = session.pad(name)
    width, height = _room(name)
    erases = tool == Tool.ERASER
    result = st_canvas(
        stroke_width=_ERASER_WIDTH if erases else pen,
        stroke_color=_ERASER if erases else _INK,
        background_color=_PAPER,
        # Changed text makes the canvas load it anew, so it changes on Undo and Clear only.
        initial_drawing={"objects": drawing["initial"], "version": drawing["version"]},
        width=width,
        height=height,
        key=key,
    )
    _receive(drawing, result.json_data)
    left = _without_erased(drawing["objects"])
    if len(left) < len(drawing["objects"]):
        before = [item for item in drawing["objects"] if not _is_eraser(item)]
        _load(name, left)
        drawing["erased_from"] = before if len(left) < len(before) else None
        _show_anew()


def _show_anew() -> None:
    """Run the fragment of the pad again; the whole page where all of it is running anyway."""
    try:
        st.rerun(scope="fragment")
    except StreamlitAPIException:
        st.rerun()


def _undo_and_clear(name: str) -> None:
    drawing, prefix = session.pad(name), _prefix(name)
    nothing = not drawing["objects"]
    can_undo = drawing["objects"] or drawing["erased_from"]
    st.button(
        _("Undo"),
        key=f"{prefix}undo",
        icon=":material/undo:",
        width="stretch",
        disabled=not can_undo,
        on_click=_undo,
        args=(name,),
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


def _undo(name: str) -> None:
    """What the eraser took comes back; else the last stroke goes."""
    drawing = session.pad(name)
    before = drawing["erased_from"]
    _load(name, drawing["objects"][:-1] if before is None else before)


def _tools(name: str, sizes: bool) -> tuple[Tool, int]:
    """Behind a button: what is in the hand, how wide a line it draws, and how much room there is."""
    prefix = _prefix(name)
    chosen = Tool(session.value(f"{prefix}tool")) if session.has(f"{prefix}tool") else Tool.PEN
    with st.popover(_("Tools"), icon=_TOOL_ICONS[chosen], key=f"{prefix}tools"):
        tool = choose(_("Draw with"), Tool, _tool_name, f"{prefix}tool")
        session.prefer(f"{prefix}pen_width", Pen.MEDIUM)
        pen = choose(_("Line width"), Pen, _pen_name, f"{prefix}pen_width")
        st.caption(_("The network reads the same digit with any line width."))
        if sizes:
            key = f"{prefix}pad_size"
            session.prefer(key, Size(session.pad(name)["size"]), anew=True)
            st.segmented_control(
                _("Size"),
                list(Size),
                required=True,
                format_func=lambda option: _size_name(Size(option)),
                key=key,
                on_change=_resize,
                args=(name, key, pen.pixels),
            )
    return tool, pen.pixels


def _tool_name(tool: Tool) -> str:
    match tool:
        case Tool.PEN:
            return _("Pen")
        case Tool.ERASER:
            return _("Eraser")
        case Tool.KEYBOARD:
            return _("Keyboard")


def _pen_name(pen: Pen) -> str:
    match pen:
        case Pen.THIN:
            return _("Thin")
        case Pen.MEDIUM:
            return _("Medium")
        case Pen.THICK:
            return _("Thick")


def _size_name(size: Size) -> str:
    match size:
        case Size.NORMAL:
            return _("Normal")
        case Size.LARGE:
            return _("Large")
        case Size.WIDE:
            return _("Wide, for numbers")


def _resize(name: str, key: str, pen: int) -> None:
    """Another room for the drawing, which grows and shrinks with its height, and more only to fit."""
    drawing = session.pad(name)
    before = _room(name)
    drawing["size"] = str(session.value(key))
    width, height = _room(name)
    drawn = [
        (stroke * height / before[1], line) for stroke, line in _strokes_and_lines(drawing["objects"], pen)
    ]
    right = max((float(stroke[:, 0].max()) for stroke, _line in drawn), default=0.0)
    fit = min(1.0, width / right) if right else 1.0
    _load(name, [as_path((fit * stroke).tolist(), _INK, line) for stroke, line in drawn])
    drawing["discarded"] = None


def _add(name: str, pen: int, strokes: Any) -> None:
    """More strokes, from the keyboard."""
    objects = session.pad(name)["objects"]
    paths = [as_path(points, _INK, pen) for points in (strokes if isinstance(strokes, list) else [])]
    if new := [path for path in paths if path and path not in objects]:
        _load(name, [*objects, *new])


def _without_erased(objects: list[Any]) -> list[Any]:
    """The objects that no eraser among them has touched, and no eraser."""
    erasers = [item for item in objects if _is_eraser(item)]
    if not erasers:
        return objects
    is_gone = touching(strokes_of_paths(erasers), _ERASER_WIDTH / 2)
    drawn = [item for item in objects if not _is_eraser(item)]
    return [item for item in drawn if not any(map(is_gone, strokes_of_paths([item])))]


def _is_eraser(item: Any) -> bool:
    return isinstance(item, dict) and item.get("stroke") == _ERASER


def _receive(drawing: session.Pad, sent: object) -> None:
    objects = sent.get("objects") if isinstance(sent, dict) else None
    if not isinstance(objects, list) or objects == drawing["discarded"]:
        return
    if objects != drawing["objects"]:
        drawing["erased_from"] = None
    drawing["objects"], drawing["discarded"] = objects, None


def _load(name: str, objects: list[Any]) -> None:
    """Put ``objects`` on the canvas; what it held before is ignored if it still comes in."""
    drawing = session.pad(name)
    if not objects and name == "draw":
        session.digit_of_number.reset()
    drawing["erased_from"] = None
    drawing["discarded"] = drawing["objects"]
    drawing["objects"] = drawing["initial"] = objects
    drawing["version"] += 1
