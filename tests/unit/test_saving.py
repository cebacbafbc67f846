"""Files that are made when somebody saves them are there until the browser has them."""

import threading
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.runtime.scriptrunner import add_script_run_ctx

from ui.components import saving


@pytest.mark.parametrize("make", [lambda: b"digits", lambda: "digits"], ids=["bytes", "text"])
def test_a_file_is_there_while_others_work_and_goes_when_its_page_does(
    monkeypatch: pytest.MonkeyPatch, make: Any
) -> None:
    manager = MediaFileManager(storage=MemoryMediaFileStorage("/media"))
    monkeypatch.setattr(saving, "get_instance", lambda: SimpleNamespace(media_file_mgr=manager))
    offered: list[str] = []

    def download_button(_label: str, make: Any, name: str, kind: str, *_: object, **__: object) -> None:
        offered.append(manager.add_deferred(make, kind, "the place on the page", name))

    monkeypatch.setattr(st, "download_button", download_button)
    _as("ada", partial(saving.save_button, "Save", make, "digits.txt", "text/plain"))
    saved = manager.execute_deferred(offered[0]).rpartition("/")[2]
    for _ in range(3):
        manager.remove_orphaned_files()
    file = manager.read_file(saved)
    assert file is not None
    assert file.content == b"digits"
    _as("ada", manager.clear_session_refs)
    for _ in range(2):
        manager.remove_orphaned_files()
    assert manager.read_file(saved) is None


def _as(session: str, action: Callable[[], None]) -> None:
    """In a thread that belongs to a session, as a page runs."""
    thread = threading.Thread(target=action)
    page: Any = SimpleNamespace(session_id=session)
    add_script_run_ctx(thread, page)
    thread.start()
    thread.join()
