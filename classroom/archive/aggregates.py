"""What a class has guessed, answered and found out, as numbers without anybody's name."""

import json
from collections import Counter
from collections.abc import Mapping
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
class ExitAnswers:
    """How many chose which answer, by its place from 0, and how many answered ``in_words``."""

    options: Mapping[int, int]
    in_words: int


def votes(lesson: LessonRecord, guess: ClassGuess) -> list[Mapping[Guess, int]]:
    """How many made which guess in each round, hands included."""
    found: list[Mapping[Guess, int]] = []
    for number in range(1, guess.round + 1):
        made = Counter(one.guess for one in _answers(lesson, guess.question_of(number), GuessAnswer))
        raised = dict(zip(GUESSES, guess.hands[number - 1], strict=True))
        found.append({option: made[option] + raised[option] for option in GUESSES})
    return found


def exit_answers(lesson: LessonRecord, asked: ExitQuestion) -> ExitAnswers:
    """What was answered to one question at the end."""
    given = _answers(lesson, asked.question, ExitAnswer)
    chosen = [answer.option for answer in given if answer.option is not None]
    return ExitAnswers(Counter(chosen), len(given) - len(chosen))


def teaching(lesson: LessonRecord) -> Teaching | None:
    """What came of *Teach it*; ``None`` where the network was not taught."""
    for finding in lesson.findings:
        if finding.kind == _TEACH_IT:
            with suppress(ValueError, KeyError, TypeError):
                return _TEACHING.validate_python(json.loads(finding.content)["teaching"])
    return None


def _answers(lesson: LessonRecord, question: str, kind: type[_Answer]) -> list[_Answer]:
    """All that were given to a question, but for those of another version."""
    found = []
    for answer in lesson.answers:
        if answer.key == question:
            with suppress(ValueError):
                found.append(kind.model_validate_json(answer.content))
    return found
