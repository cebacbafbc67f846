"""The engine on other machines: slices go to a Dask scheduler, and from there to the workers it knows."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from model.messages import Message
from runs import problems
from runs.cluster import identity, settings
from runs.cluster.calls import Call
from runs.cluster.identity import Identity
from runs.engine import ConnectionLostError, EngineState, EngineStatus, WorkerStatus

if TYPE_CHECKING:
    from runs.cluster.connection import Connection

_log = logging.getLogger(__name__)

# Seconds until a scheduler that was not reached is tried again.
_PAUSE = 0.5
# What Dask calls the calls that a worker has got and not answered.
_AT_WORK = ("executing", "ready", "constrained", "waiting")


class ClusterEngine:
    """Connects by itself, again and again for ever, and says whenever that or the workers have changed.

    The first workers that it sees decide which bits are computed: others are refused for as long as this
    process lives. Every method may be called from any thread.
    """

    is_shared = True

    def __init__(self, address: str) -> None:
        self._address = address
        self._lock = threading.RLock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._connection: Connection | None = None
        self._when_ready: Callable[[], None] = lambda: None
        self._reference: Identity | None = None
        # The workers that get slices, as Dask describes them, by address; and who was told why it gets none.
        self._workers: dict[str, Mapping[str, Any]] = {}
        self._told: dict[str, str] = {}
        self._speed: float | None = None
        self._not_ready_since = time.monotonic()
        self._problem: Message | None = None
        self._has_failed = False

    @property
    def capacity(self) -> int:
        """How many slices can be computed at the same time: one for every worker."""
        return max(1, len(self._workers))

    @property
    def fingerprint(self) -> str | None:
        """The workers', which all have the same; ``None`` before the first one was seen."""
        return self._reference.fingerprint if self._reference else None

    def start(self, when_ready: Callable[[], None]) -> None:
        """Connect in the background; where that is being done already, the waiting counts from now on."""
        with self._lock:
            self._when_ready = when_ready
            self._not_ready_since = time.monotonic()
            if self._loop is None:
                self._loop, self._has_failed = asyncio.new_event_loop(), False
                threading.Thread(target=self._run, args=(self._loop,), name="cluster", daemon=True).start()

    def status(self) -> EngineStatus:
        """READY while there are workers, else STARTING; FAILED where it cannot work at all."""
        with self._lock:
            if self._has_failed:
                state = EngineState.FAILED
            else:
                state = EngineState.READY if self._workers else EngineState.STARTING
            seconds = time.monotonic() - self._not_ready_since
            return EngineStatus(state, seconds, None if self._workers else self._problem, self._speed)

    def workers_status(self) -> tuple[WorkerStatus, ...]:
        """The workers that get slices, by address."""
        with self._lock:
            workers = list(self._workers.items())
        return tuple(
            WorkerStatus(
                address,
                worker["metrics"].get("memory"),
                sum(worker["metrics"].get("task_counts", {}).get(state, 0) for state in _AT_WORK),
            )
            for address, worker in workers
        )

    def submit(
        self,
        fn: Callable[..., Any],
        /,
        *args: Any,
        run_id: str | None = None,
        ready_since: float | None = None,
        patience: float | None = None,
    ) -> Future[Any]:
        """Call ``fn`` in the worker that will be free first, as far as the scheduler can tell, whichever it
        is: ``run_id`` does not matter. ``patience`` counts from when the worker begins.

        A worker that dies before it has begun raises ``ConnectionLostError``, for it did not die of this.
        """
        call = Call(fn, args, time.monotonic() if ready_since is None else ready_since, patience)
        future: Future[Any] = Future()
        with self._lock:
            if self._loop is None:
                future.set_exception(ConnectionLostError("the engine does not run"))
            else:
                answering = asyncio.run_coroutine_threadsafe(self._answer(call, future), self._loop)
                future.add_done_callback(lambda done: answering.cancel() if done.cancelled() else None)
        return future

    def shutdown(self) -> None:
        """End the connection; ``start`` begins anew."""
        with self._lock:
            loop, self._loop = self._loop, None
            self._has_failed, self._problem = True, problems.engine_shut_down()
            self._workers = {}
        if loop is not None:
            loop.call_soon_threadsafe(self._keeping.cancel)

    # In the thread of the connection

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner, suppress(asyncio.CancelledError):
            runner.run(self._keep())

    async def _keep(self) -> None:
        self._keeping = asyncio.create_task(self._keep_connected())
        await self._keeping

    async def _keep_connected(self) -> None:
        try:
            settings.check(self._address)
        except settings.ClusterError as error:
            _log.error("%s", error)
            self._has_failed, self._problem = True, error.message
            self._when_ready()
            return
        # Only here, since it imports Dask.
        from runs.cluster.connection import Connection

        said = ""
        while True:
            connection = Connection(self._address, self._on_workers)
            try:
                await connection.serve()
                why = "the connection was lost"
            except Exception as error:
                # Dask's client has errors of its own while it loses a connection; the next one is another's.
                why = str(error) or repr(error)
            if why != said:
                _log.warning("no connection to the scheduler at %s: %s", self._address, why)
            said = why
            self._lose(connection)
            await asyncio.sleep(_PAUSE)

    def _on_workers(self, connection: "Connection", known: Mapping[str, Mapping[str, Any]]) -> None:
        identities = {address: identity.read(worker) for address, worker in known.items()}
        self._reference = self._reference or identity.reference(identities)
        reasons = {address: identity.why_not(own, self._reference) for address, own in identities.items()}
        for address, why in reasons.items():
            if why and self._told.get(address) != why:
                self._told[address] = why
                _log.warning("%s: %s", address, why)
                connection.refuse(address, why)
        self._connection = connection
        self._use(
            {
                address: worker
                for address, worker in known.items()
                if reasons[address] is None and worker["status"] == "running"
            },
            [own.speed for address, own in identities.items() if own and reasons[address] is None],
            problems.no_workers(),
        )

    def _lose(self, connection: "Connection") -> None:
        if self._connection in (connection, None):
            self._connection = None
            self._use({}, [], problems.cluster_unreachable())

    def _use(self, workers: dict[str, Mapping[str, Any]], speeds: Sequence[float], problem: Message) -> None:
        """From now on ``workers`` get slices; ``problem`` says what it is where there are none."""
        with self._lock:
            if self._has_failed:
                return
            before, self._workers, self._problem = self._workers, workers, problem
            has_changed = before.keys() != workers.keys()
            if before and not workers:
                self._not_ready_since = time.monotonic()
            if speeds:
                self._speed = sum(speeds) / len(speeds)
        if has_changed:
            self._when_ready()

    async def _answer(self, call: Call, future: Future[Any]) -> None:
        """Fulfil ``future``, whatever happens."""
        connection = self._connection
        try:
            if connection is None or self._reference is None:
                raise ConnectionLostError("the cluster is not reached")
            result = await connection.compute(call, self._reference.resource)
        except asyncio.CancelledError:
            error: Exception = ConnectionLostError("the engine was shut down")
        except Exception as raised:
            error = raised
            if connection is not None and not connection.is_alive:
                self._lose(connection)
                error = ConnectionLostError(str(raised))
        else:
            with suppress(InvalidStateError):
                future.set_result(result)
            return
        with suppress(InvalidStateError):
            future.set_exception(error)
