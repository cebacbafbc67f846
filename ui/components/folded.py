"""What unfolds, and is computed only where it is unfolded."""

from collections.abc import Callable
from typing import Literal

import streamlit as st


def folded(
    label: str,
    key: str,
    show: Callable[[], None],
    icon: str | None = None,
    on_change: Literal["rerun"] | Callable[[], None] = "rerun",
) -> None:
    """A line with ``label`` that unfolds what ``show`` puts on the page."""
    place = st.expander(label, icon=icon, on_change=on_change, key=key)
    if place.open:
        with place:
            show()
