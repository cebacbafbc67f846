"""What every page has: its title, the way around, and errors in plain words."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import streamlit as st

from ui.base import resources, session, visitor
from ui.base.errors import plain_errors
from ui.base.text import _, message, verbatim
from ui.recipe import share_link

# A picture of our own: Streamlit would fetch a Material icon for the tab from the internet.
_ICON = Path(__file__).with_name("icon.png")

_FILES = {
    "home": "app.py",
    "learn": "pages/learn.py",
    "train": "pages/train.py",
    "draw": "pages/draw.py",
    "own_test": "pages/own_test.py",
    "evaluate": "pages/evaluate.py",
    "compare": "pages/compare.py",
    "guess": "pages/guess.py",
    "look_inside": "pages/look_inside.py",
}


@contextmanager
def frame(page: str) -> Iterator[None]:
    """The first call of every page; the page's content goes inside the ``with``."""
    problems = share_link.receive()
    title = _title(page)
    st.set_page_config(page_title=f"{title} · Digit Lab", page_icon=_ICON, layout="wide")
    session.enter(page)
    with st.container(horizontal=True, gap="xxsmall", key="navigation"):
        for name, file in _FILES.items():
            st.page_link(file, label=_title(name))
        visitor.remember()
    resources.runner()
    for problem in problems:
        st.error(verbatim(message(problem)), icon=":material/link_off:")
    with plain_errors():
        yield


def next_button(page: str, label: str, kind: Literal["primary", "secondary"] = "primary") -> None:
    """The one button at the end of a page that leads to the next."""
    if st.button(label, key="next", type=kind, icon=":material/arrow_forward:"):
        st.switch_page(_FILES[page])


def _title(page: str) -> str:
    match page:
        case "home":
            return _("Home")
        case "learn":
            return _("Learn")
        case "train":
            return _("Train")
        case "draw":
            return _("Draw")
        case "own_test":
            return _("Your test")
        case "evaluate":
            return _("Evaluate")
        case "compare":
            return _("Compare")
        case "guess":
            return _("Guess first")
        case _other:
            return _("Look inside")
