"""The teacher's desk: the class at one glance, and what takes it from step to step."""

from functools import partial
from pathlib import Path

import streamlit as st

from classroom.guessing import BothTrained
from classroom.lesson import Lesson, Step
from classroom.rooms import Room
from ui.base import resources, session
from ui.base.errors import plain_errors, reported, show_lasting_trouble
from ui.base.seat import step_name
from ui.base.text import _, duration, plural
from ui.teaching.ending import end_lesson, show_over
from ui.teaching.exit_panel import show_exit_panel
from ui.teaching.guess_panel import show_guess_panel
from ui.teaching.preflight import class_seconds, show_preflight
from ui.teaching.room import ROOM, change, mark_rehearsal, taught
from ui.teaching.seat import show_seat
from ui.teaching.teach_it import show_controls
from ui.teaching.tiles import show_tiles

# Seconds.
_REFRESH = 1.5
_RUNS_GO_ON = "runs_go_on"
_STYLE = Path(__file__).with_name("desk.css")


@st.fragment(run_every=_REFRESH)
@plain_errors()
def show_desk(room_id: str) -> None:
    """The whole desk, read anew every second or so: nothing is computed for it."""
    show_lasting_trouble()
    room = taught(room_id)
    if room.lesson.is_over:
        show_over(room)
        return
    trained = None
    if room.lesson.guess and room.lesson.guess.is_training:
        # At every step: a projector may show something else, or there is none.
        trained = resources.guessing().go_on(session.visitor(), room_id)
    tiles = resources.desk().tiles(session.visitor(), room_id)
    st.html(_STYLE)
    _head(room, sum(tile.seat.visitor is not None for tile in tiles))
    _steps(room)
    show_controls(room)
    left, right = st.columns([5, 2], gap="medium")
    with left:
        show_tiles(room.lesson, tiles)
    with right:
        _asked(room, trained)
        if tiles:
            show_seat(room, tiles)
        else:
            show_preflight(room)


def _asked(room: Room, trained: BothTrained | None) -> None:
    """What belongs to this step alone."""
    match room.lesson.step:
        case Step.GUESS:
            show_guess_panel(room, trained)
        case Step.EXIT_QUESTION:
            show_exit_panel(room)


def _head(room: Room, joined: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="desk_head"):
        st.page_link("pages/teach.py", label=_("Rooms"), icon=":material/arrow_back:")
        st.header(room.code, anchor=False, width="content")
        facts = plural("**{count}** joined", "**{count}** joined", joined)
        if joined and (seconds := class_seconds(joined)):
            facts += "  \n" + _("{duration} if all train", duration=duration(seconds))
        st.markdown(facts, width="stretch")
        _eyes_up(room)
        _open_all(room)
        st.link_button(
            _("Projector"), f"projector?room={room.code}", icon=":material/cast:", key="open_projector"
        )
        if joined:
            with st.popover(_("Address"), icon=":material/wifi:", key="preflight"):
                show_preflight(room)
        end_lesson(room)


def _eyes_up(room: Room) -> None:
    if room.lesson.eyes_up:
        st.button(
            _("Eyes are up: go on"),
            key="eyes_down",
            type="primary",
            icon=":material/play_arrow:",
            on_click=reported(resources.eyes_up().end),
            args=(session.visitor(), room.id),
        )
        return
    st.toggle(_("runs go on"), value=True, key=_RUNS_GO_ON, help=_("while eyes are up"))
    st.button(
        _("Eyes up"),
        key="eyes_up",
        icon=":material/visibility:",
        help=_("Every page closes and asks the class to look at you, until you let it go on."),
        on_click=reported(_look_up),
        args=(room.id,),
    )


def _look_up(room_id: str) -> None:
    resources.eyes_up().begin(session.visitor(), room_id, bool(session.value(_RUNS_GO_ON)))


def _open_all(room: Room) -> None:
    is_open = room.lesson.is_everything_open
    st.button(
        _("Close other pages") if is_open else _("Open all pages"),
        key="open_all",
        icon=":material/lock:" if is_open else ":material/lock_open:",
        on_click=reported(change),
        args=(room.id, partial(Lesson.changed, is_everything_open=not is_open)),
    )


def _steps(room: Room) -> None:
    """All steps, each to be pressed; a press means the step that it shows, whatever another desk has done."""
    lesson = room.lesson
    with st.container(horizontal=True, vertical_alignment="center", key="desk_steps"):
        for step in Step:
            is_now = step == lesson.step
            st.button(
                _("Now: {step}", step=step_name(step)) if is_now else step_name(step),
                key=f"step_{step}",
                type="primary" if is_now else "secondary",
                on_click=reported(change),
                args=(room.id, partial(Lesson.at, step=step)),
            )
        following = lesson.next_step
        st.button(
            _("Next"),
            key="next_step_of_class",
            icon=":material/skip_next:",
            disabled=following is None,
            on_click=reported(change),
            args=(room.id, partial(Lesson.at, step=following or lesson.step)),
        )
        st.button(
            _("Undo"),
            key="undo_step",
            icon=":material/undo:",
            disabled=not lesson.before,
            on_click=reported(change),
            args=(room.id, partial(_undone, seen=lesson.before)),
        )
        if lesson.step in (Step.DRAW, Step.OUR_HANDWRITING):
            st.page_link(
                "pages/paper.py",
                label=_("On paper"),
                icon=":material/article:",
                query_params={ROOM: room.code},
            )
        st.caption(
            _("Change {number}", number=room.version),
            width="content",
            help=_(
                "If several desks of this room are open, the last press counts. All show the same number."
            ),
        )
        _rehearsal(room)


def _rehearsal(room: Room) -> None:
    mark_rehearsal(room)
    if room.lesson.is_rehearsal and not resources.rehearsals().goes_on(room.id):
        text = _("The made-up pupils have stopped: they go on for one hour, or until the server restarts.")
        st.caption(text, width="content")


def _undone(lesson: Lesson, seen: tuple[Step, ...]) -> Lesson:
    """``lesson`` a step back, unless another desk was faster."""
    return lesson.undone() if lesson.before == seen else lesson
