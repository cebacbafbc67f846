"""The command ``digitlab``: what it hands to Streamlit."""

import os
import socket
import subprocess
import sys
import webbrowser
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from streamlit.web import cli

from digitlab import command
from model.version import VERSION
from storage.database import REVISION
from testing.documented import ROOT
from testing.waiting import wait_until


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The command lines that Streamlit would have been started with."""
    lines: list[list[str]] = []

    def main(arguments: list[str], **_options: Any) -> None:
        lines.append(arguments)

    monkeypatch.setattr(cli, "main", main)
    monkeypatch.setenv("DIGITLAB_DATA", "")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    return lines


def test_without_options_it_serves_this_computer_alone(started: list[list[str]]) -> None:
    assert command.main([]) == 0
    [[run, app, *options]] = started
    assert (run, Path(app)) == ("run", ROOT / "app.py")
    settings = dict(zip(options[::2], options[1::2], strict=True))
    assert 8501 <= int(settings.pop("--server.port")) < 8601
    assert settings == {
        "--server.address": "localhost",
        "--server.fileWatcherType": "none",
        "--server.headless": "false",
    }
    assert os.environ["DIGITLAB_DATA"] == ""


def test_with_options_it_lets_others_in_and_keeps_files_where_it_is_told(
    started: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert command.main(["--host", "0.0.0.0", "--port", "80", "--data", "a/b", "--no-browser"]) == 0
    [line] = started
    assert line[line.index("--server.address") + 1] == "0.0.0.0"
    assert line[line.index("--server.port") + 1] == "80"
    assert os.environ["DIGITLAB_DATA"] == str(tmp_path / "a/b")
    assert (tmp_path / "a/b").is_dir()


def test_a_folder_that_cannot_be_made_is_told_before_anything_starts(
    started: list[list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert command.main(["--data", str(tmp_path / "file/data")]) == 2
    assert "--data needs a folder that can be written to" in capsys.readouterr().err
    assert started == []


@pytest.mark.parametrize("days", ["0", "-1", "inf", "nan", "90 days"])
def test_a_wrong_number_of_days_is_told_before_anybody_is_deleted(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], days: str
) -> None:
    monkeypatch.setenv("DIGITLAB_RETENTION_DAYS", days)
    assert command.main([]) == 2
    expected = f"DIGITLAB_RETENTION_DAYS needs a number from 1 to 100000, not '{days}'."
    assert expected in capsys.readouterr().err
    assert started == []


@pytest.mark.parametrize(
    "address",
    [
        "nonsense",
        "mysql://root:secret@localhost/lab",
        "sqlite:///lab.db",
        "postgresql://me:secret@localhost:port/lab",
        "postgresql://me:se@cret@localhost/lab",
    ],
)
@pytest.mark.parametrize("arguments", [[], ["data", "status"]])
def test_an_address_of_no_postgresql_is_told_before_anything_starts_and_never_repeated(
    started: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    address: str,
    arguments: list[str],
) -> None:
    monkeypatch.setenv("DIGITLAB_DATABASE_URL", address)
    assert command.main(arguments) == 2
    said = capsys.readouterr()
    assert "needs an address like postgresql://USER:PASSWORD@HOST/DATABASE" in said.err
    assert "secret" not in said.err
    assert "cret@" not in said.err
    assert (started, said.out) == ([], "")


def test_a_host_may_have_one_address_that_is_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    addresses = [("203.0.113.1", 0), ("127.0.0.1", 0)]
    found = [(socket.AF_INET, socket.SOCK_STREAM, 0, "", address) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert command._problem_of_host("localhost") is None


def test_a_host_that_is_not_this_computer_is_told_before_anything_starts(
    started: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["--host", "203.0.113.1"]) == 2
    assert "--host needs a name or an address of this computer, not '203.0.113.1'" in capsys.readouterr().err
    assert started == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has neither")
def test_it_takes_the_files_that_it_may_have_and_the_end_of_a_terminal_is_as_sigterm() -> None:
    program = """
import resource, signal
resource.setrlimit(resource.RLIMIT_NOFILE, (256, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
from streamlit.web import cli
from digitlab import command
def main(*_, **__):
    print(*resource.getrlimit(resource.RLIMIT_NOFILE))
    signal.signal(signal.SIGTERM, lambda *_: print("ends"))
    signal.raise_signal(signal.SIGHUP)
cli.main = main
command.main(["--no-browser"])
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    limits, *said = done.stdout.splitlines()
    soft, hard = map(int, limits.split())
    assert soft == (65_536 if hard < 0 else min(hard, 65_536)), done.stderr
    assert said == ["ends"]


def test_it_says_its_version_and_that_of_its_tables(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(["--version"])
    assert capsys.readouterr().out == f"Digit Lab {VERSION}, tables of revision {REVISION}\n"


def test_a_port_that_somebody_listens_on_is_passed_over(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("localhost", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setattr(command, "_PORTS", range(port, port + 20))
        assert command.main([]) == 0
    [line] = started
    assert int(line[line.index("--server.port") + 1]) > port


def test_a_browser_is_opened_once_the_app_answers_where_there_is_a_screen(
    started: list[list[str]], monkeypatch: pytest.MonkeyPatch, healthy: str
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    port = healthy.rpartition(":")[2]
    command.main(["--port", port])
    monkeypatch.setenv("DISPLAY", ":0")
    command.main(["--port", port, "--no-browser"])
    command.main(["--port", port])
    wait_until(lambda: opened, 10, "the browser")
    assert opened == [f"http://localhost:{port}"]


class _Health(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/_stcore/health" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def healthy() -> Iterator[str]:
    """The address of a server that only says that it is there."""
    with ThreadingHTTPServer(("localhost", 0), _Health) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()
