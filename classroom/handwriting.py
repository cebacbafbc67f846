"""The class's handwriting: digits that were drawn at its seats in My handwriting, label first."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from classroom import rules
from classroom.lesson import Step
from classroom.rooms import Rooms
from classroom.rules import RoomError
from classroom.seats import Seats
from model.drawing.collection import OwnTest, Trial, images_of
from model.evaluation.writers import Drawings
from model.messages import N_, Message
from storage import rooms as stored
from storage.rooms import DrawingRecord
from storage.writer import Writer
from visitors.own_tests import OwnTests

# The newest drawings of one writer that count.
MAX_OF_WRITER = 40


@dataclass(frozen=True)
class ClassDrawing:
    """A digit on the wall: drawn at the seat with this number, as that seat's drawing ``index``, from 0."""

    seat: int
    index: int
    trial: Trial
    is_hidden: bool = False


def digits_of(drawings: Sequence[ClassDrawing]) -> Drawings:
    """What networks are measured on; a writer is called by the number of the seat."""
    test = OwnTest(0, tuple(drawing.trial for drawing in drawings))
    writers = np.array([str(drawing.seat) for drawing in drawings], np.str_)
    return Drawings(images_of(test), writers, tuple(trial.pointer for trial in test.trials))


class Handwriting:
    """Every method may be called from any thread; errors are as those of ``Rooms``."""

    def __init__(self, writer: Writer, rooms: Rooms, seats: Seats, own_tests: OwnTests) -> None:
        self._writer, self._rooms, self._seats = writer, rooms, seats
        self._own_tests = own_tests

    def of_room(self, visitor: str, room_id: str, seats: Collection[int] | None = None) -> list[ClassDrawing]:
        """All drawings of a room whose desk the visitor has, hidden ones marked, by seat; of the ``seats``
        with these numbers alone, if any are named."""
        self._rooms.taught(visitor, room_id)
        return self._read(room_id, seats)

    def of_class(self, visitor: str) -> list[ClassDrawing]:
        """The drawings of the class in which the visitor has a seat, without those that are hidden.

        Raises:
            RoomError: the class does not look at its handwriting now, or the visitor is in none.
        """
        seat = self._seats.of(visitor)
        if seat is None:
            raise RoomError(Message(N_("You are in no class now.")))
        rules.check_page(seat.room.lesson, rules.page_of(Step.OUR_HANDWRITING))
        return [drawing for drawing in self._read(seat.room.id) if not drawing.is_hidden]

    def hide(self, visitor: str, room_id: str, seat: int, index: int, is_hidden: bool = True) -> None:
        """Hide a drawing from a class whose desk the visitor has, or show it again."""
        self._rooms.taught(visitor, room_id)
        none: list[DrawingRecord] = []
        for drawing in self._writer.read(none, stored.drawings, room_id):
            if (drawing.seat, drawing.number) == (seat, index):
                self._writer.change(stored.hide_drawing, drawing.visitor, index, is_hidden)

    def _read(self, room_id: str, seats: Collection[int] | None = None) -> list[ClassDrawing]:
        none: list[DrawingRecord] = []
        rows = self._writer.read(none, stored.drawings, room_id)
        found = []
        wanted = [row for row in rows if seats is None or row.seat in seats]
        tests = self._own_tests.of_all({row.visitor for row in wanted})
        for visitor, own in groupby(wanted, key=lambda row: row.visitor):
            trials = tests[visitor].trials
            # One who starts over in this moment has fewer.
            drawn = [(row, trials[row.number]) for row in own if row.number < len(trials)]
            found += [
                ClassDrawing(row.seat, row.number, trial, row.is_hidden)
                for row, trial in drawn[-MAX_OF_WRITER:]
                if trial.ink is not None
            ]
        return found
