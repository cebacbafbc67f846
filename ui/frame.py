"""What every page has: its title, the way around, and errors in plain words."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

import streamlit as st

from model.messages import N_
from ui.base import resources, session, visitor
from ui.base.errors import plain_errors
from ui.base.text import _, message, verbatim
from ui.recipe import share_link

# A picture of our own: Streamlit would fetch a Material icon for the tab from the internet.
_ICON = Path(__file__).with_name("icon.png")


class _Page(NamedTuple):
    """``title`` is a message id."""

    file: str
    title: str


# In the order of the navigation.
_PAGES = {
    "home": _Page("app.py", N_("Home")),
    "learn": _Page("pages/learn.py", N_("Learn")),
    "train": _Page("pages/train.py", N_("Train")),
    "draw": _Page("pages/draw.py", N_("Draw")),
    "own_test": _Page("pages/own_test.py", N_("Your test")),
    "evaluate": _Page("pages/evaluate.py", N_("Evaluate")),
    "compare": _Page("pages/compare.py", N_("Compare")),
    "guess": _Page("pages/guess.py", N_("Guess first")),
    "look_inside": _Page("pages/look_inside.py", N_("Look inside")),
}


@contextmanager
def frame(page: str) -> Iterator[None]:
    """The first call of every page; the page's content goes inside the ``with``."""
    problems = share_link.receive()
    st.set_page_config(page_title=f"{_(_PAGES[page].title)} · Digit Lab", page_icon=_ICON, layout="wide")
    session.enter(page)
    with st.container(horizontal=True, gap="xxsmall", key="navigation"):
        for file, title in _PAGES.values():
            st.page_link(file, label=_(title))
        visitor.remember()
    resources.runner()
    for problem in problems:
        st.error(verbatim(message(problem)), icon=":material/link_off:")
    with plain_errors():
        yield


def next_button(page: str, label: str, kind: Literal["primary", "secondary"] = "primary") -> None:
    """The one button at the end of a page that leads to the next."""
    if st.button(label, key="next", type=kind, icon=":material/arrow_forward:"):
        st.switch_page(_PAGES[page].file)
