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
        st.info(_("The class is empty. The projector shows the code by which pupils join."))
    with st.container(horizontal=True, key="tiles"):
        for tile in tiles:
            number = tile.seat.number
            mark = " :material/cast:" if number in lesson.shown else ""
            st.button(
                f"**{seat_name(tile)}**{mark}  \n{_line(lesson, tile)}",
                key=f"tile_{number}",
                type="secondary",
                width=_WIDTH,
                on_click=session.seat.set,
                args=(number,),
            )


def seat_name(tile: Tile) -> str:
    """What whoever sits there is called, safe in markdown."""
    return verbatim(name_of(tile.seat))


def state_text(state: SeatState) -> str:
    """A state as an icon, a colour and a word."""
    icon, colour, word = _look(state)
    text = f":material/{icon}: {word}"
    return f":{colour}[{text}]" if colour else text


def _line(lesson: Lesson, tile: Tile) -> str:
    state, progress = state_text(tile.state), _progress(lesson, tile)
    return state if tile.state == SeatState.FREE or not progress else f"{state} · {progress}"


def _progress(lesson: Lesson, tile: Tile) -> str:
    """How far somebody is in a step; empty where there is nothing to do."""
    match lesson.step:
        case Step.TRAIN:
            return _("epoch {number}", number=tile.run.epochs) if tile.run else _("no run")
        case Step.GUESS if lesson.asked:
            return _("guessed") if tile.has_answered else _("no guess yet")
        case Step.EXIT_QUESTION if lesson.asked:
            return _("answered") if tile.has_answered else _("not yet")
        case Step.GUESS | Step.EXIT_QUESTION:
            return ""
        case _:
            return _("{drawn} of {count}", drawn=tile.drawn, count=DIGITS)


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
