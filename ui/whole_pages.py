"""Streamlit's sessions, mended: all that a page has drawn reaches the browser, however busy the server is.

Each run of a page has a thread. Where a fragment is asked for when that thread has ended, Streamlit begins
another one, and ignores from then on what the first one has drawn and the event loop has not taken up yet
(said in ``AppSession.request_rerun``; Streamlit 1.67). In a class of thirty that trained at once, one page in
fifteen stayed half drawn: a fragment that looks at the lesson asked in that moment.
"""

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType

_request_rerun = AppSession.request_rerun


def deliver_whole_pages() -> None:
    """For all sessions of this process."""
    AppSession.request_rerun = request_rerun  # type: ignore[assignment, method-assign]


def request_rerun(session: AppSession, client_state: ClientState | None) -> None:
    """As Streamlit's own, but where the last run is not taken up yet, the whole page runs in place of a
    fragment; one that repeats by itself does nothing, since it is asked for again in a moment."""
    if client_state and client_state.fragment_id and _is_last_run_on_its_way(session):
        if client_state.is_auto_rerun:
            return
        client_state.fragment_id = ""
    _request_rerun(session, client_state)


def _is_last_run_on_its_way(session: AppSession) -> bool:
    """A thread that takes no request any more, but the session has not heard of its end."""
    runner = session._scriptrunner
    return runner is not None and runner._requests._state == ScriptRequestType.STOP
