"""The end of a lesson: what it left is kept for a while, or deleted at once."""

from contextlib import suppress

import streamlit as st

from classroom import rules
from classroom.rooms import DAYS, Room
from model.messages import MessageError
from ui.base import resources, session
from ui.base.errors import reported
from ui.base.text import _
from ui.teaching.room import ROOM, deleted_on


def show_over(room: Room) -> None:
    """Instead of the desk of a lesson that is over: what is left of it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link("pages/teach.py", label=_("Rooms"), icon=":material/arrow_back:")
        st.header(room.code, anchor=False, width="content")
    st.info(_(rules.OVER), icon=":material/flag:")
    st.caption(_("Will be deleted on {day}.", day=deleted_on(room)))
    save_link(room.code)


def save_link(code: str) -> None:
    """The way to what can be saved of the room with this code."""
    st.page_link(
        "pages/take_home.py",
        label=_("Save the lesson"),
        icon=":material/download:",
        query_params={ROOM: code},
    )


def end_lesson(room: Room) -> None:
    """What can be saved of it, and the two ways to end it; what was made stays with the pupils in both."""
    if st.button(_("Save"), key="save_lesson", icon=":material/download:"):
        st.switch_page("pages/take_home.py", query_params={ROOM: room.code})
    with st.popover(_("End"), icon=":material/flag:", key="end"):
        st.markdown(
            _(
                "The class ends: its pages are free again, and what pupils made stays theirs. What happens "
                "to the room?"
            )
        )
        if st.button(_("Keep for {days} days", days=DAYS), key="keep_room", icon=":material/event:"):
            _end(room, is_kept=True)
        is_sure = st.checkbox(_("Delete seats and codes for good"), key="delete_is_sure")
        if st.button(
            _("Delete now"), key="delete_room", icon=":material/delete_forever:", disabled=not is_sure
        ):
            _end(room, is_kept=False)


def end(room_id: str, is_kept: bool) -> None:
    """Let the runs of a class go on that rest while it looks up, and end its lesson.

    Raises:
        model.messages.MessageError: this visitor may not, or the database does not answer.
    """
    rooms, visitor = resources.rooms(), session.visitor()
    # A run that cannot go on waits for its pupil.
    with suppress(MessageError):
        resources.eyes_up().end(visitor, room_id)
    (rooms.keep if is_kept else rooms.delete)(visitor, room_id)


def _end(room: Room, is_kept: bool) -> None:
    reported(end)(room.id, is_kept)
    if session.trouble.get() is None:
        st.switch_page("pages/teach.py")
