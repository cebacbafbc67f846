"""The made-up pupils of rehearsals: visitors whom no browser can be, and who go with their room."""

import secrets

from sqlalchemy import Connection, delete, func, select

from storage.room_tables import Room
from storage.tables import Visitor

# A visitor who comes by a browser is called by a hash, in hexadecimal digits alone.
_PREFIX = "rehearsal."


def new_pupil(room_id: str) -> str:
    """The id of another made-up pupil in the room with this id."""
    return f"{_PREFIX}{room_id}.{secrets.token_hex(12)}"


def delete_leftover(connection: Connection) -> None:
    """Delete everything of the made-up pupils whose room is there no longer."""
    room_id = func.substr(Visitor.id, len(_PREFIX) + 1, func.length(Room.id))
    has_room = select(Room.id).where(Room.id == room_id).exists()
    made_up = Visitor.id.startswith(_PREFIX, autoescape=True)
    connection.execute(delete(Visitor).where(made_up, ~has_room))
