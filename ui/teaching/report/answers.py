"""What a class has guessed and answered, as counts."""

from classroom.archive.aggregates import exit_answers, votes
from classroom.archive.lesson_record import LessonRecord
from model.evaluation.hypothesis import Guess
from ui.base.text import _, number, plural
from ui.recipe.labels import guess_text
from ui.teaching.report.section import Section

_GUESSES = (Guess.HIGHER, Guess.SAME, Guess.LOWER)


def answer_sections(lesson: LessonRecord) -> list[Section]:
    """The guesses by round, and the answers at the end; nothing of what nobody has answered."""
    sections = []
    if rounds := votes(lesson):
        head = [_("guess"), _("vote"), *map(guess_text, _GUESSES)]
        rows = [
            [number(one.number), number(one.round), *(number(one.counts.get(guess, 0)) for guess in _GUESSES)]
            for one in rounds
        ]
        text = _("What would the changed setting do to the accuracy? So many of us guessed:")
        sections.append(Section(_("Guess together"), [text], table=[head, *rows]))
    if questions := exit_answers(lesson):
        rows = [
            [number(one.number), number(option + 1), number(count)]
            for one in questions
            for option, count in sorted(one.options.items())
        ]
        in_words = sum(one.in_words for one in questions)
        words = plural("{count} answered in words.", "{count} answered in words.", in_words)
        table = [[_("question"), _("answer"), _("how many chose it")], *rows] if rows else []
        sections.append(Section(_("Exit question"), [words] if in_words else [], table=table))
    return sections
