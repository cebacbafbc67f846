"""What a class has guessed and answered, as counts."""

from classroom.archive.aggregates import ExitAnswers, exit_answers, guessed
from classroom.archive.lesson_record import LessonRecord
from classroom.questions import GUESSES
from ui.base.text import _, number, plural
from ui.recipe.class_guess import accuracies_text, change_of, option_text, outcome_text
from ui.teaching.report.section import Section, bold


def answer_sections(lesson: LessonRecord) -> list[Section]:
    """The guesses by round with what came of them, and the answers at the end; nothing of what nobody has
    answered."""
    guessed = _guesses(lesson)
    answered = [_answers(one) for one in exit_answers(lesson) if one.options or one.in_words]
    return [*guessed, *answered]


def _guesses(lesson: LessonRecord) -> list[Section]:
    rounds = [one for one in guessed(lesson) if any(one.counts.values())]
    if not rounds:
        return []
    head = [_("A and B"), _("vote"), *map(option_text, GUESSES)]
    rows = [
        [change_of(one.guess), number(one.round), *(number(one.counts[guess]) for guess in GUESSES)]
        for one in rounds
    ]
    lines = [_("Will B be more accurate than A? How many of us guessed what, before and after the result:")]
    for guess in lesson.room.lesson.guesses:
        if guess.seen is not None:
            said = bold(outcome_text(guess.seen))
            lines += [bold(f"**{change_of(guess)}**"), said, accuracies_text(guess)]
    return [Section(_("Guess together"), lines, table=[head, *rows])]


def _answers(answers: ExitAnswers) -> Section:
    choice = answers.asked.choice
    if choice is None:
        words = plural("{count} answered in words.", "{count} answered in words.", answers.in_words)
        return Section(_("Exit question"), [answers.asked.text, words])
    rows = [
        [_("{answer} (right)", answer=_(option)) if place == choice.right else _(option), number(count)]
        for place, option in enumerate(choice.options)
        for count in (answers.options.get(place, 0),)
    ]
    head = [_("answer"), _("how many chose it")]
    return Section(_("Exit question"), [_(choice.text)], table=[head, *rows])
