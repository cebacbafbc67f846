"""The address of a PostgreSQL database. It holds a password, so what is wrong with it is said without it."""

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from model.messages import N_, Message
from storage.settings import SettingError

# How it may begin, as PostgreSQL's own programs take it.
_POSTGRESQL = {"postgresql", "postgres"}


def postgresql_url(address: str) -> URL:
    """``address`` for SQLAlchemy.

    Raises:
        SettingError: it is none, or that of another kind of database.
    """
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise _no_address() from None
    # With an "@" in a password the rest of it would be taken for the host.
    if url.get_backend_name() not in _POSTGRESQL or "@" in (url.host or ""):
        raise _no_address()
    return url.set(drivername="postgresql+psycopg")


def _no_address() -> SettingError:
    return SettingError(
        Message(
            N_(
                "DIGITLAB_DATABASE_URL needs an address like postgresql://USER:PASSWORD@HOST/DATABASE, and "
                "holds none. Write special characters of the password percent-encoded."
            )
        )
    )
