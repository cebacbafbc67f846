"""Reads what is kept, where something is kept at all."""

from collections.abc import Callable
from typing import Any, TypeVar

from storage.writer import Writer

T = TypeVar("T")


def read(writer: Writer, default: T, query: Callable[..., T], *args: Any) -> T:
    """What ``query`` finds in the database of ``writer``; without one, ``default``.

    Raises:
        StorageError: the database does not answer.
    """
    return default if writer.database is None else writer.database.read(query, *args)
