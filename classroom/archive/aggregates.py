"""What a class has guessed, answered and found out, as numbers without anybody's name."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, TypeAdapter

from classroom.answers import ExitAnswer, GuessAnswer
from classroom.archive.lesson_record import LessonRecord
from classroom.questions import GUESSES, ClassGuess, ExitQuestion
from model.evaluation.hypothesis import Guess
from model.evaluation.teaching import Teaching

_TEACH_IT = "teach_it"
_TEACHING = TypeAdapter(Teaching)
_Answer = TypeVar("_Answer", bound=BaseModel)


@dataclass(frozen=True)
class Votes:
    """How many guessed what in a ``round`` of a ``guess``, hands included."""

    guess: ClassGuess
    round: int
    counts: Mapping[Guess, int]


@dataclass(frozen=True)
class ExitAnswers:
    """How many chose which answer, by its place from 0, of a question at the end, and how many answered it
    ``in_words``."""

    asked: ExitQuestion
    options: Mapping[int, int]
    in_words: int


def votes(lesson: LessonRecord) -> list[Votes]:
    """Of each round, in order; of guesses that made room for others nothing."""
    found = []
    for guess in lesson.room.lesson.guesses:
        for number, hands in enumerate(guess.hands[: guess.round], 1):
            counts = Counter(dict(zip(GUESSES, hands, strict=True)))
            counts.update(one.guess for one in _answers(lesson, guess.question_of(number), GuessAnswer))
            found.append(Votes(guess, number, counts))
    return found


def exit_answers(lesson: LessonRecord) -> list[ExitAnswers]:
    """Of each question, in order."""
    found = []
    for asked in lesson.room.lesson.exit_questions:
        given = list(_answers(lesson, asked.question, ExitAnswer))
        options = Counter(one.option for one in given if one.option is not None)
        found.append(ExitAnswers(asked, options, len(given) - options.total()))
    return found


def teaching(lesson: LessonRecord) -> Teaching | None:
    """What came of *Teach it*; ``None`` where the network was not taught."""
    for finding in lesson.findings:
        if finding.kind == _TEACH_IT:
            with suppress(ValueError, KeyError, TypeError):
                return _TEACHING.validate_python(json.loads(finding.content)["teaching"])
    return None


def _answers(lesson: LessonRecord, question: str, kind: type[_Answer]) -> Iterator[_Answer]:
    """What was answered to a question; nothing that another version has kept in another way."""
    for answer in lesson.answers:
        if answer.key == question:
            with suppress(ValueError):
                yield kind.model_validate_json(answer.content)
