"""What visitors guessed about one changed setting, and the trainings that try it."""

import re
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from typing import Any, Literal, Self
from weakref import WeakValueDictionary

from cachetools import LRUCache
from pydantic import BaseModel, ConfigDict, Field, model_validator

from model.config import TrainingConfig, bounds
from model.evaluation.comparison import differing_fields
from model.evaluation.hypothesis import MAX_SEEDS, Guess, Verdict
from model.plain_text import plain_text
from runs.problems import QuotaExceededError
from runs.runner import Runner
from storage import visitors as stored
from storage.backlog import Key
from storage.problems import StorageError
from storage.visitors import HypothesisChange
from storage.writer import Writer

_KIND = "hypothesis"
# Characters of a reason, and of an explanation.
MAX_LETTERS = 500
# What secrets.token_urlsafe(12) makes.
_ID = re.compile(r"[\w-]{16}", re.ASCII)
# Seconds that a server waits for what it has submitted to be written.
_PATIENCE = 5.0
# Hypotheses that were looked at last; one takes 5 KB at most.
_CACHED = 1_000


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
    when it ``is_put_away``, and nobody tries it any more. The last ``verdict`` is kept with it."""

    model_config = ConfigDict(frozen=True)

    guess: Guess
    why: str
    trials: tuple[Trial, ...] = Field(min_length=1)
    explanation: str = ""
    verdict: Verdict | None = None
    is_put_away: bool = False
    name: str = Field(default_factory=partial(secrets.token_urlsafe, 12))

    @model_validator(mode="after")
    def _changes_one_setting(self) -> Self:
        for trial in self.trials:
            changed = differing_fields([trial.a.config, trial.b.config])
            if len(changed) != 1:
                raise ValueError(f"A and B must differ in one setting, not in {len(changed)}")
        return self

    @property
    def is_sound(self) -> bool:
        """Whether it is as it can be made on the page, and not longer."""
        ids = [self.name, *self.run_ids]
        is_short = max(len(self.why), len(self.explanation)) <= MAX_LETTERS
        return is_short and len(self.trials) <= MAX_SEEDS and all(map(_ID.fullmatch, ids))

    @property
    def in_plain_text(self) -> "Hypothesis":
        """With what was typed as it is kept."""
        typed = {"why": self.why, "explanation": self.explanation}
        return self.model_copy(update={name: plain_text(text, MAX_LETTERS) for name, text in typed.items()})

    @property
    def setting(self) -> str:
        """The field of ``TrainingConfig`` in which A and B differ."""
        [field] = differing_fields([self.trials[0].a.config, self.trials[0].b.config])
        return field

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


def trials(a: TrainingConfig, b: TrainingConfig, seeds: int) -> tuple[Trial, ...]:
    """``a`` and ``b`` from ``seeds`` seeds, the recipe's own one first; after the largest comes the
    smallest."""
    _low, high = bounds("seed")

    def variant(name: Literal["A", "B"], config: TrainingConfig, more: int) -> Variant:
        return Variant(name=name, config=config.with_changes(seed=(config.seed + more) % (high + 1)))

    return tuple(Trial(a=variant("A", a, more), b=variant("B", b, more)) for more in range(seeds))


class Hypotheses:
    """Every method may be called from any thread."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        # One a visitor, for as long as it is held: two tabs take turns.
        self._changing: WeakValueDictionary[str, threading.Lock] = WeakValueDictionary()
        self._lock = threading.Lock()
        self._cache: LRUCache[Key, Hypothesis] = LRUCache(_CACHED)

    def of(self, visitor: str) -> list[Hypothesis]:
        """All of the visitor's, the newest first; none that another version has kept in another way.

        Raises:
            StorageError: they cannot be read now.
        """
        backlog = self._writer.backlog
        own = [
            key for key in backlog.waiting_keys() if key.kind == _KIND and key.id.startswith(f"{visitor}/")
        ]
        changes: list[HypothesisChange] = [change for key in own if (change := backlog.waiting(key))]
        waiting = {change.id: change.content for change in changes}
        nothing: dict[str, str] = {}
        written = self._writer.read(nothing, stored.hypotheses_of, visitor)
        new = {name: content for name, content in reversed(waiting.items()) if name not in written}
        contents = {**new, **written, **waiting}.values()
        return [hypothesis for content in contents if (hypothesis := _parsed(content))]

    def newest(self, visitor: str) -> Hypothesis | None:
        """The visitor's newest, or ``None`` before the first; errors as ``of``."""
        return next(iter(self.of(visitor)), None)

    def named(self, visitor: str, name: str) -> Hypothesis | None:
        """One of the visitor's, as whichever tab or device made it last; ``None`` where it was deleted. While
        the database does not answer, as it was read last."""
        key = _key(visitor, name)
        waiting: HypothesisChange | None = self._writer.backlog.waiting(key)
        try:
            content = (
                waiting.content if waiting else self._writer.read(None, stored.hypothesis, visitor, name)
            )
        except StorageError:
            with self._lock:
                return self._cache.get(key)
        hypothesis = _parsed(content) if content else None
        with self._lock:
            if hypothesis:
                self._cache[key] = hypothesis
            else:
                self._cache.pop(key, None)
        return hypothesis

    def keep(self, visitor: str, hypothesis: Hypothesis) -> None:
        """Keep it in place of what was there under its name."""
        self._put(visitor, hypothesis, None)

    def amend(self, visitor: str, name: str, **values: Any) -> None:
        """Give fields new values, and leave the others as any tab made them last; nothing where it was
        deleted."""
        with self._turn_of(visitor):
            if hypothesis := self.named(visitor, name):
                self._put(visitor, hypothesis.model_copy(update=values), hypothesis)

    def begin(self, runner: Runner, visitor: str, hypothesis: Hypothesis) -> None:
        """Keep a new one, and submit as many of its runs as there is room for.

        Raises:
            runs.problems.QuotaExceededError: there is no room for the first one; nothing was kept.
        """
        with self._turn_of(visitor):
            self._submit(runner, visitor, hypothesis, None)

    def go_on(self, runner: Runner, visitor: str, name: str) -> Hypothesis | None:
        """Submit as many of the missing runs as there is room for; the hypothesis with them, whichever tab or
        server has submitted them, or ``None`` where it was deleted."""
        with self._turn_of(visitor):
            hypothesis = self.named(visitor, name)
            return hypothesis and self._submit(runner, visitor, hypothesis, hypothesis)

    def _submit(
        self, runner: Runner, visitor: str, hypothesis: Hypothesis, before: Hypothesis | None
    ) -> Hypothesis | None:
        begun = []
        for variant in hypothesis.variants:
            if variant.run_id is not None:
                continue
            try:
                begun.append(runner.submit(variant.config, visitor))
            except QuotaExceededError:
                if not hypothesis.run_ids:
                    raise
                break
            hypothesis = hypothesis.with_run(variant, begun[-1])
            self._put(visitor, hypothesis, before)
            before = hypothesis
        if not begun or not self._writer.is_shared:
            return hypothesis
        # Of two servers that submit the same, the one that has written first counts.
        self._writer.backlog.wait_for([_key(visitor, hypothesis.name)], _PATIENCE)
        noted = self.named(visitor, hypothesis.name)
        if lost := [run_id for run_id in begun if noted is None or run_id not in noted.run_ids]:
            runner.delete(lost)
        return noted

    def _put(self, visitor: str, hypothesis: Hypothesis, before: Hypothesis | None) -> None:
        content = hypothesis.in_plain_text.model_dump_json()
        former = None if before is None else before.model_dump_json()
        change = HypothesisChange(hypothesis.name, visitor, content, former)
        self._writer.backlog.put(_key(visitor, hypothesis.name), change)

    def _turn_of(self, visitor: str) -> threading.Lock:
        with self._lock:
            return self._changing.setdefault(visitor, threading.Lock())

    def delete(self, visitor: str, names: Sequence[str]) -> None:
        """Delete these of the visitor's hypotheses. Their runs stay.

        Raises:
            StorageError: the database cannot be written to now; they are still there then.
        """
        keys = [_key(visitor, name) for name in names]
        self._writer.delete(keys, stored.delete_hypotheses, visitor, names)
        with self._lock:
            for key in keys:
                self._cache.pop(key, None)


def _key(visitor: str, name: str) -> Key:
    return Key(_KIND, f"{visitor}/{name}")


# A page asks for the same ones again and again; what it gets cannot be changed.
@lru_cache(_CACHED)
def _parsed(content: str) -> Hypothesis | None:
    try:
        return Hypothesis.model_validate_json(content)
    except ValueError:
        return None
