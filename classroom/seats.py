"""Seats as pupils have them: joined, found again, and what is said from them."""

import secrets
from dataclasses import dataclass
from typing import Any

from classroom import names, rules
from classroom.lesson import Lesson
from classroom.rooms import SEAT_CODE_LENGTH, Room, room_of
from classroom.rules import RoomError
from model.messages import N_, Message
from storage import devices
from storage import rooms as stored
from storage.backlog import Key
from storage.rooms import RoomRecord, SeatRecord
from storage.seen import SeenChange
from storage.writer import Writer
from visitors.codes import CodeError, Tries, new_code, typed

_MINUTES = 10
# Wrong codes within those minutes: of one visitor, for the seats of one room, and of all together.
_MAX_WRONG, _MAX_WRONG_OF_ROOM, _MAX_WRONG_OF_ALL = 10, 200, 10_000


@dataclass(frozen=True)
class Seat:
    """A pupil's seat, and the room around it."""

    id: str
    number: int
    code: str
    animal: str
    name: str | None
    wants_help: bool
    room: Room


class Seats:
    """Every method may be called from any thread; ``visitor`` is who asks, and reaches no seat but the own
    one. Errors are as those of ``Rooms``."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._tries = Tries(_MAX_WRONG, _MAX_WRONG_OF_ALL, _MINUTES)
        self._tries_of_room = Tries(_MAX_WRONG_OF_ROOM, _MAX_WRONG_OF_ALL, _MINUTES)

    def of(self, visitor: str) -> Seat | None:
        """The visitor's seat in the newest room that is open; ``None`` where there is none."""
        none: tuple[SeatRecord, RoomRecord] | None = None
        found = self._writer.read(none, stored.seat_of, visitor)
        return _seat(*found) if found else None

    def on_page(self, visitor: str, page: str) -> Seat:
        """The visitor's seat in a class that may open ``page`` now.

        Raises:
            RoomError: not now, or the visitor is in no class.
        """
        seat = self.of(visitor)
        if seat is None:
            raise RoomError(Message(rules.NOT_IN_A_CLASS))
        rules.check_page(seat.room.lesson, page)
        return seat

    def lesson(self, visitor: str, code: str) -> Lesson:
        """The lesson in the room with this ``code``, before the visitor joins it.

        Raises:
            CodeError: there is no such room, or too many wrong codes.
        """
        return Lesson.model_validate_json(self._room(visitor, code).lesson)

    def join(self, visitor: str, code: str, name: str = "") -> Seat:
        """Give the visitor a seat in the room with this ``code``: the one that is there, or a new one.

        Raises:
            CodeError: there is no such room, or too many wrong codes.
            RoomError: the lesson is over, or the room is full.
        """
        room = self._room(visitor, code)
        self._writer.change(self._join, room.id, visitor, name)
        seat = self.of(visitor)
        if seat is None or seat.room.id != room.id:
            raise RoomError(Message(rules.OVER))
        return seat

    def come_back(self, visitor: str, code: str, seat_code: str, browser: str) -> None:
        """Let a ``browser``, known by the hash of its secret, find a seat that was joined elsewhere.

        Raises:
            CodeError: there is no such room or seat, or too many wrong codes.
        """
        room = self._room(visitor, code)
        none: SeatRecord | None = None
        with self._tries.attempt(visitor), self._tries_of_room.attempt(room.id):
            seat = self._writer.read(none, stored.seat_with_code, room.id, typed(seat_code))
            if seat is None or seat.visitor is None:
                raise CodeError(Message(N_("There is no seat with this code in your class.")))
        if not room.is_open:
            raise RoomError(Message(rules.OVER))
        self._writer.change(stored.enter_seat, seat.id, seat.visitor)
        self._writer.change(devices.link, browser, seat.visitor, room.id)

    def note_seen(self, seat: Seat, progress: int) -> None:
        """Somebody has a page of this seat open, and has come so far: a number that grows. It waits for no
        database."""
        self._writer.backlog.put(Key("seat", seat.id), SeenChange(seat.id, progress))

    def leave(self, visitor: str) -> None:
        """The visitor is in class no longer; what was drawn there stays with the class."""
        self._writer.change(stored.leave_seats, visitor)

    def want_help(self, visitor: str, wants: bool) -> None:
        """Tell the teacher that help is wanted, or no longer is."""
        if seat := self.of(visitor):
            self._writer.change(stored.want_help, seat.id, wants)

    def _room(self, visitor: str, code: str) -> RoomRecord:
        none: RoomRecord | None = None
        with self._tries.attempt(visitor):
            room = self._writer.read(none, stored.room_with_code, typed(code))
            if room is None:
                raise CodeError(Message(N_("There is no class with this code. Check it with your teacher.")))
        return room

    @staticmethod
    def _join(connection: Any, room_id: str, visitor: str, name: str) -> None:
        room, taken = stored.lock_room(connection, room_id), stored.seats(connection, room_id)
        if room is None:
            return
        lesson = Lesson.model_validate_json(room.lesson)
        if own := next((seat for seat in taken if seat.visitor == visitor), None):
            if not lesson.is_over:
                stored.enter_seat(connection, own.id, visitor)
            return
        rules.check_joins(lesson, sum(seat.visitor is not None for seat in taken))
        # Also behind a seat that is shown, though its pupil has left no row.
        number = max((0, *(seat.number for seat in taken), *lesson.shown)) + 1
        codes = {seat.code for seat in taken}
        while (code := new_code(SEAT_CODE_LENGTH)) in codes:
            pass
        place: dict[str, str | int | None] = {
            "number": number,
            "code": code,
            "animal": names.animal(number),
            "name": rules.checked_name(name, lesson),
        }
        stored.insert_seat(connection, seat_id := secrets.token_hex(8), room_id, visitor, place)
        stored.leave_seats(connection, visitor, but=seat_id)


def _seat(seat: SeatRecord, room: RoomRecord) -> Seat:
    return Seat(seat.id, seat.number, seat.code, seat.animal, seat.name, seat.wants_help, room_of(room))
