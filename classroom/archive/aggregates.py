"""What a class has guessed, answered and found out, as numbers without anybody's name."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from classroom.archive.lesson_record import LessonRecord
from model.evaluation.hypothesis import Guess
from model.evaluation.teaching import Teaching

_GUESS = re.compile(r"guess_(\d+)_round_(\d+)")
_EXIT = re.compile(r"exit_(\d+)")
_TEACH_IT = "teach_it"
_TEACHING = TypeAdapter(Teaching)


@dataclass(frozen=True)
class Votes:
    """How many guessed what in a ``round`` of the guess with this ``number``."""

    number: int
    round: int
    counts: Mapping[Guess, int]


@dataclass(frozen=True)
class ExitAnswers:
    """How many chose which answer, by its place from 0, of the question with this ``number`` at the end, and
    how many answered ``in_words``."""

    number: int
    options: Mapping[int, int]
    in_words: int


def votes(lesson: LessonRecord) -> list[Votes]:
    """Of each round, in order."""
    found: dict[tuple[int, int], Counter[Guess]] = {}
    for (number, round_), content in _answers(lesson, _GUESS):
        with suppress(ValueError):
            found.setdefault((number, round_), Counter())[Guess(str(content.get("guess")))] += 1
    return [Votes(number, round_, counts) for (number, round_), counts in sorted(found.items())]


def exit_answers(lesson: LessonRecord) -> list[ExitAnswers]:
    """Of each question, in order."""
    chosen: dict[int, Counter[int]] = {}
    words: Counter[int] = Counter()
    for (number,), content in _answers(lesson, _EXIT):
        options = chosen.setdefault(number, Counter())
        if isinstance(content.get("option"), int):
            options[content["option"]] += 1
        else:
            words[number] += 1
    return [ExitAnswers(number, options, words[number]) for number, options in sorted(chosen.items())]


def teaching(lesson: LessonRecord) -> Teaching | None:
    """What came of *Teach it*; ``None`` where the network was not taught."""
    for finding in lesson.findings:
        if finding.kind == _TEACH_IT:
            with suppress(ValueError, KeyError, TypeError):
                return _TEACHING.validate_python(json.loads(finding.content)["teaching"])
    return None


def _answers(
    lesson: LessonRecord, question: re.Pattern[str]
) -> Iterator[tuple[tuple[int, ...], dict[str, Any]]]:
    """The numbers in the name of each such question, and what was answered."""
    for answer in lesson.answers:
        matched = question.fullmatch(answer.key)
        content = json.loads(answer.content) if matched else None
        if matched and isinstance(content, dict):
            yield tuple(map(int, matched.groups())), content
