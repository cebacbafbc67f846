"""The class's handwriting: digits that were drawn at its seats in My handwriting, and those that were written
on paper, all of them label first."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from classroom import rules
from classroom.lesson import Step
from classroom.rooms import Rooms
from classroom.seats import Seats
from model.drawing.collection import OwnTest, Pointer, Trial, images_of
from model.drawing.strokes import SIDE
from model.evaluation.writers import Drawings
from storage import paper as stored_paper
from storage import rooms as stored
from storage.paper import PaperRecord
from storage.rooms import DrawingRecord
from storage.writer import Writer
from visitors.own_tests import OwnTests

# The newest drawings of one writer that count.
MAX_OF_WRITER = 40


@dataclass(frozen=True)
class ClassDrawing:
    """A digit on the wall: drawing ``index``, from 0, at the seat with this number, or by the writer on
    ``paper`` with that one."""

    seat: int | None
    index: int
    trial: Trial
    is_hidden: bool = False
    paper: int | None = None

    @property
    def writer(self) -> str:
        """What the writer is called where writers are counted."""
        return str(self.seat) if self.paper is None else f"paper {self.paper}"


def digits_of(drawings: Sequence[ClassDrawing]) -> Drawings:
    """What networks are measured on."""
    test = OwnTest(0, tuple(drawing.trial for drawing in drawings))
    writers = np.array([drawing.writer for drawing in drawings], np.str_)
    return Drawings(images_of(test), writers, tuple(trial.pointer for trial in test.trials))


class Handwriting:
    """Every method may be called from any thread; errors are as those of ``Rooms``."""

    def __init__(self, writer: Writer, rooms: Rooms, seats: Seats, own_tests: OwnTests) -> None:
        self._writer, self._rooms, self._seats = writer, rooms, seats
        self._own_tests = own_tests

    def of_room(
        self,
        visitor: str,
        room_id: str,
        seats: Collection[int] | None = None,
        newest: int | None = MAX_OF_WRITER,
    ) -> list[ClassDrawing]:
        """The ``newest`` drawings of each seat, or all, of a room whose desk the visitor has, hidden ones
        marked, and then those on paper; of the ``seats`` with these numbers alone, if any are named."""
        self._rooms.taught(visitor, room_id)
        return self._read(room_id, seats, newest) + (self._on_paper(room_id) if seats is None else [])

    def on_paper(self, visitor: str, room_id: str) -> list[ClassDrawing]:
        """Those on paper alone, of a room whose desk the visitor has."""
        self._rooms.taught(visitor, room_id)
        return self._on_paper(room_id)

    def of_class(self, visitor: str) -> list[ClassDrawing]:
        """The drawings of the class in which the visitor has a seat, without those that are hidden.

        Raises:
            RoomError: the class does not look at its handwriting now, or the visitor is in none.
        """
        seat = self._seats.on_page(visitor, rules.page_of(Step.OUR_HANDWRITING))
        drawings = self._read(seat.room.id) + self._on_paper(seat.room.id)
        return [drawing for drawing in drawings if not drawing.is_hidden]

    def hide(self, visitor: str, room_id: str, seat: int, index: int, is_hidden: bool = True) -> None:
        """Hide a drawing of a seat from a class whose desk the visitor has, or show it again; one on paper is
        hidden by ``Paper.hide``."""
        self._rooms.going_on(visitor, room_id)
        none: list[DrawingRecord] = []
        for drawing in self._writer.read(none, stored.drawings, room_id, [seat]):
            if drawing.number == index:
                self._writer.change(stored.hide_drawing, drawing.visitor, index, is_hidden)

    def _read(
        self, room_id: str, seats: Collection[int] | None = None, newest: int | None = MAX_OF_WRITER
    ) -> list[ClassDrawing]:
        none: list[DrawingRecord] = []
        rows = self._writer.read(none, stored.drawings, room_id, seats)
        found = []
        tests = self._own_tests.of_all({row.visitor for row in rows})
        for visitor, own in groupby(rows, key=lambda row: row.visitor):
            trials = tests[visitor].trials
            # One who starts over in this moment has fewer.
            drawn = [(row, trials[row.number]) for row in own if row.number < len(trials)]
            found += [
                ClassDrawing(row.seat, row.number, trial, row.is_hidden)
                for row, trial in drawn[-(newest or len(drawn)) :]
                if trial.ink is not None
            ]
        return found

    def _on_paper(self, room_id: str) -> list[ClassDrawing]:
        none: list[PaperRecord] = []
        return [
            ClassDrawing(None, row.number, _trial(row), row.is_hidden, row.writer)
            for row in self._writer.read(none, stored_paper.digits, room_id)
        ]


def _trial(row: PaperRecord) -> Trial:
    ink = np.frombuffer(row.ink, np.uint8).reshape(SIDE, SIDE).astype(np.float32) / np.float32(255)
    ink.setflags(write=False)
    return Trial(row.label, (), ink, Pointer.PAPER)
