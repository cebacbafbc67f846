"""Alembic over one connection: which revisions there are, and the way to the newest."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.script.revision import ResolutionError
from alembic.util.exc import CommandError
from sqlalchemy import Connection, MetaData, select

from storage.database import Database
from storage.statements import copy_rows


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def is_known(revision: str) -> bool:
    """Whether this program has the revision; one that it does not know is of a later program."""
    try:
        return ScriptDirectory.from_config(_config()).get_revision(revision) is not None
    except (CommandError, ResolutionError):
        return False


def newest() -> str | None:
    """The last revision."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the tables to a ``revision``, within the transaction of ``connection``."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def copy(source: Connection, revision: str, target: Database) -> None:
    """Copy all tables, as they are at a ``revision``, into a new database, which a program of that revision
    opens; of a copy that fails nothing is left."""
    try:
        _fill(source, revision, target)
    except BaseException:
        target.close()
        if target.is_sqlite:
            target.file.unlink(missing_ok=True)
        raise
    target.close()


def _fill(source: Connection, revision: str, target: Database) -> None:
    before, after = MetaData(), MetaData()
    with target.writing() as connection:
        upgrade(connection, revision)
        before.reflect(source)
        after.reflect(connection)
        for table in after.sorted_tables:
            if table.name == "alembic_version":
                continue
            copy_rows(source, select(before.tables[table.name]), connection, table)
