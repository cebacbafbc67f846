"""Runs in the database: rows, histories, weights, what they go on from. Long, since each query has its lines.

A ``RunRecord`` holds what the floor above makes of a run as JSON; this floor only keeps it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from model.slices import Arrays, EpochMetrics, Progress, Score, Slice, TrainingState
from storage.arrays import packed, unpacked_if_whole
from storage.statements import insert_missing, insert_visitor, upsert
from storage.tables import Epoch, Run, State, Steering, Weights, now

# Bytes that the weights of one run may take.
RUN_BYTES = 100_000_000
_SLICE = TypeAdapter(Slice)
_PROGRESS = TypeAdapter(tuple[Progress, ...])

# Of every epoch; to make a statement takes many times longer than to execute it.
_UPDATE = (
    update(Run)
    .where(Run.id == bindparam("own_id"), Run.fence == bindparam("own_fence"))
    .values(version=Run.version + 1, changed_at=now())
)
_SIZES = select(Weights.epoch, Weights.size).where(Weights.run_id == bindparam("run_id"))
_NO_ORDERS = delete(Steering).where(Steering.run_id == bindparam("run_id"))


@dataclass(frozen=True)
class RunRecord:
    """A run as its row has it. ``recipe``, ``events`` and ``problem`` are JSON; ``version`` and ``history``
    are only read."""

    id: str
    visitor: str
    number: int
    recipe: str
    state: str
    is_over: bool
    events: str = "[]"
    problem: str | None = None
    diverged: bool = False
    xla: bool | None = None
    images_per_second: float | None = None
    fingerprint: str = ""
    name: str | None = None
    fence: int = 1
    version: int = 0
    history: tuple[EpochMetrics, ...] = ()


@dataclass(frozen=True)
class RestingState:
    """What a run goes on from: ``training`` after ``done``, with the results of the unfinished epoch."""

    done: Slice
    so_far: tuple[Progress, ...]
    training: TrainingState


@dataclass(frozen=True)
class RunChange:
    """What is new of one run, written in one transaction.

    ``points`` are new on its curves; ``weights``, by epoch, take ``run_bytes`` at most, those of the ``best``
    epoch apart. ``is_new``: the run has no row yet. One that ``is_imported`` was not begun now, and counts
    for no class in which its visitor is.
    """

    record: RunRecord
    points: tuple[EpochMetrics, ...] = ()
    weights: Mapping[int, Arrays] = field(default_factory=dict)
    state: RestingState | None = None
    best: int | None = None
    is_new: bool = False
    run_bytes: int = RUN_BYTES
    is_imported: bool = False

    @property
    def size(self) -> int:
        """Bytes of its arrays."""
        state = (self.state.training.weights, self.state.training.optimizer) if self.state else ()
        return sum(map(size_of, (*self.weights.values(), *state)))

    def following(self, earlier: RunChange) -> RunChange:
        """This change and an ``earlier`` one that was not written, as one."""
        weights = {**earlier.weights, **self.weights}
        sizes = {epoch: size_of(arrays) for epoch, arrays in weights.items()}
        best = self.best if self.best is not None else earlier.best
        for epoch in too_many(sizes, best, self.run_bytes):
            del weights[epoch]
        return replace(
            self,
            points=(*earlier.points, *self.points),
            weights=weights,
            state=self.state or earlier.state,
            best=best,
            is_new=earlier.is_new,
        )

    def write(self, connection: Connection, server: int) -> bool:
        """Whether the run was still this server's; if not, nothing was changed."""
        if not self._write_record(connection, server):
            return False
        run_id = self.record.id
        for point in self.points:
            upsert(connection, Epoch, {"run_id": run_id, "fence": self.record.fence, **_columns(point)})
        for epoch, arrays in self.weights.items():
            row = {"run_id": run_id, "epoch": epoch, "size": size_of(arrays), "arrays": packed(arrays)}
            upsert(connection, Weights, row)
        if self.weights:
            dropped = too_many(sizes_of(connection, run_id), self.best, self.run_bytes)
            drop_weights(connection, run_id, dropped)
        if self.state:
            self._write_state(connection, self.state)
        if self.record.is_over:
            connection.execute(_NO_ORDERS, {"run_id": run_id})
        return True

    def _write_record(self, connection: Connection, server: int) -> bool:
        record = self.record
        columns = {
            "state": record.state,
            "is_over": record.is_over,
            "events": record.events,
            "problem": record.problem,
            "diverged": record.diverged,
            "xla": record.xla,
            "images_per_second": record.images_per_second,
            "fingerprint": record.fingerprint,
            "name": record.name,
            "owner_id": None if record.is_over else server,
        }
        own = {"own_id": record.id, "own_fence": record.fence}
        if connection.execute(_UPDATE, {**own, **columns}).rowcount:
            return True
        if not self.is_new or connection.scalar(select(Run.id).where(Run.id == record.id)):
            return False
        insert_visitor(connection, record.visitor)
        run = {
            "visitor_id": record.visitor,
            "number": record.number,
            "recipe": record.recipe,
            "created_at": 0.0 if self.is_imported else now(),
            "changed_at": now(),
            "version": 1,
            "fence": record.fence,
        }
        insert_missing(connection, Run, {"id": record.id}, {**run, **columns})
        return True

    def _write_state(self, connection: Connection, state: RestingState) -> None:
        row = {
            "run_id": self.record.id,
            "done": _SLICE.dump_json(state.done).decode(),
            "so_far": _PROGRESS.dump_json(state.so_far).decode(),
            "weights": None if state.done.ends_epoch else packed(state.training.weights),
            "optimizer": packed(state.training.optimizer),
        }
        upsert(connection, State, row)


