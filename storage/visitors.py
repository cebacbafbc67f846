"""What visitors made, in the database: tests by their own hand, hypotheses, imported networks, and what was
last on their desk."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from sqlalchemy import Connection, delete, func, select, update

from model.drawing.collection import OwnTest, Pointer, Trial
from model.drawing.strokes import SIDE
from storage import tables
from storage.arrays import packed, unpacked
from storage.merging import merged
from storage.statements import insert_missing, insert_visitor
from storage.tables import Drawing, Hypothesis, ImportedNetwork, Visitor, now

# Ink is kept as MNIST's images are: 255 shades.
_SHADES = np.float32(255)
# About the bytes of a drawing as people draw.
_DRAWING_BYTES = 8_000


@dataclass(frozen=True)
class OwnTestChange:
    """The test by a visitor's own hand as it is now. One that ``is_imported`` was not drawn now, and counts
    for no class in which its visitor is."""

    visitor: str
    test: OwnTest
    is_imported: bool = False

    @property
    def size(self) -> int:
        """About the bytes of its drawings."""
        return _DRAWING_BYTES * len(self.test.trials)

    def following(self, _earlier: OwnTestChange) -> OwnTestChange:
        """A test holds all that it held before."""
        return self

    def write(self, connection: Connection, _server: int) -> bool:
        """Always done: where another device was faster, its drawing of the same number stays."""
        insert_visitor(connection, self.visitor)
        seed = connection.scalar(select(tables.OwnTest.seed).where(tables.OwnTest.visitor_id == self.visitor))
        if seed is None:
            insert_missing(
                connection,
                tables.OwnTest,
                {"visitor_id": self.visitor},
                {"seed": self.test.seed, "version": 0},
            )
        elif seed != self.test.seed:
            connection.execute(delete(Drawing).where(Drawing.visitor_id == self.visitor))
        count = connection.scalar(
            select(func.count()).select_from(Drawing).where(Drawing.visitor_id == self.visitor)
        )
        for number, trial in enumerate(self.test.trials[count or 0 :], count or 0):
            key = {"visitor_id": self.visitor, "number": number}
            drawn_at = None if self.is_imported else now()
            insert_missing(connection, Drawing, key, {**_columns(trial), "drawn_at": drawn_at})
        own = update(tables.OwnTest).where(tables.OwnTest.visitor_id == self.visitor)
        connection.execute(own.values(seed=self.test.seed, version=tables.OwnTest.version + 1))
        return True


@dataclass(frozen=True)
class HypothesisChange:
    """A hypothesis as it is now, as JSON, and as it was ``before``, unless it is new. ``created_at`` is by
    this process' clock: several may be written in the same millisecond, which is all that a database's clock
    may tell."""

    id: str
    visitor: str
    content: str
    before: str | None = None
    created_at: float = field(default_factory=time.time)

    @property
    def size(self) -> int:
        """Its bytes."""
        return len(self.content)

    def following(self, earlier: HypothesisChange) -> HypothesisChange:
        """The later one wins."""
        return replace(self, before=earlier.before, created_at=earlier.created_at)

    def write(self, connection: Connection, _server: int) -> bool:
        """Always done: what another server has changed meanwhile stays, and what it deleted is gone."""
        insert_visitor(connection, self.visitor)
        own = Hypothesis.id == self.id, Hypothesis.visitor_id == self.visitor
        kept = connection.scalar(select(Hypothesis.content).where(*own).with_for_update())
        if kept is not None:
            content = self.content if self.before is None else merged(self.before, self.content, kept)
            connection.execute(update(Hypothesis).where(*own).values(content=content))
        elif self.before is None:
            values = {"visitor_id": self.visitor, "created_at": self.created_at, "content": self.content}
            insert_missing(connection, Hypothesis, {"id": self.id}, values)
        return True


@dataclass(frozen=True)
class NetworkChange:
    """A network that a visitor imported: ``content`` is the file as it came."""

    visitor: str
    name: str
    content: bytes

    @property
    def size(self) -> int:
        """Its bytes."""
        return len(self.content)

    def following(self, _earlier: NetworkChange) -> NetworkChange:
        """A name belongs to one content."""
        return self

    def write(self, connection: Connection, _server: int) -> bool:
        """Always done."""
        insert_visitor(connection, self.visitor)
        key = {"visitor_id": self.visitor, "name": self.name}
        insert_missing(connection, ImportedNetwork, key, {"created_at": now(), "content": self.content})
        return True


@dataclass(frozen=True)
class DeskChange:
    """The last recipe and the last drawing of a visitor, as JSON; ``None`` leaves what is there. With
    neither, only that the visitor was here; nothing is kept of who made nothing."""

    visitor: str
    recipe: str | None = None
    drawing: str | None = None

    @property
    def size(self) -> int:
        """Their bytes."""
        return len(self.recipe or "") + len(self.drawing or "")

    def following(self, earlier: DeskChange) -> DeskChange:
        """The later of both."""
        return DeskChange(self.visitor, self.recipe or earlier.recipe, self.drawing or earlier.drawing)

    def write(self, connection: Connection, _server: int) -> bool:
        """Always done."""
        if self.size:
            insert_visitor(connection, self.visitor)
        columns = {"recipe": self.recipe, "drawing": self.drawing}
        new = {name: value for name, value in columns.items() if value is not None}
        connection.execute(update(Visitor).where(Visitor.id == self.visitor).values(seen_at=now(), **new))
        return True


def own_test_versions(connection: Connection, visitors: Collection[str]) -> dict[str, int]:
    """By visitor, what grows with every change of the test; nothing of those of whom none is kept."""
    own = select(tables.OwnTest.visitor_id, tables.OwnTest.version)
    rows = connection.execute(own.where(tables.OwnTest.visitor_id.in_(list(visitors))))
    return {row.visitor_id: row.version for row in rows}


def own_test_of(connection: Connection, visitor: str) -> OwnTest | None:
    """The visitor's test, or ``None`` where none is kept."""
    seed = connection.scalar(select(tables.OwnTest.seed).where(tables.OwnTest.visitor_id == visitor))
    if seed is None:
        return None
    rows = connection.execute(select(Drawing).where(Drawing.visitor_id == visitor).order_by(Drawing.number))
    return OwnTest(seed, tuple(_trial(row.label, row.strokes, row.ink, row.pointer) for row in rows))


