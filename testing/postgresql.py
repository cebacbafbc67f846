"""A real PostgreSQL of the tests' own, from Debian's packages, in a folder that is gone afterwards."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import psutil
import psycopg

MISSING = "there is no PostgreSQL on this machine (Debian: apt-get install postgresql)"
_numbers = count()


def programs() -> Path | None:
    """The folder of ``initdb`` and ``postgres``, or None: ``MISSING``."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    return next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)


class Server:
    """A PostgreSQL in a folder of its own; ``stop`` and ``start`` as an operator would."""

    def __init__(self) -> None:
        programs_folder = programs()
        if programs_folder is None:
            raise FileNotFoundError(MISSING)
        self._programs = programs_folder
        self._home = Path(tempfile.mkdtemp(prefix="digitlab-postgresql-"))
        # PostgreSQL refuses to run as root.
        self._as_user: list[str] = []
        if os.geteuid() == 0:
            shutil.chown(self._home, "postgres")
            self._as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        self._run("initdb", "--auth=trust", "--username=postgres", "--no-sync")
        self.address = f"postgresql://postgres@/postgres?host={self._home}"

    def start(self) -> None:
        """Returns when it answers."""
        # What is written need not survive the end of the machine.
        options = f"-c listen_addresses= -c fsync=off -c full_page_writes=off -k {self._home}"
        self._run("pg_ctl", "-o", options, "-l", str(self._home / "log"), "-w", "start")

    def stop(self) -> None:
        """At once, whoever is connected."""
        self._run("pg_ctl", "-m", "immediate", "-w", "stop")

    @property
    def process_id(self) -> int:
        """Of the main process, while it runs."""
        return int((self._home / "data" / "postmaster.pid").read_text().splitlines()[0])

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """All its processes stand still, and keep their connections."""
        main = psutil.Process(self.process_id)
        # The main process first, which would start others.
        main.suspend()
        processes = [main, *main.children(recursive=True)]
        for process in processes[1:]:
            process.suspend()
        try:
            yield
        finally:
            for process in processes:
                # One that had ended meanwhile leaves as soon as the main process looks.
                with suppress(psutil.NoSuchProcess):
                    process.resume()

    def remove(self) -> None:
        """Its folder, once it has stopped."""
        shutil.rmtree(self._home, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._as_user, str(self._programs / program), "-D", str(self._home / "data"), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self._home)


@contextmanager
def served() -> Iterator[str]:
    """The address of a new server's first database; FileNotFoundError where there is none."""
    server = Server()
    server.start()
    try:
        yield server.address
    finally:
        server.stop()
        server.remove()


def new_database(server: str) -> str:
    """The address of an empty database on the ``server`` with this address."""
    name = f"digitlab_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return server.replace("/postgres?", f"/{name}?")
