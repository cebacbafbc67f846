"""What a teacher may ask a class, and when. Pure: every function makes another lesson, or refuses."""

from typing import Any

from classroom.lesson import Lesson
from classroom.questions import CHANGES, MAX_HANDS, MAX_LETTERS, PREPARED, ClassGuess, ExitQuestion
from classroom.rules import RoomError
from model.messages import N_, Message
from model.plain_text import plain_text

# What a class guesses together, and is asked at the end, in one lesson.
MAX_GUESSES, MAX_EXIT_QUESTIONS = 3, 5


def guessing(lesson: Lesson, setting: str, value: Any) -> Lesson:
    """``lesson`` with something new to guess; a guess without a result makes room for it.

    Raises:
        RoomError: it is nothing to choose from, both train now, or there were enough of them.
    """
    if (setting, value) not in CHANGES:
        raise RoomError(Message(N_("Choose one of the settings that are listed.")))
    before = lesson.guess
    if before and before.is_training:
        raise RoomError(Message(N_("Wait until both are trained, then ask again.")))
    done = tuple(guess for guess in lesson.guesses if guess.accuracies)
    if len(done) >= MAX_GUESSES:
        raise RoomError(
            Message(N_("A class can make at most {count} guesses in one lesson."), {"count": MAX_GUESSES})
        )
    number = before.number + 1 if before else 1
    return lesson.changed(guesses=(*done, ClassGuess(number=number, setting=setting, value=value)))


def changing_guess(lesson: Lesson, number: int, **fields: object) -> Lesson:
    """``lesson`` with other ``fields`` of the guess with this ``number``, if that is the newest one.

    Raises:
        RoomError: it is not any more.
    """
    guess = lesson.guess
    if guess is None or guess.number != number:
        raise RoomError(Message(N_("The class is guessing something else by now.")))
    return lesson.changed(guesses=(*lesson.guesses[:-1], guess.model_copy(update=fields)))


def training_both(lesson: Lesson, number: int, visitor: str) -> Lesson:
    """``lesson`` in which nobody guesses any more and the room trains both; errors as ``changing_guess``."""
    is_begun = lesson.guess is not None and lesson.guess.trained_by
    return lesson if is_begun else changing_guess(lesson, number, trained_by=visitor)


def voting_again(lesson: Lesson, number: int) -> Lesson:
    """``lesson`` in which the class votes once more, after the result.

    Raises:
        RoomError: there is none yet, or it is about something else by now.
    """
    if lesson.guess is None or lesson.guess.accuracies is None:
        raise RoomError(Message(N_("There is no result yet.")))
    return changing_guess(lesson, number, is_voting_again=True)


def counting_hands(lesson: Lesson, question: str, place: int, count: float) -> Lesson:
    """``lesson`` with the hands that the teacher has counted for one of ``GUESSES``, by its place, at this
    ``question``; another desk may count those for the others.

    Raises:
        RoomError: no number of hands that a class may have, or nobody votes on this question now.
    """
    guess = lesson.guess
    if guess is None or guess.question != question or not guess.is_open:
        raise RoomError(Message(N_("The class does not vote on this now.")))
    if count not in range(MAX_HANDS + 1):
        raise RoomError(Message(N_("Count from 0 to {count} hands."), {"count": MAX_HANDS}))
    return changing_guess(lesson, guess.number, hands=guess.with_hands(place, int(count)).hands)


def asking_at_the_end(lesson: Lesson, prepared: str, text: str) -> Lesson:
    """``lesson`` with another question at its end: that with the name ``prepared``, or else the ``text``.

    Raises:
        RoomError: there is no such question, the text is empty, or there were enough of them.
    """
    text = "" if prepared else plain_text(text, MAX_LETTERS)
    if prepared not in PREPARED and not text:
        raise RoomError(Message(N_("Choose a question, or type one.")))
    before = lesson.exit_questions
    if len(before) >= MAX_EXIT_QUESTIONS:
        raise RoomError(
            Message(
                N_("A class can answer at most {count} questions in one lesson."),
                {"count": MAX_EXIT_QUESTIONS},
            )
        )
    new = ExitQuestion(number=len(before) + 1, prepared=prepared, text=text)
    return lesson.changed(exit_questions=(*before, new))


def showing_answers(lesson: Lesson, number: int, are_shown: bool) -> Lesson:
    """``lesson`` in which the answers to the question with this ``number`` are shown, or taken anew; the same
    where the class is asked another one by now."""
    asked = lesson.exit_question
    if asked is None or asked.number != number:
        return lesson
    shown = asked.model_copy(update={"are_answers_shown": are_shown})
    return lesson.changed(exit_questions=(*lesson.exit_questions[:-1], shown))
