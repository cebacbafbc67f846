"""Connections to PostgreSQL that do not wait for ever.

Where the processes of a server were stopped, its system still answers for them, so that no setting of a
socket ends the waiting.
"""

import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg
from sqlalchemy import URL, Engine, create_engine, event

Wanted = TypeVar("Wanted")
Ready = TypeVar("Ready")
T = TypeVar("T")

# Seconds, and milliseconds where libpq and PostgreSQL have those.
_OPTIONS = {
    "connect_timeout": 3,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "tcp_user_timeout": 5000,
    "options": "-c statement_timeout=10000 -c lock_timeout=5000",
}
# Seconds; longer than a statement may take.
_SILENCE = 12.0


@dataclass
class _Patience:
    """How many ``seconds`` a server may say nothing."""

    seconds: float


_patience: ContextVar[_Patience | None] = ContextVar("patience", default=None)


class SilentServerError(psycopg.OperationalError):
    """The server is there, but has not answered for too long."""


class Connection(psycopg.Connection[Any]):
    """Raises ``SilentServerError`` where the server says nothing, and is closed then."""

    def wait(self, gen: Generator[Any, Any, T], *args: Any, **values: Any) -> T:
        """For what ``gen`` asks of the server."""
        try:
            return super().wait(_bounded(gen), *args, **values)
        except SilentServerError:
            self.close()
            raise

    @classmethod
    def _connect_gen(cls, *args: Any, **values: Any) -> Any:
        # psycopg's own timeout for connecting is 2 s at least.
        return _bounded(super()._connect_gen(*args, **values))


def engine(url: URL) -> Engine:
    """Over such connections."""
    made = create_engine(url, pool_pre_ping=True, pool_size=20, pool_timeout=1, connect_args=_OPTIONS)
    event.listen(
        made, "do_connect", lambda _dialect, _record, args, values: Connection.connect(*args, **values)
    )
    return made


@contextmanager
def give_up_after(seconds: float) -> Iterator[None]:
    """Within it, a server that says nothing for so long is waited for no more, whatever is asked of it."""
    token = _patience.set(_Patience(seconds))
    try:
        yield
    finally:
        _patience.reset(token)


def _bounded(waiting: Generator[Wanted, Ready, T]) -> Generator[Wanted, Ready, T]:
    """``waiting`` for the server; psycopg resumes it every 0.1 s, though nothing is ready."""
    patience = _patience.get() or _Patience(_SILENCE)
    heard = time.monotonic()
    try:
        wanted = next(waiting)
        while True:
            ready = yield wanted
            if ready:
                heard = time.monotonic()
            elif time.monotonic() - heard > patience.seconds:
                # SQLAlchemy connects anew in place of a connection that is lost, and would wait again.
                patience.seconds = 0.0
                raise SilentServerError("the server does not answer")
            wanted = waiting.send(ready)
    except StopIteration as end:
        result: T = end.value
        return result