def insert_history(connection: Connection, run_id: str, points: Sequence[EpochMetrics]) -> None:
    """The curves of a run that has none yet, in one statement."""
    rows = [{"run_id": run_id, "epoch": point.epoch, **_columns(point)} for point in points]
    if rows:
        connection.execute(insert(Epoch), rows)


def delete_runs(connection: Connection, run_ids: Sequence[str]) -> None:
    """Everything of the runs with these ids."""
    connection.execute(delete(Run).where(Run.id.in_(list(run_ids))))


def rename(connection: Connection, run_id: str, name: str | None) -> None:
    """Call a run by another name, or by none."""
    own = update(Run).where(Run.id == run_id)
    connection.execute(own.values(name=name, version=Run.version + 1))


def versions_of(connection: Connection, visitor: str) -> dict[str, int]:
    """The visitor's runs, the newest first, each with its version."""
    query = select(Run.id, Run.version).where(Run.visitor_id == visitor).order_by(Run.number.desc())
    return {row.id: row.version for row in connection.execute(query)}


def version_of(connection: Connection, run_id: str) -> int | None:
    """The version of a run, or ``None`` where there is none with this id."""
    return connection.scalar(select(Run.version).where(Run.id == run_id))


def visitor_of(connection: Connection, run_id: str) -> str | None:
    """Whose run it is, or ``None`` where there is none with this id."""
    return connection.scalar(select(Run.visitor_id).where(Run.id == run_id))


def last_number(connection: Connection, visitor: str) -> int:
    """The number of the visitor's newest run, 0 before the first."""
    return connection.scalar(select(func.max(Run.number)).where(Run.visitor_id == visitor)) or 0


def read(connection: Connection, run_ids: Iterable[str]) -> dict[str, RunRecord]:
    """The runs with these ids, as far as there are such."""
    ids = list(run_ids)
    points = select(Epoch).where(Epoch.run_id.in_(ids)).order_by(Epoch.run_id, Epoch.epoch)
    histories: dict[str, list[EpochMetrics]] = {}
    for row in connection.execute(points):
        histories.setdefault(row.run_id, []).append(_point(row))
    rows = connection.execute(select(Run).where(Run.id.in_(ids)))
    return {row.id: _record(row, histories.get(row.id, ())) for row in rows}


