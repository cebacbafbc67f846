"""Rooms as their teachers have them: opened, led through a lesson, ended."""

import secrets
import threading
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from classroom import rules
from classroom.lesson import Lesson
from classroom.rules import RoomError
from model.messages import N_, Message
from storage import rooms as stored
from storage.rooms import RoomRecord, SeatRecord
from storage.writer import Writer
from visitors.codes import CodeError, Tries, new_code, typed

# Of a room and of a seat in it.
CODE_LENGTH, SEAT_CODE_LENGTH = 5, 4
_PIN_DIGITS = 6
# After so many days a room is deleted, from its opening on or from when it was kept.
DAYS = 14
REHEARSAL_DAYS = 1
_MINUTES = 10
# Wrong PINs within those minutes: of one visitor, for one room, and of or for all together.
_MAX_WRONG, _MAX_WRONG_OF_ROOM, _MAX_WRONG_OF_ALL = 10, 100, 10_000
# PINs that are checked at once.
_CHECKS = 2
# How often a change is tried again that another one was faster than.
_TRIES = 5


@dataclass(frozen=True)
class Room:
    """A room at one moment; ``version`` grows with every change of its lesson."""

    id: str
    code: str
    lesson: Lesson
    delete_at: float
    version: int


class Rooms:
    """Every method may be called from any thread; ``visitor`` is who asks. Errors are ``RoomError`` where the
    rules do not allow it, and ``StorageError`` where the database does not answer. Of a lesson that is over
    nothing is changed any more; its room can be deleted."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        # 19 MB and two passes, OWASP's least for Argon2id: a small server can bear some at once.
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._checking = threading.Semaphore(_CHECKS)
        self._tries = Tries(_MAX_WRONG, _MAX_WRONG_OF_ALL, _MINUTES)
        self._tries_of_room = Tries(_MAX_WRONG_OF_ROOM, _MAX_WRONG_OF_ALL, _MINUTES)

    def open(
        self, visitor: str, is_operator: bool, free_names: bool = False, is_rehearsal: bool = False
    ) -> tuple[str, str]:
        """A new room: its id, and the PIN that opens its desk elsewhere, which is told only now. For the
        pupils of a rehearsal see ``classroom.rehearsal``.

        Raises:
            RoomError: this visitor may not open one.
        """
        if self._writer.database is None:
            raise RoomError(Message(N_("This server saves nothing, and a room needs that.")))
        rules.check_opens(is_operator, len(self.taught_by(visitor)))
        room_id, pin = secrets.token_hex(8), _new_pin()
        lesson = Lesson(free_names=free_names, is_rehearsal=is_rehearsal).model_dump_json()
        hashed = self._hasher.hash(pin)

        def insert(connection: Any) -> None:
            code = new_code(CODE_LENGTH)
            while stored.room_with_code(connection, code):
                code = new_code(CODE_LENGTH)
            days = REHEARSAL_DAYS if is_rehearsal else DAYS
            stored.insert_room(connection, room_id, code, hashed, lesson, days)
            stored.add_teacher(connection, room_id, visitor)

        self._writer.change(insert)
        return room_id, pin

    def taught_by(self, visitor: str) -> list[Room]:
        """The rooms whose desk the visitor has, the newest first."""
        none: list[RoomRecord] = []
        return [room_of(record) for record in self._writer.read(none, stored.rooms_of_teacher, visitor)]

    def taught(self, visitor: str, room_id: str) -> Room:
        """A room whose desk the visitor has."""
        return room_of(self._checked(visitor, room_id))

    def going_on(self, visitor: str, room_id: str) -> Room:
        """As ``taught``, for who changes something there: a room whose lesson is not over."""
        room = self.taught(visitor, room_id)
        rules.check_goes_on(room.lesson)
        return room

    def seats(self, visitor: str, room_id: str) -> list[SeatRecord]:
        """The seats of a room whose desk the visitor has, by number."""
        self._checked(visitor, room_id)
        none: list[SeatRecord] = []
        return self._writer.read(none, stored.seats, room_id)

    def change(self, visitor: str, room_id: str, step: Callable[[Lesson], Lesson]) -> None:
        """Let the lesson be what ``step`` makes of it; of two changes at once the later sees the other."""
        for _ in range(_TRIES):
            before = self._checked(visitor, room_id)
            lesson = Lesson.model_validate_json(before.lesson)
            rules.check_goes_on(lesson)
            lesson = step(lesson)
            text = lesson.model_dump_json()
            if self._writer.change(stored.change_lesson, before, text, not lesson.is_over):
                return
        raise RoomError(Message(N_("Others are changing this room at the same time. Try again.")))

    def free_seat(self, visitor: str, room_id: str, number: int) -> None:
        """Let nobody sit at a seat any more; its work leaves the projector."""
        self.going_on(visitor, room_id)
        for seat in self.seats(visitor, room_id):
            if seat.number == number:
                self._writer.change(stored.free_seat, seat.id)
                self.change(visitor, room_id, lambda lesson: rules.showing(lesson, number, is_shown=False))

    def show(self, visitor: str, room_id: str, number: int, is_shown: bool = True) -> None:
        """Show the work of a seat on the projector, without its name, or no longer.

        Raises:
            RoomError: also where as many as it has room for are there already.
        """
        if any(seat.number == number and seat.visitor for seat in self.seats(visitor, room_id)):
            self.change(visitor, room_id, lambda lesson: rules.showing(lesson, number, is_shown))

    def answer_help(self, visitor: str, room_id: str, number: int) -> None:
        """Note that whoever sits at a seat was helped."""
        self.going_on(visitor, room_id)
        for seat in self.seats(visitor, room_id):
            if seat.number == number:
                self._writer.change(stored.answer_help, seat.id)

    def keep(self, visitor: str, room_id: str) -> None:
        """End the lesson, and keep the room for ``DAYS`` from now on."""
        self.change(visitor, room_id, lambda lesson: lesson.changed(is_over=True, eyes_up=False))
        self._writer.change(stored.keep_for, room_id, DAYS)

    def delete(self, visitor: str, room_id: str) -> None:
        """Delete a room and its seats for good."""
        self._checked(visitor, room_id)
        self._writer.change(stored.delete_room, room_id)
        if self._writer.database is not None:
            self._writer.database.overwrite_deleted()

    def take_desk(self, visitor: str, code: str, pin: str) -> str:
        """Give the visitor the desk of the room with this ``code`` too; its id.

        Raises:
            CodeError: the code or the PIN is wrong, or too many were.
        """
        with self._tries.attempt(visitor):
            room = self._with_code(typed(code))
            # What nobody can open is not counted: its code may be anything.
            with self._tries_of_room.attempt(room.id) if room else nullcontext():
                if room is None or not self._is_pin(room.id, pin):
                    raise CodeError(Message(N_("There is no room with this code and this PIN.")))
        self._writer.change(stored.add_teacher, room.id, visitor)
        return room.id

    def recover(self, visitor: str, code: str, is_operator: bool) -> tuple[str, str]:
        """Give the desk of a room to whoever runs the server, and take it from all others: its id, and a
        new PIN.

        Raises:
            CodeError: there is no room with this code.
            RoomError: the visitor does not run the server.
        """
        rules.check_opens(is_operator, 0)
        room = self._with_code(typed(code))
        if room is None:
            raise CodeError(Message(N_("There is no room with this code.")))
        pin = _new_pin()
        self._writer.change(stored.give_desk, room.id, visitor, self._hasher.hash(pin))
        return room.id, pin

    def _checked(self, visitor: str, room_id: str) -> RoomRecord:
        """The room, after asking whether the visitor has its desk."""
        room: RoomRecord | None = self._writer.read(None, stored.room, room_id)
        if room is None:
            raise RoomError(Message(N_("This room was deleted.")))
        rules.check_teaches(self._writer.read(False, stored.is_teacher, room_id, visitor))
        return room

    def _with_code(self, code: str) -> RoomRecord | None:
        none: RoomRecord | None = None
        return self._writer.read(none, stored.room_with_code, code)

    def _is_pin(self, room_id: str, pin: str) -> bool:
        none: str | None = None
        hashed = self._writer.read(none, stored.pin_hash, room_id)
        try:
            with self._checking:
                return hashed is not None and self._hasher.verify(hashed, pin.strip())
        except VerifyMismatchError:
            return False


def room_of(record: RoomRecord) -> Room:
    """The room of a row."""
    lesson = Lesson.model_validate_json(record.lesson)
    return Room(record.id, record.code, lesson, record.delete_at, record.version)


def _new_pin() -> str:
    return f"{secrets.randbelow(10**_PIN_DIGITS):0{_PIN_DIGITS}}"
