"""The engine on this machine: an ``Executor`` over worker processes that import TensorFlow."""

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from functools import partial
from typing import Any

import psutil
from loky.process_executor import ProcessPoolExecutor

from model import worker
from model.messages import Message
from runs import problems, watch
from runs.engine import EngineState, EngineStatus, WorkerStatus
from runs.fingerprint import fingerprint
from runs.patience import LOOKING, elapsed
from runs.workers import cores, default_workers, worker_environment

_log = logging.getLogger(__name__)


class LocalEngine(Executor):
    """Single-worker loky executors, one a worker, since a dead worker breaks its whole executor.

    Workers start one after another: the first is ready as soon as it would be alone, and where the memory
    does not suffice for a further one, those that are there go on without it.

    Every method may be called from any thread. A future whose worker died raises
    ``BrokenExecutor``; the next ``submit`` starts a new worker in its place.
    """

    is_shared = False

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
        self._environment = {**worker_environment(threads or cores()), **(environment or {})}
        # Held again by a callback of a future that is done before it is handed out.
        self._lock = threading.RLock()
        self._generation = 0
        self._problem: Message | None = None
        self._speed: float | None = None
        # Seconds left of the calls that may not take for ever, and each one's worker, which may be gone.
        self._patience: dict[Future[Any], tuple[float, ProcessPoolExecutor | None]] = {}
        self._begin_anew()

    @property
    def workers(self) -> int:
        """How many there are when all have started; fewer once one could not."""
        return self._workers

    @property
    def capacity(self) -> int:
        """How many slices can be computed at the same time: one for every warm worker."""
        return max(1, self._warm)

    @property
    def fingerprint(self) -> str:
        """This machine's, known from the beginning on."""
        return fingerprint()

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

    def workers_status(self) -> tuple[WorkerStatus, ...]:
        """The workers by the numbers of their processes, those included that are not warm yet."""
        with self._lock:
            pools = list(zip(self._pools, self._loads, strict=True))
        return tuple(
            WorkerStatus(str(process), _memory(process), load)
            for pool, load in pools
            for process in (list(pool._processes) if pool else [])
        )

    def submit(  # type: ignore[override]
        self,
        fn: Callable[..., Any],
        /,
        *args: Any,
        run_id: str | None = None,
        ready_since: float | None = None,
        patience: float | None = None,
    ) -> Future[Any]:
        """Run ``fn`` in the worker with the least to do; of several, in the one that worked for ``run_id``
        last: it has compiled the run's architecture, and has the run's arrays in its caches.

        Calls are made in the order in which they are submitted, whatever ``ready_since`` says.
        """
        with self._lock:
            least = min(self._loads[: self.capacity])
            free = [number for number, load in enumerate(self._loads[: self.capacity]) if load == least]
            number = next((number for number in free if self._runs[number] == run_id), free[0])
            self._runs[number] = run_id
            future = self._submit_to(number, fn, *args)
            if patience is not None and not future.done():
                self._watch(future, number, patience)
            return future

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

    def _watch(self, future: Future[Any], number: int, patience: float) -> None:
        """With the lock held: give the call up after so many seconds."""
        if not self._patience:
            threading.Thread(target=self._give_up_late_calls, name="patience", daemon=True).start()
        self._patience[future] = (patience, self._pools[number])

    def _give_up_late_calls(self) -> None:
        """While there are calls that may not take for ever."""
        last = time.monotonic()
        while True:
            time.sleep(LOOKING)
            now = time.monotonic()
            seconds, last = elapsed(last, now), now
            with self._lock:
                waiting = [
                    (future, left - seconds, pool)
                    for future, (left, pool) in self._patience.items()
                    if not future.done()
                ]
                self._patience = {future: (left, pool) for future, left, pool in waiting if left >= 0}
                is_over = not self._patience
                late = [pool for _, left, pool in waiting if left < 0]
                # A worker that has another one in its place by now was given up before.
                numbers = [number for number, pool in enumerate(self._pools) if pool and pool in late]
                pools = [self._pools[number] for number in numbers]
                for number in numbers:
                    _log.warning("worker %d does not answer and is given up", number)
                    self._pools[number] = None
            _shut_down(pools, wait=False)
            if is_over:
                return

    def _finished(self, number: int, generation: int) -> None:
        with self._lock:
            if generation == self._generation:
                self._loads[number] -= 1


def _memory(process: int) -> int | None:
    """Bytes that a process has in memory."""
    try:
        return int(psutil.Process(process).memory_info().rss)
    except psutil.Error:
        return None


def _shut_down(pools: list[ProcessPoolExecutor | None], wait: bool) -> None:
    for pool in pools:
        if pool is not None:
            pool.shutdown(wait=wait, kill_workers=True)
