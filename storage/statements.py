"""Statements that both databases have, each in a dialect of its own."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, TableClause, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from storage import problems
from storage.tables import Forgotten, Table, Visitor, now

# Rows that are copied at a time; one with weights has up to 5 MB.
_ROWS = 20


def insert_missing(
    connection: Connection, table: type[Table], key: Mapping[str, Any], columns: Mapping[str, Any]
) -> bool:
    """A row with this ``key``, unless there is one; whether there was none."""
    row = _insert(connection.dialect.name, table).values(**key, **columns)
    counted = {"preserve_rowcount": True}
    return connection.execute(row.on_conflict_do_nothing(), execution_options=counted).rowcount > 0


def put(
    connection: Connection, table: type[Table], key: Mapping[str, Any], columns: Mapping[str, Any]
) -> None:
    """The row with this ``key``, the primary one, has these ``columns`` now; values may be expressions."""
    row = _insert(connection.dialect.name, table).values(**key, **columns)
    connection.execute(row.on_conflict_do_update(index_elements=list(key), set_=dict(columns)))


def insert_visitor(connection: Connection, visitor: str) -> None:
    """The row that everything of a visitor belongs to, unless there is one.

    Raises:
        ForgottenError: the visitor was forgotten; there is no such row then.
    """
    is_new = insert_missing(connection, Visitor, {"id": visitor}, {"created_at": now(), "seen_at": now()})
    # Asked only now: the insertion has waited for whoever was just forgetting the visitor.
    if is_new and _is_forgotten(connection, visitor):
        connection.execute(delete(Visitor).where(Visitor.id == visitor))
        raise problems.forgotten()


def _is_forgotten(connection: Connection, visitor: str) -> bool:
    found = select(Forgotten.visitor_id).where(Forgotten.visitor_id == visitor)
    return connection.scalar(found) is not None


def upsert(connection: Connection, table: type[Table], row: Mapping[str, Any]) -> None:
    """This row, with values for all columns, whether there was one with its primary key or not."""
    connection.execute(_upsert(connection.dialect.name, table), row)


def copy_rows(
    source: Connection,
    rows: Select[*tuple[Any, ...]],
    target: Connection,
    table: type[Table] | TableClause,
    **values: Any,
) -> None:
    """Insert ``rows`` of one database into a ``table`` of another, a few at a time; ``values`` stand in place
    of theirs."""
    result = source.execute(rows, execution_options={"yield_per": _ROWS})
    for part in result.mappings().partitions(_ROWS):
        target.execute(insert(table), [{**row, **values} for row in part])


# To make a statement takes many times longer than to execute it.
@cache
def _upsert(dialect: str, table: type[Table]) -> sqlite.Insert | postgresql.Insert:
    row = _insert(dialect, table)
    columns = table.__table__.columns
    return row.on_conflict_do_update(
        index_elements=[column for column in columns if column.primary_key],
        set_={column.name: row.excluded[column.name] for column in columns if not column.primary_key},
    )


def _insert(dialect: str, table: type[Table]) -> sqlite.Insert | postgresql.Insert:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
