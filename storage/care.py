"""Care for a database: what is in it, a backup and the way back, a check, and what has had its time."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection, delete, func, select, text

from storage import settings
from storage.arrays import unpacked_if_whole
from storage.database import Database, at_file, dated
from storage.problems import in_use, not_a_backup
from storage.room_tables import Answer, Finding, PaperDigit, Room, Seat, Teacher
from storage.runs import weights_bytes
from storage.statements import copy_rows, insert_missing
from storage.tables import (
    Drawing,
    Epoch,
    Forgotten,
    Hypothesis,
    ImportedNetwork,
    LinkedBrowser,
    OwnTest,
    Run,
    Server,
    State,
    Table,
    Visitor,
    Weights,
    now,
)

# Each after those that its rows point at. Servers and codes are of this moment only.
_TABLES: tuple[type[Table], ...] = (
    Forgotten, Visitor, Run, Epoch, Weights, State, OwnTest, Drawing, Hypothesis,
    ImportedNetwork, Room, Teacher, Seat, Answer, Finding, PaperDigit,
    LinkedBrowser,
)  # fmt: skip
_DAY = 24 * 60 * 60.0
# Where Streamlit Community Cloud puts the repositories of its apps.
_PROGRAM, _COMMUNITY_CLOUD = Path(__file__), Path("/mount/src")
RETENTION_DAYS, _MOST_DAYS = 180.0, 100_000.0


@dataclass(frozen=True)
class Status:
    """What a database holds. ``bytes`` is all that it takes, ``weights_bytes`` the weights alone;
    ``servers`` counts the processes that hold a lease."""

    revision: str
    bytes: int
    weights_bytes: int
    servers: int
    rows: dict[str, int]


def status(connection: Connection) -> Status:
    """Of an open database."""
    if connection.dialect.name == "sqlite":
        size = text("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
    else:
        size = text("SELECT pg_database_size(current_database())")
    return Status(
        revision=connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one(),
        bytes=int(connection.execute(size).scalar_one()),
        weights_bytes=weights_bytes(connection),
        servers=connection.scalar(select(func.count()).where(Server.lease_until > now())) or 0,
        rows={table.__tablename__: _count(connection, table) for table in _TABLES},
    )


def back_up(database: Database, file: Path) -> None:
    """Write everything as it is at one moment into ``file``, an SQLite database, also while servers write.

    Raises:
        FileExistsError: there is such a file.
        StorageError: the database cannot be read.
    """
    if file.exists():
        raise FileExistsError(f"{file} exists")
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)
    with database.reading() as source, _file(part) as target:
        _copy(source, target)
    part.replace(file)


def restore(database: Database, file: Path) -> Path | None:
    """Let the database hold what ``file``, made by ``back_up``, holds; returns where a backup is of what it
    held before. Visitors who were forgotten since stay forgotten.

    Raises:
        StorageError: ``file`` is no backup, or one of a newer program, or a server uses the database.
    """
    with _copy_of(file, database.folder) as copy, _file(copy) as source:
        before = None
        with database.reading() as connection:
            if not database.is_sqlite and status(connection).servers:
                raise in_use(database.folder)
            is_empty = not any(_count(connection, table) for table in _TABLES)
        if not is_empty:
            before = dated(database.folder, "before-restore")
            back_up(database, before)
        with database.writing() as target:
            forgotten = list(target.scalars(select(Forgotten.visitor_id)))
            for table in reversed(_TABLES):
                target.execute(delete(table))
            _copy(source, target)
            for visitor in forgotten:
                forget(target, visitor)
    return before


def check(connection: Connection) -> list[str]:
    """What is wrong, a sentence each: pages of the file, references, histories with holes, arrays that cannot
    be read."""
    found = []
    if connection.dialect.name == "sqlite":
        pages = connection.execute(text("PRAGMA integrity_check")).scalars()
        found += [line for line in pages if line != "ok"]
        lost = connection.execute(text("PRAGMA foreign_key_check"))
        found += [f"a row of {row[0]} belongs to nothing" for row in lost]
    holes = select(Epoch.run_id).group_by(Epoch.run_id).having(func.count() != func.max(Epoch.epoch) + 1)
    found += [f"an epoch of the run {run_id} is missing" for run_id in connection.scalars(holes)]
    for run_id, epoch in connection.execute(select(Weights.run_id, Weights.epoch)).all():
        row = select(Weights.arrays).where(Weights.run_id == run_id, Weights.epoch == epoch)
        if not unpacked_if_whole(connection.scalar(row)):
            found.append(f"the weights of the run {run_id} after epoch {epoch} are damaged")
    return found


def purge(connection: Connection, days: float) -> int:
    """Delete everything of visitors who have not been here for so many days; how many those were."""
    return connection.execute(delete(Visitor).where(Visitor.seen_at < now() - days * _DAY)).rowcount


def retention_days() -> float:
    """After how many days without a visit everything of a visitor goes: ``DIGITLAB_RETENTION_DAYS``.

    Raises:
        SettingError: it is no number of days.
    """
    return settings.from_environment("DIGITLAB_RETENTION_DAYS", RETENTION_DAYS, _MOST_DAYS)


def checked_days(name: str, text: str) -> float:
    """The number of days in ``text``, which an option of this ``name`` sets; errors as ``retention_days``."""
    return settings.checked(name, text, _MOST_DAYS)


def outlasts_restart(database: Database | None) -> bool:
    """Whether what is kept is still there when the server's machine was started again: as
    ``DIGITLAB_DATA_LASTS`` says, yes or no; else not in a file on Streamlit Community Cloud."""
    said = os.environ.get("DIGITLAB_DATA_LASTS", "").lower()
    if said in {"yes", "no"}:
        return said == "yes"
    is_file = database is None or database.is_sqlite
    return not (is_file and _PROGRAM.is_relative_to(_COMMUNITY_CLOUD))


def forget(connection: Connection, visitor: str) -> None:
    """Delete everything of a visitor, and note that it must not come back, with a backup or another write."""
    # Where another transaction is just inserting the row, this waits for it, and then deletes that.
    insert_missing(connection, Visitor, {"id": visitor}, {"created_at": now(), "seen_at": now()})
    connection.execute(delete(Visitor).where(Visitor.id == visitor))
    insert_missing(connection, Forgotten, {"visitor_id": visitor}, {"forgotten_at": now()})


def _copy(source: Connection, target: Connection) -> None:
    for table in _TABLES:
        # Whose run it is belongs to the moment, as the servers do.
        without = {"owner_id": None} if table is Run else {}
        copy_rows(source, select(*table.__table__.columns), target, table, **without)


@contextmanager
def _file(file: Path) -> Iterator[Connection]:
    database = at_file(file)
    database.open()
    try:
        with database.writing() as connection:
            yield connection
    finally:
        database.close()


@contextmanager
def _copy_of(file: Path, folder: Path) -> Iterator[Path]:
    """A copy of a backup, for a while: one of an earlier version is brought up to date when it is opened."""
    if not _is_sqlite(file):
        raise not_a_backup(file)
    with TemporaryDirectory(dir=folder) as place:
        copy = Path(place) / "copy.db"
        shutil.copy(file, copy)
        yield copy


def _is_sqlite(file: Path) -> bool:
    """In another file opening it would begin a new database."""
    if not file.is_file():
        return False
    with file.open("rb") as content:
        return content.read(15) == b"SQLite format 3"


def _count(connection: Connection, table: type[Table]) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0
