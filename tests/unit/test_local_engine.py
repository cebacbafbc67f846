"""Which worker the engine gives up, without any process."""

from concurrent.futures import Future
from typing import Any

import pytest

from runs.local_engine import LocalEngine
from testing.waiting import wait_until


class Pool:
    """A worker that never answers."""

    def __init__(self) -> None:
        self.ends = 0

    def shutdown(self, **_how: Any) -> None:
        self.ends += 1


@pytest.fixture
def pools() -> list[Any]:
    return [Pool(), Pool()]


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, pools: list[Any]) -> LocalEngine:
    """An engine of two such workers, which looks at its calls without a pause."""
    monkeypatch.setattr("runs.local_engine.LOOKING", 0.001)
    engine = LocalEngine(workers=2)
    engine._pools = list(pools)
    return engine


def _give_up(engine: LocalEngine, number: int) -> None:
    """Whoever looks at its calls gives up the worker with this number, which takes too long."""
    with engine._lock:
        pool: Any = engine._pools[number]
        engine._watch(Future(), number, -1)
    wait_until(lambda: pool.ends, 5, "the giving up")


def test_a_worker_in_the_place_of_one_that_was_given_up_stays(engine: LocalEngine, pools: list[Any]) -> None:
    waiting: Future[Any] = Future()
    with engine._lock:
        engine._watch(waiting, 0, 60)
    _give_up(engine, 0)
    second: Any = Pool()
    with engine._lock:
        engine._pools[0] = second
        # What waited for the first one is late, too.
        engine._patience[waiting] = (-1, engine._patience[waiting][1])
    _give_up(engine, 1)
    assert engine._pools[0] is second
    assert [pool.ends for pool in (*pools, second)] == [1, 1, 0]


def test_a_late_call_of_a_worker_that_is_there_no_longer_does_not_end_the_looking(
    engine: LocalEngine, pools: list[Any]
) -> None:
    with engine._lock:
        engine._watch(Future(), 1, -1)
        engine._pools = pools[:1]
    _give_up(engine, 0)
    assert [pool.ends for pool in pools] == [1, 0]
