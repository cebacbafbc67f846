"""Buttons that save a file, which is made only when they are pressed."""

import threading
from collections.abc import Callable

import streamlit as st
from streamlit.runtime import get_instance
from streamlit.runtime.scriptrunner import add_script_run_ctx, get_script_run_ctx

Make = Callable[[], bytes] | Callable[[], str]


def save_button(label: str, make: Make, name: str, kind: str, icon: str | None = None) -> None:
    """``make`` gives the content of the file with this ``name``, and is called in another thread; ``kind`` is
    its MIME type."""
    key = f"save_{name}"
    st.download_button(label, _kept(make, name, kind, key), name, kind, key, icon=icon, on_click="ignore")


def _kept(make: Make, name: str, kind: str, key: str) -> Callable[[], bytes]:
    """``make``, with a file that belongs to the page then. Streamlit gives it to nobody, and deletes it once
    two scripts have run, whoever's: while a class is at work, that is before the browser has asked for it."""
    page = get_script_run_ctx(suppress_warning=True)

    def made() -> bytes:
        content = make()
        data = content.encode() if isinstance(content, str) else content
        # A file belongs to whom the thread belongs to that adds it.
        adding = threading.Thread(
            target=get_instance().media_file_mgr.add, args=(data, kind, key, name, True)
        )
        add_script_run_ctx(adding, page)
        adding.start()
        adding.join()
        return data

    return made
