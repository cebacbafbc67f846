"""What a lesson leaves, as files for its teacher: everything in one archive, and a report to print."""

from functools import partial

import streamlit as st

from classroom.archive.writing import write
from classroom.rooms import Room
from ui.base import resources, session
from ui.base.text import _, language, speaking
from ui.teaching.gap import gap_of
from ui.teaching.report.lesson_report import card, report


def save_buttons(room: Room) -> None:
    """Both are made only when they are clicked."""
    asked = (session.visitor(), room.id, language())
    name = f"digit-lab-{room.code}"
    st.download_button(
        _("Save everything (ZIP)"),
        partial(archive, *asked),
        f"{name}.zip",
        "application/zip",
        key=f"save_{room.id}",
        icon=":material/archive:",
        on_click="ignore",
    )
    st.download_button(
        _("Report to print"),
        partial(report_page, *asked),
        f"{name}.html",
        "text/html",
        key=f"report_{room.id}",
        icon=":material/print:",
        help=_("A page without names. Open it in a browser and print it there."),
        on_click="ignore",
    )


def archive(visitor: str, room_id: str, speech: str) -> bytes:
    """All of a room whose desk the visitor has, in the language ``speech``.

    Raises:
        model.messages.MessageError: this visitor may not, or the database does not answer.
    """
    lesson = resources.take_home().record(visitor, room_id)
    gap = gap_of(lesson.measured)
    with speaking(speech):
        texts = {"report.html": report(lesson, gap), "data_card.md": card(lesson.measured)}
    return write(lesson, resources.recording(), gap, texts)


def report_page(visitor: str, room_id: str, speech: str) -> bytes:
    """The report of a room alone; errors as ``archive``."""
    lesson = resources.take_home().record(visitor, room_id)
    with speaking(speech):
        return report(lesson, gap_of(lesson.measured)).encode()
