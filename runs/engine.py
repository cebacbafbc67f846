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
from loky.process_executor import ProcessPoolExecutor

from model import worker
from model.messages import N_, Message, MessageError
from runs import watch

_log = logging.getLogger(__name__)

# The seed recipe's first start takes 6-10 s on two cores; after this long something is wrong.
LATE_SECONDS = 60
_SHUT_DOWN = Message(N_("The engine was shut down."))


class EngineState(StrEnum):
    """STARTING until every worker is warm, then READY, or FAILED where one cannot start."""

    STARTING = "starting"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True)
class EngineStatus:
    """The engine at one moment; ``problem`` says why it FAILED, ``seconds`` counts from its start."""

    state: EngineState
    seconds: float
    problem: Message | None = None

    @property
    def is_ready(self) -> bool:
        return self.state == EngineState.READY

    @property
    def needs_help(self) -> bool:
        """It failed, or has been starting for longer than any start should take."""
        return self.state == EngineState.FAILED or (
            self.state == EngineState.STARTING and self.seconds > LATE_SECONDS
        )


class LocalEngine(Executor):
    """Single-worker loky executors, one a worker, since a dead worker breaks its whole executor.

    Every method may be called from any thread. A future whose worker died raises
    ``BrokenExecutor``; the next ``submit`` starts a new worker in its place.
    """

    def __init__(
        self, workers: int = 1, threads: int | None = None, environment: Mapping[str, str] | None = None
    ) -> None:
        """``threads`` per worker: by default the cores that this process may really use, shared out."""
        self.capacity = workers
        threads = threads or max(1, loky.cpu_count() // workers)
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
            # loky would retire a worker 300 MB above its first task, which TensorFlow always is.
            "LOKY_MAX_MEMORY_LEAK_SIZE": str(2_000_000_000),
            **(environment or {}),
        }
        self._lock = threading.Lock()
        self._pools: list[ProcessPoolExecutor | None] = [None] * workers
        self._loads = [0] * workers
        self._started = time.monotonic()
        self._state = EngineState.STARTING
        self._problem: Message | None = None
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

        def done(number: int, future: Future[int]) -> None:
            problem = _why_not_started(future)
            with self._lock:
                if generation != self._generation:
                    return
                waiting.discard(number)
                if problem is not None:
                    self._state, self._problem = EngineState.FAILED, problem
                elif not waiting and self._state == EngineState.STARTING:
                    self._state = EngineState.READY
            when_ready()

        for number in range(self.capacity):
            self._submit_to(number, worker.warm_up).add_done_callback(partial(done, number))

    def status(self) -> EngineStatus:
        with self._lock:
            return EngineStatus(self._state, time.monotonic() - self._started, self._problem)

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
            initializer=watch.end_with,
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


def _why_not_started(future: Future[int]) -> Message | None:
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
