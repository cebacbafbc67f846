"""Where slices are computed: an ``Executor`` over worker processes that import TensorFlow."""

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

import loky
import psutil
from loky.process_executor import ProcessPoolExecutor, ShutdownExecutorError

from model import worker
from model.messages import N_, Message, MessageError
from runs import watch

_log = logging.getLogger(__name__)

# The seed recipe's first start takes 6-10 s on two cores; after this long something is wrong.
LATE_SECONDS = 60
# Bytes; with about 650 MB after the warm-up a worker stays below 950 MB.
_GROWTH = 250_000_000
# A worker's share of the cores, its memory at its largest, and how many are worth their memory.
_CORES_PER_WORKER, _WORKER_BYTES, _MOST_WORKERS = 2, 1_000_000_000, 4
# What a future raises whose worker died or was shut down.
WORKER_ENDED = (BrokenExecutor, ShutdownExecutorError)
_SHUT_DOWN = Message(N_("The engine was shut down."))


class EngineState(StrEnum):
    """STARTING until every worker is warm, then READY, or FAILED where one cannot start."""

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


def default_workers() -> int:
    """``DIGITLAB_WORKERS``, or one worker for every two cores, as far as the free memory goes.

    On two cores a second worker brought nothing: twelve runs of three epochs at once took 15.0 and
    17.4 s with two workers of one thread, 18.8 s with one of two threads, 16.1 s with one of one.
    """
    wanted = os.environ.get("DIGITLAB_WORKERS", "")
    if wanted.isdigit() and int(wanted):
        return int(wanted)
    fit: int = psutil.virtual_memory().available // _WORKER_BYTES
    share: int = loky.cpu_count() // _CORES_PER_WORKER
    return max(1, min(share, fit, _MOST_WORKERS))


class LocalEngine(Executor):
    """Single-worker loky executors, one a worker, since a dead worker breaks its whole executor.

    Every method may be called from any thread. A future whose worker died raises
    ``BrokenExecutor``; the next ``submit`` starts a new worker in its place.
    """

    def __init__(
        self,
        workers: int | None = None,
        threads: int | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """``workers``: by default ``default_workers()``. ``threads`` per worker: by default the cores
        that this process may really use, shared out."""
        self.capacity = workers or default_workers()
        threads = threads or max(1, loky.cpu_count() // self.capacity)
        self._environment = {
            "KERAS_BACKEND": "tensorflow",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "TF_NUM_INTRAOP_THREADS": str(threads),
            "TF_NUM_INTEROP_THREADS": "1",
            # Numbers must not depend on which instruction sets a library prefers today.
            "TF_ENABLE_ONEDNN_OPTS": "0",
            # A step's operations one after the other, each on all threads: side by side they wait for
            # each other. Five pairs of runs on two cores: an epoch in 0.31 s against 0.35 s (medians).
            "XLA_FLAGS": "--xla_cpu_enable_concurrency_optimized_scheduler=false",
            "CUDA_VISIBLE_DEVICES": "-1",
            # TensorFlow keeps about 13 MB of every architecture that it has compiled, for ever. loky ends a
            # worker that has grown so much since its warm-up, between two slices, and starts another.
            "LOKY_MAX_MEMORY_LEAK_SIZE": str(_GROWTH),
            **(environment or {}),
        }
        self._lock = threading.Lock()
        self._pools: list[ProcessPoolExecutor | None] = [None] * self.capacity
        self._loads = [0] * self.capacity
        self._started = time.monotonic()
        self._state = EngineState.STARTING
        self._problem: Message | None = None
        self._speed: float | None = None
        self._generation = 0

    def start(self, when_ready: Callable[[], None]) -> None:
        """(Re)start all workers and warm them up; returns at once. Calls ``when_ready`` in the end."""
        with self._lock:
            self._generation += 1
            generation = self._generation
            old, self._pools = self._pools, [None] * self.capacity
            self._loads = [0] * self.capacity
            self._started, self._state, self._problem = time.monotonic(), EngineState.STARTING, None
        _shut_down(old)
        waiting = set(range(self.capacity))

        def done(number: int, future: Future[float]) -> None:
            problem = _why_not_started(future)
            with self._lock:
                if generation != self._generation:
                    return
                waiting.discard(number)
                if problem is None:
                    self._speed = future.result()
                else:
                    self._state, self._problem = EngineState.FAILED, problem
                if not waiting and self._state == EngineState.STARTING:
                    self._state = EngineState.READY
            when_ready()

        for number in range(self.capacity):
            self._submit_to(number, worker.warm_up).add_done_callback(partial(done, number))

    def status(self) -> EngineStatus:
        """State, seconds since the start, what is wrong, and the speed that was measured at the start."""
        with self._lock:
            seconds = time.monotonic() - self._started
            return EngineStatus(self._state, seconds, self._problem, self._speed)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run ``fn`` in the worker with the least to do."""
        with self._lock:
            number = self._loads.index(min(self._loads))
        return self._submit_to(number, fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End all workers at once, whatever they are doing; ``start`` begins anew."""
        with self._lock:
            self._generation += 1
            self._state, self._problem = EngineState.FAILED, _SHUT_DOWN
            old, self._pools = self._pools, [None] * self.capacity
        _shut_down(old)

    def _submit_to(self, number: int, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Future[Any]:
        with self._lock:
            generation = self._generation
            self._loads[number] += 1
            try:
                future = self._try_submit(number, fn, *args, **kwargs)
            except Exception as error:
                future = Future()
                future.set_exception(error)
        future.add_done_callback(lambda _: self._finished(number, generation))
        return future

    def _try_submit(self, number: int, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any]
        pool = self._pools[number]
        if pool is not None:
            try:
                future = pool.submit(fn, *args, **kwargs)
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
        future = pool.submit(fn, *args, **kwargs)
        # When Python ends, loky waits for whatever its workers are computing. Each new pool has just
        # registered that; what is registered last is called first.
        threading._register_atexit(self.shutdown)  # type: ignore[attr-defined]
        return future

    def _finished(self, number: int, generation: int) -> None:
        with self._lock:
            if generation == self._generation:
                self._loads[number] -= 1


def _shut_down(pools: list[ProcessPoolExecutor | None]) -> None:
    for pool in pools:
        if pool is not None:
            pool.shutdown(wait=False, kill_workers=True)


def _why_not_started(future: Future[float]) -> Message | None:
    if future.cancelled():
        return _SHUT_DOWN
    error = future.exception()
    if error is None:
        return None
    _log.error("the engine cannot start", exc_info=error)
    if isinstance(error, MessageError):
        return error.message
    if isinstance(error, ImportError):
        return Message(N_("TensorFlow cannot be imported: {error}"), {"error": str(error)})
    if isinstance(error, BrokenExecutor):
        return Message(
            N_("The process that trains ended while it was starting; there may be too little memory.")
        )
    return Message(N_("The process that trains could not start: {error}"), {"error": repr(error)})
