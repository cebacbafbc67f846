"""Statements that both databases have, each in a dialect of its own."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from storage.tables import Table, Visitor, now


def insert_missing(
    connection: Connection, table: type[Table], key: Mapping[str, Any], columns: Mapping[str, Any]
) -> None:
    """A row with this ``key``, unless there is one."""
    connection.execute(_insert(connection, table).values(**key, **columns).on_conflict_do_nothing())


def insert_visitor(connection: Connection, visitor: str) -> None:
    """The row that everything of a visitor belongs to, unless there is one."""
    insert_missing(connection, Visitor, {"id": visitor}, {"created_at": now(), "seen_at": now()})


def upsert(
    connection: Connection, table: type[Table], key: Mapping[str, Any], columns: Mapping[str, Any]
) -> None:
    """A row with this ``key`` and these ``columns``, whether there was one or not."""
    insert = _insert(connection, table).values(**key, **columns)
    connection.execute(insert.on_conflict_do_update(index_elements=list(key), set_=dict(columns)))


def _insert(connection: Connection, table: type[Table]) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)
