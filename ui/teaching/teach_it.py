"""Teach it at the desk and on the projector, and the data card of the class's digits."""

import streamlit as st

from classroom.handwriting import digits_of
from classroom.lesson import Step
from classroom.rooms import Room
from classroom.teaching_it import TeachingState
from model.evaluation.teaching import MIN_WRITERS
from model.evaluation.writers import Drawings
from ui.base import resources, session
from ui.base.errors import reported
from ui.base.text import _, message, verbatim
from ui.handwriting.card import show_card
from ui.handwriting.taught import show_changes, show_finding, show_work, too_small_text, verdict

# On the projector, in pixels.
_HEIGHT, _FONT = 430, 20


def show_controls(room: Room) -> None:
    """What the desk has for the steps that look at the class's digits: the button that teaches, and their
    data card."""
    step = room.lesson.step
    if step not in (Step.OUR_HANDWRITING, Step.TEACH_IT):
        return
    with st.container(horizontal=True, vertical_alignment="center", key="desk_digits"):
        if step == Step.TEACH_IT:
            _teach_it(room)
        card = st.popover(_("Data card"), icon=":material/description:", key="data_card", on_change="rerun")
        if card.open:
            with card:
                show_card(_drawings(room))


def _teach_it(room: Room) -> None:
    state = resources.teaching_it().of_room(session.visitor(), room.id)
    if state.work is not None:
        show_work(state.work)
        return
    drawings = _drawings(room)
    is_large_enough = len(drawings.names) >= MIN_WRITERS
    st.button(
        _("Teach it") if state.finding is None else _("Teach it again"),
        key="teach_it",
        type="primary" if state.finding is None else "secondary",
        icon=":material/school:",
        on_click=reported(resources.teaching_it().begin),
        args=(session.visitor(), room.id),
        disabled=not is_large_enough,
    )
    is_told = is_large_enough or state.problem is not None
    st.markdown(_state_text(state) if is_told else too_small_text(len(drawings.names)), width="stretch")
    if state.finding is not None:
        show_changes(state.finding, drawings)


def _state_text(state: TeachingState) -> str:
    if state.problem is not None:
        return _(
            "The training ended too early. Try again. {reason}",
            reason=verbatim(message(state.problem)),
        )
    if state.finding is not None:
        return verdict(state.finding.teaching.gains[-1], state.finding.teaching.writers)
    return _(
        "The digits of half of the class train the network, those of the other half test it. It takes about "
        "a minute."
    )


def show_on_projector(room: Room, drawings: Drawings) -> bool:
    """What will be done and how far it is; or what came of it, if the result is ``True``. ``drawings`` are
    the class's."""
    state = resources.teaching_it().of_room(session.visitor(), room.id)
    if state.finding is not None and state.work is None:
        show_finding(state.finding, drawings, _HEIGHT, _FONT)
        return True
    st.markdown(
        _(
            "The lesson's network trains on the digits of half of us and is tested on the other half. "
            "Does that help with digits of pupils that it was not trained on?"
        )
    )
    if state.work is not None:
        show_work(state.work)
    return False


def _drawings(room: Room) -> Drawings:
    """Without those that are hidden."""
    drawn = resources.handwriting().of_room(session.visitor(), room.id)
    return digits_of([drawing for drawing in drawn if not drawing.is_hidden])
