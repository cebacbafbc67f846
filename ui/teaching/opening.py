"""Teach a class: rooms are opened, found again on another device, recovered and deleted."""

import streamlit as st

from classroom import operator, rules
from classroom.rooms import DAYS, Room
from ui.base import connection, resources, session
from ui.base.errors import plain_errors, reported
from ui.base.pasted import letters_taken
from ui.base.seat import step_name
from ui.base.text import _
from ui.components.page_link import link
from ui.teaching.ending import end, save_link
from ui.teaching.room import ROOM, deleted_on
from ui.teaching.room import code as room_code


def about_rooms() -> None:
    """What a room is, and who sees what."""
    st.markdown(
        _(
            "A room is for one lesson: pupils join it with a code, without an account, and you lead them "
            "from step to step. You see the digits and the training runs of each seat. The room is deleted "
            "after {days} days; what pupils made stays theirs.",
            days=DAYS,
        )
    )


def show_pin() -> None:
    """The PIN of the room that was opened just now, until the visitor leaves the page."""
    visit, code, pin = session.new_pin.get()
    if visit != session.visit.get():
        return
    with st.container(border=True):
        st.metric(_("PIN of room {code}", code=code), pin)
        st.markdown(
            _(
                "**Write it down: it is shown only now.** With the code and this PIN you open the desk on "
                "another device, or after this browser has lost its cookies."
            )
        )
        desk_link(code)


def show_rooms() -> None:
    """The rooms whose desk this visitor has."""
    rooms = resources.rooms().taught_by(session.visitor())
    if not rooms:
        return
    st.subheader(_("Your rooms"), anchor=False)
    for room in rooms:
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            st.markdown(f"**{room.code}**", width="content")
            state = _("The lesson is over.") if room.lesson.is_over else step_name(room.lesson.step)
            st.caption(state, width="content")
            if room.lesson.is_rehearsal:
                st.caption(_("Rehearsal"), width="content")
            st.caption(_("Will be deleted on {day}.", day=deleted_on(room)), width="stretch")
            if room.lesson.is_over:
                save_link(room.code)
            else:
                desk_link(room.code)
            _delete(room)


def desk_link(code: str) -> None:
    """The way to the desk of the room with this code."""
    st.page_link(
        "pages/desk.py",
        label=_("Open the desk"),
        icon=":material/arrow_forward:",
        query_params={ROOM: code},
    )


def _delete(room: Room) -> None:
    with st.popover(_("Delete"), icon=":material/delete:", key=f"delete_{room.id}"):
        st.markdown(
            _(
                "Delete room {code} with its seats? This cannot be undone. What pupils made stays theirs.",
                code=room.code,
            )
        )
        st.button(
            _("Delete for good"),
            key=f"delete_now_{room.id}",
            type="primary",
            on_click=reported(end),
            args=(room.id, False),
        )


def open_room() -> None:
    """The button for who runs this server; for others, how they can become that."""
    st.subheader(_("Open a room"), anchor=False)
    if _is_operator():
        names = st.checkbox(
            _("Pupils may choose a name"),
            key="free_names",
            help=_("Otherwise each seat is named after an animal, with its number."),
        )
        st.button(
            _("Open a room"),
            key="open_room",
            type="primary",
            icon=":material/add:",
            on_click=reported(_open),
            args=(names,),
        )
        _rehearse()
        return
    st.markdown(_(rules.ONLY_OPERATOR))
    if not operator.has_password():
        st.caption(
            _(
                "At the computer itself, open the address that begins with `http://localhost`. This server "
                "has no operator's password: the variable {variable} sets it.",
                variable=operator.VARIABLE,
            )
        )
        return
    with st.form("operator", border=False, clear_on_submit=True):
        password = st.text_input(
            _("Operator's password"), type="password", key="password", max_chars=letters_taken(200)
        )
        if st.form_submit_button(_("I run this server")):
            with plain_errors(stop=True):
                resources.operator().check_password(password, session.visitor())
            session.is_operator.set(True)
            st.rerun()


def _rehearse() -> None:
    st.button(
        _("Rehearse with twelve made-up pupils"),
        key="rehearse",
        icon=":material/theater_comedy:",
        on_click=reported(_open_rehearsal),
    )
    st.caption(
        _(
            "Try a lesson alone: they join, draw, guess, train, answer and ask for help as you press *Next*. "
            "The room and its pupils are deleted after a day."
        )
    )


def take_desk() -> None:
    """The desk of a room that was opened on another device."""
    with st.expander(_("Open a desk on this device")):
        _ask_for_pin("desk", "")


def ask_for_desk(page: str) -> None:
    """Instead of the ``page`` of a room, where this visitor has not its desk."""
    st.header(_("Teach a class"), anchor=False)
    st.markdown(_("This page is for the teacher of a room. Enter its PIN to open it on this device."))
    _ask_for_pin(page, room_code())
    link("pages/teach.py", _("Open a room"))


def _ask_for_pin(page: str, code: str) -> None:
    """A form for the code of a room and its PIN, which opens ``page`` then."""
    with st.form("take_desk", border=False):
        typed_code = st.text_input(_("Code of the room"), code, max_chars=letters_taken(20), key="room_code")
        pin = st.text_input(_("PIN"), type="password", max_chars=letters_taken(20), key="room_pin")
        if st.form_submit_button(_("Open"), type="primary"):
            with plain_errors(stop=True):
                rooms = resources.rooms()
                room_id = rooms.take_desk(session.visitor(), typed_code, pin)
                room = rooms.taught(session.visitor(), room_id)
            st.switch_page(f"pages/{page}.py", query_params={ROOM: room.code})


def recover() -> None:
    """A new PIN for a room, for who runs this server."""
    if not _is_operator():
        return
    with st.expander(_("A PIN was lost")), st.form("recover", border=False):
        st.markdown(_("You get the desk of the room and a new PIN. The room and its lesson stay."))
        code = st.text_input(_("Code of the room"), max_chars=letters_taken(20), key="lost_code")
        if st.form_submit_button(_("New PIN")):
            with plain_errors(stop=True):
                room_id, pin = resources.rooms().recover(session.visitor(), code, _is_operator())
                _remember_pin(room_id, pin)
            st.rerun()


def _open(free_names: bool) -> None:
    _remember_pin(*resources.rooms().open(session.visitor(), _is_operator(), free_names))


def _open_rehearsal() -> None:
    _remember_pin(*resources.rehearsals().open(session.visitor(), _is_operator()))


def _remember_pin(room_id: str, pin: str) -> None:
    room = resources.rooms().taught(session.visitor(), room_id)
    session.new_pin.set((session.visit.get(), room.code, pin))


def _is_operator() -> bool:
    return session.is_operator.get() or connection.is_at_the_machine()
