"""Where slices are computed, as the runner sees it: on this machine or on others."""

from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from loky.process_executor import ShutdownExecutorError

from model.messages import Message

# The seed recipe's first start takes 6-10 s on two cores; after this long something is wrong.
LATE_SECONDS = 60
# What a future raises whose worker died, was shut down or was given up.
WORKER_ENDED = (BrokenExecutor, ShutdownExecutorError)


class ConnectionLostError(Exception):
    """What a future raises whose engine cannot be reached (any more): nothing is said about the call or its
    worker, so it can be made again as often as that happens."""


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


@dataclass(frozen=True)
class WorkerStatus:
    """One worker at one moment: ``name`` tells it from the others, ``memory`` in bytes (``None`` where it is
    not known), ``calls`` that it has got and not answered yet."""

    name: str
    memory: int | None
    calls: int


class Engine(Protocol):
    """What the runner needs of an engine; every method may be called from any thread."""

    @property
    def capacity(self) -> int:
        """How many slices it computes at the same time."""

    @property
    def is_shared(self) -> bool:
        """Whether other web servers' slices are computed by the same workers."""

    @property
    def fingerprint(self) -> str | None:
        """What the last bits of a run depend on beside its recipe; ``None`` before a worker has said it."""

    def start(self, when_ready: Callable[[], None]) -> None:
        """(Re)start all workers; returns at once. Calls ``when_ready`` whenever the status or the capacity
        has changed, from any thread."""

    def status(self) -> EngineStatus:
        """How it is at this moment."""

    def workers_status(self) -> tuple[WorkerStatus, ...]:
        """The workers that are there at this moment."""

    def submit(
        self,
        fn: Callable[..., Any],
        /,
        *args: Any,
        run_id: str | None = None,
        ready_since: float | None = None,
        patience: float | None = None,
    ) -> Future[Any]:
        """Call ``fn`` in a worker; of several free ones in that which worked for ``run_id`` last.

        What is ``ready_since`` an earlier moment (seconds of ``time.monotonic``; now, where it is not given)
        comes first. A call that takes longer than its ``patience`` (seconds, the wait for a worker included)
        is given up together with its worker.

        The future raises what ``fn`` raised, one of ``WORKER_ENDED``, or ``ConnectionLostError``.
        """
