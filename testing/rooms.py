"""A class for tests of pages: its teacher, and who sits where."""

from collections.abc import Callable
from functools import partial

from classroom.lesson import Lesson, Step
from classroom.rehearsal.recording import Pupil, pupils
from classroom.seats import Seat
from model.config import CLASSES
from model.drawing.collection import OwnTest, label_at, restored, submit
from testing.classes import Hand
from testing.strokes import SEVEN
from ui.base import resources
from visitors.identity import visitor_id

# Where a hand begins to write on the canvas.
_OFFSET = 60.0
TEACHER = visitor_id("the teacher")


class TaughtRoom:
    """A room that is opened in the database of the pages; open one of them before."""

    def __init__(self, free_names: bool = False) -> None:
        self.id, _pin = resources.rooms().open(TEACHER, is_operator=True, free_names=free_names)
        self.code = resources.rooms().taught(TEACHER, self.id).code

    def teach(self, step: Callable[[Lesson], Lesson]) -> None:
        """What the teacher changes in the lesson."""
        resources.rooms().change(TEACHER, self.id, step)

    def seat(self, visitor: str, name: str = "") -> Seat:
        """Let a visitor join."""
        return resources.seats().join(visitor, self.code, name)

    @property
    def visitors(self) -> list[str | None]:
        """Who sits there, by the number of the seat."""
        return [seat.visitor for seat in resources.rooms().seats(TEACHER, self.id)]


def seat_of(visitor: str) -> Seat:
    """The seat that a visitor has."""
    seat = resources.seats().of(visitor)
    assert seat is not None
    return seat


def draw_sevens(visitor: str, count: int) -> list[int]:
    """Let a visitor draw a 7 for each of the first digits that are asked for; which those are."""
    for number in range(count):
        resources.own_tests().change(visitor, partial(submit, number=number, strokes=SEVEN))
    seed = resources.own_tests().of(visitor).seed
    return [label_at(seed, number) for number in range(count)]


def rehearsed(step: Step = Step.DRAW) -> TaughtRoom:
    """A room in which the twelve recorded pupils of a rehearsal have drawn their ten digits, without any
    waiting; nobody acts there."""
    room = TaughtRoom()
    for number, pupil in enumerate(pupils(), 1):
        visitor = visitor_id(f"recorded pupil {number}")
        room.seat(visitor)
        resources.own_tests().change(visitor, partial(_drawn, pupil=pupil))
    room.teach(lambda lesson: lesson.at(step))
    return room


def _drawn(test: OwnTest, pupil: Pupil) -> OwnTest:
    asked = [label_at(test.seed, number) for number in range(CLASSES)]
    return restored(test.seed, [(pupil.digits[digit], pupil.pointer) for digit in asked])


def draw_digits(visitor: str, count: int, hand: Hand) -> None:
    """Let a visitor draw the next digits that are asked for."""
    for _ in range(count):
        test = resources.own_tests().of(visitor)
        strokes = [_OFFSET + stroke for stroke in hand.draw(test.asked)]
        resources.own_tests().change(visitor, partial(submit, number=len(test.trials), strokes=strokes))
