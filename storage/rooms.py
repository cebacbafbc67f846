"""Rooms, their teachers and seats in the database. Whether somebody may is asked above, in ``classroom``."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, func, insert, select, update
from sqlalchemy.orm import InstrumentedAttribute

from storage.rehearsals import delete_leftover
from storage.room_tables import Answer, Room, Seat, Teacher
from storage.statements import insert_missing, insert_visitor
from storage.tables import Drawing, Epoch, Run, now


@dataclass(frozen=True)
class RoomRecord:
    """A room as its row has it; ``lesson`` is JSON, ``delete_at`` in Unix seconds."""

    id: str
    code: str
    lesson: str
    version: int
    is_open: bool
    delete_at: float


@dataclass(frozen=True)
class SeatRecord:
    """A seat as its row has it; by the database's clock, ``unseen_seconds`` since a page was open there, and
    ``idle_seconds`` since something was done."""

    id: str
    room_id: str
    number: int
    code: str
    visitor: str | None
    animal: str
    name: str | None
    wants_help: bool
    joined_at: float
    unseen_seconds: float
    idle_seconds: float


@dataclass(frozen=True)
class DrawingRecord:
    """A digit that was drawn at the seat with this number: in the visitor's own test, trial ``number``."""

    seat: int
    visitor: str
    number: int
    is_hidden: bool


@dataclass(frozen=True)
class RunProgress:
    """The newest run that was begun at a seat: its state, and how many of its epochs are done."""

    run_id: str
    state: str
    epochs: int


# Seconds after which a pupil is no longer in class, whoever forgot to end it.
_IN_CLASS = 8 * 60 * 60.0
_LEFT_AT = func.coalesce(Seat.left_at, Seat.entered_at + _IN_CLASS)

_ROOM = (Room.id, Room.code, Room.lesson, Room.version, Room.is_open, Room.delete_at)
_SEAT = (
    Seat.id,
    Seat.room_id,
    Seat.number,
    Seat.code,
    Seat.visitor_id.label("visitor"),
    Seat.animal,
    Seat.name,
    Seat.wants_help,
    Seat.joined_at,
    (now() - Seat.seen_at).label("unseen_seconds"),
    (now() - Seat.progress_at).label("idle_seconds"),
)


def insert_room(
    connection: Connection, room_id: str, code: str, pin_hash: str, lesson: str, days: float
) -> None:
    """A new room, which is deleted after so many ``days``."""
    row = {"id": room_id, "code": code, "pin_hash": pin_hash, "lesson": lesson, "version": 1, "is_open": True}
    connection.execute(insert(Room).values(**row, created_at=now(), delete_at=now() + days * 86_400))


def add_teacher(connection: Connection, room_id: str, visitor: str) -> None:
    """Give a visitor the desk of a room, too."""
    insert_visitor(connection, visitor)
    insert_missing(connection, Teacher, {"room_id": room_id, "visitor_id": visitor}, {})


def is_teacher(connection: Connection, room_id: str, visitor: str) -> bool:
    """Whether the visitor has the desk of the room."""
    own = select(Teacher.room_id).where(Teacher.room_id == room_id, Teacher.visitor_id == visitor)
    return connection.scalar(own) is not None


def rooms_of_teacher(connection: Connection, visitor: str) -> list[RoomRecord]:
    """The rooms whose desk the visitor has, the newest first."""
    own = select(*_ROOM).join(Teacher, Teacher.room_id == Room.id).where(Teacher.visitor_id == visitor)
    rows = connection.execute(own.order_by(Room.created_at.desc()))
    return [RoomRecord(**row) for row in rows.mappings()]


def room(connection: Connection, room_id: str) -> RoomRecord | None:
    """The room with this id."""
    return _room(connection, select(*_ROOM).where(Room.id == room_id))


def lock_room(connection: Connection, room_id: str) -> RoomRecord | None:
    """As ``room``; nobody else changes it, or joins it, before this transaction ends."""
    return _room(connection, select(*_ROOM).where(Room.id == room_id).with_for_update())


