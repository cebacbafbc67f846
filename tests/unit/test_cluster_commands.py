"""``digitlab worker`` and ``digitlab scheduler``: what they are told that does not do."""

import socket

import pytest

from digitlab import command
from runs.cluster import settings


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["worker", "--workers=-3"], "--workers: needs a whole number from 1 to 256, received '-3'"),
        (["worker", "--workers", "0"], "--workers: needs a whole number from 1 to 256, received '0'"),
        (["worker", "--threads=-2"], "--threads: needs a whole number from 1 to 256, received '-2'"),
        (["scheduler", "--port", "99999"], "--port: needs a whole number from 1 to 65,535"),
        (["--port", "99999"], "--port: needs a whole number from 1 to 65,535, received '99999'"),
    ],
)
def test_a_number_that_does_not_do_is_told_with_what_was_expected(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        command.main(arguments)
    assert end.value.code == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    "address", ["tcp://", "tcp://host", "tcp://host:", "tcp://host:0", "tcp://host:866100", "http://host:1"]
)
def test_an_address_of_no_scheduler_is_told(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["worker", "--scheduler", address]) == 2
    assert f"like {settings.EXAMPLE}; got {address}." in capsys.readouterr().err


@pytest.mark.parametrize(
    "address", ["tcp://192.168.0.10:8786", "tcp://[::1]:8786", "tcp://lab.example.org:1"]
)
def test_a_scheduler_has_a_name_or_a_number(address: str) -> None:
    settings.check(address)


def test_without_a_scheduler_a_worker_says_how_to_name_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(settings.SCHEDULER, "")
    assert command.main(["worker"]) == 2
    assert "with --scheduler tcp://192.168.0.10:8786 or in DIGITLAB_SCHEDULER" in capsys.readouterr().err


def test_a_scheduler_whose_port_is_taken_says_so_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert command.main(["scheduler", "--port", str(port)]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"digitlab scheduler: it cannot listen at 127.0.0.1:{port}: [Errno ")
