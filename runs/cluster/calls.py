"""How a call goes to a worker and its result back: as bytes, which only their receivers unpack.

So the scheduler needs nothing of ours, what it passes on costs it little, and arrays that were read-only
still are.
"""

import asyncio
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# The oldest protocol that keeps read-only arrays read-only.
_PROTOCOL = 5


@dataclass(frozen=True)
class Call:
    """``fn(*args)``, which waits since ``ready_since`` (seconds of ``time.monotonic``) and may take
    ``patience`` seconds."""

    fn: Callable[..., Any]
    args: tuple[Any, ...]
    ready_since: float
    patience: float | None


def pack(topic: str, call: Call) -> bytes:
    """What ``pickle.loads`` makes the call of, and returns ``unpack``'s bytes for; the scheduler's listeners
    to ``topic`` hear when it begins."""
    return pickle.dumps(_Packed(topic, call.fn, call.args), _PROTOCOL)


def unpack(result: bytes) -> Any:
    """What the call returned."""
    return pickle.loads(result)


class _Packed:
    """Is made where it is unpacked."""

    def __init__(self, *call: Any) -> None:
        self._call = call

    def __reduce__(self) -> tuple[Callable[..., bytes], tuple[Any, ...]]:
        return _compute, self._call


def _compute(topic: str, fn: Callable[..., Any], args: tuple[Any, ...]) -> bytes:
    """In a worker's thread, by way of ``pickle.loads``."""
    _say_that_it_begins(topic)
    return pickle.dumps(fn(*args), _PROTOCOL)


def _say_that_it_begins(topic: str) -> None:
    """Wait until the scheduler knows: should this worker die, it has died of this call."""
    from distributed import get_worker

    worker = get_worker()
    message = {"key": worker.get_current_task(), "worker": worker.address}
    saying = worker.scheduler.log_event(topic=topic, msg=message)
    asyncio.run_coroutine_threadsafe(saying, worker.loop.asyncio_loop).result()