def room_with_code(connection: Connection, code: str) -> RoomRecord | None:
    """The room with this code."""
    return _room(connection, select(*_ROOM).where(Room.code == code))


def pin_hash(connection: Connection, room_id: str) -> str | None:
    """Of the PIN of a room."""
    return connection.scalar(select(Room.pin_hash).where(Room.id == room_id))


def give_desk(connection: Connection, room_id: str, visitor: str, new: str) -> None:
    """Let the visitor alone have the desk, and another PIN, of which ``new`` is the hash, open it."""
    connection.execute(update(Room).where(Room.id == room_id).values(pin_hash=new))
    connection.execute(delete(Teacher).where(Teacher.room_id == room_id))
    add_teacher(connection, room_id, visitor)


def change_lesson(connection: Connection, before: RoomRecord, lesson: str, is_open: bool) -> bool:
    """Whether the lesson was still at the version of ``before``, and is ``lesson`` now. Nobody is idle at
    that moment, and when it is over everybody has left."""
    own = update(Room).where(Room.id == before.id, Room.version == before.version)
    values = {"lesson": lesson, "is_open": is_open, "version": before.version + 1}
    if not connection.execute(own.values(values)).rowcount:
        return False
    taken = update(Seat).where(Seat.room_id == before.id)
    connection.execute(taken.values(progress_at=now()))
    if not is_open:
        connection.execute(taken.where(Seat.left_at.is_(None)).values(left_at=now()))
    return True


def keep_for(connection: Connection, room_id: str, days: float) -> None:
    """Delete a room after so many days."""
    connection.execute(update(Room).where(Room.id == room_id).values(delete_at=now() + days * 86_400))


def delete_room(connection: Connection, room_id: str) -> None:
    """A room with its seats; what its visitors made stays theirs, unless they are made up."""
    connection.execute(delete(Room).where(Room.id == room_id))
    delete_leftover(connection)


def seats(connection: Connection, room_id: str) -> list[SeatRecord]:
    """The seats of a room, by number."""
    rows = connection.execute(select(*_SEAT).where(Seat.room_id == room_id).order_by(Seat.number))
    return [SeatRecord(**row) for row in rows.mappings()]


def insert_seat(
    connection: Connection, seat_id: str, room_id: str, visitor: str, place: Mapping[str, str | int | None]
) -> None:
    """A new seat; ``place`` holds its ``number``, ``code``, ``animal`` and ``name``."""
    insert_visitor(connection, visitor)
    row = {"id": seat_id, "room_id": room_id, "visitor_id": visitor, **place}
    times = dict.fromkeys(("joined_at", "entered_at", "seen_at", "progress_at"), now())
    connection.execute(insert(Seat).values(**row, **times, wants_help=False, progress=0))


def enter_seat(connection: Connection, seat_id: str, visitor: str) -> None:
    """The visitor is at this seat now, and has left every other one."""
    connection.execute(update(Seat).where(Seat.id == seat_id).values(entered_at=now(), left_at=None))
    leave_seats(connection, visitor, but=seat_id)


def leave_seats(connection: Connection, visitor: str, but: str = "") -> None:
    """The visitor is in class no longer, ``but`` at the seat with this id."""
    taken = update(Seat).where(Seat.visitor_id == visitor, Seat.id != but, Seat.left_at.is_(None))
    connection.execute(taken.values(left_at=now()))


def seat_of(connection: Connection, visitor: str) -> tuple[SeatRecord, RoomRecord] | None:
    """The seat at which the visitor is, in a room that is open."""
    own = select(*_SEAT).join(Room, Room.id == Seat.room_id)
    own = own.where(Seat.visitor_id == visitor, Room.is_open, Seat.left_at.is_(None), now() < _LEFT_AT)
    seat = _seat(connection, own.order_by(Seat.entered_at.desc()).limit(1))
    its_room = room(connection, seat.room_id) if seat else None
    return (seat, its_room) if seat and its_room else None


def seat_with_code(connection: Connection, room_id: str, code: str) -> SeatRecord | None:
    """The seat of a room with this code."""
    return _seat(connection, select(*_SEAT).where(Seat.room_id == room_id, Seat.code == code))


