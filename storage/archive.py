"""Everything of a visitor, taken out of the database and put into one, as an archive needs it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, func, select

from model.drawing.collection import OwnTest
from storage import runs, visitors
from storage.runs import RunChange
from storage.statements import insert_missing, insert_visitor
from storage.tables import Drawing, Hypothesis, ImportedNetwork, Run, State, Visitor, Weights
from storage.visitors import DeskChange, OwnTestChange


@dataclass(frozen=True)
class Stored:
    """A hypothesis or an imported network: its ``id`` of all visitors' or its name, when it was made in Unix
    seconds, and what it holds, as JSON or as the file that it is."""

    id: str
    created_at: float
    content: str | bytes


@dataclass(frozen=True)
class Sizes:
    """Bytes of a run's weights by epoch, and of the rest that it goes on from."""

    weights: Mapping[int, int] = field(default_factory=dict)
    state: int = 0


@dataclass(frozen=True)
class VisitorsWork:
    """What is to be put into the database for one visitor, whose ids all ``runs`` and ``hypotheses`` have.
    ``runs`` are the oldest first and are asked for one at a time; ``numbers`` are theirs."""

    runs: Iterable[RunChange] = ()
    numbers: Collection[int] = ()
    hypotheses: Sequence[Stored] = ()
    networks: Iterable[Stored] = ()
    test: OwnTest | None = None
    desk: DeskChange | None = None


@dataclass(frozen=True)
class Most:
    """How much one visitor may have after some work was put in."""

    runs: int
    hypotheses: int
    networks: int


class TooMuchError(Exception):
    """A visitor would have more runs or hypotheses than that."""


@dataclass(frozen=True)
class TakenIn:
    """How much of some work is new, and how much was there already. ``refused_networks`` are more than a
    visitor may keep; ``weights`` are the bytes of all that came."""

    runs: int = 0
    runs_there: int = 0
    hypotheses: int = 0
    hypotheses_there: int = 0
    networks: int = 0
    networks_there: int = 0
    refused_networks: int = 0
    drawings: int = 0
    drawings_stay: bool = False
    desk: bool = False
    weights: int = 0


def sizes_of(connection: Connection, visitor: str) -> dict[str, Sizes]:
    """How much room the arrays of the visitor's runs take, by its id; runs without any are not there."""
    own = select(Run.id).where(Run.visitor_id == visitor)
    states = select(State.run_id, func.length(State.optimizer), func.length(State.weights))
    sizes = {
        run_id: Sizes(state=(optimizer or 0) + (weights or 0))
        for run_id, optimizer, weights in connection.execute(states.where(State.run_id.in_(own)))
    }
    by_run: dict[str, dict[int, int]] = {}
    query = select(Weights.run_id, Weights.epoch, Weights.size).where(Weights.run_id.in_(own))
    for run_id, epoch, size in connection.execute(query.order_by(Weights.run_id, Weights.epoch)):
        by_run.setdefault(run_id, {})[epoch] = size
    return sizes | {
        run_id: replace(sizes.get(run_id, Sizes()), weights=epochs) for run_id, epochs in by_run.items()
    }


def hypotheses_of(connection: Connection, visitor: str) -> list[Stored]:
    """The visitor's hypotheses, the oldest first."""
    own = select(Hypothesis).where(Hypothesis.visitor_id == visitor).order_by(Hypothesis.created_at)
    return [Stored(row.id, row.created_at, row.content) for row in connection.execute(own)]


def networks_of(connection: Connection, visitor: str) -> list[Stored]:
    """The networks that the visitor imported, the oldest first."""
    own = select(ImportedNetwork).where(ImportedNetwork.visitor_id == visitor)
    rows = connection.execute(own.order_by(ImportedNetwork.created_at))
    return [Stored(row.name, row.created_at, row.content) for row in rows]


def networks_bytes(connection: Connection, visitor: str) -> int:
    """What the networks that the visitor imported take."""
    size = select(func.coalesce(func.sum(func.length(ImportedNetwork.content)), 0))
    return int(connection.scalar(size.where(ImportedNetwork.visitor_id == visitor)) or 0)


