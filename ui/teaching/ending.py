"""The end of a lesson: what it left is kept for a while, or deleted at once."""

import streamlit as st

from classroom.rooms import DAYS, Room
from ui.base import resources, session
from ui.base.errors import plain_errors
from ui.base.text import _


def end_lesson(room: Room) -> None:
    """The two ways to end it; what was made stays with the pupils in both."""
    with st.popover(_("End"), icon=":material/flag:", key="end"):
        st.markdown(
            _("The class ends: its pages are free again, and what pupils made stays theirs. Of the room,")
        )
        if st.button(_("Keep for {days} days", days=DAYS), key="keep_room", icon=":material/event:"):
            _end(room, is_kept=True)
        is_sure = st.checkbox(_("Delete seats and codes for good"), key="delete_is_sure")
        if st.button(
            _("Delete now"), key="delete_room", icon=":material/delete_forever:", disabled=not is_sure
        ):
            _end(room, is_kept=False)


def _end(room: Room, is_kept: bool) -> None:
    rooms, visitor = resources.rooms(), session.visitor()
    with plain_errors():
        resources.eyes_up().end(visitor, room.id)
    with plain_errors(stop=True):
        (rooms.keep if is_kept else rooms.delete)(visitor, room.id)
    st.switch_page("pages/teach.py")
