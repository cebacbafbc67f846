"""Sets Digit Lab up and starts it. Needs nothing but Python; the second time it starts at once.

    python3 start.py          the app; --host, --port, --data and --no-browser as for digitlab
    python3 start.py worker   a worker of a cluster, and scheduler its scheduler, as for digitlab
    python3 start.py test     the tests
    python3 start.py setup    only install, what the tests and developers need included

Everything goes into the folder .venv beside this file. The file itself is plain enough for any Python 3,
so that one that is too old or too new gets a sentence instead of a traceback.
"""

import hashlib
import importlib.util
import os
import pathlib
import shutil
import subprocess
import sys
import urllib.request
import venv

PYTHONS = ((3, 13), (3, 12), (3, 11))
# Installs in a fraction of pip's time.
UV = "uv==0.13.9"
# Pip itself, for Pythons without it (Debian and Ubuntu take it out): a wheel can be run as it is.
PIP_ADDRESS = (
    "https://files.pythonhosted.org/packages/07/25/"
    "ee8c38ae72d66b844ce8eb9711ba905dba21ca1a8a0c960057c41cd23337/pip-26.3-py3-none-any.whl"
)
PIP_SHA256 = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"

FOLDER = pathlib.Path(__file__).resolve().parent
ENVIRONMENT = FOLDER / ".venv"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
# What each task installs.
TASKS = {
    "app": "requirements.lock",
    "worker": "requirements-cluster.lock",
    "scheduler": "requirements-cluster.lock",
    "test": "requirements-dev.lock",
    "setup": "requirements-dev.lock",
}
# The first is Chromium without what a window would need, which costs a quarter of a core.
BROWSERS = ("chromium-headless-shell", "chromium", "google-chrome", "chromium-browser")

WRONG_PYTHON = """\
Digit Lab needs Python {oldest} to {newest}, and this is Python {received}{why}.
Install Python {newest} beside it, from https://www.python.org/downloads/ or with your system's package
manager, and type: {command} start.py"""
UNKNOWN_TASK = "There is no task {received!r}. Type python3 start.py, or with one of: {tasks}."
FAILED = "Installing failed: {why}. Once that is mended, type the same again."
NO_BROWSER = (
    "No browser for the browser tests; they will be skipped. To run them, install Chromium or Chrome."
)


class InstallationError(Exception):
    """What could not be installed, in words."""


def main(arguments: "list[str]") -> int:
    """Installs what is missing, then does what was asked for."""
    if sys.version_info[:2] not in PYTHONS:
        other = suitable_python()
        if other is None:
            return fail(wrong_python(sys.version_info[:2]))
        return hand_over([*other, __file__, *arguments])
    if "-h" in arguments or "--help" in arguments:
        print(__doc__)
        return 0
    task = "app" if not arguments or arguments[0].startswith("-") else arguments[0]
    if task not in TASKS:
        return fail(UNKNOWN_TASK.format(received=task, tasks=", ".join(sorted(TASKS.keys() - {"app"}))))
    try:
        # A web server that lets a cluster train needs what its workers need.
        install(TASKS["worker" if task == "app" and os.environ.get("DIGITLAB_SCHEDULER") else task])
    except (InstallationError, OSError, subprocess.CalledProcessError) as error:
        return fail(FAILED.format(why=error))
    if task in ("test", "setup"):
        offer_chromium()
    if task == "setup":
        return 0
    if task == "test":
        os.chdir(str(FOLDER))
        return hand_over([str(PYTHON), "-m", "pytest", *arguments[1:]])
    # The folder that it is started from may be any, and is what --data is relative to.
    os.environ["PYTHONPATH"] = str(FOLDER)
    return hand_over([str(PYTHON), "-m", "digitlab", *arguments])


def hand_over(command: "list[str]") -> int:
    """Become ``command``, so that Ctrl+C and signals reach it; Windows has to wait for it instead."""
    if os.name != "nt":
        os.execvp(command[0], command)
    child = subprocess.Popen(command)
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            pass


