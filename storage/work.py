"""What servers are computing for rooms at this moment, so that each knows of the others: one work of each
kind a room, as JSON. It is gone with its server."""

from sqlalchemy import ColumnElement, Connection, delete, select, update

from storage.room_tables import Work
from storage.rooms import lock_room
from storage.statements import put
from storage.tables import Server, now


def begin(connection: Connection, server: int, room_id: str, kind: str, content: str) -> bool:
    """Whether no other server is at this work, and ``server`` is from now on."""
    if lock_room(connection, room_id) is None or of_others(connection, server, room_id, kind):
        return False
    put(connection, Work, {"room_id": room_id, "kind": kind}, {"server_id": server, "content": content})
    return True


def tell(connection: Connection, room_id: str, kind: str, content: str) -> None:
    """How far the work is."""
    connection.execute(update(Work).where(*_of(room_id, kind)).values(content=content))


def of_others(connection: Connection, server: int, room_id: str, kind: str) -> str | None:
    """How far the work is; ``None`` where no living server but perhaps ``server`` is at it."""
    lives = select(Server.id).where(Server.id == Work.server_id, Server.lease_until > now()).exists()
    own = Work.server_id == server
    return connection.scalar(select(Work.content).where(*_of(room_id, kind), lives, ~own))


def end(connection: Connection, room_id: str, kind: str) -> None:
    """Nobody is at the work any more."""
    connection.execute(delete(Work).where(*_of(room_id, kind)))


def _of(room_id: str, kind: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Work.room_id == room_id, Work.kind == kind
