"""How servers over one database hear of each other: orders to the owner of a run, and who has which one.

What an order says is JSON of the floor above.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy import BindParameter, Connection, bindparam, delete, insert, literal, or_, select

from storage.tables import Run, Server, Steering, now

_SERVER: BindParameter[int] = bindparam("server")
_OPEN = Run.is_over.is_(False)
_OWN = Run.owner_id == _SERVER

# Asked for every second, and to make a statement takes many times longer than to execute it.
_RUNS = select(Run.id, Run.visitor_id, Run.number, Run.state, Run.fence, Run.owner_id).where(
    _OPEN,
    or_(_OWN, Run.owner_id.is_(None), Run.visitor_id.in_(select(Run.visitor_id).where(_OPEN, _OWN))),
)
_ORDERS = (
    select(Steering.id, Steering.run_id, Steering.content)
    .join(Run, Run.id == Steering.run_id)
    .where(_OWN)
    .order_by(Steering.id)
)
_AT_WORK = select(Server.at_work).where(Server.id != _SERVER, Server.lease_until > now())
_OPEN_OF_VISITOR = select(Run.id, Run.visitor_id, Run.number, Run.state).where(
    _OPEN, Run.visitor_id == bindparam("visitor")
)


@dataclass(frozen=True)
class OpenRun:
    """A run that is not over."""

    id: str
    visitor: str
    number: int
    state: str


@dataclass(frozen=True)
class Order:
    """What somebody at another server wants of a run."""

    id: int
    run_id: str
    content: str


@dataclass(frozen=True)
class Look:
    """What a server finds at one moment. ``own``: the runs that it has and that are not over, by id, with
    their fences. ``others``: those that it has not, of visitors of whom it has some. ``orders`` to it, in the
    order in which they were given. ``at_work`` is what the other servers say of themselves. There ``is_left``
    a run that nobody has."""

    own: Mapping[str, int] = field(default_factory=dict)
    others: tuple[OpenRun, ...] = ()
    orders: tuple[Order, ...] = ()
    at_work: tuple[str, ...] = ()
    is_left: bool = False


def look(connection: Connection, server: int) -> Look:
    """What ``server`` finds now."""
    key = {"server": server}
    rows = connection.execute(_RUNS, key).all()
    own = {row.id: row.fence for row in rows if row.owner_id == server}
    visitors = {row.visitor_id for row in rows if row.id in own}
    others = [row for row in rows if row.id not in own and row.visitor_id in visitors]
    return Look(
        own,
        tuple(OpenRun(row.id, row.visitor_id, row.number, row.state) for row in others),
        tuple(Order(row.id, row.run_id, row.content) for row in connection.execute(_ORDERS, key)),
        tuple(connection.scalars(_AT_WORK, key)),
        any(row.owner_id is None for row in rows),
    )


def open_runs(connection: Connection, visitor: str) -> list[OpenRun]:
    """The visitor's runs that are not over, whoever has them."""
    rows = connection.execute(_OPEN_OF_VISITOR, {"visitor": visitor})
    return [OpenRun(row.id, row.visitor_id, row.number, row.state) for row in rows]


def put(connection: Connection, server: int, run_id: str, content: str) -> None:
    """An order for a run that is not over, unless ``server``, which gives it, has the run itself."""
    elsewhere = select(Run.id, literal(content)).where(
        Run.id == run_id, _OPEN, Run.owner_id.is_distinct_from(server)
    )
    # Locked, so that no order comes behind the end of its run.
    elsewhere = elsewhere.with_for_update(read=True)
    connection.execute(insert(Steering).from_select(["run_id", "content"], elsewhere))


def has_orders(connection: Connection, run_ids: Collection[str]) -> bool:
    """Whether something that was wanted of these runs is not done yet."""
    left = select(Steering.id).where(Steering.run_id.in_(list(run_ids))).limit(1)
    return connection.scalar(left) is not None


@dataclass(frozen=True)
class OrderChange:
    """An order that can wait."""

    run_id: str
    content: str
    size: int = 0

    def following(self, _earlier: OrderChange) -> OrderChange:
        """Once is enough."""
        return self

    def write(self, connection: Connection, server: int) -> bool:
        """Always done."""
        put(connection, server, self.run_id, self.content)
        return True


@dataclass(frozen=True)
class ObeyedChange:
    """An order was carried out. Whoever lost the run meanwhile leaves it to the one that has it now."""

    order_id: int
    size: int = 0

    def following(self, _earlier: ObeyedChange) -> ObeyedChange:
        """The same."""
        return self

    def write(self, connection: Connection, server: int) -> bool:
        """Always done."""
        own = select(Run.id).where(Run.owner_id == server)
        connection.execute(delete(Steering).where(Steering.id == self.order_id, Steering.run_id.in_(own)))
        return True
