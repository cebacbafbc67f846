"""Sets Digit Lab up and starts it. Needs nothing but Python; the second time it starts at once.

    python3 start.py          the app; --host, --port and --data as for digitlab
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

# TensorFlow 2.21 has packages for these.
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

WRONG_PYTHON = """\
Digit Lab needs Python {oldest} to {newest}, and this is Python {received}{why}.
Install Python {newest} beside it, from https://www.python.org/downloads/ or with your system's package
manager, and type: {command} start.py"""
NO_BROWSER = "No browser for the browser tests; they will be skipped. To run them: {how}"


def main(arguments: "list[str]") -> int:
    """Installs what is missing, then does what was asked for."""
    if sys.version_info[:2] not in PYTHONS:
        other = suitable_python()
        if other is None:
            return fail(wrong_python(sys.version_info[:2]))
        return subprocess.call([*other, __file__, *arguments])
    task = arguments[0] if arguments and arguments[0] in ("setup", "test") else "app"
    if not install("requirements.lock" if task == "app" else "requirements-dev.lock"):
        return fail("Installing failed; the lines above say why. Once that is mended, type the same again.")
    if task != "app":
        offer_chromium()
    if task == "setup":
        return 0
    command = ["pytest", *arguments[1:]] if task == "test" else ["digitlab", *arguments]
    try:
        return subprocess.call([str(PYTHON), "-m", *command], cwd=str(FOLDER))
    except KeyboardInterrupt:
        return 130


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


def install(lock: str) -> bool:
    """Puts what ``lock`` lists into the environment, unless it is there; returns whether it is there now."""
    wanted = hashlib.sha256((FOLDER / lock).read_bytes()).hexdigest()
    note = ENVIRONMENT / f"installed-{lock}.txt"
    if note.is_file() and note.read_text(encoding="ascii") == wanted and PYTHON.is_file():
        return True
    print(f"Installing what Digit Lab needs into {ENVIRONMENT}: about 2 GB.", flush=True)
    has_pip = importlib.util.find_spec("ensurepip") is not None
    if not PYTHON.is_file():
        venv.create(str(ENVIRONMENT), with_pip=has_pip)
    pip = ["-m", "pip"] if has_pip else [str(downloaded_pip() / "pip")]
    uv = ["-m", "uv", "pip", "install", "--quiet", "--python", str(PYTHON), "-r", str(FOLDER / lock)]
    for command in ([*pip, "install", "--quiet", "--disable-pip-version-check", UV], uv):
        if subprocess.call([str(PYTHON), *command]) != 0:
            return False
    note.write_text(wanted, encoding="ascii")
    return True


def downloaded_pip() -> pathlib.Path:
    """Pip's wheel, which is loaded the first time."""
    path = ENVIRONMENT / PIP_ADDRESS.rpartition("/")[2]
    if not path.is_file():
        with urllib.request.urlopen(PIP_ADDRESS) as answer:
            wheel = answer.read()
        if hashlib.sha256(wheel).hexdigest() != PIP_SHA256:
            raise SystemExit(f"What came from {PIP_ADDRESS} is not the pip that was expected.")
        path.write_bytes(wheel)
    return path


def offer_chromium() -> None:
    """Chromium for the browser tests, where Debian's packages bring it and nobody has to type a password."""
    names = ("chromium-headless-shell", "chromium", "google-chrome", "chromium-browser")
    if any(shutil.which(name) for name in names):
        return
    how = "install Chromium or Google Chrome"
    if shutil.which("apt-get"):
        as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
        command = [*as_root, "apt-get", "install", "-y", "-qq", "--no-install-recommends", names[0]]
        how = f"sudo apt-get install {names[0]}"
        quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        if not as_root or shutil.which("sudo"):
            update = subprocess.call([*as_root, "apt-get", "update", "-qq"], env=quiet)
            if update == 0 and subprocess.call(command, env=quiet, stdout=subprocess.DEVNULL) == 0:
                return
    print(NO_BROWSER.format(how=how), flush=True)


def fail(sentence: str) -> int:
    """Says what is wrong; returns what the process ends with."""
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
