"""The tables of the database; ``storage.room_tables`` has those of rooms.

Times are Unix seconds by the database's own clock. A visitor is known by a hash of the browser's secret,
never by the secret.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    false,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class now(FunctionElement[float]):  # noqa: N801
    """The database's clock at this moment, in Unix seconds."""

    type = Float(53)
    inherit_cache = True


@compiles(now, "sqlite")
def _now_in_sqlite(_element: now, _compiler: SQLCompiler, **_: object) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(now, "postgresql")
def _now_in_postgresql(_element: now, _compiler: SQLCompiler, **_: object) -> str:
    return "extract(epoch from clock_timestamp())::double precision"


class Table(DeclarativeBase):
    """What all tables have in common."""


class Server(Table):
    """A web process that trains. It owns runs until ``lease_until``; ``lock_file`` on ``host`` is locked for
    as long as the process lives. ``at_work`` is JSON: what the workers that it shares still have to compute
    for it."""

    __tablename__ = "servers"
    # A number is never given twice, not even after the last one was deleted.
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    host: Mapped[str] = mapped_column(String(255))
    lock_file: Mapped[str] = mapped_column(Text)
    lease_until: Mapped[float] = mapped_column(Float(53))
    at_work: Mapped[str] = mapped_column(Text, server_default="[]")


class Visitor(Table):
    """A browser; ``id`` is the hash of its secret. ``recipe`` and ``drawing`` are the last ones, as JSON."""

    __tablename__ = "visitors"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    created_at: Mapped[float] = mapped_column(Float(53))
    seen_at: Mapped[float] = mapped_column(Float(53), index=True)
    recipe: Mapped[str | None] = mapped_column(Text)
    drawing: Mapped[str | None] = mapped_column(Text)


def _of_visitor() -> Mapped[str]:
    return mapped_column(ForeignKey("visitors.id", ondelete="CASCADE"), index=True)


def _of_run() -> Mapped[str]:
    return mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)


class Run(Table):
    """A run but for its history and its arrays. ``recipe``, ``events`` and ``problem`` are JSON.

    ``version`` grows with every change. Of the server that owns it ``owner_id`` says which one that is, and
    every write carries ``fence``: it grows when another server takes the run over, so that the former owner
    changes nothing any more. ``name`` is what the visitor calls it. Of one that came in an archive
    ``created_at`` is 0.
    """

    __tablename__ = "runs"
    __table_args__ = (Index("ix_runs_open", "is_over", "owner_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    visitor_id: Mapped[str] = _of_visitor()
    number: Mapped[int] = mapped_column(Integer)
    name: Mapped[str | None] = mapped_column(String(100))
    recipe: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16))
    is_over: Mapped[bool] = mapped_column(Boolean)
    events: Mapped[str] = mapped_column(Text)
    problem: Mapped[str | None] = mapped_column(Text)
    diverged: Mapped[bool] = mapped_column(Boolean)
    xla: Mapped[bool | None] = mapped_column(Boolean)
    images_per_second: Mapped[float | None] = mapped_column(Float(53))
    fingerprint: Mapped[str] = mapped_column(Text)
    created_at: Mapped[float] = mapped_column(Float(53), index=True)
    changed_at: Mapped[float] = mapped_column(Float(53))
    version: Mapped[int] = mapped_column(Integer)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("servers.id", ondelete="SET NULL"))
    fence: Mapped[int] = mapped_column(Integer)


class Steering(Table):
    """What somebody at another server than the owner of a run wants of it, as JSON; gone once it is done."""

    __tablename__ = "steering"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), index=True)
    content: Mapped[str] = mapped_column(Text)


class Epoch(Table):
    """A point of a run's curves. ``fence`` is that of the server that wrote it: along a run it never goes
    down, or somebody has written who had lost the run. It is not known of the oldest, and of imported runs.
    """

    __tablename__ = "epochs"

    run_id: Mapped[str] = _of_run()
    epoch: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    training_loss: Mapped[float] = mapped_column(Float(53))
    training_accuracy: Mapped[float] = mapped_column(Float(53))
    validation_loss: Mapped[float] = mapped_column(Float(53))
    validation_accuracy: Mapped[float] = mapped_column(Float(53))
    fence: Mapped[int | None] = mapped_column(Integer)


class Weights(Table):
    """The weights after an epoch, where they are still kept; ``storage.arrays`` packs them."""

    __tablename__ = "weights"

    run_id: Mapped[str] = _of_run()
    epoch: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(BigInteger)
    arrays: Mapped[bytes] = mapped_column(LargeBinary)


class State(Table):
    """What a run goes on from: after ``done``, its last slice as JSON, with the results of the unfinished
    epoch in ``so_far``. ``weights`` is empty at the end of an epoch, whose weights are in ``weights``."""

    __tablename__ = "states"

    run_id: Mapped[str] = _of_run()
    done: Mapped[str] = mapped_column(Text)
    so_far: Mapped[str] = mapped_column(Text)
    weights: Mapped[bytes | None] = mapped_column(LargeBinary)
    optimizer: Mapped[bytes] = mapped_column(LargeBinary)


class OwnTest(Table):
    """The test by a visitor's own hand; ``seed`` decides which digit is asked for when."""

    __tablename__ = "own_tests"

    visitor_id: Mapped[str] = mapped_column(ForeignKey("visitors.id", ondelete="CASCADE"), primary_key=True)
    seed: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(Integer)


class Drawing(Table):
    """A digit of a test that was drawn, or skipped: then without ``strokes`` and ``ink``. A teacher may have
    hidden it from a class. When it was drawn is not known of the oldest ones, and of imported ones."""

    __tablename__ = "drawings"

    visitor_id: Mapped[str] = mapped_column(
        ForeignKey("own_tests.visitor_id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    label: Mapped[int] = mapped_column(Integer)
    pointer: Mapped[str | None] = mapped_column(String(16))
    strokes: Mapped[bytes | None] = mapped_column(LargeBinary)
    ink: Mapped[bytes | None] = mapped_column(LargeBinary)
    is_hidden: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    drawn_at: Mapped[float | None] = mapped_column(Float(53))


class Hypothesis(Table):
    """A hypothesis of Guess first, as JSON."""

    __tablename__ = "hypotheses"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    visitor_id: Mapped[str] = _of_visitor()
    created_at: Mapped[float] = mapped_column(Float(53))
    content: Mapped[str] = mapped_column(Text)


class ImportedNetwork(Table):
    """A network that a visitor imported: the file as it came, read again each time."""

    __tablename__ = "imported_networks"

    visitor_id: Mapped[str] = mapped_column(ForeignKey("visitors.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(32), primary_key=True, index=True)
    created_at: Mapped[float] = mapped_column(Float(53))
    content: Mapped[bytes] = mapped_column(LargeBinary)


class LinkedBrowser(Table):
    """A browser that finds the work of a visitor by a secret of its own; ``id`` is the hash of that. One that
    came by the code of a seat finds it for as long as the room is there."""

    __tablename__ = "linked_browsers"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    visitor_id: Mapped[str] = _of_visitor()
    room_id: Mapped[str | None] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"))


class DeviceCode(Table):
    """A code by which one other browser is linked, once; ``id`` is its hash."""

    __tablename__ = "device_codes"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    visitor_id: Mapped[str] = _of_visitor()
    valid_until: Mapped[float] = mapped_column(Float(53))


class Forgotten(Table):
    """A visitor who wanted to be forgotten, and must not come back, with a backup or with another write."""

    __tablename__ = "forgotten"

    visitor_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    forgotten_at: Mapped[float] = mapped_column(Float(53))
