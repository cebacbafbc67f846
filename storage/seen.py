"""That somebody is at a seat: written behind, since every pupil's page tells it every few seconds."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, update

from storage.room_tables import Seat
from storage.tables import now


@dataclass(frozen=True)
class SeenChange:
    """Somebody at this seat has a page open, and has come so far: ``progress`` is a number that grows."""

    seat_id: str
    progress: int
    size: int = 0

    def following(self, _earlier: SeenChange) -> SeenChange:
        """The later one says all."""
        return self

    def write(self, connection: Connection, _server: int) -> bool:
        """Always done."""
        own = update(Seat).where(Seat.id == self.seat_id)
        connection.execute(own.values(seen_at=now()))
        further = own.where(Seat.progress != self.progress)
        connection.execute(further.values(progress=self.progress, progress_at=now()))
        return True
