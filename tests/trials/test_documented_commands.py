"""What README, CONTRIBUTING and docs tell people to type, typed in a fresh clone."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from model.drawing.collection import OwnTest, label_at, strokes_file, submit
from testing.documented import ROOT, SERVING, TRIED
from testing.strokes import DIGITS
from testing.waiting import wait_until

pytestmark = pytest.mark.timeout(3600)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A fresh clone, without anything that is not committed."""
    folder = tmp_path_factory.mktemp("newcomer") / "digit-lab"
    subprocess.run(["git", "clone", "--quiet", f"file://{ROOT}", str(folder)], check=True)
    (folder / "FILE.npz").write_bytes(_digits())
    shutil.copytree(folder / "tests/unit/photos", folder / "FOLDER")
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def environment(clone: Path) -> dict[str, str]:
    """As of somebody who has the clone's environment active, and a browser that nobody opens."""
    own = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
    system = [part for part in own["PATH"].split(os.pathsep) if part != str(Path(sys.executable).parent)]
    path = os.pathsep.join([str(clone / ".venv/bin"), *system])
    return {**own, "PATH": path, "STREAMLIT_SERVER_HEADLESS": "true"}


def _digits() -> bytes:
    """Ten digits as strokes, in the form that the benchmarks read."""
    test = OwnTest(0)
    for number in range(10):
        strokes = [280 * np.array(points) for points in DIGITS[label_at(test.seed, number)]]
        test = submit(test, number, strokes)
    return strokes_file(test)


@pytest.mark.parametrize("command", TRIED)
def test_a_documented_command_does_what_it_is_said_to(
    clone: Path, environment: dict[str, str], command: str
) -> None:
    folder, typed = clone, command
    if command.startswith("python3 -m venv"):
        # Whoever makes an environment has none active yet.
        environment = {**environment, "PATH": environment["PATH"].partition(os.pathsep)[2]}
    if command.startswith(("pip install", "digitlab", "lab/bin/digitlab")):
        # Into an environment of its own, and from any folder.
        other = clone.parent / "other"
        environment = {**environment, "PATH": f"{other / 'bin'}{os.pathsep}{environment['PATH']}"}
        if command.startswith("pip"):
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(other)], check=True)
        else:
            folder = clone.parent / "empty"
            folder.mkdir(exist_ok=True)
            typed = command.replace("lab/bin", str(clone / "lab/bin"))
    if command in SERVING:
        _serve(typed, folder, environment)
        return
    done = subprocess.run(["bash", "-c", typed], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    if command == "pip install .":
        [packages] = other.glob("lib/python3*/site-packages")
        assert (packages / "digitlab/app.py").is_file()
        assert not {"app.py", "model", "pages", "runs", "ui"} & {path.name for path in packages.iterdir()}


def _serve(command: str, folder: Path, environment: dict[str, str]) -> None:
    """Until it is healthy; then it is interrupted, and ends."""
    with socket.socket() as taken:
        assert taken.connect_ex(("localhost", 8501)), "somebody else serves on port 8501"
    server = subprocess.Popen(
        ["bash", "-c", f"exec {command}"], cwd=folder, env=environment, start_new_session=True
    )

    def is_healthy() -> bool:
        assert server.poll() is None, f"{command} ended"
        try:
            with urllib.request.urlopen("http://localhost:8501/_stcore/health", timeout=2):
                return True
        except OSError:
            return False

    try:
        wait_until(is_healthy, 900, command)
    finally:
        os.killpg(server.pid, signal.SIGINT)
        server.wait(timeout=30)