def free_seat(connection: Connection, seat_id: str) -> None:
    """Nobody sits there any more; what was drawn at it stays with the visitor alone, and what was answered
    goes."""
    nobody = {"visitor_id": None, "name": None, "wants_help": False, "left_at": now()}
    connection.execute(update(Seat).where(Seat.id == seat_id).values(nobody))
    connection.execute(delete(Answer).where(Answer.seat_id == seat_id))


def want_help(connection: Connection, seat_id: str, wants: bool) -> None:
    """Note that somebody at this seat wants help, or no longer does."""
    connection.execute(update(Seat).where(Seat.id == seat_id).values(wants_help=wants, seen_at=now()))


def answer_help(connection: Connection, seat_id: str) -> None:
    """Note that help no longer is wanted at this seat, whoever may be there."""
    connection.execute(update(Seat).where(Seat.id == seat_id).values(wants_help=False))


def drawings(
    connection: Connection, room_id: str, seats: Collection[int] | None = None
) -> list[DrawingRecord]:
    """What was drawn at the seats of a room while their visitors were there, by seat and number; at the
    ``seats`` with these numbers alone, if any are named."""
    columns = (Seat.number.label("seat"), Drawing.visitor_id.label("visitor"), Drawing.number)
    query = (
        select(*columns, Drawing.is_hidden)
        .join(Drawing, Drawing.visitor_id == Seat.visitor_id)
        .where(Seat.room_id == room_id, Drawing.ink.is_not(None))
        .where(while_seated(Drawing.drawn_at))
        .order_by(Seat.number, Drawing.number)
    )
    if seats is not None:
        query = query.where(Seat.number.in_(list(seats)))
    return [DrawingRecord(**row) for row in connection.execute(query).mappings()]


def hide_drawing(connection: Connection, visitor: str, number: int, is_hidden: bool) -> None:
    """Hide a drawing from the class, or show it again."""
    own = update(Drawing).where(Drawing.visitor_id == visitor, Drawing.number == number)
    connection.execute(own.values(is_hidden=is_hidden))


def newest_runs(connection: Connection, room_id: str, but: Collection[str] = ()) -> dict[str, RunProgress]:
    """The newest run of each visitor that was begun at a seat of a room, ``but`` those with these ids."""
    done = select(func.count()).where(Epoch.run_id == Run.id, Epoch.epoch > 0).scalar_subquery()
    query = (
        select(Run.visitor_id, Run.id, Run.state, done.label("epochs"))
        .join(Seat, Seat.visitor_id == Run.visitor_id)
        .where(Seat.room_id == room_id, while_seated(Run.created_at), Run.id.not_in(list(but)))
        .order_by(Run.number)
    )
    return {row.visitor_id: RunProgress(row.id, row.state, row.epochs) for row in connection.execute(query)}


def accuracies(connection: Connection, runs: Iterable[str]) -> dict[str, tuple[float, ...]]:
    """The validation accuracies of these runs after each epoch, from 0 on."""
    query = select(Epoch.run_id, Epoch.validation_accuracy).where(Epoch.run_id.in_(list(runs)))
    found: dict[str, tuple[float, ...]] = {}
    for row in connection.execute(query.order_by(Epoch.epoch)):
        found[row.run_id] = (*found.get(row.run_id, ()), row.validation_accuracy)
    return found


def while_seated(moment: ColumnElement[float | None] | InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """That a visitor was at the seat at this moment."""
    return moment.between(Seat.joined_at, _LEFT_AT)


def purge(connection: Connection) -> int:
    """Delete the rooms that have had their time; how many those were."""
    count = connection.execute(delete(Room).where(Room.delete_at < now())).rowcount
    delete_leftover(connection)
    return count


def _room(connection: Connection, query: Select[*tuple[Any, ...]]) -> RoomRecord | None:
    row = connection.execute(query).mappings().one_or_none()
    return RoomRecord(**row) if row else None


def _seat(connection: Connection, query: Select[*tuple[Any, ...]]) -> SeatRecord | None:
    row = connection.execute(query).mappings().one_or_none()
    return SeatRecord(**row) if row else None
