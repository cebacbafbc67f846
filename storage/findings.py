"""What rooms have computed for all, in the database: one finding of each kind a room, as JSON."""

from sqlalchemy import Connection, select

from storage.room_tables import Finding
from storage.rooms import lock_room
from storage.statements import put
from storage.tables import now


def keep(connection: Connection, room_id: str, kind: str, content: str) -> None:
    """Keep a finding in place of the former one; of a room that was deleted meanwhile nothing is kept."""
    if lock_room(connection, room_id) is not None:
        key = {"room_id": room_id, "kind": kind}
        put(connection, Finding, key, {"content": content, "found_at": now()})


def of_room(connection: Connection, room_id: str, kind: str) -> str | None:
    """The finding of this kind."""
    own = select(Finding.content).where(Finding.room_id == room_id, Finding.kind == kind)
    return connection.scalar(own)
