"""The end of a lesson: what it left is kept for a while, or deleted at once."""

from contextlib import suppress

import streamlit as st

from classroom.rooms import DAYS, Room
from model.messages import MessageError
from ui.base import resources, session
from ui.base.errors import plain_errors
from ui.base.text import _
from ui.teaching.room import ROOM


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
    with plain_errors(stop=True):
        end(room.id, is_kept)
    st.switch_page("pages/teach.py")
