"""The room that a page of its teacher shows, and the words for what is in it."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode

import streamlit as st
from babel.dates import format_date

from classroom.addresses import answers_only_here, offered
from classroom.lesson import Lesson
from classroom.rooms import Room
from classroom.rules import RoomError
from ui.base import resources, session
from ui.base.text import _, language
from visitors.codes import typed

# The parameter of an address that names a room by its code.
ROOM = "room"


def code() -> str:
    """The code of a room in the address of the page; empty where there is none."""
    return typed(st.query_params.get(ROOM, ""))


def asked_for() -> Room | None:
    """The room that the address names, or the newest one, if this visitor has its desk; the address names
    it from then on, so that the page never goes to another room by itself.

    Raises:
        model.messages.MessageError: the database does not answer.
    """
    own = resources.rooms().taught_by(session.visitor())
    wanted = code()
    if wanted:
        return next((room for room in own if room.code == wanted), None)
    newest = next((room for room in own if not room.lesson.is_over), None)
    if newest:
        st.query_params[ROOM] = newest.code
    return newest


def taught(room_id: str) -> Room:
    """The room as it is now. Where it was deleted, or is another's since, the whole page is drawn anew, and
    asks for another one. Call it in a fragment.

    Raises:
        model.messages.MessageError: the database does not answer.
    """
    try:
        return resources.rooms().taught(session.visitor(), room_id)
    except RoomError:
        st.rerun()


def change(room_id: str, step: Callable[[Lesson], Lesson]) -> None:
    """Let the lesson be what ``step`` makes of it; errors as those of ``Rooms``."""
    resources.rooms().change(session.visitor(), room_id, step)


def join_url(room: Room) -> str:
    """Where pupils join, with the code in it."""
    return f"{address(room)}/join?{urlencode({ROOM: room.code})}"


def address(room: Room) -> str:
    """The address of this server that the teacher has chosen for the class, or the most likely one."""
    return room.lesson.address or addresses()[0]


def addresses() -> list[str]:
    """The addresses that the teacher can choose from, the most likely one first."""
    return offered(_page())


def is_out_of_reach(room: Room) -> bool:
    """Whether no pupil finds this server at the ``address`` of the class, since it answers this computer
    alone. What the teacher has chosen may also be the address of a proxy, which is none of this machine."""
    chosen = address(room)
    is_local = answers_only_here(_page(), st.get_option("server.address"))
    return is_local and chosen in addresses() and not resources.reached().is_reached(chosen)


def show_out_of_reach() -> None:
    """What to do about it."""
    text = _(
        "This server answers only this computer. Start it with `--host 0.0.0.0` so that pupils can reach it."
    )
    st.warning(text, icon=":material/wifi_off:")


def _page() -> str:
    return st.context.url or "http://localhost/"


def mark_rehearsal(room: Room) -> None:
    """Say quietly that the pupils of a rehearsal are made up."""
    if room.lesson.is_rehearsal:
        with st.container(key="rehearsal", width="content"):
            st.caption(_("Rehearsal: these pupils are made up."))


def deleted_on(room: Room) -> str:
    """The day on which a room is deleted."""
    return str(format_date(datetime.fromtimestamp(room.delete_at).date(), locale=language()))
