"""What a visitor guessed about one changed setting, and the trainings that try it."""

import secrets
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from model.config import TrainingConfig, bounds
from model.evaluation.hypothesis import Guess
from model.messages import MessageError
from ui.base import resources, session


class Variant(BaseModel):
    """One training; ``run_id`` is ``None`` until it is submitted."""

    model_config = ConfigDict(frozen=True)

    name: Literal["A", "B"]
    config: TrainingConfig
    run_id: str | None = None


class Trial(BaseModel):
    """Both variants, from the same seed."""

    model_config = ConfigDict(frozen=True)

    a: Variant
    b: Variant


class Hypothesis(BaseModel):
    """A guess that the visitor committed to, and a trial for each seed. It is kept under its ``name``, also
    when it ``is_put_away``, and nobody tries it any more."""

    model_config = ConfigDict(frozen=True)

    guess: Guess
    why: str
    trials: tuple[Trial, ...]
    explanation: str = ""
    is_put_away: bool = False
    name: str = Field(default_factory=partial(secrets.token_urlsafe, 12))

    @property
    def of_a(self) -> list[Variant]:
        """Variant A of every seed."""
        return [trial.a for trial in self.trials]

    @property
    def of_b(self) -> list[Variant]:
        """Variant B of every seed."""
        return [trial.b for trial in self.trials]

    @property
    def variants(self) -> Iterator[Variant]:
        """All trainings in the order in which they are submitted: A and B of one seed after the other."""
        for trial in self.trials:
            yield trial.a
            yield trial.b

    @property
    def run_ids(self) -> list[str]:
        """The runs that were submitted so far, in their order."""
        return [variant.run_id for variant in self.variants if variant.run_id is not None]

    def with_run(self, variant: Variant, run_id: str) -> "Hypothesis":
        """With ``run_id`` as the training of ``variant``."""

        def trained(other: Variant) -> Variant:
            return other.model_copy(update={"run_id": run_id}) if other == variant else other

        trials = tuple(Trial(a=trained(trial.a), b=trained(trial.b)) for trial in self.trials)
        return self.model_copy(update={"trials": trials})


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