def ids_of(connection: Connection, visitor: str) -> set[str]:
    """The ids of the visitor's runs and hypotheses."""
    own = select(Hypothesis.id).where(Hypothesis.visitor_id == visitor)
    return {*runs.versions_of(connection, visitor), *connection.scalars(own)}


def take_in(
    connection: Connection, visitor: str, work: VisitorsWork, at_work: Collection[str], most: Most
) -> TakenIn:
    """Give the visitor all of ``work`` that is not there yet; what is there stays as it is, the runs
    ``at_work`` among it, which may have no row yet.

    Raises:
        TooMuchError: with it the visitor would have more than there may be.
    """
    insert_visitor(connection, visitor)
    # Two pages that read the same archive take turns.
    connection.execute(select(Visitor.id).where(Visitor.id == visitor).with_for_update())
    taken = _take_runs(connection, visitor, work, ids_of(connection, visitor).union(at_work))
    taken = _take_hypotheses(connection, visitor, work.hypotheses, taken)
    for table, new, bound in ((Run, taken.runs, most.runs), (Hypothesis, taken.hypotheses, most.hypotheses)):
        count = select(func.count()).select_from(table).where(table.visitor_id == visitor)
        if new and (connection.scalar(count) or 0) > bound:
            raise TooMuchError
    taken = _take_networks(connection, visitor, work.networks, taken, most.networks)
    if work.test is not None and work.test.trials:
        kept = select(func.count()).select_from(Drawing).where(Drawing.visitor_id == visitor)
        if connection.scalar(kept):
            taken = replace(taken, drawings_stay=True)
        else:
            OwnTestChange(visitor, work.test, is_imported=True).write(connection, 0)
            taken = replace(taken, drawings=len(work.test.drawn))
    if work.desk is not None and visitors.desk_of(connection, visitor) == (None, None):
        taken = replace(taken, desk=work.desk.write(connection, 0))
    return taken


def _take_runs(connection: Connection, visitor: str, work: VisitorsWork, ids: set[str]) -> TakenIn:
    numbers = set(connection.scalars(select(Run.number).where(Run.visitor_id == visitor)))
    last = max([0, *numbers, *work.numbers])
    taken = TakenIn()
    for change in work.runs:
        if change.record.id in ids:
            taken = replace(taken, runs_there=taken.runs_there + 1)
            continue
        number = change.record.number
        if number in numbers:
            number = last = last + 1
        numbers.add(number)
        record = replace(change.record, visitor=visitor, number=number)
        if replace(change, record=record, points=(), is_new=True, is_imported=True).write(connection, 0):
            # A thousand long curves, point by point, would keep everybody else waiting for a minute.
            runs.insert_history(connection, record.id, change.points)
            taken = replace(taken, runs=taken.runs + 1, weights=taken.weights + change.size)
    return taken


def _take_hypotheses(
    connection: Connection, visitor: str, hypotheses: Sequence[Stored], taken: TakenIn
) -> TakenIn:
    there = {hypothesis.id for hypothesis in hypotheses_of(connection, visitor)}
    new = [hypothesis for hypothesis in hypotheses if hypothesis.id not in there]
    for hypothesis in new:
        columns = {"created_at": hypothesis.created_at, "content": hypothesis.content}
        insert_missing(connection, Hypothesis, {"id": hypothesis.id}, {"visitor_id": visitor, **columns})
    return replace(taken, hypotheses=len(new), hypotheses_there=len(hypotheses) - len(new))


def _take_networks(
    connection: Connection, visitor: str, networks: Iterable[Stored], taken: TakenIn, most: int
) -> TakenIn:
    there = set(visitors.networks_of(connection, visitor))
    new = common = refused = 0
    for network in networks:
        if network.id in there:
            common += 1
        elif len(there) >= most:
            refused += 1
        else:
            there.add(network.id)
            new += 1
            columns = {"created_at": network.created_at, "content": network.content}
            key = {"visitor_id": visitor, "name": network.id}
            insert_missing(connection, ImportedNetwork, key, columns)
    return replace(taken, networks=new, networks_there=common, refused_networks=refused)
