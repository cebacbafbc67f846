"""The tables of rooms: classes at work together. Times are as in ``storage.tables``."""

from sqlalchemy import (
    Boolean,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables import Table


class Room(Table):
    """A class for one lesson. ``code`` is what pupils type, ``pin_hash`` of what a teacher types at another
    device; ``lesson`` is JSON, and ``version`` grows with every change of it."""

    __tablename__ = "rooms"
    __table_args__ = (UniqueConstraint("code", name="uq_rooms_code"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    code: Mapped[str] = mapped_column(String(8))
    pin_hash: Mapped[str] = mapped_column(Text)
    lesson: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    is_open: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[float] = mapped_column(Float(53))
    delete_at: Mapped[float] = mapped_column(Float(53))


class Teacher(Table):
    """A visitor who has the desk of a room."""

    __tablename__ = "teachers"

    room_id: Mapped[str] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"), primary_key=True)
    visitor_id: Mapped[str] = mapped_column(
        ForeignKey("visitors.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Seat(Table):
    """A pupil's place in a room. ``code`` finds it on another device; ``visitor_id`` is empty once it was
    freed. ``name`` stands in place of the ``animal`` where the teacher allows names of one's own.
    ``progress`` grows with what is done at the seat, last at ``progress_at``. The pupil came for the first
    time at ``joined_at``, for the last time at ``entered_at``, and went at ``left_at``, where that is known.
    """

    __tablename__ = "seats"
    __table_args__ = (
        UniqueConstraint("room_id", "number", name="uq_seats_number"),
        UniqueConstraint("room_id", "code", name="uq_seats_code"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    room_id: Mapped[str] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)
    code: Mapped[str] = mapped_column(String(8))
    visitor_id: Mapped[str | None] = mapped_column(ForeignKey("visitors.id", ondelete="CASCADE"), index=True)
    animal: Mapped[str] = mapped_column(String(20))
    name: Mapped[str | None] = mapped_column(String(40))
    joined_at: Mapped[float] = mapped_column(Float(53))
    entered_at: Mapped[float] = mapped_column(Float(53))
    left_at: Mapped[float | None] = mapped_column(Float(53))
    seen_at: Mapped[float] = mapped_column(Float(53))
    wants_help: Mapped[bool] = mapped_column(Boolean)
    progress: Mapped[int] = mapped_column(Integer)
    progress_at: Mapped[float] = mapped_column(Float(53))


class Answer(Table):
    """What was answered at a seat to a ``question`` of the lesson, as JSON; a later answer replaces it."""

    __tablename__ = "answers"

    seat_id: Mapped[str] = mapped_column(ForeignKey("seats.id", ondelete="CASCADE"), primary_key=True)
    question: Mapped[str] = mapped_column(String(32), primary_key=True)
    content: Mapped[str] = mapped_column(Text)
    answered_at: Mapped[float] = mapped_column(Float(53))


class Finding(Table):
    """What a room has computed for all, as JSON: ``kind`` says what; a later one replaces it."""

    __tablename__ = "findings"

    room_id: Mapped[str] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    content: Mapped[str] = mapped_column(Text)
    found_at: Mapped[float] = mapped_column(Float(53))


class Work(Table):
    """What a server is computing for a room just now, and how far it is, as JSON."""

    __tablename__ = "work"

    room_id: Mapped[str] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    server_id: Mapped[int] = mapped_column(ForeignKey("servers.id", ondelete="CASCADE"))
    content: Mapped[str] = mapped_column(Text)


class PaperDigit(Table):
    """A digit that was written on paper and read from a photo of it. ``writer`` counts the writers on paper
    of a room, from 1, ``number`` the digits of each, from 0; ``ink`` is as in ``storage.tables.Drawing``."""

    __tablename__ = "paper_digits"

    room_id: Mapped[str] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"), primary_key=True)
    writer: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    label: Mapped[int] = mapped_column(Integer)
    ink: Mapped[bytes] = mapped_column(LargeBinary)
    is_hidden: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
