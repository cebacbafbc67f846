"""What the whole class sees on the wall: how to join, then what it has made together, and never a name."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import streamlit as st

from classroom import rules
from classroom.addresses import qr_code
from classroom.handwriting import ClassDrawing, digits_of
from classroom.lesson import Step
from classroom.rooms import Room
from ui.base import resources, session
from ui.base.errors import plain_errors
from ui.base.seat import step_name
from ui.base.text import _, plural
from ui.components import chart
from ui.figures.class_curves import Band, CurvesTexts, band_figure, band_of
from ui.figures.digits import wall
from ui.teaching.exit_on_wall import show_exit_on_wall
from ui.teaching.gap import show_gap
from ui.teaching.guess_on_wall import show_guess_on_wall
from ui.teaching.room import address, is_out_of_reach, join_url, mark_rehearsal, show_out_of_reach, taught
from ui.teaching.teach_it import show_on_projector

_REFRESH = 2.0
_STYLE = Path(__file__).with_name("projector.css")
_CURVES_HEIGHT = 460
# Drawings on the wall, for which words leave five rows, and of one seat beside others.
_ON_WALL, _OF_SEAT = 100, 10


@st.fragment(run_every=_REFRESH)
@plain_errors()
def show_projector(room_id: str) -> None:
    """Read anew every two seconds."""
    room = taught(room_id)
    st.html(_STYLE)
    with st.container(key="projector"):
        if room.lesson.is_over:
            st.title(_(rules.OVER), anchor=False)
            return
        if room.lesson.eyes_up:
            st.title(_("Eyes up"), anchor=False)
            return
        mark_rehearsal(room)
        _show_step(room)


def _show_step(room: Room) -> None:
    step = room.lesson.step
    if step != Step.DRAW:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.title(step_name(step), anchor=False, width="stretch")
            st.markdown(_("Join with code **{code}**", code=room.code), width="content")
    match step:
        case Step.DRAW:
            _join(room)
        case Step.GUESS:
            show_guess_on_wall(room)
        case Step.TRAIN:
            _curves(room)
        case Step.OUR_HANDWRITING:
            _our_handwriting(room)
        case Step.TEACH_IT:
            _teach_it(room)
        case Step.EXIT_QUESTION:
            show_exit_on_wall(room)


def _join(room: Room) -> None:
    """The way in, large, and what has come of it so far."""
    left, right = st.columns([2, 3], gap="large")
    is_reachable = not is_out_of_reach(room)
    with left:
        if is_reachable:
            url = join_url(room)
            st.image(_qr(url), width="stretch", alt=_("QR code of {address}", address=url))
        else:
            show_out_of_reach()
    with right, st.container(key="join_by_code"):
        if is_reachable:
            st.markdown(
                _("Open **{address}**, choose *Join a class* and type", address=_plain(address(room)))
            )
        st.title(room.code, anchor=False)
        tiles = resources.desk().tiles(session.visitor(), room.id)
        joined = sum(tile.seat.visitor is not None for tile in tiles)
        drawings = _visible(room)
        st.markdown(
            plural("**{count}** joined", "**{count}** joined", joined)
            + "  \n"
            + plural("**{count}** digit drawn", "**{count}** digits drawn", len(drawings))
        )
        _works(room, drawings)


def _curves(room: Room) -> None:
    """The class's accuracy by epoch, and those runs that the teacher shows."""
    curves = resources.desk().curves(session.visitor(), room.id)
    st.markdown(
        plural(
            "**{count}** run: from the lowest to the highest accuracy, and the middle one",
            "**{count}** runs: from the lowest to the highest accuracy, and the middle one",
            len(curves),
        )
    )
    shown = [curves[seat] for seat in room.lesson.shown if seat in curves]
    texts = CurvesTexts(epoch=_("epoch"), accuracy=_("validation accuracy"))
    chart.show_live(
        chart.shared(band_figure, Band(), texts, _CURVES_HEIGHT, 20),
        chart.shared(band_figure, band_of(curves.values()), texts, _CURVES_HEIGHT, 20, shown),
        key="class_curves",
        alt=_("The validation accuracy of the class's runs by epoch, as a band."),
    )


def _our_handwriting(room: Room) -> None:
    drawings = _visible(room)
    writers = len({drawing.writer for drawing in drawings})
    st.markdown(
        _(
            "{drawings} by {writers}",
            drawings=plural("**{count}** digit", "**{count}** digits", len(drawings)),
            writers=plural("{count} writer", "{count} writers", writers),
        )
    )
    show_gap(drawings)
    if room.lesson.shown:
        _works(room, drawings)
    elif drawings:
        _wall_of_all(drawings)
    else:
        st.markdown(_("No digit yet."))


def _teach_it(room: Room) -> None:
    drawings = _visible(room)
    if not show_on_projector(room, digits_of(drawings)) and drawings:
        _wall_of_all(drawings)


def _works(room: Room, drawings: Sequence[ClassDrawing]) -> None:
    """The works that the teacher shows, side by side and without a name."""
    shown = [[one for one in drawings if one.seat == seat] for seat in room.lesson.shown]
    works = [work[-_OF_SEAT:] for work in shown if work]
    if works:
        for column, work in zip(st.columns(len(works), border=True), works, strict=True):
            with column:
                _wall(work, 5)


def _wall_of_all(drawings: Sequence[ClassDrawing]) -> None:
    _wall(_of_everybody(drawings, _ON_WALL), 20)


def _of_everybody(drawings: Sequence[ClassDrawing], most: int) -> list[ClassDrawing]:
    """As many as there is room for, spread over all writers."""
    count = min(len(drawings), most)
    return [drawings[place * len(drawings) // count] for place in range(count)]


def _wall(drawings: Sequence[ClassDrawing], columns: int) -> None:
    inks = [drawing.trial.ink for drawing in drawings if drawing.trial.ink is not None]
    labels = ", ".join(str(drawing.trial.label) for drawing in drawings)
    alt = _("Digits that the class has drawn: {labels}", labels=labels)
    st.image(wall(inks, columns), width="stretch", alt=alt)


def _visible(room: Room) -> list[ClassDrawing]:
    drawn = resources.handwriting().of_room(session.visitor(), room.id)
    return [drawing for drawing in drawn if not drawing.is_hidden]


@lru_cache(maxsize=64)
def _qr(url: str) -> bytes:
    return qr_code(url)


def _plain(url: str) -> str:
    """As people type it."""
    return url.removeprefix("http://")
