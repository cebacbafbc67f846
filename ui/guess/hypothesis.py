"""Which hypothesis Guess first shows."""

from contextlib import suppress

from model.messages import MessageError
from ui.base import resources, session
from visitors.hypotheses import Hypothesis


def current() -> Hypothesis | None:
    """The hypothesis that was opened here, or is being tried, also before a reload; ``None`` where it was put
    away. One that cannot be read now is looked for again with the next run of the page."""
    visitor = session.visitor()
    if session.hypothesis.get() is None:
        with suppress(MessageError):
            newest = resources.hypotheses().newest(visitor)
            session.hypothesis.set(newest.name if newest and not newest.is_put_away else "")
    name = session.hypothesis.get()
    return resources.hypotheses().named(visitor, name) if name else None


def remember(hypothesis: Hypothesis) -> None:
    """Make ``hypothesis`` the current one, and keep it."""
    session.hypothesis.set(hypothesis.name)
    resources.hypotheses().keep(session.visitor(), hypothesis)


def put_away() -> None:
    """Let the next hypothesis take the place of the current one, which stays kept."""
    if name := session.hypothesis.get():
        resources.hypotheses().amend(session.visitor(), name, is_put_away=True)
    session.hypothesis.set("")
