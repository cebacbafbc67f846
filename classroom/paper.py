"""What a class writes on paper: sheets that a teacher has photographed, a row of them for each writer."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classroom import rules
from classroom.rooms import Rooms
from classroom.rules import RoomError
from model.drawing.paper import layout
from model.messages import N_, Message
from storage import paper as stored
from storage import rooms as stored_rooms
from storage.paper import PaperRecord
from storage.writer import Writer

# Writers up to this one are the rows of the sheets in order, later ones those of copies.
_ON_SHEETS = layout.SHEETS * layout.ROWS

# The label and the ink of each digit of a row.
Digits = list[tuple[int, bytes]]


class Again(StrEnum):
    """What becomes of a sheet whose number was kept before: it takes the place of that one, or it is a copy
    on which others have written."""

    REPLACE = "replace"
    ADD = "add"


class Paper:
    """Every method may be called from any thread; errors are as those of ``Rooms``. ``visitor`` has the desk
    of the room."""

    def __init__(self, writer: Writer, rooms: Rooms) -> None:
        self._writer, self._rooms = writer, rooms

    def sheets(self, visitor: str, room_id: str) -> set[int]:
        """The numbers of the sheets, from 1, of which rows are kept."""
        self._rooms.taught(visitor, room_id)
        none: list[int] = []
        kept = self._writer.read(none, stored.writers, room_id)
        return {1 + (writer - 1) // layout.ROWS for writer in kept if writer <= _ON_SHEETS}

    def keep(
        self,
        visitor: str,
        room_id: str,
        sheet: int,
        inks: NDArray[np.uint8],
        rows: Collection[int],
        again: Again | None = None,
    ) -> int:
        """Keep these ``rows``, from 0, of what was read from sheet ``sheet``, from 1: ``inks`` as
        ``runs.decoding.read_sheet`` has them. How many writers those are; a row without a digit is none.

        Raises:
            RoomError: the sheet was kept before, and nobody said what becomes of it, or there are too many
                writers.
        """
        self._rooms.going_on(visitor, room_id)
        written = {row: _digits(inks[row]) for row in range(len(inks)) if row in rows and inks[row].any()}
        self._writer.change(_keep, room_id, sheet, written, again)
        return len(written)

    def hide(self, visitor: str, room_id: str, writer: int, number: int, is_hidden: bool = True) -> None:
        """Hide a digit from the class, or show it again."""
        self._rooms.going_on(visitor, room_id)
        self._writer.change(stored.hide_digit, room_id, writer, number, is_hidden)

    def delete_all(self, visitor: str, room_id: str) -> None:
        """Delete for good what was written on paper."""
        self._rooms.taught(visitor, room_id)
        self._writer.change(stored.delete_all, room_id)
        if self._writer.database is not None:
            self._writer.database.overwrite_deleted()


def _digits(row: NDArray[np.uint8]) -> Digits:
    return [(label, ink.tobytes()) for label, ink in enumerate(row) if ink.any()]


def _keep(
    connection: Any, room_id: str, sheet: int, written: Mapping[int, Digits], again: Again | None
) -> None:
    # Of two desks at once the later sees what the other has kept.
    if stored_rooms.lock_room(connection, room_id) is None:
        return
    kept = stored.writers(connection, room_id)
    first = 1 + (sheet - 1) * layout.ROWS
    same = [writer for writer in kept if first <= writer < first + layout.ROWS]
    if same and again is None:
        text = N_("Sheet {number} was kept before. Choose whether this one takes its place, or is added.")
        raise RoomError(Message(text, {"number": sheet}))
    if again == Again.REPLACE:
        stored.delete_writers(connection, room_id, same)
        kept, same = [writer for writer in kept if writer not in same], []
    rules.check_paper(len(kept) + len(written))
    if same:
        copies = max(_ON_SHEETS, *kept) + 1
        writers = list(range(copies, copies + len(written)))
    else:
        writers = [first + row for row in written]
    digits = [
        PaperRecord(writer, number, label, ink)
        for writer, row in zip(writers, written.values(), strict=True)
        for number, (label, ink) in enumerate(row)
    ]
    if digits:
        stored.insert_digits(connection, room_id, digits)
