"""How many worker processes there are, and what each of them starts with."""

from functools import cache

import loky

from runs import memory
from storage import settings

# Bytes by which a worker may grow after its warm-up, with about 650 MB; so it stays below 950 MB.
GROWTH = 250_000_000
# Bytes of the first worker at its largest, and of each further one, which shares TensorFlow's files with it.
_FIRST_WORKER, _FURTHER_WORKER = 1_000_000_000, 500_000_000
# More than two were never measured; so many a server with many cores may have without being asked.
_MAX_WORKERS = 8
# So many it may have at all.
_MOST_WANTED = 256


@cache
def cores() -> int:
    """So many this process may really use."""
    count: int = loky.cpu_count()
    return count


def default_workers() -> int:
    """``DIGITLAB_WORKERS``, or one worker for every core, as far as the free memory goes; one at least.

    A class waits a quarter less for a worker a core than for one worker alone:
    docs/decisions/2026-11-26-a-worker-for-every-core.md.

    Raises:
        storage.settings.SettingError: the variable is no such number.
    """
    if wanted := int(settings.from_environment("DIGITLAB_WORKERS", 0, _MOST_WANTED, is_whole=True)):
        return wanted
    fit = 1 + (memory.available() - _FIRST_WORKER) // _FURTHER_WORKER
    return max(1, min(cores(), fit, _MAX_WORKERS))


def worker_environment(threads: int) -> dict[str, str]:
    """Environment variables of a worker that computes with so many threads."""
    return {
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
        "LOKY_MAX_MEMORY_LEAK_SIZE": str(GROWTH),
    }
