"""What a class has guessed, answered and found out, as numbers without anybody's name."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel

from classroom.answers import ExitAnswer, GuessAnswer, parsed
from classroom.archive.lesson_record import LessonRecord
from classroom.guessing import Votes, votes_of
from classroom.questions import ClassGuess, ExitQuestion
from classroom.teaching_it import KIND, finding_of
from model.evaluation.teaching import Teaching

_Answer = TypeVar("_Answer", bound=BaseModel)


@dataclass(frozen=True)
class GuessedRound:
    """How many guessed what in a ``round`` of a ``guess``, hands included."""

    guess: ClassGuess
    round: int
    counts: Votes


@dataclass(frozen=True)
class ExitAnswers:
    """How many chose which answer, by its place from 0, of a question at the end, and how many answered it
    ``in_words``."""

    asked: ExitQuestion
    options: Mapping[int, int]
    in_words: int


def guessed(lesson: LessonRecord) -> list[GuessedRound]:
    """Of each round, in order; of guesses that made room for others nothing."""
    return [
        GuessedRound(
            guess,
            round_number,
            votes_of(guess, round_number, _answers(lesson, guess.question_of(round_number), GuessAnswer)),
        )
        for guess in lesson.room.lesson.guesses
        for round_number in range(1, guess.round + 1)
    ]


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
    kept = [finding_of(finding.content) for finding in lesson.findings if finding.kind == KIND]
    return kept[0].teaching if kept and kept[0] else None


def _answers(lesson: LessonRecord, question: str, kind: type[_Answer]) -> Iterator[_Answer]:
    """What was answered to a question; nothing that another version has kept in another way."""
    for answer in lesson.answers:
        if answer.key == question and (given := parsed(kind, answer.content)):
            yield given
