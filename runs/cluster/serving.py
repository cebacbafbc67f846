"""The processes of a cluster beside the web servers: workers under their nannies, and the scheduler."""

import asyncio
import logging
import os
import signal

import dask
from distributed import Nanny, Scheduler
from distributed.comm import connect

from runs.cluster import settings
from runs.cluster.worker import Prepare, SliceWorker, warm_up
from runs.logs import innermost
from runs.workers import worker_environment

_log = logging.getLogger(__name__)

# Seconds until something that failed is tried again.
_PAUSE = 5.0
# Seconds within which a scheduler answers, or is said not to.
_ANSWER = 5.0
# Seconds without a sign of life after which a worker is ended and started anew.
_SILENCE = "15s"
# Seconds between two looks whether the scheduler still knows a worker.
_LOOKING = 5.0


def serve_workers(address: str, workers: int, threads: int, prepare: Prepare = warm_up) -> None:
    """Compute slices for the scheduler at ``address`` until this process is asked to end."""
    # The profiler looks at the thread that computes a hundred times a second.
    dask.config.set({"distributed.worker.profile.enabled": False})
    asyncio.run(_serve_workers(address, workers, threads, prepare))


def serve_scheduler(host: str, port: int, protocol: str) -> None:
    """Hand out slices until this process is asked to end."""
    asyncio.run(_serve_scheduler(host, port, protocol))


async def _serve_scheduler(host: str, port: int, protocol: str) -> None:
    ending = _asked_to_end()
    # A worker's death is the runner's to count, and another one takes what waits at once.
    dask.config.set({"distributed.scheduler.work-stealing-interval": "100ms"})
    async with Scheduler(
        host=host,
        port=port,
        protocol=protocol,
        security=settings.security(f"{protocol}://"),
        allowed_failures=0,
        worker_ttl=_SILENCE,
        dashboard=False,
        dashboard_address="127.0.0.1:0",
    ) as scheduler:
        _log.info("the scheduler is at %s; Ctrl+C ends it", scheduler.address)
        await ending.wait()
    _log.info("the scheduler has ended")


async def _serve_workers(address: str, workers: int, threads: int, prepare: Prepare) -> None:
    ending = _asked_to_end()
    _log.info("workers for %s: %d, with %d threads each; Ctrl+C ends them", address, workers, threads)
    troubles = _Troubles()
    places = [_Place(address, threads, prepare, troubles) for _ in range(workers)]
    keeping = [asyncio.create_task(place.keep()) for place in places]
    await ending.wait()
    for place, task in zip(places, keeping, strict=True):
        if not place.leave():
            task.cancel()
    await asyncio.gather(*keeping, return_exceptions=True)
    _log.info("the workers have ended")


class _Troubles:
    """Why workers cannot start: each is said once, however many meet it, until one has started."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def say(self, sentence: str) -> None:
        if sentence not in self._said:
            _log.warning("%s; it is tried again and again", sentence)
            self._said.add(sentence)

    def are_over(self) -> None:
        if self._said:
            _log.info("a worker has started")
            self._said.clear()


class _Place:
    """A worker with its nanny, and others after it, until it is told to leave."""

    def __init__(self, address: str, threads: int, prepare: Prepare, troubles: _Troubles) -> None:
        self._address, self._threads, self._prepare = address, threads, prepare
        self._troubles = troubles
        self._nanny: Nanny | None = None
        self._is_leaving = False

    async def keep(self) -> None:
        while not self._is_leaving:
            try:
                if await self._is_answered():
                    async with self._new_nanny() as self._nanny:
                        self._troubles.are_over()
                        await self._watch(self._nanny)
                    continue
            except Exception as error:
                if self._is_leaving:
                    return
                self._troubles.say(f"a worker for {self._address} could not start: {innermost(error)}")
            await asyncio.sleep(_PAUSE)

    async def _is_answered(self) -> bool:
        """By the scheduler; Dask would try for longer, and not say why in vain."""
        certificates = settings.security(self._address).get_connection_args("worker")
        try:
            async with asyncio.timeout(_ANSWER + 1):
                comm = await connect(self._address, timeout=_ANSWER, **certificates)
        except (OSError, TimeoutError) as error:
            self._troubles.say(f"no scheduler answers at {self._address}: {innermost(error)}")
            return False
        await comm.close()
        return True

    async def _watch(self, nanny: Nanny) -> None:
        """Until the nanny has ended; a worker that the scheduler has forgotten, as one that was frozen while
        the scheduler started anew, is ended for another one."""
        finished = asyncio.ensure_future(nanny.finished())
        was_known = True
        while not (await asyncio.wait({finished}, timeout=_LOOKING))[0]:
            worker = nanny.worker_address
            try:
                known = (await nanny.scheduler.identity())["workers"]
            except OSError:
                continue
            is_known = worker is None or worker != nanny.worker_address or worker in known
            if not is_known and not was_known and not self._is_leaving:
                _log.warning("a worker is forgotten by the scheduler, and another one is started")
                await nanny.kill(timeout=1)
                is_known = True
            was_known = is_known

    def leave(self) -> bool:
        """Let the worker go when it has finished its slice; ``False`` where none has been started yet."""
        self._is_leaving = True
        if self._nanny is None or self._nanny.pid is None:
            return False
        self._nanny.close_gracefully()
        os.kill(self._nanny.pid, signal.SIGTERM)
        return True

    def _new_nanny(self) -> Nanny:
        self._nanny = Nanny(
            self._address,
            nthreads=1,
            memory_limit=0,
            env=worker_environment(self._threads),
            security=settings.security(self._address),
            worker_class=SliceWorker,
            prepare=self._prepare,
        )
        return self._nanny


def _asked_to_end() -> asyncio.Event:
    """Set by Ctrl+C and SIGTERM; the second time they end this process at once, and its workers with it."""
    ending = asyncio.Event()

    def ask() -> None:
        if ending.is_set():
            os._exit(1)
        ending.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ask)
    return ending
