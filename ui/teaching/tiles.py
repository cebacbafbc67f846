"""The seats of a class in fixed places: name, progress and one state each."""

from collections.abc import Sequence
from typing import NamedTuple, assert_never

import streamlit as st

from classroom.desk import DIGITS, SeatState, Tile
from classroom.lesson import Lesson, Step
from ui.base import session
from ui.base.seat import name_of
from ui.base.text import _, verbatim

# Two beside each other on a phone, five beside the work of a seat on a laptop.
_WIDTH = 164


class _Look(NamedTuple):
    """``colour`` is one of Streamlit's markdown; empty for that of the text."""

    icon: str
    colour: str
    word: str


def show_tiles(lesson: Lesson, tiles: Sequence[Tile]) -> None:
    """A button a seat, by number; a press opens it beside them."""
    if not tiles:
        st.info(_("Nobody has joined yet. The projector shows the code for joining."))
    with st.container(horizontal=True, key="tiles"):
        for tile in tiles:
            number = tile.seat.number
            mark = " · " + _("shown") if number in lesson.shown else ""
            # An icon in the label would be read aloud by its name.
            st.button(
                f"**{seat_name(tile)}**{mark}  \n{_line(lesson, tile)}",
                key=f"tile_{number}",
                type="secondary",
                icon=f":material/{_look(tile.state).icon}:",
                width=_WIDTH,
                on_click=session.seat.set,
                args=(number,),
            )


def seat_name(tile: Tile) -> str:
    """What whoever sits there is called, safe in markdown."""
    return verbatim(name_of(tile.seat))


def state_text(state: SeatState) -> str:
    """A state as a word and a colour."""
    return _stated(state, _look(state).word)


def _stated(state: SeatState, word: str) -> str:
    """A ``word`` in the colour of a state."""
    colour = _look(state).colour
    return f":{colour}[{word}]" if colour else word


def _line(lesson: Lesson, tile: Tile) -> str:
    if tile.state == SeatState.FREE:
        return state_text(tile.state)
    if lesson.step in (Step.GUESS, Step.EXIT_QUESTION):
        return _asked(lesson, tile)
    return f"{state_text(tile.state)} · {_progress(lesson.step, tile)}"


def _progress(step: Step, tile: Tile) -> str:
    """How far somebody is in a step."""
    if step == Step.TRAIN:
        return _("epoch {number}", number=tile.run.epochs) if tile.run else _("no run")
    return _("{drawn} of {count}", drawn=tile.drawn, count=DIGITS)


def _asked(lesson: Lesson, tile: Tile) -> str:
    """Whether somebody has answered; in short where the tile has to say more."""
    if lesson.asked is None:
        return state_text(tile.state)
    is_guess = lesson.step == Step.GUESS
    nothing = _("no guess") if is_guess else _("no answer")
    match tile.state:
        case SeatState.DONE:
            return _stated(tile.state, _("guessed") if is_guess else _("answered"))
        case SeatState.WORKING if lesson.asked.is_open:
            return _stated(tile.state, _("no guess yet") if is_guess else _("no answer yet"))
        case SeatState.WORKING:
            return nothing
    if tile.has_answered:
        return state_text(tile.state)
    # The longest word would leave no room.
    text = _stated(tile.state, _("help")) if tile.state == SeatState.WANTS_HELP else state_text(tile.state)
    return f"{text} · {nothing}"


def _look(state: SeatState) -> _Look:
    match state:
        case SeatState.WORKING:
            return _Look("edit", "", _("working"))
        case SeatState.DONE:
            return _Look("check_circle", "green", _("done"))
        case SeatState.STUCK:
            return _Look("hourglass_bottom", "orange", _("stuck"))
        case SeatState.WANTS_HELP:
            return _Look("front_hand", "red", _("needs help"))
        case SeatState.OFFLINE:
            return _Look("wifi_off", "gray", _("offline"))
        case SeatState.FREE:
            return _Look("person_off", "gray", _("free"))
        case _:
            assert_never(state)
