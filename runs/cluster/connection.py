"""A connection to the scheduler, from its beginning until it is lost: calls go out, results come back.

Everything here runs in one event loop, ``ClusterEngine``'s.
"""

import asyncio
import logging
import pickle
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import BrokenExecutor
from concurrent.futures import CancelledError as Cancelled
from contextlib import suppress
from typing import Any

import dask
from distributed import Client
from distributed.comm.core import CommClosedError
from distributed.scheduler import KilledWorker

from runs.cluster import settings
from runs.cluster.calls import Call, pack, unpack
from runs.cluster.identity import REFUSED
from runs.engine import ConnectionLostError
from runs.patience import LOOKING, elapsed

_log = logging.getLogger(__name__)

# Seconds within which a scheduler answers, or is taken for lost.
_ANSWER = 10.0
# Seconds between two looks at the workers; what changes among them is told at once.
_BETWEEN_LOOKS = 1.0
# Seconds that messages to the scheduler are gathered.
_GATHERING = 0.001
# How often the scheduler is asked what time it is.
_CLOCK_READINGS = 5
# Seconds for a nanny to end a worker that does not answer.
_ENDING = 10.0
# The scheduler's topic for all that happens, each fetched result included; what of it changes the workers.
_EVERYTHING = "all"
_CHANGES = ("add-worker", "remove-worker")
# Dask warns of calls with more than 10 MB of weights.
_LARGE = "1 GB"


class Connection:
    """``changed`` is called with the workers as Dask describes them, again and again."""

    def __init__(
        self, address: str, changed: Callable[["Connection", Mapping[str, Mapping[str, Any]]], None]
    ) -> None:
        self._address, self._changed = address, changed
        self._topic = f"digitlab-{uuid.uuid4().hex}"
        self._is_lost = False
        # Over which all messages to the scheduler go, once there is a connection.
        self._stream: Any = None
        self._news = asyncio.Event()
        # Which worker has begun with a call, by its key.
        self._begun: dict[str, asyncio.Future[str]] = {}
        self._background: set[asyncio.Future[Any]] = set()
        dask.config.set({"distributed.admin.large-graph-warning-threshold": _LARGE})

    @property
    def is_alive(self) -> bool:
        """Whether the scheduler could be reached up to now. Where Dask has connected anew, this one is lost:
        the scheduler has forgotten what it subscribed to."""
        is_same = self._client.scheduler_comm is self._stream
        return not self._is_lost and is_same and bool(self._client.status == "running")

    async def serve(self) -> None:
        """Returns when the connection is lost, or raises what Dask says; ``OSError`` where there is none."""
        self._client = Client(
            self._address,
            asynchronous=True,
            set_as_default=False,
            timeout=_ANSWER,
            security=settings.security(self._address),
        )
        try:
            await self._client
            self._stream = self._client.scheduler_comm
            # Dask gathers messages for 10 ms; a run that is alone waits for each of them.
            self._stream.interval = _GATHERING
            self._client.subscribe_topic(self._topic, self._on_begin)
            self._client.subscribe_topic(_EVERYTHING, self._on_event)
            self._clock_offset = await self._measure_clock()
            while self.is_alive:
                await self._look()
        finally:
            if self.is_alive:
                self._client.unsubscribe_topic(_EVERYTHING)
            await self._client.close(timeout=1)

    async def compute(self, call: Call, resource: str) -> Any:
        """What the call returns, made by a worker with ``resource``; errors as ``Engine.submit`` says."""
        key = f"{call.fn.__name__}-{uuid.uuid4().hex}"
        begun = self._begun[key] = asyncio.get_running_loop().create_future()
        future = self._client.submit(
            pickle.loads,
            pack(self._topic, call),
            key=key,
            pure=False,
            # Since when it waits, by the scheduler's clock: first come, first served, whoever sends it.
            priority=-(call.ready_since + self._clock_offset),
            resources={resource: 1},
        )
        try:
            result = await self._result(future.result(), begun, call.patience)
        except KilledWorker as error:
            if begun.done():
                raise BrokenExecutor(str(error)) from None
            raise ConnectionLostError("the worker died before it had begun") from None
        except (Cancelled, CommClosedError):
            # Dask's client may see it a little later.
            self._is_lost = True
            self._news.set()
            raise ConnectionLostError("the scheduler was lost") from None
        finally:
            del self._begun[key]
            # Nobody awaits it any more: what comes late is dropped.
            future.release()
        return unpack(result)

    def refuse(self, worker: str, why: str) -> None:
        """Let a worker of ours say why it gets nothing."""
        message = {"op": REFUSED, "why": why}
        saying = self._client.scheduler.broadcast(msg=message, workers=[worker], on_error="ignore")
        self._do(saying)

    async def _result(self, computing: Any, begun: "asyncio.Future[str]", patience: float | None) -> bytes:
        """What is computed, unless it takes longer than ``patience`` from its beginning on."""
        result = asyncio.ensure_future(computing)
        try:
            await asyncio.wait({result, begun}, return_when=asyncio.FIRST_COMPLETED)
            left = float("inf") if patience is None else patience
            while left > 0 and not result.done():
                last = time.monotonic()
                await asyncio.wait({result}, timeout=min(left, LOOKING))
                left -= elapsed(last, time.monotonic())
            if not result.done():
                await self._give_up(begun.result())
                raise BrokenExecutor("a worker does not answer")
            answer: bytes = await result
            return answer
        finally:
            result.cancel()

    async def _give_up(self, worker: str) -> None:
        """Let the scheduler forget a worker, and its nanny start another one."""
        _log.warning("the worker %s does not answer and is given up", worker)
        ending = self._client.restart_workers([worker], timeout=_ENDING, raise_for_error=False)
        self._do(ending)

    def _do(self, work: Awaitable[Any]) -> None:
        """In the background; a connection that is lost meanwhile is told elsewhere."""
        doing = asyncio.ensure_future(work)
        self._background.add(doing)
        doing.add_done_callback(self._background.discard)
        doing.add_done_callback(lambda _: doing.cancelled() or doing.exception())

    async def _look(self) -> None:
        self._news.clear()
        try:
            known = await asyncio.wait_for(self._client.scheduler.identity(), _ANSWER)
        except (OSError, TimeoutError) as error:
            raise ConnectionError(f"the scheduler does not answer: {error}") from error
        self._changed(self, known["workers"])
        with suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), _BETWEEN_LOOKS)

    def _on_event(self, event: tuple[float, dict[str, Any]]) -> None:
        _when, message = event
        if message["action"] in _CHANGES:
            self._news.set()

    def _on_begin(self, event: tuple[float, dict[str, str]]) -> None:
        _when, message = event
        begun = self._begun.get(message["key"])
        if begun is not None and not begun.done():
            begun.set_result(message["worker"])

    async def _measure_clock(self) -> float:
        """By how much the scheduler's ``time.monotonic`` is ahead of this process' own, in seconds: as the
        quickest of some answers says, since a slow one does not tell which of its ways was slow. Its other
        clock may be set while servers come and go."""
        offsets: list[tuple[float, float]] = []
        for _ in range(_CLOCK_READINGS):
            sent = time.monotonic()
            theirs: float = await self._client.run_on_scheduler(time.monotonic)
            received = time.monotonic()
            offsets.append((received - sent, theirs - (sent + received) / 2))
        return min(offsets)[1]
