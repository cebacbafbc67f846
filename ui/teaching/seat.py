"""One seat of the desk: its work, and what the teacher can do with it."""

from collections.abc import Sequence

import streamlit as st

from classroom.desk import SeatState, Tile
from classroom.handwriting import ClassDrawing
from classroom.lesson import Step
from classroom.rooms import Room
from ui.base import resources, session
from ui.base.errors import reported
from ui.base.text import _, verbatim
from ui.components import chart
from ui.components.captioned_image import address
from ui.figures.class_curves import CurvesTexts, band_figure, band_of
from ui.figures.digits import as_bytes
from ui.recipe.class_guess import option_text
from ui.teaching.tiles import seat_name, state_text

_DIGIT_PIXELS, _SHOWN = 42, 12
_CURVE_HEIGHT = 165
# Of two reasons, before they scroll.
_WORDS_HEIGHT = 130
# At the other steps the projector shows what all have done together.
_SHOWN_AT = (Step.DRAW, Step.TRAIN, Step.OUR_HANDWRITING)


def show_seat(room: Room, tiles: Sequence[Tile]) -> None:
    """The seat that was pressed last."""
    tile = next((tile for tile in tiles if tile.seat.number == session.seat.get()), None)
    if tile is None:
        st.caption(_("Press a seat to see its work."))
        return
    st.markdown(f"**{seat_name(tile)}** {state_text(tile.state)}")
    if tile.state == SeatState.FREE:
        st.caption(_("Nobody sits here any more."))
        return
    _actions(room, tile)
    match room.lesson.step:
        case Step.GUESS:
            _guess(room, tile.seat.number)
        case Step.EXIT_QUESTION:
            # Its answer stands in the panel above.
            pass
        case _:
            _drawings(room, tile.seat.number)
            if tile.run is not None:
                _curve(room, tile.seat.number)


def _actions(room: Room, tile: Tile) -> None:
    rooms, visitor, number = resources.rooms(), session.visitor(), tile.seat.number
    if tile.seat.wants_help:
        st.button(
            _("Helped"),
            key=f"helped_{number}",
            type="primary",
            icon=":material/front_hand:",
            on_click=reported(rooms.answer_help),
            args=(visitor, room.id, number),
        )
    is_shown = number in room.lesson.shown
    with st.container(horizontal=True, gap="xsmall"):
        if room.lesson.step in _SHOWN_AT:
            st.button(
                _("Take off") if is_shown else _("Show anonymously"),
                key=f"show_{number}",
                icon=":material/cast:",
                on_click=reported(rooms.show),
                args=(visitor, room.id, number, not is_shown),
            )
        with st.popover(_("Free the seat"), key=f"free_{number}"):
            st.markdown(_("Whoever sits here leaves the class and keeps the work made so far."))
            st.button(
                _("Free it now"),
                key=f"free_now_{number}",
                type="primary",
                on_click=reported(rooms.free_seat),
                args=(visitor, room.id, number),
            )


def _guess(room: Room, number: int) -> None:
    """What was guessed in each round, and why."""
    guess = room.lesson.guess
    if guess is None:
        return
    with st.container(height=_WORDS_HEIGHT, border=False):
        for round_number in range(1, guess.round + 1):
            answers = resources.answers().guesses(session.visitor(), room.id, guess.question_of(round_number))
            if answer := answers.get(number):
                st.caption(f"{round_number}. **{option_text(answer.guess)}** {verbatim(answer.why)}")


def _drawings(room: Room, number: int) -> None:
    drawings = resources.handwriting().of_room(session.visitor(), room.id, [number])[-_SHOWN:]
    if not drawings:
        st.caption(_("No digit yet."))
        return
    with st.container(horizontal=True, gap="xsmall", key="drawings"):
        for drawing in drawings:
            _drawing(room, drawing)


def _drawing(room: Room, drawing: ClassDrawing) -> None:
    with st.container(width=_DIGIT_PIXELS, gap=None):
        ink = drawing.trial.ink
        if ink is not None:
            alt = _("A drawn {digit}", digit=drawing.trial.label)
            st.image(address(as_bytes(ink), 2 * _DIGIT_PIXELS), width=_DIGIT_PIXELS, alt=alt)
        which = {"number": drawing.index + 1, "digit": drawing.trial.label}
        # Of the label, the desk's style leaves a name for a screen reader.
        label = (
            _("Show digit {number}, a {digit}", **which)
            if drawing.is_hidden
            else _("Hide digit {number}, a {digit}", **which)
        )
        st.button(
            label,
            key=f"hide_{drawing.seat}_{drawing.index}",
            type="tertiary",
            icon=":material/visibility:" if drawing.is_hidden else ":material/visibility_off:",
            help=label,
            on_click=reported(resources.handwriting().hide),
            args=(session.visitor(), room.id, drawing.seat, drawing.index, not drawing.is_hidden),
        )


def _curve(room: Room, number: int) -> None:
    curve = resources.desk().curves(session.visitor(), room.id).get(number)
    if not curve:
        return
    texts = CurvesTexts(epoch=_("epoch"), accuracy=_("validation accuracy"))
    chart.show(
        chart.shared(band_figure, band_of([curve]), texts, _CURVE_HEIGHT),
        key=f"curve_{number}",
        alt=_("The validation accuracy of this seat's run by epoch."),
    )
