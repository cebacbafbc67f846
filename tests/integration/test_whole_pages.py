"""All that a page has drawn reaches the browser, however late the event loop takes it up."""

import asyncio
import runpy
from pathlib import Path
from unittest.mock import MagicMock

import pytest
from streamlit import runtime
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.script_data import ScriptData
from streamlit.runtime.scriptrunner.script_cache import ScriptCache

from testing.shown import Shown
from testing.tab import run_apart
from ui.whole_pages import complete_pages, create_scriptrunner

_APP = Path(__file__).parents[2] / "app.py"

_SCRIPT = """
import streamlit as st
st.session_state.runs = st.session_state.get("runs", 0) + 1
st.write(f"the page, {st.session_state.runs}")
@st.fragment
def look():
    st.session_state.looks = st.session_state.get("looks", 0) + 1
    st.button("Press", key="press")
    st.write(f"the fragment, {st.session_state.looks}")
look()
st.write("the last words")
"""


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(runtime, "get_instance", MagicMock())
    # They look at all modules of this process, which are many.
    monkeypatch.setattr(AppSession, "register_file_watchers", lambda session: None)
    monkeypatch.setattr(AppSession, "_create_scriptrunner", AppSession._create_scriptrunner)
    complete_pages()
    path = tmp_path / "page.py"
    path.write_text(_SCRIPT)
    return path


def _session(script: Path) -> AppSession:
    return AppSession(ScriptData(str(script)), MemoryUploadedFileManager(""), ScriptCache(), None, {})


def _ask_for_fragment(session: AppSession, is_auto_rerun: bool) -> None:
    [fragment] = session._fragment_storage._fragments  # type: ignore[attr-defined]
    session.request_rerun(ClientState(fragment_id=fragment, is_auto_rerun=is_auto_rerun))


async def _taken_up(session: AppSession) -> None:
    """Until the event loop has heard that the page's thread has ended."""
    while session._scriptrunner is not None:
        await asyncio.sleep(0.001)


async def _asked_late(script: Path, is_auto_rerun: bool) -> tuple[Shown, list[int]]:
    """What the browser shows when it asks for the fragment after the page's thread has ended, and before the
    event loop has taken up what it drew; and how the runs of the page have ended."""
    session = _session(script)
    session.request_rerun(ClientState())
    runner = session._scriptrunner
    assert runner is not None
    runner._script_thread.join()  # type: ignore[union-attr]
    _ask_for_fragment(session, is_auto_rerun)
    await _taken_up(session)
    return _received(session)


async def _asked_in_time(script: Path) -> tuple[Shown, list[int]]:
    session = _session(script)
    session.request_rerun(ClientState())
    await _taken_up(session)
    _ask_for_fragment(session, is_auto_rerun=True)
    await _taken_up(session)
    return _received(session)


def _received(session: AppSession) -> tuple[Shown, list[int]]:
    shown, messages = Shown(), session.flush_browser_queue()
    for message in messages:
        shown.take(message)
    return shown, [one.script_finished for one in messages if one.HasField("script_finished")]


def test_a_fragment_that_repeats_does_not_cut_off_a_page_that_the_loop_has_not_taken_up(script: Path) -> None:
    shown, ends = run_apart(_asked_late(script, is_auto_rerun=True))
    assert shown.says_all("the page, 1", "the fragment, 1", "the last words")
    assert ends == [ForwardMsg.FINISHED_SUCCESSFULLY]


def test_who_presses_in_a_fragment_at_that_moment_gets_the_whole_page(script: Path) -> None:
    shown, ends = run_apart(_asked_late(script, is_auto_rerun=False))
    assert shown.says_all("the page, 2", "the fragment, 2", "the last words")
    assert ends[-1] == ForwardMsg.FINISHED_SUCCESSFULLY


def test_a_fragment_runs_alone_once_the_page_has_been_taken_up(script: Path) -> None:
    shown, ends = run_apart(_asked_in_time(script))
    assert shown.says_all("the page, 1", "the fragment, 2", "the last words")
    assert ends == [ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY]


def test_the_app_mends_the_sessions_of_its_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AppSession, "_create_scriptrunner", AppSession._create_scriptrunner)
    runpy.run_path(str(_APP), run_name="app")
    assert AppSession._create_scriptrunner is create_scriptrunner
