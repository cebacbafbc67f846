"""What every page has: its title, the way around, errors in plain words, and its foot."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

import streamlit as st

from classroom import rules
from model.messages import N_
from model.version import VERSION
from ui.base import connection, resources, seat, session, visitor
from ui.base.errors import plain_errors, show_trouble
from ui.base.text import _, message, verbatim
from ui.classroom import strip
from ui.components import desk
from ui.recipe import share_link

# A picture of our own: Streamlit would fetch a Material icon for the tab from the internet.
_ICON = Path(__file__).with_name("icon.png")
_STYLE = Path(__file__).with_name("frame.css")


class _Page(NamedTuple):
    """``title`` is a message id."""

    file: str
    title: str


class _Entry(NamedTuple):
    """What the navigation shows as one link: a page, or a group of them under a ``title`` of its own, a
    message id."""

    title: str
    pages: tuple[str, ...]


_PAGES = {
    "home": _Page("app.py", N_("Home")),
    "learn": _Page("pages/learn.py", N_("Learn")),
    "train": _Page("pages/train.py", N_("Train")),
    "draw": _Page("pages/draw.py", N_("Draw")),
    "own_test": _Page("pages/own_test.py", N_("My handwriting")),
    "evaluate": _Page("pages/evaluate.py", N_("Evaluate")),
    "compare": _Page("pages/compare.py", N_("Compare")),
    "guess": _Page("pages/guess.py", N_("Guess first")),
    "look_inside": _Page("pages/look_inside.py", N_("Look inside")),
    "my_work": _Page("pages/my_work.py", N_("My work")),
    "join": _Page("pages/join.py", N_("Join a class")),
    "class_guess": _Page("pages/class_guess.py", N_("Guess together")),
    "our_handwriting": _Page("pages/our_handwriting.py", N_("Our handwriting")),
    "teach_it": _Page("pages/teach_it.py", N_("Teach it")),
    "exit_question": _Page("pages/exit_question.py", N_("Exit question")),
    "teach": _Page("pages/teach.py", N_("Teach a class")),
    "desk": _Page("pages/desk.py", N_("Desk")),
    "projector": _Page("pages/projector.py", N_("Projector")),
    "paper": _Page("pages/paper.py", N_("On paper")),
    "take_home": _Page("pages/take_home.py", N_("Take home")),
    "status": _Page("pages/status.py", N_("Status")),
}
# Each a screen of its own, without the way around.
_BARE = ("desk", "projector", "paper", "take_home", "status")
# Drawn anew by itself, it shows for a while what went wrong.
_SHOWS_TROUBLE = "desk"
_NAVIGATION = (
    _Entry(N_("Learn"), ("learn",)),
    _Entry(N_("Train"), ("train",)),
    _Entry(N_("Test"), ("draw", "own_test", "evaluate")),
    _Entry(N_("Experiment"), ("guess", "compare")),
    _Entry(N_("Look inside"), ("look_inside",)),
)


@contextmanager
def frame(page: str) -> Iterator[None]:
    """The first call of every page; the page's content goes inside the ``with``."""
    problems = share_link.receive()
    st.set_page_config(page_title=f"{_(_PAGES[page].title)} · Digit Lab", page_icon=_ICON, layout="wide")
    session.enter(page)
    st.html(_STYLE)
    connection.note()
    with plain_errors(stop=True):
        try:
            visitor.recognise()
        finally:
            _show_way(page)
    visitor.remember()
    desk.recall()
    for problem in problems:
        st.error(verbatim(message(problem)), icon=":material/link_off:")
    if page != _SHOWS_TROUBLE:
        show_trouble()
    if not strip.is_open(page):
        _foot(page)
        st.stop()
    desk.show_news()
    with plain_errors():
        yield
    desk.keep()
    _foot(page)


def _foot(page: str) -> None:
    """What is not saved for now, the visitor's own work, and the version."""
    if trouble := resources.runner().storage_problem:
        st.caption(_("Not saved for now. {reason}", reason=verbatim(message(trouble))))
    if page in _BARE:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="foot"):
        st.page_link(_PAGES["my_work"].file, label=_("My work"), icon=":material/folder:")
        st.caption(_("Digit Lab {version}", version=VERSION), text_alignment="right")


def _show_way(page: str) -> None:
    """The way to all pages, and where the visitor's class is at work; in place of the former, unless the
    teacher has opened everything."""
    if page in _BARE:
        return
    own = seat.refreshed()
    if own is None or rules.open_pages(own.room.lesson) is None:
        _navigate(page)
    if own is not None:
        strip.show(page, own)


def _navigate(page: str) -> None:
    """The way to all pages: one row, and a second one within a group."""
    with st.container(horizontal=True, wrap=False, gap="xxsmall", key="navigation"):
        st.page_link(_PAGES["home"].file, label="**Digit Lab**", icon=":material/gesture:")
        for title, pages in _NAVIGATION:
            # Within a group it leads to where one is: Streamlit marks the link to the page that is shown.
            target = page if page in pages else pages[0]
            names = None if len(pages) == 1 else ", ".join(_(_PAGES[name].title) for name in pages)
            st.page_link(_PAGES[target].file, label=_(title), help=names)
    for _title, pages in _NAVIGATION:
        if page in pages and len(pages) > 1:
            with st.container(horizontal=True, gap="xxsmall", key="group"):
                for name in pages:
                    st.page_link(_PAGES[name].file, label=_(_PAGES[name].title))


def next_button(page: str, label: str, kind: Literal["primary", "secondary"] = "primary") -> None:
    """The one button at the end of a page that leads to the next; none where the visitor's class is not
    there yet."""
    if seat.is_open(page) and st.button(label, key="next", type=kind, icon=":material/arrow_forward:"):
        st.switch_page(_PAGES[page].file)
