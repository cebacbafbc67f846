"""Where slices are computed: an ``Executor`` over worker processes that import TensorFlow."""

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

import loky
from loky.process_executor import ProcessPoolExecutor, ShutdownExecutorError

from model import worker
from model.messages import Message
from runs import problems, watch
from runs.workers import default_workers, worker_environment

_log = logging.getLogger(__name__)

# The seed recipe's first start takes 6-10 s on two cores; after this long something is wrong.
LATE_SECONDS = 60
# What a future raises whose worker died or was shut down.
WORKER_ENDED = (BrokenExecutor, ShutdownExecutorError)


class EngineState(StrEnum):
    """STARTING until the first worker is warm, then READY, or FAILED where that one cannot start."""

    STARTING = "starting"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True)
class EngineStatus:
    """The engine at one moment; ``problem`` says why it FAILED, ``seconds`` counts from its start,
    ``speed`` is what ``worker.warm_up`` measured."""

    state: EngineState
    seconds: float
    problem: Message | None = None
    speed: float | None = None

    @property
    def is_ready(self) -> bool:
        """Slices can be submitted, and are computed without a start to wait for."""
        return self.state == EngineState.READY

    @property
    def needs_help(self) -> bool:
        """It failed, or has been starting for longer than any start should take."""
        return self.state == EngineState.FAILED or (
            self.state == EngineState.STARTING and self.seconds > LATE_SECONDS
        )


class LocalEngine(Executor):
    """Single-worker loky executors, one a worker, since a dead worker breaks its whole executor.

    Workers start one after another: the first is ready as soon as it would be alone, and where the memory
    does not suffice for a further one, those that are there go on without it.

    Every method may be called from any thread. A future whose worker died raises
    ``BrokenExecutor``; the next ``submit`` starts a new worker in its place.
    """

    def __init__(
        self,
        workers: int | None = None,
        threads: int | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """``workers``: by default ``default_workers()``. ``threads`` of each: by default as many as the cores
        that this process may really use, for a run that is alone. All have the same number, since the last
        bits of a run depend on it."""
        self._workers = workers or default_workers()
        self._environment = {**worker_environment(threads or loky.cpu_count()), **(environment or {})}
        # Held again by a callback of a future that is done before it is handed out.
        self._lock = threading.RLock()
        self._generation = 0
        self._problem: Message | None = None
        self._speed: float | None = None
        self._begin_anew()

    @property
    def workers(self) -> int:
        """How many there are when all have started; fewer once one could not."""
        return self._workers

    @property
    def capacity(self) -> int:
        """How many slices can be computed at the same time: one for every warm worker."""
        return max(1, self._warm)

    def start(self, when_ready: Callable[[], None]) -> None:
        """(Re)start all workers and warm them up; returns at once. Calls ``when_ready`` after each of them,
        warm or failed."""
        with self._lock:
            old = self._pools
            self._begin_anew()
            generation = self._generation
        _shut_down(old, wait=False)
        self._warm_up(0, generation, when_ready)

    def status(self) -> EngineStatus:
        """State, seconds since the start, what is wrong, and the speed that was measured at the start."""
        with self._lock:
            seconds = time.monotonic() - self._started
            return EngineStatus(self._state, seconds, self._problem, self._speed)

    def submit(  # type: ignore[override]
        self, fn: Callable[..., Any], /, *args: Any, run_id: str | None = None
    ) -> Future[Any]:
        """Run ``fn`` in the worker with the least to do; of several, in the one that worked for ``run_id``
        last: it has compiled the run's architecture, and has the run's arrays in its caches."""
        with self._lock:
            least = min(self._loads[: self.capacity])
            free = [number for number, load in enumerate(self._loads[: self.capacity]) if load == least]
            number = next((number for number in free if self._runs[number] == run_id), free[0])
            self._runs[number] = run_id
            return self._submit_to(number, fn, *args)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End all workers at once, whatever they are doing, and ``wait`` until they have; ``start`` begins
        anew."""
        with self._lock:
            old = self._pools
            self._begin_anew()
            self._state, self._problem = EngineState.FAILED, problems.engine_shut_down()
        _shut_down(old, wait)

    def _begin_anew(self) -> None:
        self._generation += 1
        self._pools: list[ProcessPoolExecutor | None] = [None] * self._workers
        self._loads = [0] * self._workers
        # Whose slice each worker got last.
        self._runs: list[str | None] = [None] * self._workers
        self._warm = 0
        self._started = time.monotonic()
        self._state, self._problem = EngineState.STARTING, None

    def _warm_up(self, number: int, generation: int, when_ready: Callable[[], None]) -> None:
        with self._lock:
            if generation != self._generation:
                return
            future = self._submit_to(number, worker.warm_up)
        future.add_done_callback(partial(self._warmed_up, number, generation, when_ready))

    def _warmed_up(
        self, number: int, generation: int, when_ready: Callable[[], None], future: Future[float]
    ) -> None:
        error = CancelledError() if future.cancelled() else future.exception()
        with self._lock:
            if generation != self._generation:
                return
            if error is None:
                self._warm, self._state, self._speed = number + 1, EngineState.READY, future.result()
            elif number:
                _log.warning("going on with %d workers", number, exc_info=error)
                self._workers = number
            else:
                _log.error("the engine cannot start", exc_info=error)
                self._state, self._problem = EngineState.FAILED, problems.engine_failed(error)
            is_last = error is not None or number + 1 == self._workers
        when_ready()
        if not is_last:
            self._warm_up(number + 1, generation, when_ready)

    def _submit_to(self, number: int, fn: Callable[..., Any], *args: Any) -> Future[Any]:
        """With the lock held."""
        generation = self._generation
        self._loads[number] += 1
        try:
            future = self._try_submit(number, fn, *args)
        except Exception as error:
            future = Future()
            future.set_exception(error)
        future.add_done_callback(lambda _: self._finished(number, generation))
        return future

    def _try_submit(self, number: int, fn: Callable[..., Any], *args: Any) -> Future[Any]:
        future: Future[Any]
        pool = self._pools[number]
        if pool is not None:
            try:
                future = pool.submit(fn, *args)
                return future
            except BrokenExecutor:
                _log.warning("worker %d died; starting another", number)
        self._pools[number] = pool = ProcessPoolExecutor(
            max_workers=1,
            timeout=None,
            initializer=watch.serve,
            initargs=(os.getpid(),),
            env=self._environment,
        )
        future = pool.submit(fn, *args)
        # When Python ends, loky waits for whatever its workers are computing. Each new pool has just
        # registered that; what is registered last is called first.
        threading._register_atexit(self.shutdown)  # type: ignore[attr-defined]
        return future

    def _finished(self, number: int, generation: int) -> None:
        with self._lock:
            if generation == self._generation:
                self._loads[number] -= 1


def _shut_down(pools: list[ProcessPoolExecutor | None], wait: bool) -> None:
    for pool in pools:
        if pool is not None:
            pool.shutdown(wait=wait, kill_workers=True)
