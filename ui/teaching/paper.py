"""Digits on paper: sheets to print, photos of them, and what was read and kept."""

from threading import Lock
from typing import NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.runtime.uploaded_file_manager import UploadedFile

from classroom import rules
from classroom.paper import Again
from classroom.rooms import Room
from model.drawing.paper import layout
from model.drawing.picture import PhotoError
from model.messages import Message
from runs.decoding import read_sheet
from ui.base import resources, session
from ui.base.errors import reported
from ui.base.text import _, message, plural
from ui.components import tiles
from ui.components.photo_file import photo_file
from ui.components.saving import save_button
from ui.figures.digits import written_row

# In CSS pixels, of a digit that is kept.
_SIDE = 42
# A process that reads a sheet may take 300 MB.
_one_at_a_time = Lock()


class _Read(NamedTuple):
    """Which sheet was read, from 1, and the ink in its boxes, as ``runs.decoding.read_sheet`` has them."""

    number: int
    inks: NDArray[np.uint8]


def download_sheets() -> None:
    """The sheets to print, as many as a class needs."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        sizes = [layout.ROWS * sheets for sheets in range(1, layout.SHEETS + 1)]
        size = st.segmented_control(
            _("Writers"), sizes, default=sizes[2], required=True, key="paper_size", persist_state="session"
        )
        count = (size or sizes[2]) // layout.ROWS
        lines = (
            _("One row for each person."),
            _("Write each digit once, in its box, with a dark pen."),
            _("The number above a column says which digit."),
        )
        names = tuple(_("Digit Lab, sheet {number}", number=number) for number in range(1, count + 1))
        save_button(
            plural("{count} sheet to print (PDF)", "{count} sheets to print (PDF)", count),
            lambda: _pdf(lines, names),
            "digit-lab-sheets.pdf",
            "application/pdf",
            ":material/print:",
        )


def print_sheets() -> None:
    """The sheets before there is a room."""
    with st.expander(_("Write on paper")):
        st.markdown(
            _(
                "Without devices, or beside them: print the sheets, let everybody write one row, and "
                "photograph each sheet once. *On paper* at the desk reads the photos. Whoever also draws on "
                "a device counts as two writers."
            )
        )
        download_sheets()


def upload_sheet(room: Room) -> None:
    """A photo of a sheet, what was read from it, and whether to keep it."""
    if room.lesson.is_over:
        st.info(_(rules.OVER), icon=":material/flag:")
        return
    file = photo_file(_("A photo of one sheet"), key=f"sheet_{session.sheets_read.get()}")
    if file is None:
        st.caption(_("All four corner marks have to be in the photo. Take it from above, in even light."))
        return
    read = _read(file.file_id, file)
    if isinstance(read, Message):
        st.error(message(read), icon=":material/error:")
        return
    _choose_rows(room, read)


def show_kept(room: Room) -> None:
    """What of this room is on paper; a tap hides a digit, or shows it again."""
    drawings = resources.handwriting().on_paper(session.visitor(), room.id)
    if not drawings:
        return
    writers = len({drawing.paper for drawing in drawings})
    st.subheader(plural("{count} writer on paper", "{count} writers on paper", writers), anchor=False)
    st.caption(_("Press a digit to hide it from the class, or to show it again."))

    def toggle(index: int) -> None:
        one = drawings[index]
        if one.paper is not None:
            args = (session.visitor(), room.id, one.paper, one.index, not one.is_hidden)
            reported(resources.paper().hide)(*args)

    names = [
        _("{digit} by writer {writer}, hidden", digit=one.trial.label, writer=one.paper)
        if one.is_hidden
        else _("{digit} by writer {writer}", digit=one.trial.label, writer=one.paper)
        for one in drawings
    ]
    inks = [one.trial.ink.ravel() for one in drawings if one.trial.ink is not None]
    tiles.show(
        "on_paper",
        np.stack(inks),
        names=names,
        captions=[str(one.trial.label) for one in drawings],
        colours=tiles.Colours.INK,
        alt=_("The digits on paper"),
        marked=[index for index, one in enumerate(drawings) if one.is_hidden],
        side=_SIDE,
        on_click=toggle,
    )
    with st.popover(_("Delete"), icon=":material/delete:", key="delete_paper"):
        st.markdown(_("Delete everything that was read from paper in this room? This cannot be undone."))
        st.button(
            _("Delete for good"),
            key="delete_paper_now",
            type="primary",
            on_click=reported(resources.paper().delete_all),
            args=(session.visitor(), room.id),
        )


@st.cache_data(show_spinner=False, max_entries=8)
def _pdf(lines: tuple[str, ...], names: tuple[str, ...]) -> bytes:
    # Only now: OpenCV, which draws the marks, takes 22 MB of memory.
    from model.drawing.paper.sheet import Texts, pdf

    return pdf([Texts(lines, name) for name in names])


@st.cache_resource(show_spinner=False, max_entries=8)
def _read(file_id: str, _file: UploadedFile) -> _Read | Message:
    """What is on a sheet, or why nothing was read; kept, since the page is drawn again with every press."""
    try:
        with _one_at_a_time:
            return _Read(*read_sheet(_file.getvalue()))
    except PhotoError as error:
        return error.message


def _choose_rows(room: Room, read: _Read) -> None:
    written = [row for row in range(layout.ROWS) if read.inks[row].any()]
    digits = int(read.inks.any(axis=(2, 3)).sum())
    st.markdown(
        _(
            "Sheet {number}: {digits} by {writers}. Compare them with the paper, and leave out rows that "
            "were misread.",
            number=read.number,
            digits=plural("**{count}** digit", "**{count}** digits", digits),
            writers=plural("{count} writer", "{count} writers", len(written)),
        )
    )
    # Above the rows: on a phone they fill the screen.
    decision = st.container()
    chosen = [row for row in written if _is_kept(read, row)]
    with decision:
        _decide(room, read, chosen)


def _decide(room: Room, read: _Read, chosen: list[int]) -> None:
    """Keep the chosen rows or not; nothing that was kept before is replaced without a word."""
    is_known = read.number in resources.paper().sheets(session.visitor(), room.id)
    if is_known:
        st.warning(
            _(
                "Sheet {number} was kept before. Is this another photo of it, or a copy with other writers?",
                number=read.number,
            ),
            icon=":material/content_copy:",
        )
    with st.container(horizontal=True):
        if is_known:
            _keep_button(room, read, chosen, _("Another photo: replace"), Again.REPLACE)
            _keep_button(room, read, chosen, _("Other writers: add"), Again.ADD)
        else:
            _keep_button(room, read, chosen, _("Keep these"), None)
        st.button(_("Discard"), key="discard_sheet", icon=":material/close:", on_click=_next_photo)


def _is_kept(read: _Read, row: int) -> bool:
    """A row as it was read, and whether the teacher keeps it."""
    with st.container(horizontal=True, vertical_alignment="center", wrap=False, gap="small"):
        key = f"row_{session.sheets_read.get()}_{row}"
        is_kept = st.checkbox(_("Row {number}", number=row + 1), value=True, key=key, width="content")
        labels = ", ".join(str(label) for label in range(layout.COLUMNS) if read.inks[row, label].any())
        picture = written_row(read.inks[row])
        st.image(picture, width="stretch", alt=_("What was read as {labels}", labels=labels))
    return is_kept


def _keep_button(room: Room, read: _Read, rows: list[int], label: str, again: Again | None) -> None:
    st.button(
        label,
        key=f"keep_sheet_{again or 'new'}",
        type="primary" if again != Again.ADD else "secondary",
        icon=":material/check:",
        disabled=not rows,
        on_click=reported(_keep),
        args=(room.id, read, rows, again),
    )


def _keep(room_id: str, read: _Read, rows: list[int], again: Again | None) -> None:
    count = resources.paper().keep(session.visitor(), room_id, read.number, read.inks, rows, again)
    st.toast(plural("{count} writer was kept.", "{count} writers were kept.", count), icon=":material/check:")
    _next_photo()


def _next_photo() -> None:
    """Another photo can be chosen."""
    session.sheets_read.set(session.sheets_read.get() + 1)
