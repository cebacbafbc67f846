"""All that a room holds at one moment, for its teacher to take home."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from classroom.handwriting import ClassDrawing, Handwriting
from classroom.rooms import Room, Rooms
from storage import take_home as stored
from storage.rooms import SeatRecord
from storage.runs import RunRecord
from storage.take_home import FindingRecord, Made
from storage.writer import Writer

# Points of all strokes together, 64 MB: thirty pupils who draw ten digits each make a hundredth of it.
MAX_POINTS = 4_000_000
_MAX_RUNS = 2_000
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
        self._rooms.taught(visitor, room_id)
        self._writer.backlog.flush(_PATIENCE)
        seats = self._rooms.seats(visitor, room_id)
        drawings, without = self._drawings(visitor, room_id, seats)
        no_runs: list[tuple[int, RunRecord]] = []
        made: list[Made] = []
        no_findings: list[FindingRecord] = []
        return LessonRecord(
            room=self._rooms.taught(visitor, room_id),
            seats=tuple(seats),
            drawings=tuple(drawings),
            without_strokes=without,
            runs=tuple(self._writer.read(no_runs, stored.runs_of, room_id, _MAX_RUNS)),
            hypotheses=tuple(self._writer.read(made, stored.hypotheses, room_id)),
            answers=tuple(self._writer.read(made, stored.answers, room_id)),
            findings=tuple(self._writer.read(no_findings, stored.findings, room_id)),
        )

    def _drawings(
        self, visitor: str, room_id: str, seats: Sequence[SeatRecord]
    ) -> tuple[list[KeptDrawing], int]:
        """All drawings, and of how many of them the strokes did not fit. The older ones are read a seat at a
        time: all at once they may be larger than the memory."""
        counted = self._handwriting.of_room(visitor, room_id)
        by_writer: dict[int, list[ClassDrawing]] = {seat.number: [] for seat in seats}
        for drawing in counted:
            by_writer.setdefault(drawing.seat, []).append(drawing)
        most = MAX_POINTS // max(len(by_writer), 1)
        kept: list[KeptDrawing] = []
        without = 0
        for writer, newest in by_writer.items():
            indices = {drawing.index for drawing in newest}
            everything = self._handwriting.of_room(visitor, room_id, [writer], newest=None)
            older = [drawing for drawing in everything if drawing.index not in indices]
            own, bare = with_few_points([*older, *newest], most)
            kept += [KeptDrawing(one, one.index in indices and not one.is_hidden) for one in own]
            without += bare
        return kept, without


def with_few_points(drawings: Sequence[ClassDrawing], most: int) -> tuple[list[ClassDrawing], int]:
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
