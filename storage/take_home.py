"""What was made at the seats of a room besides its drawings, for whoever takes a lesson home."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, select

from storage import runs
from storage.room_tables import Answer, Finding, Seat
from storage.rooms import while_seated
from storage.runs import RunRecord
from storage.tables import Hypothesis, Run

# Runs that are read at a time.
_RUNS = 100


@dataclass(frozen=True)
class Made:
    """Something as JSON, made at the seat with this number, at a time in Unix seconds. ``key`` is a
    hypothesis' id, or the question that an answer answers."""

    seat: int
    key: str
    content: str
    made_at: float


@dataclass(frozen=True)
class FindingRecord:
    """What a room has computed for all, as JSON; ``kind`` says what."""

    kind: str
    content: str
    found_at: float


def runs_of(
    connection: Connection, room_id: str, most: int, but: Collection[str]
) -> list[tuple[int, RunRecord]]:
    """The newest runs, ``most`` of them, that were begun at the seats of a room while their visitors were
    there, each with the number of its seat, ``but`` those with these ids; by seat, the oldest first."""
    query = (
        select(Seat.number, Run.id)
        .join(Run, Run.visitor_id == Seat.visitor_id)
        .where(Seat.room_id == room_id, while_seated(Run.created_at), Run.id.not_in(list(but)))
        .order_by(Run.created_at.desc())
        .limit(most)
    )
    seats = {run_id: seat for seat, run_id in connection.execute(query)}
    ids = list(seats)
    found: list[RunRecord] = []
    for first in range(0, len(ids), _RUNS):
        found += runs.read(connection, ids[first : first + _RUNS]).values()
    return sorted(((seats[run.id], run) for run in found), key=lambda one: (one[0], one[1].number))


def hypotheses(connection: Connection, room_id: str, most: int) -> list[Made]:
    """What was guessed at the seats of a room while their visitors were there, the newest ``most``; by seat,
    the oldest first."""
    columns = (Seat.number, Hypothesis.id, Hypothesis.content, Hypothesis.created_at)
    query = (
        select(*columns)
        .join(Hypothesis, Hypothesis.visitor_id == Seat.visitor_id)
        .where(Seat.room_id == room_id, while_seated(Hypothesis.created_at))
        .order_by(Hypothesis.created_at.desc())
        .limit(most)
    )
    found = [Made(*row) for row in connection.execute(query)]
    return sorted(found, key=lambda made: (made.seat, made.made_at))


def answers(connection: Connection, room_id: str) -> list[Made]:
    """What was answered at the seats of a room that are taken, by seat and question."""
    columns = (Seat.number, Answer.question, Answer.content, Answer.answered_at)
    query = (
        select(*columns)
        .join(Seat, Seat.id == Answer.seat_id)
        .where(Seat.room_id == room_id, Seat.visitor_id.is_not(None))
        .order_by(Seat.number, Answer.question)
    )
    return [Made(*row) for row in connection.execute(query)]


def findings(connection: Connection, room_id: str) -> list[FindingRecord]:
    """What a room has computed for all, by kind."""
    query = select(Finding.kind, Finding.content, Finding.found_at).where(Finding.room_id == room_id)
    return [FindingRecord(*row) for row in connection.execute(query.order_by(Finding.kind))]
