"""All that a room holds at one moment, for its teacher to take home."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from classroom.handwriting import MAX_OF_WRITER, ClassDrawing, Handwriting
from classroom.rooms import Room, Rooms
from storage import take_home as stored
from storage.rooms import SeatRecord
from storage.runs import RunRecord
from storage.take_home import FindingRecord, Made
from storage.writer import Writer

# Points of all strokes together, 64 MB: thirty pupils who draw ten digits each make a hundredth of it.
MAX_POINTS = 4_000_000
_MAX_RUNS, _MAX_HYPOTHESES = 2_000, 2_000
# Seconds that what is not written yet is waited for.
_PATIENCE = 3.0


@dataclass(frozen=True)
class KeptDrawing:
    """A drawing of the class; networks are measured on it if it ``is_measured``: if it is none of the oldest
    of a writer who has drawn very many, and is not hidden."""

    drawing: ClassDrawing
    is_measured: bool


@dataclass(frozen=True)
class LessonRecord:
    """A room with its seats, the drawings by writer, runs, hypotheses and answers by seat, and what was
    computed for all. Of ``without_strokes`` drawings only the images are here: those of a writer who has
    drawn without end."""

    room: Room
    seats: tuple[SeatRecord, ...]
    drawings: tuple[KeptDrawing, ...]
    without_strokes: int
    runs: tuple[tuple[int, RunRecord], ...]
    hypotheses: tuple[Made, ...]
    answers: tuple[Made, ...]
    findings: tuple[FindingRecord, ...]

    @property
    def measured(self) -> list[ClassDrawing]:
        """The drawings that networks are measured on."""
        return [kept.drawing for kept in self.drawings if kept.is_measured]


class TakeHome:
    """Every method may be called from any thread."""

    def __init__(self, writer: Writer, rooms: Rooms, handwriting: Handwriting) -> None:
        self._writer, self._rooms, self._handwriting = writer, rooms, handwriting

    def record(self, visitor: str, room_id: str) -> LessonRecord:
        """All of a room whose desk the visitor has; errors as those of ``Rooms``."""
        seats = self._rooms.seats(visitor, room_id)
        self._writer.backlog.flush(_PATIENCE)
        drawings, without = self._drawings(visitor, room_id, seats)
        room = self._rooms.taught(visitor, room_id)
        for_all = room.lesson.runs_of_all
        no_runs: list[tuple[int, RunRecord]] = []
        made: list[Made] = []
        no_findings: list[FindingRecord] = []
        return LessonRecord(
            room=room,
            seats=tuple(seats),
            drawings=tuple(drawings),
            without_strokes=without,
            runs=tuple(self._writer.read(no_runs, stored.runs_of, room_id, _MAX_RUNS, for_all)),
            hypotheses=tuple(self._writer.read(made, stored.hypotheses, room_id, _MAX_HYPOTHESES)),
            answers=tuple(self._writer.read(made, stored.answers, room_id)),
            findings=tuple(self._writer.read(no_findings, stored.findings, room_id)),
        )

    def _drawings(
        self, visitor: str, room_id: str, seats: Sequence[SeatRecord]
    ) -> tuple[list[KeptDrawing], int]:
        """All drawings, and of how many of them the strokes did not fit. They are read a seat at a time: all
        at once they may be larger than the memory."""
        numbers = [seat.number for seat in seats]
        kept: list[KeptDrawing] = []
        without = 0
        for number in numbers:
            own = self._handwriting.of_room(visitor, room_id, [number], newest=None)
            first = len(own) - MAX_OF_WRITER
            own, bare = _with_few_points(own, MAX_POINTS // len(numbers))
            kept += [KeptDrawing(one, i >= first and not one.is_hidden) for i, one in enumerate(own)]
            without += bare
        on_paper = self._handwriting.on_paper(visitor, room_id)
        return kept + [KeptDrawing(one, not one.is_hidden) for one in on_paper], without


def _with_few_points(drawings: Sequence[ClassDrawing], most: int) -> tuple[list[ClassDrawing], int]:
    """``drawings`` with so many points in all: the newest ones, at the end, keep their strokes; how many do
    not."""
    kept: list[ClassDrawing] = []
    without = 0
    for drawing in reversed(drawings):
        most -= sum(map(len, drawing.trial.strokes))
        without += most < 0
        bare = replace(drawing, trial=replace(drawing.trial, strokes=())) if most < 0 else drawing
        kept.append(bare)
    return kept[::-1], without
