"""Clusters on this machine: a real scheduler and real workers, which may only pretend to train.

``python -m testing.clusters ADDRESS WORKERS THREADS`` is ``digitlab worker`` without TensorFlow.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import psutil

_ROOT = Path(__file__).parents[1]


def prepare() -> tuple[float, bool]:
    """A warm-up that is over at once."""
    return 1e9, True


class Cluster:
    """``with Cluster(folder) as cluster``: a scheduler at ``cluster.address``, and nobody who works. What the
    processes print goes into files in ``folder``. All are killed at the end."""

    def __init__(
        self, folder: Path, protocol: str = "tcp", environment: Mapping[str, str] | None = None
    ) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.address = f"{protocol}://127.0.0.1:{self._port}"
        self._folder = folder
        self._environment = {**os.environ, **(environment or {})}
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "Cluster":
        self.start_scheduler()
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            for one in (*_below(process), process):
                one.kill()
            process.wait()

    def change_environment(self, environment: Mapping[str, str]) -> None:
        """Of processes that are started from now on."""
        self._environment |= environment

    def start_scheduler(self) -> None:
        """At the same address as before, if there was one."""
        tls = ["--tls"] if self.address.startswith("tls") else []
        arguments = ["digitlab", "scheduler", "--port", str(self._port), *tls]
        self._scheduler = self._run("scheduler", *arguments)

    @property
    def scheduler_id(self) -> int:
        """Of the scheduler's process."""
        return self._scheduler.pid

    def kill_scheduler(self) -> None:
        self._scheduler.kill()
        self._scheduler.wait()

    def start_workers(self, count: int, threads: int = 1, pretend: bool = True) -> subprocess.Popen[bytes]:
        """One process more, with so many workers; ``pretend``: without TensorFlow."""
        if pretend:
            return self._run("workers", "testing.clusters", self.address, str(count), str(threads))
        numbers = ["--workers", str(count), "--threads", str(threads)]
        return self._run("workers", "digitlab", "worker", "--scheduler", self.address, *numbers)

    def start_plain_worker(self) -> subprocess.Popen[bytes]:
        """As Dask itself starts one."""
        return self._run(
            "plain", "distributed.cli.dask_worker", self.address, "--nthreads", "1", "--no-nanny"
        )

    def said(self, who: str) -> str:
        """All that ``"scheduler"``, ``"workers"`` or ``"plain"`` printed."""
        return (self._folder / f"{who}.txt").read_text()

    def _run(self, who: str, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        with (self._folder / f"{who}.txt").open("a") as log:
            command = [sys.executable, "-m", module, *arguments]
            process = subprocess.Popen(
                command, cwd=_ROOT, env=self._environment, stdout=log, stderr=subprocess.STDOUT
            )
        self._processes.append(process)
        return process


def _below(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    try:
        return list(psutil.Process(process.pid).children(recursive=True))
    except psutil.NoSuchProcess:
        return []


if __name__ == "__main__":
    from runs import logs

    logs.set_up()
    from runs.cluster.serving import serve_workers

    # Under a name that the workers' processes know, too.
    from testing import clusters

    serve_workers(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), clusters.prepare)
