"""Browsers that are linked to the work of another one, in the database."""

from sqlalchemy import Connection, delete, insert, select

from storage.statements import insert_missing, insert_visitor
from storage.tables import DeviceCode, Forgotten, LinkedBrowser, now


def visitor_of(connection: Connection, browser: str) -> str | None:
    """Whose work a browser finds: by default its own; ``None`` for one whose work was forgotten."""
    linked = connection.scalar(select(LinkedBrowser.visitor_id).where(LinkedBrowser.id == browser))
    forgotten = connection.scalar(select(Forgotten.visitor_id).where(Forgotten.visitor_id == browser))
    return linked or (browser if forgotten is None else None)


def put_code(connection: Connection, code: str, visitor: str, seconds: float) -> None:
    """Let ``code``, a hash, link one browser to ``visitor``, for so long; earlier ones do not any more."""
    insert_visitor(connection, visitor)
    connection.execute(delete(DeviceCode).where(DeviceCode.visitor_id == visitor))
    row = {"id": code, "visitor_id": visitor, "valid_until": now() + seconds}
    connection.execute(insert(DeviceCode).values(row))


def redeem(connection: Connection, code: str, browser: str) -> str | None:
    """Link a browser by a ``code``, which is used up then; the visitor, or ``None`` where it is not valid."""
    connection.execute(delete(DeviceCode).where(DeviceCode.valid_until < now()))
    used = delete(DeviceCode).where(DeviceCode.id == code).returning(DeviceCode.visitor_id)
    visitor = connection.scalar(used)
    if visitor is not None:
        link(connection, browser, visitor)
    return visitor


def link(connection: Connection, browser: str, visitor: str, room: str | None = None) -> None:
    """Let a browser, the hash of whose secret that is, find the work of a visitor; with a ``room``, for as
    long as that is there."""
    insert_missing(connection, LinkedBrowser, {"id": browser}, {"visitor_id": visitor, "room_id": room})
