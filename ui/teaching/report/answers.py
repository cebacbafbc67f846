"""What a class has guessed and answered, as counts."""

from classroom.archive.aggregates import exit_answers, votes
from classroom.archive.lesson_record import LessonRecord
from classroom.guessing import variants
from classroom.questions import GUESSES, ClassGuess, ExitQuestion
from ui.base.text import _, number, plural
from ui.recipe.class_guess import accuracies_text, change_text, option_text, outcome_text
from ui.teaching.report.section import Section, bold


def answer_sections(lesson: LessonRecord) -> list[Section]:
    """Every guess with its votes and its result, and every question at the end with its answers."""
    asked = lesson.room.lesson
    return [
        *(_guess(lesson, guess) for guess in asked.guesses),
        *(_question(lesson, question) for question in asked.exit_questions),
    ]


def _guess(lesson: LessonRecord, guess: ClassGuess) -> Section:
    a, b = (getattr(config, guess.setting) for config in variants(guess))
    lines = [change_text(guess.setting, b, a)]
    if guess.seen is not None:
        lines += [bold(outcome_text(guess.seen)), accuracies_text(guess)]
    rounds = zip((_("before"), _("after")), votes(lesson, guess), strict=False)
    rows = [[name, *(number(counts[option]) for option in GUESSES)] for name, counts in rounds]
    head = [_("guessed"), *map(option_text, GUESSES)]
    return Section(_("Guess together: what does B do to the accuracy?"), lines, table=[head, *rows])


def _question(lesson: LessonRecord, asked: ExitQuestion) -> Section:
    """What was answered in words is not here: anybody may have typed anything."""
    given, choice = exit_answers(lesson, asked), asked.choice
    if choice is None:
        words = plural("{count} answered in words.", "{count} answered in words.", given.in_words)
        return Section(_("Exit question"), [asked.text, words])
    rows = [
        [_("{answer} (right)", answer=_(option)) if place == choice.right else _(option), number(count)]
        for place, option in enumerate(choice.options)
        for count in (given.options.get(place, 0),)
    ]
    table = [[_("answer"), _("how many chose it")], *rows]
    return Section(_("Exit question"), [_(choice.text)], table=table)
