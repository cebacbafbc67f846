"""Statements that both databases have, each in a dialect of its own."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from storage.tables import Table, Visitor, now


def insert_missing(
    connection: Connection, table: type[Table], key: Mapping[str, Any], columns: Mapping[str, Any]
) -> None:
    """A row with this ``key``, unless there is one."""
    insert = _insert(connection.dialect.name, table).values(**key, **columns)
    connection.execute(insert.on_conflict_do_nothing())


def insert_visitor(connection: Connection, visitor: str) -> None:
    """The row that everything of a visitor belongs to, unless there is one."""
    insert_missing(connection, Visitor, {"id": visitor}, {"created_at": now(), "seen_at": now()})


def upsert(connection: Connection, table: type[Table], row: Mapping[str, Any]) -> None:
    """This row, with values for all columns, whether there was one with its primary key or not."""
    connection.execute(_upsert(connection.dialect.name, table), row)


# To make a statement takes many times longer than to execute it.
@cache
def _upsert(dialect: str, table: type[Table]) -> sqlite.Insert | postgresql.Insert:
    insert = _insert(dialect, table)
    columns = table.__table__.columns
    return insert.on_conflict_do_update(
        index_elements=[column for column in columns if column.primary_key],
        set_={column.name: insert.excluded[column.name] for column in columns if not column.primary_key},
    )


def _insert(dialect: str, table: type[Table]) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
