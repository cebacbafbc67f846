"""The hypothesis that the visitor tries, kept with every change."""

from contextlib import suppress
from typing import Literal

from model.config import TrainingConfig, bounds
from model.messages import MessageError
from ui.base import resources, session
from visitors.hypotheses import Hypothesis, Trial, Variant


def trials(a: TrainingConfig, b: TrainingConfig, seeds: int) -> tuple[Trial, ...]:
    """``a`` and ``b`` from ``seeds`` seeds, the recipe's own one first; after the largest comes the
    smallest."""
    _low, high = bounds("seed")

    def variant(name: Literal["A", "B"], config: TrainingConfig, more: int) -> Variant:
        return Variant(name=name, config=config.with_changes(seed=(config.seed + more) % (high + 1)))

    return tuple(Trial(a=variant("A", a, more), b=variant("B", b, more)) for more in range(seeds))


def current() -> Hypothesis | None:
    """The hypothesis that is being tried, also before a reload; ``None`` where it was put away. One that
    cannot be read now is looked for again with the next run of the page."""
    if session.hypothesis.get() is None:
        with suppress(MessageError):
            session.hypothesis.set(resources.desks().newest_hypothesis(session.visitor()) or "")
    hypothesis = _read(session.hypothesis.get() or "")
    return None if hypothesis is None or hypothesis.is_put_away else hypothesis


def _read(text: str) -> Hypothesis | None:
    """``None`` for none, and for one that another version has kept, with other fields."""
    try:
        return Hypothesis.model_validate_json(text)
    except ValueError:
        return None


def remember(hypothesis: Hypothesis) -> None:
    """Make ``hypothesis`` the current one, and keep it."""
    text = hypothesis.model_dump_json()
    session.hypothesis.set(text)
    resources.desks().keep_hypothesis(session.visitor(), hypothesis.name, text)


def put_away() -> None:
    """Let the next hypothesis take the place of the current one, which stays kept."""
    if hypothesis := current():
        remember(hypothesis.model_copy(update={"is_put_away": True}))
