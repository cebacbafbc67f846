"""The command ``digitlab``: what it hands to Streamlit."""

import os
from pathlib import Path
from typing import Any

import pytest
from streamlit.web import cli

from digitlab import command
from model.version import VERSION
from testing.documented import ROOT


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The command lines that Streamlit would have been started with."""
    lines: list[list[str]] = []

    def main(arguments: list[str], **_options: Any) -> None:
        lines.append(arguments)

    monkeypatch.setattr(cli, "main", main)
    monkeypatch.setenv("DIGITLAB_DATA", "")
    return lines


def test_without_options_it_serves_this_computer_alone(started: list[list[str]]) -> None:
    assert command.main([]) == 0
    [[run, app, *options]] = started
    assert (run, Path(app)) == ("run", ROOT / "app.py")
    assert options == ["--server.address", "localhost", "--server.fileWatcherType", "none"]
    assert os.environ["DIGITLAB_DATA"] == ""


def test_with_options_it_lets_others_in_and_keeps_files_where_it_is_told(
    started: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert command.main(["--host", "0.0.0.0", "--port", "80", "--data", "a/b", "--no-browser"]) == 0
    [line] = started
    assert line[line.index("--server.address") + 1] == "0.0.0.0"
    assert line[line.index("--server.port") + 1] == "80"
    assert line[line.index("--server.headless") + 1] == "true"
    assert os.environ["DIGITLAB_DATA"] == str(tmp_path / "a/b")
    assert (tmp_path / "a/b").is_dir()


def test_a_folder_that_cannot_be_made_is_told_before_anything_starts(
    started: list[list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert command.main(["--data", str(tmp_path / "file/data")]) == 2
    assert "--data needs a folder that can be written to" in capsys.readouterr().err
    assert started == []


def test_it_says_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(["--version"])
    assert capsys.readouterr().out == f"Digit Lab {VERSION}\n"
