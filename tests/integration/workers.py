"""Slices that end their own worker; imported there by name, so they live in a module."""

import os
import signal
import time
from pathlib import Path

from model.config import TrainingConfig
from model.slices import Progress, Score, Slice, TrainingState
from testing.engines import learn

VICTIM_SEED = 666


def process_id() -> int:
    return os.getpid()


def process_id_after(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def dies_once_there(file: Path) -> None:
    while not file.exists():
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGKILL)


def freezes() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def is_asked_to_end() -> int:
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(0.2)
    return os.getpid()


def grows(megabytes: int) -> int:
    """Keeps so much for ever, as TensorFlow keeps what it has compiled."""
    _kept.append(b"1" * (megabytes * 1_000_000))
    return os.getpid()


_kept: list[bytes] = []


def learns_slowly(
    config: TrainingConfig, state: TrainingState, part: Slice
) -> tuple[TrainingState, Progress]:
    time.sleep(0.02)
    return learn(config, state, part)


def learns_as_slowly_as_real_ones(
    config: TrainingConfig, state: TrainingState, part: Slice
) -> tuple[TrainingState, Progress]:
    """So long that the way to a worker counts little."""
    time.sleep(0.1)
    return learn(config, state, part)


def dies_always(config: TrainingConfig, state: TrainingState, part: Slice) -> tuple[TrainingState, Progress]:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("unreachable")


def victim_dies_others_learn(
    config: TrainingConfig, state: TrainingState, part: Slice
) -> tuple[TrainingState, Progress]:
    """The run with ``VICTIM_SEED`` kills its worker; any other one learns nothing, but at once."""
    if config.seed == VICTIM_SEED:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.01)
    return state, Progress(1, 2.3, 0, 0.01, True, Score(2.3, 0.1) if part.ends_epoch else None)


def reads_a_damaged_file(
    config: TrainingConfig, state: TrainingState, part: Slice
) -> tuple[TrainingState, Progress]:
    from model.data import mnist

    mnist.load("test", Path("/nowhere"))
    raise AssertionError("unreachable")


def starts_at_once() -> float:
    """A warm-up without TensorFlow."""
    return 1e9


def only_the_first_starts() -> float:
    """Of the workers of one engine; any further one is killed, as where memory runs out."""
    try:
        Path(os.environ["FIRST"]).touch(exist_ok=False)
    except FileExistsError:
        os.kill(os.getpid(), signal.SIGKILL)
    return 1e9


def cannot_start() -> float:
    raise ImportError("not yet")
