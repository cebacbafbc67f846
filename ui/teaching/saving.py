"""What a lesson leaves, as files for its teacher: everything in one archive, and a report to print."""

import streamlit as st

from classroom.archive.writing import write
from classroom.rooms import Room
from ui.base import resources, session
from ui.base.text import _, number
from ui.teaching.gap import gap_of
from ui.teaching.report.lesson_report import card, report
from ui.teaching.room import ROOM


def show_saving(room: Room) -> None:
    """Both files, made with the page. In a class that many pages refresh, Streamlit may forget a file that is
    made at a click before a slow browser has asked for it."""
    if room.lesson.is_over:
        st.page_link("pages/teach.py", label=_("Rooms"), icon=":material/arrow_back:")
    else:
        way_back = {ROOM: room.code}
        st.page_link("pages/desk.py", label=_("Desk"), icon=":material/arrow_back:", query_params=way_back)
    st.header(_("Room {code}: take the lesson home", code=room.code), anchor=False)
    with st.spinner(_("Packing …")):
        page, everything = files(session.visitor(), room.id)
    st.markdown(
        _(
            "All drawings, training runs, guesses, answers and results of the class, in one ZIP file that "
            "can be read without Digit Lab. **Names that pupils chose are in its tables.**"
        )
    )
    name = f"digit-lab-{room.code}"
    st.download_button(
        _("Save everything ({size} MB)", size=number(max(len(everything) / 1e6, 0.1), 1)),
        everything,
        f"{name}.zip",
        "application/zip",
        key="save_everything",
        type="primary",
        icon=":material/archive:",
        on_click="ignore",
    )
    st.markdown(_("The report of the lesson, without names. Open the file in a browser and print it there."))
    st.download_button(
        _("Save the report"),
        page,
        f"{name}.html",
        "text/html",
        key="save_report",
        icon=":material/print:",
        on_click="ignore",
    )


def files(visitor: str, room_id: str) -> tuple[str, bytes]:
    """The report of a room whose desk the visitor has, and the archive of all of it.

    Raises:
        model.messages.MessageError: this visitor may not, or the database does not answer.
    """
    lesson = resources.take_home().record(visitor, room_id)
    gap = gap_of(lesson.measured)
    page = report(lesson, gap)
    texts = {"report.html": page, "data_card.md": card(lesson)}
    return page, write(lesson, resources.recording(), gap, texts)
