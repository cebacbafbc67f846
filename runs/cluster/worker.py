"""A Dask worker as the engine needs it: warm before its first slice, known by its fingerprint, polite."""

import asyncio
import logging
import os
import signal
from collections.abc import Callable
from typing import Any

import psutil
from distributed import Status, Worker

from model import worker
from model.config import TrainingConfig
from model.slices import Slice, initial_state
from runs import logs, watch
from runs.cluster.identity import FIELD, REFUSED, Identity
from runs.fingerprint import fingerprint_with
from runs.workers import GROWTH, worker_environment

# Seconds between two looks at the memory.
_LOOKING = 2.0
# Seconds that a worker which leaves waits for its last result to be fetched.
_FETCHING = 10.0

_log = logging.getLogger(__name__)

Prepare = Callable[[], tuple[float, bool]]


def warm_up() -> tuple[float, bool]:
    """What ``model.worker.warm_up`` measures, and whether XLA compiles here."""
    speed = worker.warm_up()
    config = TrainingConfig()
    _, progress = worker.train_slice(config, initial_state(config), Slice(0, 0, 0, ends_epoch=True))
    return speed, progress.xla


class SliceWorker(Worker):  # type: ignore[misc]
    """Registers with the scheduler once it is warm, and leaves between two slices."""

    def __init__(self, *args: Any, prepare: Prepare = warm_up, **settings: Any) -> None:
        """``prepare`` is called in the thread that computes the slices."""
        # Dask's limits would stop a worker in the middle of a slice.
        super().__init__(*args, **settings | {"nthreads": 1, "memory_limit": 0})
        self._prepare = prepare
        self._leaving: asyncio.Task[None] | None = None
        self.handlers[REFUSED] = self._say_refusal
        self.startup_information[FIELD] = lambda _worker: self._identity.as_values()

    async def start_unsafe(self) -> Worker:
        """Called by Dask in the new process."""
        logs.set_up()
        watch.serve(os.getppid())
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: os._exit(0))
        speed, xla = await loop.run_in_executor(self.executors["default"], self._prepare)
        settings = {name: os.environ.get(name, "") for name in worker_environment(1)}
        self._identity = Identity(fingerprint_with(settings), xla, speed)
        self.state.total_resources[self._identity.resource] = 1
        self.state.available_resources[self._identity.resource] = 1
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._begin_to_leave, False)
        await super().start_unsafe()
        self._most_memory = psutil.Process().memory_info().rss + GROWTH
        self._watching = loop.create_task(self._watch_memory())
        return self

    async def _watch_memory(self) -> None:
        """TensorFlow keeps something of every architecture that it has compiled, for ever."""
        while psutil.Process().memory_info().rss < self._most_memory:
            await asyncio.sleep(_LOOKING)
        self._begin_to_leave(restart=True)

    def _begin_to_leave(self, restart: bool) -> None:
        if self._leaving is None:
            self._leaving = asyncio.create_task(self._leave(restart))

    async def _leave(self, restart: bool) -> None:
        """When the slice at work is finished and fetched; those that wait are computed elsewhere."""
        # One of its nanny's threads takes the end for a fault.
        logging.getLogger("distributed.nanny").setLevel(logging.CRITICAL)
        self.status = Status.paused
        while self.state.executing:
            await asyncio.sleep(0.01)
        deadline = self.loop.time() + _FETCHING
        while self.data and self.loop.time() < deadline:
            await asyncio.sleep(0.01)
        await self.close_gracefully(restart=restart, reason="asked to" if not restart else "grown")

    async def _say_refusal(self, why: str) -> None:
        """Called by an engine that does not use this worker."""
        _log.warning("%s", why)
