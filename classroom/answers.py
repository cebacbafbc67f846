"""What pupils answer from their seats, and what their teacher reads of it."""

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict

from classroom import rules
from classroom.lesson import Lesson
from classroom.questions import MAX_LETTERS, ClassGuess, ExitQuestion, Prepared
from classroom.rooms import Rooms
from classroom.rules import RoomError
from classroom.seats import Seat
from model.evaluation.hypothesis import Guess
from model.messages import N_, Message
from model.plain_text import plain_text
from storage import answers as stored
from storage import rooms
from storage.writer import Writer


class GuessAnswer(BaseModel):
    """What somebody guesses, and why, if it was said."""

    model_config = ConfigDict(frozen=True)

    guess: Guess
    why: str = ""


class ExitAnswer(BaseModel):
    """The place of what was chosen, or a ``text`` where the question is answered in words."""

    model_config = ConfigDict(frozen=True)

    option: int | None = None
    text: str = ""


_Answer = TypeVar("_Answer", bound=BaseModel)


class Answers:
    """Every method may be called from any thread; ``visitor`` is who asks. Errors are as those of ``Rooms``.
    Answers of another version, in words of its own, are left out."""

    def __init__(self, writer: Writer, rooms: Rooms) -> None:
        self._writer, self._rooms = writer, rooms

    def guess(self, visitor: str, question: str, guess: Guess, why: str = "") -> None:
        """The visitor's guess in a round, in place of the one before.

        Raises:
            RoomError: the class does not guess this now, or the visitor is in none.
        """

        def answer(lesson: Lesson) -> GuessAnswer:
            rules.check_answers(lesson, question, ClassGuess)
            return GuessAnswer(guess=guess, why=plain_text(why, MAX_LETTERS))

        self._writer.change(self._put, visitor, question, answer)

    def answer(self, visitor: str, question: str, option: int | None = None, text: str = "") -> None:
        """The visitor's answer to the question at the end, in place of the one before.

        Raises:
            RoomError: the class does not answer this now, it is no answer, or the visitor is in no class.
        """

        def answer(lesson: Lesson) -> ExitAnswer:
            return _exit_answer(rules.check_answers(lesson, question, ExitQuestion).choice, option, text)

        self._writer.change(self._put, visitor, question, answer)

    def guess_of(self, seat: Seat, question: str) -> GuessAnswer | None:
        """What was guessed at the seat of whoever asks."""
        return parsed(GuessAnswer, self._of(seat).get(question))

    def answer_of(self, seat: Seat, question: str) -> ExitAnswer | None:
        """What was answered at the seat of whoever asks."""
        return parsed(ExitAnswer, self._of(seat).get(question))

    def guesses(self, visitor: str, room_id: str, question: str) -> dict[int, GuessAnswer]:
        """By number of seat, the guesses of a round in a room whose desk the visitor has."""
        return self._all(GuessAnswer, visitor, room_id, question)

    def at_the_end(self, visitor: str, room_id: str, question: str) -> dict[int, ExitAnswer]:
        """By number of seat, the answers at the end in a room whose desk the visitor has."""
        return self._all(ExitAnswer, visitor, room_id, question)

    def _of(self, seat: Seat) -> dict[str, str]:
        none: dict[str, str] = {}
        return self._writer.read(none, stored.answers_of, seat.id)

    def _all(self, kind: type[_Answer], visitor: str, room_id: str, question: str) -> dict[int, _Answer]:
        self._rooms.taught(visitor, room_id)
        none: dict[int, str] = {}
        read = self._writer.read(none, stored.answers, room_id, question)
        return {number: answer for number, text in read.items() if (answer := parsed(kind, text))}

    @staticmethod
    def _put(connection: Any, visitor: str, question: str, answer: Callable[[Lesson], BaseModel]) -> None:
        """Keep the ``answer``, which asks the rules first."""
        found = rooms.seat_of(connection, visitor)
        # The teacher may end the question in this moment.
        room = rooms.lock_room(connection, found[1].id) if found else None
        if found is None or room is None:
            raise RoomError(Message(rules.NOT_IN_A_CLASS))
        content = answer(Lesson.model_validate_json(room.lesson)).model_dump_json()
        stored.put_answer(connection, found[0].id, question, content)


def _exit_answer(choice: Prepared | None, option: int | None, text: str) -> ExitAnswer:
    if choice is None:
        if not (plain := plain_text(text, MAX_LETTERS)):
            raise RoomError(Message(N_("Type an answer first.")))
        return ExitAnswer(text=plain)
    if option is None or not 0 <= option < len(choice.options):
        raise RoomError(Message(N_("Choose an answer first.")))
    return ExitAnswer(option=option)


def parsed(kind: type[_Answer], text: str | None) -> _Answer | None:
    """An answer as it was kept; ``None`` for none, and where another version has kept it in another way."""
    try:
        return kind.model_validate_json(text) if text is not None else None
    except ValueError:
        return None
