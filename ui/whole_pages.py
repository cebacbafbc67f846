"""Streamlit's sessions, mended: no page stays half drawn, however busy the server is.

Each run of a page has a thread. Where a fragment is asked for when that thread has ended, Streamlit begins
another one, and ignores from then on what the first one has drawn and the event loop has not taken up yet
(said in ``AppSession.request_rerun``; Streamlit 1.67). In a class of thirty that trained at once, one page in
a dozen stayed half drawn: a fragment that looks at the lesson asked in that moment.
"""

from dataclasses import replace

from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData

_create_scriptrunner = AppSession._create_scriptrunner


def complete_pages() -> None:
    """For all sessions of this process."""
    AppSession._create_scriptrunner = create_scriptrunner  # type: ignore[assignment, method-assign]


def create_scriptrunner(session: AppSession, rerun: RerunData) -> None:
    """As Streamlit's own. But where the session still has a thread, which took the request no more, the whole
    page runs in place of a fragment; one that repeats by itself does nothing, since it is asked for again in
    a moment."""
    if session._scriptrunner is not None and rerun.fragment_id:
        if rerun.is_auto_rerun:
            return
        rerun = replace(rerun, fragment_id=None)
    _create_scriptrunner(session, rerun)
