"""What a teacher's desk shows of the seats: read from what is kept, nothing is computed for it."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from classroom import rules
from classroom.lesson import Lesson, Step
from classroom.rooms import Rooms
from runs.records import RunState
from storage import answers
from storage import rooms as stored
from storage.rooms import DrawingRecord, RunProgress, SeatRecord
from storage.writer import Writer

# Digits that each pupil is asked for.
DIGITS = 10
# Seconds without a page, and without anything done; a page tells of itself every few seconds.
_OFFLINE, _STUCK = 20.0, 180.0
_OVER = (RunState.FINISHED, RunState.STOPPED)


class SeatState(StrEnum):
    """What somebody at a seat is at."""

    WORKING = "working"
    DONE = "done"
    STUCK = "stuck"
    WANTS_HELP = "wants help"
    OFFLINE = "offline"
    FREE = "free"


@dataclass(frozen=True)
class Tile:
    """A seat on the desk: ``drawn`` digits, the newest run that was begun there, and whether what the class
    is asked at this step was answered."""

    seat: SeatRecord
    state: SeatState
    drawn: int
    run: RunProgress | None
    has_answered: bool


class Desk:
    """Every method may be called from any thread."""

    def __init__(self, writer: Writer, rooms: Rooms) -> None:
        self._writer, self._rooms = writer, rooms

    def tiles(self, visitor: str, room_id: str) -> list[Tile]:
        """The seats of a room whose desk the visitor has, by number; errors as those of ``Rooms``."""
        lesson = self._rooms.taught(visitor, room_id).lesson
        seats = self._rooms.seats(visitor, room_id)
        no_drawings: list[DrawingRecord] = []
        drawings = self._writer.read(no_drawings, stored.drawings, room_id)
        drawn = Counter(drawing.seat for drawing in drawings)
        runs = self._newest_runs(room_id, lesson)
        answered = self._answered(room_id, lesson)
        return [
            _tile(lesson, seat, drawn[seat.number], runs.get(seat.visitor or ""), seat.number in answered)
            for seat in seats
        ]

    def curves(self, visitor: str, room_id: str) -> dict[int, tuple[float, ...]]:
        """By number of seat, the validation accuracies of its newest run after each epoch, from 0 on."""
        lesson = self._rooms.taught(visitor, room_id).lesson
        seats = self._rooms.seats(visitor, room_id)
        runs = self._newest_runs(room_id, lesson)
        no_curves: dict[str, tuple[float, ...]] = {}
        read = self._writer.read(no_curves, stored.accuracies, [run.run_id for run in runs.values()])
        return {
            seat.number: read[runs[seat.visitor].run_id]
            for seat in seats
            if seat.visitor in runs and runs[seat.visitor].run_id in read
        }

    def _answered(self, room_id: str, lesson: Lesson) -> Collection[int]:
        """The numbers of the seats that have answered what the class is asked."""
        none: dict[int, str] = {}
        if lesson.asked is None:
            return none
        return self._writer.read(none, answers.answers, room_id, lesson.asked.question)

    def _newest_runs(self, room_id: str, lesson: Lesson) -> dict[str, RunProgress]:
        no_runs: dict[str, RunProgress] = {}
        return self._writer.read(no_runs, stored.newest_runs, room_id, lesson.runs_of_all)


def _tile(lesson: Lesson, seat: SeatRecord, drawn: int, run: RunProgress | None, has_answered: bool) -> Tile:
    state = state_of(lesson, seat, is_done(lesson.step, drawn, run, has_answered))
    return Tile(seat, state, drawn, run, has_answered)


def state_of(lesson: Lesson, seat: SeatRecord, is_done: bool) -> SeatState:
    """The one state that says most."""
    if seat.visitor is None:
        return SeatState.FREE
    if seat.wants_help:
        return SeatState.WANTS_HELP
    if seat.unseen_seconds > _OFFLINE:
        return SeatState.OFFLINE
    if is_done:
        return SeatState.DONE
    return SeatState.STUCK if _has_work(lesson) and seat.idle_seconds > _STUCK else SeatState.WORKING


def is_done(step: Step, drawn: int, run: RunProgress | None, has_answered: bool) -> bool:
    """Whether a seat has come to the end of a step; there is none where the class only looks."""
    match step:
        case Step.DRAW:
            return drawn >= DIGITS
        case Step.TRAIN:
            return run is not None and run.state in _OVER
        case Step.OUR_HANDWRITING | Step.TEACH_IT:
            return False
        case Step.GUESS | Step.EXIT_QUESTION:
            return has_answered


def _has_work(lesson: Lesson) -> bool:
    """Whether there is something to do for a seat; it waits for the teacher else."""
    match lesson.step:
        case Step.DRAW | Step.TRAIN:
            return not lesson.eyes_up
        case Step.OUR_HANDWRITING | Step.TEACH_IT:
            return False
        case Step.GUESS | Step.EXIT_QUESTION:
            return rules.takes_answers(lesson)
