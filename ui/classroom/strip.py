"""What a pupil's page shows of the class: the step it is at, the seat, and its code."""

import time
import zlib
from contextlib import suppress
from functools import partial

import streamlit as st

from classroom import rules
from classroom.lesson import Lesson, Step
from classroom.rules import RoomError
from classroom.seats import Seat
from model.messages import MessageError
from ui.base import resources, seat, session
from ui.base.errors import reported
from ui.base.text import _, message, verbatim
from ui.components.page_link import link

# Seconds between two looks at the lesson, up to a second more so that a class does not look all at once, and
# at least between two notes that this page is open.
_LOOK, _NOTE = 2.0, 5.0
_HELP = "wants_help"


def show(page: str, own: Seat) -> None:
    """The steps, the seat and its code, and Help. When the class goes to another step, ``page`` changes to
    the page of that step."""
    lesson = own.room.lesson
    _take_along(page, lesson.step)
    row = partial(st.container, horizontal=True, vertical_alignment="center", gap="xsmall")
    with row(horizontal_alignment="distribute", key="strip"):
        with row(width="content", key="steps"):
            for step in Step:
                if step == lesson.step:
                    st.page_link(seat.step_file(step), label=f"**{seat.step_name(step)}**", width="content")
                else:
                    st.caption(seat.step_name(step), width="content")
            with st.container(width="content", key="place_of_step"):
                number = list(Step).index(lesson.step) + 1
                st.caption(_("step {number} of {count}", number=number, count=len(Step)), width="content")
        with row(width="content"):
            st.page_link("pages/join.py", label=verbatim(seat.name_of(own)), icon=":material/chair:")
            st.caption(_("Seat code **{code}**", code=own.code), width="content")
            session.prefer(_HELP, own.wants_help, anew=True)
            st.toggle(_("Help"), key=_HELP, on_change=reported(_want_help))
    jitter = zlib.crc32(session.visitor().encode()) % 1000 / 1000
    st.fragment(_follow, run_every=_LOOK + jitter)(_shown(own))


def is_open(page: str) -> bool:
    """Whether the class may be on ``page``; where not, it shows why, and the way to the step."""
    own = seat.current()
    if own is None:
        return True
    lesson = own.room.lesson
    try:
        rules.check_page(lesson, page)
    except RoomError as error:
        session.leave()
        text = verbatim(message(error.message))
        if lesson.eyes_up:
            st.title(text, anchor=False, text_alignment="center")
        else:
            st.info(text, icon=":material/lock:")
            link(seat.step_file(lesson.step), _("Go to your class"))
        return False
    return True


def go_to_step(lesson: Lesson) -> None:
    """Change to the page of the step that the class is at."""
    session.class_step.set(lesson.step)
    st.switch_page(seat.step_file(lesson.step))


def _take_along(page: str, step: Step) -> None:
    before = session.class_step.get()
    session.class_step.set(step)
    if before not in {None, step} and page != rules.page_of(step):
        st.switch_page(seat.step_file(step))


def _follow(shown: list[object]) -> None:
    """One look at the lesson; the whole page is drawn again where it has changed."""
    own = seat.look()
    if own is not None:
        _note_seen(own)
    if own is None or _shown(own) != shown:
        st.rerun()


def _shown(own: Seat) -> list[object]:
    """What the page shows of the class."""
    lesson = own.room.lesson
    asked = [one.model_dump(exclude={"hands", "runs"}) for one in (lesson.guess, lesson.exit_question) if one]
    return [own.id, own.wants_help, lesson.step, lesson.eyes_up, lesson.is_everything_open, asked]


def _note_seen(own: Seat) -> None:
    """Tell the teacher's desk that somebody is here, and how much was done; later where that cannot be."""
    if time.monotonic() - session.seen_at.get() < _NOTE:
        return
    session.seen_at.set(time.monotonic())
    visitor = session.visitor()
    with suppress(MessageError):
        drawn = len(resources.own_tests().of(visitor).trials)
        trained = sum(run.epoch for run in resources.runner().runs_of(visitor))
        resources.seats().note_seen(own, drawn + trained)


def _want_help() -> None:
    resources.seats().want_help(session.visitor(), bool(session.value(_HELP)))
