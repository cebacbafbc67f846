"""What the last bits of a curve depend on beside its recipe: versions, processor, workers' settings."""

import hashlib
import json
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from runs.workers import cores, worker_environment

_PACKAGES = ("tensorflow", "tensorflow-cpu", "keras", "numpy")
# Of the settings that a worker starts with, those that say nothing about what it computes.
_SILENT = {"TF_CPP_MIN_LOG_LEVEL", "LOKY_MAX_MEMORY_LEAK_SIZE"}


@cache
def fingerprint() -> str:
    """Of this machine and this program, as JSON. Where it is the same, a run goes on to the same last bit, if
    XLA compiles, too, as it did before: only a worker knows, so ``runs.machine`` looks at the first slice."""
    return fingerprint_with(worker_environment(cores()))


def fingerprint_with(settings: Mapping[str, str]) -> str:
    """Of this machine and a worker with these ``settings``, names of ``worker_environment``."""
    return json.dumps(
        {
            "packages": installed(),
            "machine": platform.machine(),
            "processor": hashlib.sha256(_features().encode()).hexdigest()[:16],
            "settings": {name: value for name, value in settings.items() if name not in _SILENT},
        },
        sort_keys=True,
    )


def installed() -> dict[str, str]:
    """The versions of the packages that compute."""
    return {name: found for name in _PACKAGES if (found := _version(name))}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _features() -> str:
    """What Linux says that the first core can do; elsewhere what the system calls the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    named = [line for line in lines if line.split(":")[0].strip() in {"model name", "flags", "Features"}]
    return "\n".join(sorted(set(named)))
