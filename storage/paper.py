"""Digits on paper in the database. Whether somebody may is asked above, in ``classroom``."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from storage.room_tables import PaperDigit

_KEY = (PaperDigit.writer, PaperDigit.number)


@dataclass(frozen=True)
class PaperRecord:
    """A digit that a writer on paper, from 1, wrote as number ``number``, from 0; ``ink`` are 784 bytes,
    255ths."""

    writer: int
    number: int
    label: int
    ink: bytes
    is_hidden: bool = False


def digits(connection: Connection, room_id: str) -> list[PaperRecord]:
    """All of a room, by writer and number."""
    columns = (*_KEY, PaperDigit.label, PaperDigit.ink, PaperDigit.is_hidden)
    rows = connection.execute(select(*columns).where(PaperDigit.room_id == room_id).order_by(*_KEY))
    return [PaperRecord(**row) for row in rows.mappings()]


def writers(connection: Connection, room_id: str) -> list[int]:
    """Who has written on paper in a room, in ascending order."""
    query = select(PaperDigit.writer).where(PaperDigit.room_id == room_id).distinct()
    return list(connection.scalars(query.order_by(PaperDigit.writer)))


def insert_digits(connection: Connection, room_id: str, digits: Sequence[PaperRecord]) -> None:
    """New digits of a room."""
    connection.execute(insert(PaperDigit), [{"room_id": room_id, **vars(digit)} for digit in digits])


def delete_writers(connection: Connection, room_id: str, writers: Collection[int]) -> None:
    """What these have written on paper in a room."""
    connection.execute(
        delete(PaperDigit).where(PaperDigit.room_id == room_id, PaperDigit.writer.in_(list(writers)))
    )


def delete_all(connection: Connection, room_id: str) -> None:
    """What was written on paper in a room."""
    connection.execute(delete(PaperDigit).where(PaperDigit.room_id == room_id))


def hide_digit(connection: Connection, room_id: str, writer: int, number: int, is_hidden: bool) -> None:
    """Hide a digit from the class, or show it again."""
    own = update(PaperDigit).where(PaperDigit.room_id == room_id, PaperDigit.writer == writer)
    connection.execute(own.where(PaperDigit.number == number).values(is_hidden=is_hidden))
