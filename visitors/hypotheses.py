"""What a visitor guessed about one changed setting, and the trainings that try it: as it is kept."""

import re
import secrets
from collections.abc import Callable, Iterator
from functools import partial
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from model.config import TrainingConfig
from model.evaluation.hypothesis import MAX_SEEDS, Guess

# Of a reason, and of an explanation.
MAX_LETTERS = 500
# What secrets.token_urlsafe(12) makes.
_ID = re.compile(r"[\w-]{16}", re.ASCII)


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
    def is_sound(self) -> bool:
        """Whether it is as it can be made on the page, and not longer."""
        ids = [self.name, *self.run_ids]
        is_short = max(len(self.why), len(self.explanation)) <= MAX_LETTERS
        return is_short and 1 <= len(self.trials) <= MAX_SEEDS and all(map(_ID.fullmatch, ids))

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

    def with_ids(self, new_id: Callable[[str], str]) -> "Hypothesis":
        """With other ids in place of its own one and of those of its runs."""

        def renamed(variant: Variant) -> Variant:
            return variant.model_copy(update={"run_id": variant.run_id and new_id(variant.run_id)})

        trials = tuple(Trial(a=renamed(trial.a), b=renamed(trial.b)) for trial in self.trials)
        return self.model_copy(update={"trials": trials, "name": new_id(self.name)})
