"""The app as a class server would serve it, in a process of its own."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

_ROOT = Path(__file__).parents[1]


def without_tensorflow(folder: Path) -> dict[str, str]:
    """What a server's environment needs that trains nothing, and is there at once therefore; ``folder`` gets
    a TensorFlow that cannot be imported."""
    package = folder / "tensorflow"
    package.mkdir()
    (package / "__init__.py").write_text("raise ImportError('not needed')")
    return {"PYTHONPATH": str(folder), "DIGITLAB_WORKERS": "1"}


class serve:  # noqa: N801
    """``with serve(environment) as address``: the app on a free port, ended with all its workers. Its data is
    gone afterwards, unless ``environment`` names a folder for it.

    ``script``: another one in ``folder``, with the app's settings. ``python`` runs it; ``watcher`` is
    Streamlit's file watcher, ``None`` for what the folder's own settings say; what the server prints goes
    into the file ``log``.
    """

    def __init__(
        self,
        environment: dict[str, str] | None = None,
        folder: Path = _ROOT,
        script: str = "app.py",
        python: Path = Path(sys.executable),
        watcher: str | None = "none",
        log: Path = Path(os.devnull),
    ) -> None:
        self.port = free_port()
        watches = {} if watcher is None else {"STREAMLIT_SERVER_FILE_WATCHER_TYPE": watcher}
        self._data = tempfile.TemporaryDirectory(prefix="digitlab-data-", ignore_cleanup_errors=True)
        kept = {"DIGITLAB_DATA": self._data.name}
        self._environment = {**os.environ, **watches, **kept, **(environment or {})}
        path = self._environment.get("STREAMLIT_SERVER_BASE_URL_PATH", "")
        self.address = f"http://127.0.0.1:{self.port}{path and '/'}{path}"
        self._folder, self._python, self._log = folder, python, log
        self._script = script

    @property
    def process_id(self) -> int:
        return self._process.pid

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def __enter__(self) -> str:
        self.start()
        return self.address

    def start(self) -> None:
        """Returns when it answers; again, once it has ended, on the same port and with the same data."""
        command = [str(self._python), "-m", "streamlit", "run", self._script]
        options = ["--server.port", str(self.port)]
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                [*command, *options],
                cwd=self._folder,
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.address}/_stcore/health", timeout=2):
                    return
            except OSError:
                time.sleep(0.1)
        self._process.kill()
        raise TimeoutError("the app did not start within 60 s")

    def kill(self) -> None:
        """As if the power had failed."""
        self._process.kill()
        self._process.wait()

    def kill_and_restart(self) -> None:
        """As if the power had failed for a moment."""
        self.kill()
        self.start()

    def end(self) -> None:
        """Tell it to end, and wait until it has."""
        self._process.terminate()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __exit__(self, *_: object) -> None:
        self.end()
        self._data.cleanup()


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