def wrong_python(received: "tuple[int, ...]") -> str:
    """What to do about a Python that will not do."""

    def text(version: "tuple[int, ...]") -> str:
        return ".".join(map(str, version[:2]))

    newest = text(PYTHONS[0])
    return WRONG_PYTHON.format(
        oldest=text(PYTHONS[-1]),
        newest=newest,
        received=text(received),
        why=", for which there is no TensorFlow yet" if received[:2] > PYTHONS[0] else "",
        command=" ".join(called(PYTHONS[0])),
    )


def called(version: "tuple[int, int]") -> "list[str]":
    """How the Python of this version is called."""
    major, minor = version
    return ["py", f"-{major}.{minor}"] if os.name == "nt" else [f"python{major}.{minor}"]


def suitable_python() -> "list[str] | None":
    """How another Python of this machine is called that will do."""
    for command in map(called, PYTHONS):
        # What is found may be a stand-in that only says that there is no such Python.
        if shutil.which(command[0]) and subprocess.call([*command, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            return command
    return None


def install(lock: str) -> None:
    """Puts what ``lock`` lists into the environment, unless it is there.

    An environment of another Python, or one that is not of this script's making, is made anew.
    """
    wanted = f"{sys.version} {hashlib.sha256((FOLDER / lock).read_bytes()).hexdigest()}"
    note = ENVIRONMENT / f"installed-{lock}.txt"
    if PYTHON.is_file() and note.is_file() and note.read_text(encoding="utf-8") == wanted:
        return
    print(f"Installing what Digit Lab needs into {ENVIRONMENT}: about 2 GB.", flush=True)
    has_pip = importlib.util.find_spec("ensurepip") is not None
    made_by = ENVIRONMENT / "made-by.txt"
    if not PYTHON.is_file() or not made_by.is_file() or made_by.read_text(encoding="utf-8") != sys.version:
        venv.create(str(ENVIRONMENT), with_pip=has_pip, clear=True)
        made_by.write_text(sys.version, encoding="utf-8")
    pip = ["-m", "pip"] if has_pip else [str(downloaded_pip() / "pip")]
    uv = ["-m", "uv", "pip", "install", "--quiet", "--python", str(PYTHON), "-r", str(FOLDER / lock)]
    for command in ([*pip, "install", "--quiet", "--disable-pip-version-check", UV], uv):
        if subprocess.call([str(PYTHON), *command]) != 0:
            raise InstallationError("the lines above say why")
    note.write_text(wanted, encoding="utf-8")


def downloaded_pip() -> pathlib.Path:
    """Pip's wheel, which is loaded the first time."""
    path = ENVIRONMENT / PIP_ADDRESS.rpartition("/")[2]
    if not path.is_file():
        with urllib.request.urlopen(PIP_ADDRESS) as answer:
            wheel = answer.read()
        if hashlib.sha256(wheel).hexdigest() != PIP_SHA256:
            raise InstallationError(f"what came from {PIP_ADDRESS} is not the pip that was expected")
        path.write_bytes(wheel)
    return path


def offer_chromium() -> None:
    """Chromium for the browser tests, where apt brings it and nobody has to type a password."""
    if any(shutil.which(name) for name in BROWSERS):
        return
    if shutil.which("apt-get"):
        as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
        quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        command = [*as_root, "apt-get", "install", "-y", "-qq", "--no-install-recommends", BROWSERS[0]]
        if not as_root or shutil.which("sudo"):
            update = subprocess.call([*as_root, "apt-get", "update", "-qq"], env=quiet)
            if update == 0 and subprocess.call(command, env=quiet, stdout=subprocess.DEVNULL) == 0:
                return
    print(NO_BROWSER, flush=True)


def fail(sentence: str) -> int:
    """Says what is wrong; returns what the process ends with."""
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
