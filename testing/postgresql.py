"""A real PostgreSQL of the tests' own, from Debian's packages, in a folder that is gone afterwards."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg

MISSING = "there is no PostgreSQL on this machine (Debian: apt-get install postgresql)"
_numbers = count()


def programs() -> Path | None:
    """The folder of ``initdb`` and ``postgres``, or None: ``MISSING``."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    return next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)


@contextmanager
def served() -> Iterator[str]:
    """The address of a new server's first database; FileNotFoundError where there is none."""
    folder = programs()
    if folder is None:
        raise FileNotFoundError(MISSING)
    home = Path(tempfile.mkdtemp(prefix="digitlab-postgresql-"))
    # PostgreSQL refuses to run as root.
    as_user = []
    if os.geteuid() == 0:
        shutil.chown(home, "postgres")
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    data = home / "data"

    def run(program: str, *arguments: str) -> None:
        command = [*as_user, str(folder / program), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=home)

    # What is written need not survive the machine's own end.
    options = f"-c listen_addresses= -c fsync=off -c full_page_writes=off -k {home}"
    run("initdb", "--auth=trust", "--username=postgres", "--no-sync", "-D", str(data))
    run("pg_ctl", "-D", str(data), "-o", options, "-l", str(home / "log"), "-w", "start")
    try:
        yield f"postgresql://postgres@/postgres?host={home}"
    finally:
        run("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")
        shutil.rmtree(home, ignore_errors=True)


def new_database(server: str) -> str:
    """The address of an empty database on the ``server`` with this address."""
    name = f"digitlab_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return server.replace("/postgres?", f"/{name}?")
