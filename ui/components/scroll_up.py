"""Back to the top of what a button at its end has changed."""

from pathlib import Path

import streamlit as st

from ui.components.script import script

_scroller = st.components.v2.component(
    "digitlab_scroll_up", js=script(Path(__file__).with_name("scroll_up.js"))
)


def scroll_up(key: str, content: str) -> None:
    """Scroll to the element with this ``key`` whenever the ``content`` below it is another."""
    _scroller(data={"place": f"st-key-{key}", "content": content}, key=f"{key}_scroll", height=1)
