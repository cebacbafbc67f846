"""How many workers a machine gets."""

import pytest

from runs import workers
from storage.settings import SettingError

GB = 1_000_000_000


@pytest.mark.parametrize(
    ("cores", "free", "count"),
    [
        (1, 20 * GB, 1),
        (2, 20 * GB, 2),
        (2, 1.5 * GB, 2),
        (2, 1.4 * GB, 1),
        (2, 0.3 * GB, 1),
        (4, 2.2 * GB, 3),
        (4, 20 * GB, 4),
        (64, 200 * GB, 8),
    ],
)
def test_a_worker_a_core_as_far_as_the_memory_goes(
    monkeypatch: pytest.MonkeyPatch, cores: int, free: float, count: int
) -> None:
    monkeypatch.delenv("DIGITLAB_WORKERS", raising=False)
    monkeypatch.setattr("runs.workers.cores", lambda: cores)
    monkeypatch.setattr("runs.workers.memory.available", lambda: int(free))
    assert workers.default_workers() == count


@pytest.mark.parametrize("asked", ["0", "-1", "1.5", "many", "nan", "inf", "\u00b2"])
def test_what_is_no_number_of_workers_is_refused_in_words(
    monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    monkeypatch.setenv("DIGITLAB_WORKERS", asked)
    with pytest.raises(SettingError, match="DIGITLAB_WORKERS needs a whole number from 1 to 256, not"):
        workers.default_workers()


@pytest.mark.parametrize(("asked", "count"), [("3", 3), ("", 2)])
def test_the_environment_may_ask_for_a_number(
    monkeypatch: pytest.MonkeyPatch, asked: str, count: int
) -> None:
    monkeypatch.setenv("DIGITLAB_WORKERS", asked)
    monkeypatch.setattr("runs.workers.cores", lambda: 2)
    monkeypatch.setattr("runs.workers.memory.available", lambda: 20 * GB)
    assert workers.default_workers() == count
