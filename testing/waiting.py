"""Waiting for something to happen, never for time to pass."""

import time
from collections.abc import Callable
from typing import TypeVar

from runs.records import RunSnapshot
from runs.runner import Runner
from testing.runs import snapshot_of

T = TypeVar("T")


def wait_until(condition: Callable[[], T | None], seconds: float = 60, what: str = "it") -> T:
    """The first true value of ``condition``, looked at every 5 ms; AssertionError after ``seconds``."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, f"{what} did not happen within {seconds} s"
        time.sleep(0.005)
    return value


def over(runner: Runner, run_id: str, seconds: float = 60) -> RunSnapshot:
    """The run's last snapshot, once it is over; AssertionError after ``seconds``."""

    def look() -> RunSnapshot | None:
        snapshot = snapshot_of(runner, run_id)
        return snapshot if snapshot.state.is_over else None

    return wait_until(look, seconds, "the end of the run")
