"""Before a lesson, in one glance: is training ready, where do pupils come in, how long will they wait?"""

import streamlit as st

from classroom.rooms import Room
from model.config import FEW_EPOCHS, TrainingConfig
from runs.engine import EngineState
from ui.base import resources, session
from ui.base.errors import reported
from ui.base.text import _, duration, message, verbatim
from ui.teaching.room import address, addresses, change, is_out_of_reach, show_out_of_reach

_SIZES = (10, 20, 30)


def show_preflight(room: Room) -> None:
    """What to know before pupils come, and the choice of the address."""
    engine_line()
    _address(room)
    key = f"joining_{room.version}"
    st.toggle(
        _("New pupils may join"),
        room.lesson.is_joining_open,
        key=key,
        help=_("Pupils who have a seat can always come back."),
        on_change=reported(_open_joining),
        args=(room.id, key),
    )
    size = st.segmented_control(
        _("Pupils"), _SIZES, default=_SIZES[1], required=True, key="class_size", persist_state="session"
    )
    if seconds := class_seconds(size or _SIZES[1]):
        _line(
            "timer",
            _(
                "If all train {epochs} epochs at once, they wait about {duration}.",
                epochs=FEW_EPOCHS,
                duration=duration(seconds),
            ),
        )


def class_seconds(pupils: int) -> float | None:
    """How long a class waits that trains at once, in seconds; ``None`` before any measurement."""
    recipe = TrainingConfig().with_changes(epochs=FEW_EPOCHS)
    return resources.runner().predict_class(recipe, pupils)


def engine_line() -> None:
    """Whether training is ready, and else why not."""
    status = resources.runner().engine_status()
    if status.is_ready:
        _line("check_circle", _("Training is ready."))
    elif status.state == EngineState.STARTING:
        _line("hourglass_top", _("Training is starting. That takes up to a minute."))
    else:
        reason = verbatim(message(status.problem)) if status.problem else ""
        _line("error", _("Training is unavailable. {reason}", reason=reason))


def _address(room: Room) -> None:
    if is_out_of_reach(room):
        show_out_of_reach()
        return
    offered, chosen = addresses(), address(room)
    if chosen not in offered:
        offered = [chosen, *offered]
    st.selectbox(
        _("Pupils open"),
        offered,
        index=offered.index(chosen),
        key=f"address_{room.version}",
        on_change=reported(_choose_address),
        args=(room.id, f"address_{room.version}"),
    )
    if resources.reached().is_reached(chosen):
        _line("check_circle", _("Another device has reached this address."))
    else:
        _line(
            "hourglass_empty",
            _(
                "Nobody has reached this address yet. If a device cannot, it is on another network, or the "
                "wifi keeps devices apart."
            ),
        )


def _choose_address(room_id: str, widget: str) -> None:
    chosen = str(session.value(widget))
    change(room_id, lambda lesson: lesson.changed(address=chosen))


def _open_joining(room_id: str, widget: str) -> None:
    is_open = bool(session.value(widget))
    change(room_id, lambda lesson: lesson.changed(is_joining_open=is_open))


def _line(icon: str, text: str) -> None:
    st.markdown(f":material/{icon}: {text}")