def epochs(connection: Connection, run_id: str) -> list[int]:
    """The epochs whose weights are kept, sorted."""
    return sorted(sizes_of(connection, run_id))


def weights(connection: Connection, run_id: str, epoch: int) -> Arrays | None:
    """The weights after ``epoch``, read-only, or ``None`` where they are not kept, or are damaged."""
    kept = connection.scalar(select(Weights.arrays).where(Weights.run_id == run_id, Weights.epoch == epoch))
    return unpacked_if_whole(kept)


def state(connection: Connection, run_id: str) -> RestingState | None:
    """What the run goes on from; ``None`` before its first slice, and where it is damaged."""
    row = connection.execute(select(State).where(State.run_id == run_id)).one_or_none()
    if row is None:
        return None
    done = _SLICE.validate_json(row.done)
    kept = weights(connection, run_id, done.epoch) if row.weights is None else unpacked_if_whole(row.weights)
    optimizer = unpacked_if_whole(row.optimizer)
    if kept is None or optimizer is None:
        return None
    return RestingState(done, _PROGRESS.validate_json(row.so_far), TrainingState(kept, optimizer))


def sizes_of(connection: Connection, run_id: str) -> dict[int, int]:
    """The bytes of the weights of a run, by the epochs after which they are kept."""
    return {row.epoch: row.size for row in connection.execute(_SIZES, {"run_id": run_id})}


def drop_weights(connection: Connection, run_id: str, epochs: Sequence[int]) -> None:
    """Keep the weights of a run after these epochs no longer."""
    if epochs:
        connection.execute(delete(Weights).where(Weights.run_id == run_id, Weights.epoch.in_(epochs)))


def weights_bytes(connection: Connection) -> int:
    """What all weights take."""
    return int(connection.scalar(select(func.coalesce(func.sum(Weights.size), 0))) or 0)


def size_of(arrays: Iterable[object]) -> int:
    """Bytes of ``arrays``."""
    return sum(getattr(array, "nbytes", 0) for array in arrays)


def too_many(sizes: Mapping[int, int], best: int | None, most: int) -> list[int]:
    """The epochs to drop so that the rest takes ``most`` bytes: those with the nearest neighbours on both
    sides; never the first or the last one, and the ``best`` only where there is no other."""
    left, dropped = sorted(sizes), []
    while len(left) > 2 and sum(sizes[epoch] for epoch in left) > most:
        inner = [i for i in range(1, len(left) - 1) if left[i] != best] or [1]
        dropped.append(left.pop(min(inner, key=lambda i: left[i + 1] - left[i - 1])))
    return dropped


def _record(row: Row[Any], history: Sequence[EpochMetrics]) -> RunRecord:
    return RunRecord(
        id=row.id,
        visitor=row.visitor_id,
        number=row.number,
        recipe=row.recipe,
        state=row.state,
        is_over=row.is_over,
        events=row.events,
        problem=row.problem,
        diverged=row.diverged,
        xla=row.xla,
        images_per_second=row.images_per_second,
        fingerprint=row.fingerprint,
        name=row.name,
        fence=row.fence,
        version=row.version,
        history=tuple(history),
    )


def _columns(point: EpochMetrics) -> dict[str, float]:
    return {
        "epoch": point.epoch,
        "training_loss": point.training.loss,
        "training_accuracy": point.training.accuracy,
        "validation_loss": point.validation.loss,
        "validation_accuracy": point.validation.accuracy,
    }


def _point(row: Row[Any]) -> EpochMetrics:
    training = Score(row.training_loss, row.training_accuracy)
    return EpochMetrics(row.epoch, training, Score(row.validation_loss, row.validation_accuracy))
