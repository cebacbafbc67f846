"""Which hypothesis Guess first shows."""

from contextlib import suppress

from model.messages import MessageError
from ui.base import resources, seat, session
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


def begin(hypothesis: Hypothesis) -> None:
    """Try a new ``hypothesis``, which is the current one then.

    Raises:
        runs.problems.QuotaExceededError: there is no room for its first run.
    """
    seat.check_trains()
    session.hypothesis.set(hypothesis.name)
    resources.hypotheses().begin(resources.runner(), session.visitor(), hypothesis)


def gone_on(hypothesis: Hypothesis) -> Hypothesis:
    """With those of its missing runs for which there is room by now."""
    seat.check_trains()
    if all(variant.run_id for variant in hypothesis.variants):
        return hypothesis
    runner, visitor = resources.runner(), session.visitor()
    return resources.hypotheses().go_on(runner, visitor, hypothesis.name) or hypothesis


def put_away() -> None:
    """Let the next hypothesis take the place of the current one, which stays kept."""
    if name := session.hypothesis.get():
        resources.hypotheses().amend(session.visitor(), name, is_put_away=True)
    session.hypothesis.set("")
