"""One control over the members of an enum."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import TypeVar

import streamlit as st

from ui.base import session

Option = TypeVar("Option", bound=StrEnum)


def choose(
    label: str, options: Iterable[Option], name: Callable[[Option], str], key: str, stays: bool = True
) -> Option:
    """A row of buttons over ``options``, an enum or some of its members; the first one is chosen at first.

    ``name`` is what an option is called. ``stays``: the choice is still there after a change of page.
    """
    members = list(options)
    kind = type(members[0])
    session.prefer(key, members[0])
    chosen = st.segmented_control(
        label,
        members,
        required=True,
        # After a source change the browser's option is one of the class as it was.
        format_func=lambda option: name(kind(option)),
        key=key,
        wrap=True,
        persist_state="session" if stays else None,
    )
    return kind(chosen or members[0])