def hypotheses_of(connection: Connection, visitor: str) -> dict[str, str]:
    """The contents of the visitor's hypotheses by their ids, the newest first."""
    own = select(Hypothesis.id, Hypothesis.content).where(Hypothesis.visitor_id == visitor)
    rows = connection.execute(own.order_by(Hypothesis.created_at.desc()))
    return {row.id: row.content for row in rows}


def hypothesis(connection: Connection, visitor: str, name: str) -> str | None:
    """The content of one of the visitor's hypotheses."""
    own = select(Hypothesis.content).where(Hypothesis.visitor_id == visitor, Hypothesis.id == name)
    return connection.scalar(own)


def delete_hypotheses(connection: Connection, visitor: str, names: Sequence[str]) -> None:
    """Of the visitor's alone."""
    own = delete(Hypothesis).where(Hypothesis.visitor_id == visitor, Hypothesis.id.in_(names))
    connection.execute(own)


def networks_of(connection: Connection, visitor: str) -> list[str]:
    """The names of the networks that the visitor imported, the newest first."""
    own = select(ImportedNetwork.name).where(ImportedNetwork.visitor_id == visitor)
    return list(connection.scalars(own.order_by(ImportedNetwork.created_at.desc(), ImportedNetwork.name)))


def delete_networks(connection: Connection, visitor: str, names: Sequence[str]) -> None:
    """Of the visitor's alone: others may have imported the same."""
    own = delete(ImportedNetwork).where(
        ImportedNetwork.visitor_id == visitor, ImportedNetwork.name.in_(names)
    )
    connection.execute(own)


def network(connection: Connection, name: str) -> bytes | None:
    """The file of an imported network, whoever imported it."""
    return connection.scalar(select(ImportedNetwork.content).where(ImportedNetwork.name == name).limit(1))


def has_network(connection: Connection, name: str) -> bool:
    """Whether somebody has imported it, and it is still there."""
    found = select(ImportedNetwork.name).where(ImportedNetwork.name == name).limit(1)
    return connection.scalar(found) is not None


def desk_of(connection: Connection, visitor: str) -> tuple[str | None, str | None]:
    """The last recipe and the last drawing, as JSON."""
    row = connection.execute(
        select(Visitor.recipe, Visitor.drawing).where(Visitor.id == visitor)
    ).one_or_none()
    return (row.recipe, row.drawing) if row else (None, None)


def _columns(trial: Trial) -> dict[str, object]:
    return {
        "label": trial.label,
        "pointer": trial.pointer,
        "strokes": packed(trial.strokes) if trial.strokes else None,
        "ink": None if trial.ink is None else np.round(trial.ink * _SHADES).astype(np.uint8).tobytes(),
    }


def _trial(label: int, strokes: bytes | None, ink: bytes | None, pointer: str | None) -> Trial:
    if ink is None or strokes is None:
        return Trial(label)
    grey = np.frombuffer(ink, np.uint8).reshape(SIDE, SIDE).astype(np.float32) / _SHADES
    grey.setflags(write=False)
    return Trial(label, unpacked(strokes), grey, Pointer(pointer) if pointer else None)
