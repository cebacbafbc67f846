"""Alembic over one connection: which revisions there are, and the way to the newest."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.script.revision import ResolutionError
from alembic.util.exc import CommandError
from sqlalchemy import Connection


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


def upgrade(connection: Connection) -> None:
    """Bring the tables up to date, within the transaction of ``connection``."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
