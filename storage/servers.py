"""The web processes that share the database, and what each of them has to do."""

from dataclasses import dataclass

from sqlalchemy import Connection, and_, case, func, select

from storage.tables import Run, Server, now


@dataclass(frozen=True)
class ServerRow:
    """A web process: ``lease`` says for how many seconds it still holds what it owns, and is below 0 where it
    has not been heard of for too long. ``runs`` of it are not over, ``resting`` of those are paused."""

    number: int
    host: str
    lease: float
    runs: int
    resting: int


@dataclass(frozen=True)
class Servers:
    """All web processes; ``unowned_runs`` are not over, and no process has them."""

    rows: tuple[ServerRow, ...]
    unowned_runs: int


def servers(connection: Connection, paused: str) -> Servers:
    """As they are at this moment; ``paused`` is the state of a run that rests."""
    unfinished = Run.is_over.is_(False)
    resting = func.sum(case((Run.state == paused, 1), else_=0))
    found = (
        select(Server.id, Server.host, Server.lease_until - now(), func.count(Run.id), resting)
        .outerjoin(Run, and_(Run.owner_id == Server.id, unfinished))
        .group_by(Server.id)
        .order_by(Server.id)
    )
    unowned = select(func.count()).where(unfinished, Run.owner_id.is_(None))
    rows = tuple(ServerRow(*row) for row in connection.execute(found))
    return Servers(rows, connection.scalar(unowned) or 0)
