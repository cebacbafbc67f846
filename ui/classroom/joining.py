"""The ways into a class: a new seat, the seat that this browser has, and one that was joined elsewhere."""

import streamlit as st

from classroom.lesson import Lesson
from classroom.rooms import CODE_LENGTH, SEAT_CODE_LENGTH
from classroom.rules import MAX_NAME
from classroom.seats import Seat
from model.config import FEW_EPOCHS
from ui.base import resources, seat, session, visitor
from ui.base.errors import plain_errors, reported
from ui.base.pasted import letters_taken, short
from ui.base.text import _
from ui.classroom.strip import go_to_step
from visitors.codes import typed
from visitors.identity import visitor_id


def join_a_class() -> None:
    """The seat that is here, or the form for a new one; and the way back to another."""
    own = seat.current()
    asked_for = typed(st.query_params.get("room", ""))
    if own and not session.is_new_here.get() and asked_for in {"", own.room.code}:
        _ask_who(own)
        return
    with st.container(width=480):
        _ask_for_code(asked_for or (own.room.code if own else ""), own)
        with st.expander(_("Come back to my seat"), icon=":material/chair:"):
            _come_back(asked_for)


def _ask_who(own: Seat) -> None:
    st.subheader(_("Still here?"), anchor=False)
    # A name of one's own may hold any letters, so it is no part of Markdown.
    st.text(_("This browser has the seat of {name}.", name=seat.name_of(own)))
    with st.container(horizontal=True):
        if st.button(_("Yes, that is me"), key="still_here", type="primary", icon=":material/check:"):
            go_to_step(own.room.lesson)
        if st.button(_("I'm new"), key="new_here", icon=":material/person_add:"):
            session.is_new_here.set(True)
            session.secret_of_new_pupil.reset()
            st.rerun()
        st.button(
            _("Leave this class"), key="leave_class", icon=":material/logout:", on_click=reported(_leave)
        )
    st.caption(_("A new pupil gets another seat. This browser then no longer shows the work that is here."))


def _leave() -> None:
    resources.seats().leave(session.visitor())
    seat.look()


def _ask_for_code(code: str, own: Seat | None) -> None:
    joining = session.joining.get()
    with st.form("join", border=False):
        entered = st.text_input(
            _("Code of your class"),
            joining or code,
            max_chars=letters_taken(CODE_LENGTH),
            key="room_code",
            placeholder="K7QPM",
            autocomplete="off",
        )
        name = _ask_name() if joining else ""
        is_new = session.is_new_here.get() or _ask_whether_new(own)
        st.caption(
            _(
                "While you are in class, your teacher can see the digits that you draw in My handwriting, "
                "how far the runs are that you start, and what you answer; nothing from before or after. "
                "Your class can see the digits, and how many gave each answer, without names."
            )
        )
        if not st.form_submit_button(_("Join"), type="primary", icon=":material/group_add:"):
            return
    with plain_errors():
        lesson = resources.seats().lesson(session.visitor(), entered)
        if lesson.free_names and joining != typed(entered):
            session.joining.set(typed(entered))
            st.rerun()
        _join(entered, short(name, MAX_NAME), is_new)


def _ask_name() -> str:
    return st.text_input(
        _("Your name in class, if you like"),
        max_chars=letters_taken(MAX_NAME),
        key="seat_name",
        autocomplete="off",
        help=_("A first name or a nickname. Without one, you are an animal."),
    )


def _ask_whether_new(own: Seat | None) -> bool:
    """Whether somebody else has worked in this browser; no question where nobody has."""
    whose = session.visitor()
    if not (own or resources.runner().runs_of(whose) or resources.own_tests().of(whose).drawn):
        return False
    options = {
        True: _("I'm new: leave the work in this browser alone"),
        False: _("The work in this browser is mine: take it along"),
    }
    return bool(st.radio(_("Who are you?"), options, format_func=options.__getitem__, key="who_joins"))


def _join(code: str, name: str, is_new: bool) -> None:
    secret = session.secret()
    if is_new:
        secret = session.secret_of_new_pupil.get() or session.new_secret()
        session.secret_of_new_pupil.set(secret)
    own = resources.seats().join(visitor_id(secret) if is_new else session.visitor(), code, name)
    if is_new:
        session.start_fresh(secret)
    session.joining.reset()
    session.is_new_here.reset()
    recipe = session.config().with_changes(epochs=FEW_EPOCHS)
    session.set_config(recipe, restart=True)
    resources.desks().keep(session.visitor(), recipe.to_json())
    _sit_down(own.room.lesson)


def _come_back(code: str) -> None:
    """A seat that was joined on another device, or before the cookies of this browser were lost."""
    st.markdown(_("Your seat code is at the top of every page while you are in class."))
    with st.form("come_back", border=False):
        entered = st.text_input(
            _("Code of your class"),
            code,
            max_chars=letters_taken(CODE_LENGTH),
            key="back_room",
            autocomplete="off",
        )
        seat_code = st.text_input(
            _("Seat code"), max_chars=letters_taken(SEAT_CODE_LENGTH), key="seat_code", autocomplete="off"
        )
        if not st.form_submit_button(_("Come back"), icon=":material/login:"):
            return
    with plain_errors():
        secret = session.new_secret(linked=True)
        resources.seats().come_back(session.visitor(), entered, seat_code, visitor_id(secret))
        session.start_fresh(secret)
        visitor.recognise()
        own = seat.look()
        if own is None:
            st.rerun()
        _sit_down(own.room.lesson)


def _sit_down(lesson: Lesson) -> None:
    seat.look()
    go_to_step(lesson)
