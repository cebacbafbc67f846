"""The command ``digitlab``: starts the app, with its settings, from any folder."""

import argparse
import os
import signal
import socket
import sys
import time
import urllib.request
import webbrowser
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread

# In a clone the app lies beside this package, in an installed one inside it.
_APP = next(
    folder / "app.py"
    for folder in (Path(__file__).parent, Path(__file__).parents[1])
    if (folder / "app.py").is_file()
)
_PORTS = range(8501, 8601)
# Open files and connections at once: those of 16,000 tabs.
_FILES = 65_536
# A slow computer takes a while until it serves.
_PATIENCE_SECONDS = 120


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until it is interrupted; or care for what is kept (``data``), say what a class takes
    (``capacity``), or train for other machines (``scheduler`` and ``worker``)."""
    sys.path.insert(0, str(_APP.parent))
    from runs import logs

    logs.set_up()
    _end_with_the_terminal()
    _raise_limit_of_files()
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["data"]:
        from digitlab import data

        return data.main(given[1:])
    if given[:1] == ["capacity"]:
        from digitlab import capacity

        return capacity.main(given[1:])
    if given[:1] in (["worker"], ["scheduler"]):
        from digitlab import cluster

        return (cluster.worker if given[0] == "worker" else cluster.scheduler)(given[1:])
    options = _parser().parse_args(given)
    if problem := _problem_of_settings() or _problem_of_host(options.host):
        print(f"digitlab: {problem}", file=sys.stderr)
        return 2
    # Only here, since it takes seconds to import.
    from streamlit.web import cli

    if options.data is not None:
        try:
            options.data.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            print(f"digitlab: --data needs a folder that can be written to: {error}", file=sys.stderr)
            return 2
        os.environ["DIGITLAB_DATA"] = str(options.data.resolve())
    port = options.port or _free_port(options.host)
    if not options.no_browser and _has_screen():
        Thread(target=_open_browser, args=(port,), daemon=True).start()
    # Nobody edits an installed app, so nothing watches its files. To Streamlit, headless is to ask the
    # internet for this computer's address.
    command = ["run", str(_APP), "--server.address", options.host, "--server.port", str(port)]
    command += ["--server.fileWatcherType", "none", "--server.headless", "false"]
    return int(cli.main(command, prog_name="digitlab", standalone_mode=False) or 0)


def _parser() -> argparse.ArgumentParser:
    from digitlab.options import port
    from model.version import VERSION
    from storage.database import REVISION

    parser = argparse.ArgumentParser(
        prog="digitlab",
        description="See a neural network learn to read handwritten digits, in your browser.",
        epilog="Streamlit's own settings are read from the environment, as STREAMLIT_SERVER_BASE_URL_PATH. "
        "What is kept: digitlab data --help. How long a class waits: digitlab capacity --help. "
        "Several machines: digitlab scheduler --help, digitlab worker --help.",
    )
    parser.add_argument(
        "--version", action="version", version=f"Digit Lab {VERSION}, tables of revision {REVISION}"
    )
    parser.add_argument("--host", default="localhost", help="0.0.0.0 lets other computers in")
    parser.add_argument("--port", type=port, help=f"{_PORTS.start}, or the next one that is free")
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="where runs and drawings are kept")
    parser.add_argument("--no-browser", action="store_true", help="do not open one")
    return parser


def _problem_of_settings() -> str | None:
    """What is wrong with what the environment sets, before anything is deleted or computed after it."""
    from model.messages import MessageError
    from runs.workers import default_workers
    from storage.care import retention_days
    from storage.database import from_environment

    try:
        from_environment(locks=False)
        retention_days()
        default_workers()
    except MessageError as error:
        return str(error)
    return None


def _problem_of_host(host: str) -> str | None:
    """What is wrong with ``--host``, which Streamlit would tell by a traceback."""
    problem: Exception | None = None
    try:
        # Of localhost's two addresses one may be switched off.
        for family, kind, protocol, _name, address in socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM):
            try:
                with socket.socket(family, kind, protocol) as probe:
                    probe.bind(address)
                return None
            except OSError as error:
                problem = error
    except (OSError, UnicodeError) as error:
        problem = error
    return f"--host needs a name or an address of this computer, not {host!r}: {problem}"


def _end_with_the_terminal() -> None:
    """One that is closed, or the end of a connection by ssh, is as SIGTERM; to nohup it is nothing."""
    if os.name != "nt" and signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
        signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))


def _raise_limit_of_files() -> None:
    """A tab takes four, and many systems let a process have 1,024 unless it asks for more."""
    if os.name == "nt":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        # macOS says that there is no limit, and has one.
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _free_port(host: str) -> int:
    """The first of ``_PORTS`` that nobody listens on."""
    for port in _PORTS:
        with socket.socket() as probe:
            if os.name != "nt":
                # As the server will: else a port is taken for a minute after a server on it has ended.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return port
    return _PORTS.start


def _has_screen() -> bool:
    """A Linux server has none, and would open a browser of letters in its terminal."""
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _open_browser(port: int) -> None:
    """Once the app serves: Streamlit opens none for an app with a middleware of its own."""
    address = f"http://localhost:{port}"
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2):
                break
        except OSError:
            time.sleep(0.2)
    webbrowser.open(address)
