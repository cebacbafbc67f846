"""What somebody meets who has just come to the repository: its documents, its version, its first command."""

import ast
import importlib.util
import re
import subprocess
import sys
import tomllib
import venv
from pathlib import Path
from typing import Any

import pytest

import start
from classroom.rooms import DAYS
from classroom.rules import MAX_NAME
from model.version import VERSION
from storage.care import RETENTION_DAYS
from testing.documented import ALL, DOCUMENTS, LEFT_OUT, ROOT, SERVING, commands
from testing.languages import template

_LINK = re.compile(r"\]\((?!https?:)([^)#]+)[^)]*\)")
_PART = re.compile(r"\]\((?!https?:)([^)#]*)#([^)]+)\)")
_PIN = re.compile(r"^([\w.-]+)==([\w.]+)", re.MULTILINE)


def test_the_version_is_the_same_wherever_it_stands() -> None:
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^version: (.+)$", citation, re.MULTILINE)[1] == VERSION  # type: ignore[index]
    latest = re.search(r"^## \[(\d.+)\] - (.+)$", changes, re.MULTILINE)
    assert latest
    assert latest[1] == VERSION
    assert f"date-released: {latest[2]}" in citation


@pytest.mark.parametrize("document", [*DOCUMENTS, ROOT / "SECURITY.md", *ROOT.glob("docs/decisions/*.md")])
def test_a_link_within_the_repository_leads_somewhere(document: Path) -> None:
    found = _LINK.findall(document.read_text(encoding="utf-8"))
    assert [link for link in found if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", [*DOCUMENTS, ROOT / "SECURITY.md"])
def test_a_link_to_a_part_of_a_document_leads_to_a_heading(document: Path) -> None:
    lost = [
        f"{name}#{part}"
        for name, part in _PART.findall(document.read_text(encoding="utf-8"))
        if part not in _headings(document.parent / name if name else document)
    ]
    assert lost == []


def _headings(document: Path) -> set[str]:
    """As GitHub calls them in addresses."""
    found = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in found}


def test_what_is_kept_of_people_is_told_with_the_lengths_and_the_days_of_the_code() -> None:
    told = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert f"up to {MAX_NAME} letters" in told
    assert f"{DAYS} days after it was opened or kept" in told
    assert f"{RETENTION_DAYS:.0f} days without a visit" in told


def test_the_starter_takes_as_long_in_the_readme_as_in_its_workshop() -> None:
    for name in ("README.md", "model/training/make_starter.py"):
        assert "three quarters of an hour on two cores" in _in_one_line(ROOT / name).lower()


def test_teach_it_takes_as_long_in_the_documents_as_at_the_desk() -> None:
    said = "It takes about a minute"
    assert said in _in_one_line(ROOT / "docs/teaching.md")
    assert [message.id for message in template() if said in message.id]


def _in_one_line(file: Path) -> str:
    return " ".join(file.read_text(encoding="utf-8").split())


def test_every_record_of_a_decision_is_listed() -> None:
    listed = _LINK.findall((ROOT / "docs/architecture.md").read_text(encoding="utf-8"))
    assert {f"decisions/{path.name}" for path in ROOT.glob("docs/decisions/*.md")} <= set(listed)


def test_a_document_that_is_cited_in_the_code_exists() -> None:
    folders = ("benchmarks", "digitlab", "model", "pages", "runs", "testing", "tests", "ui")
    sources = [ROOT / "app.py", *(path for folder in folders for path in ROOT.glob(f"{folder}/**/*.py"))]
    cited = {
        name
        for path in sources
        for name in re.findall(r"docs/[\w/.-]+\.md", path.read_text(encoding="utf-8"))
    }
    assert [name for name in cited if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_a_document_has_commands_that_a_trial_types_or_says_why_not(document: Path) -> None:
    assert document.name == "architecture.md" or commands(document)


def test_whatever_a_trial_serves_or_leaves_out_is_still_in_a_document() -> None:
    assert (SERVING | LEFT_OUT.keys()) - set(ALL) == set()


@pytest.mark.parametrize("name", ["requirements", "requirements-cluster", "requirements-dev"])
def test_the_lock_file_has_what_the_requirements_pin(name: str) -> None:
    wanted = set(_PIN.findall((ROOT / f"{name}.txt").read_text(encoding="utf-8")))
    locked = set(_PIN.findall((ROOT / f"{name}.lock").read_text(encoding="utf-8")))
    assert len(wanted) > 1
    assert {(name.lower(), version) for name, version in wanted} <= locked


def test_what_developers_install_has_the_apps_own_versions() -> None:
    app = set(_PIN.findall((ROOT / "requirements.lock").read_text(encoding="utf-8")))
    assert app <= set(_PIN.findall((ROOT / "requirements-dev.lock").read_text(encoding="utf-8")))


def test_the_image_has_every_folder_of_the_app() -> None:
    """Docker is not at hand where the tests run: what it would miss is read from its files."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    app = project["tool"]["hatch"]["build"]["targets"]["sdist"]["only-include"]
    copied = re.findall(r"^COPY (.+) \S+$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    copied = [name for names in copied for name in names.split()]
    locked = {"requirements.txt", "requirements-cluster.txt"}
    assert {*app} - {*copied} == locked, "a lock file stands for both"
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {f"!{name}" for name in copied} - {*ignored} == set()


def test_the_first_command_needs_nothing_but_python_and_is_understood_by_old_ones() -> None:
    tree = ast.parse(Path(start.__file__).read_text(encoding="utf-8"), feature_version=(3, 7))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]


def test_a_python_that_is_too_new_gets_one_sentence_and_nothing_is_installed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 14, 0))
    monkeypatch.setattr(start, "ENVIRONMENT", tmp_path / ".venv")
    monkeypatch.setattr(start, "suitable_python", lambda: None)
    assert start.main([]) == 1
    said = capsys.readouterr().err
    assert (
        "Digit Lab needs Python 3.11 to 3.13, and this is Python 3.14, for which there is no TensorFlow"
        in said
    )
    assert "python3.13 start.py" in said
    assert list(tmp_path.iterdir()) == []


def test_a_python_that_is_too_old_is_not_said_to_be_too_new() -> None:
    assert "this is Python 3.9.\nInstall Python 3.13" in start.wrong_python((3, 9, 1))


class _Calls:
    """``subprocess.call`` and ``start.hand_over``, which note the commands, and end each with ``code``."""

    def __init__(self, code: int) -> None:
        self.made: list[list[str]] = []
        self._code = code

    def __call__(self, command: list[str], **_options: Any) -> int:
        self.made.append(command)
        return self._code


def test_another_python_of_the_machine_is_taken_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    called = _Calls(7)
    monkeypatch.setattr(sys, "version_info", (3, 10, 1))
    monkeypatch.setattr(start, "suitable_python", lambda: ["python3.12"])
    monkeypatch.setattr(start, "hand_over", called)
    assert start.main(["test", "-x"]) == 7
    assert called.made == [["python3.12", start.__file__, "test", "-x"]]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[str]]:
    """What the first command runs, which does nothing here, in a folder of its own."""
    call = _Calls(0)

    def create(environment: str, with_pip: bool, clear: bool) -> None:
        call.made.append(["venv"])
        start.PYTHON.parent.mkdir(parents=True, exist_ok=True)
        start.PYTHON.touch()

    (tmp_path / "requirements.lock").write_text("numpy==1\n", encoding="ascii")
    monkeypatch.setattr(start, "FOLDER", tmp_path)
    monkeypatch.setattr(start, "ENVIRONMENT", tmp_path / ".venv")
    monkeypatch.setattr(start, "PYTHON", tmp_path / ".venv/bin/python")
    monkeypatch.setattr(start, "hand_over", call)
    monkeypatch.setattr(subprocess, "call", call)
    monkeypatch.setattr(venv, "create", create)
    monkeypatch.setenv("PYTHONPATH", "")
    return call.made


def test_a_second_start_installs_nothing_and_a_changed_lock_file_does(
    calls: list[list[str]], tmp_path: Path
) -> None:
    assert start.main(["--port", "8502"]) == 0
    python, lock = str(start.PYTHON), str(tmp_path / "requirements.lock")
    assert [command[0] for command in calls] == ["venv", python, python, python]
    assert calls[2][-2:] == ["-r", lock]
    assert calls[3] == [python, "-m", "digitlab", "--port", "8502"]
    calls.clear()
    assert start.main([]) == 0
    assert calls == [[python, "-m", "digitlab"]]
    (tmp_path / "requirements.lock").write_text("numpy==2\n", encoding="ascii")
    calls.clear()
    assert start.main([]) == 0
    assert [command[0] for command in calls] == [python, python, python]


def test_the_processes_of_a_cluster_get_dask_too(
    calls: list[list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = tmp_path / "requirements-cluster.lock"
    lock.write_text("dask==1\n", encoding="ascii")
    assert start.main(["worker", "--threads", "2"]) == 0
    assert calls[-2][-2:] == ["-r", str(lock)]
    assert calls[-1] == [str(start.PYTHON), "-m", "digitlab", "worker", "--threads", "2"]
    monkeypatch.setenv("DIGITLAB_SCHEDULER", "tcp://192.168.0.10:8786")
    calls.clear()
    assert start.main([]) == 0
    assert calls == [[str(start.PYTHON), "-m", "digitlab"]]


def test_an_environment_of_another_python_is_made_anew(
    calls: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    start.main([])
    calls.clear()
    monkeypatch.setattr(sys, "version", "3.12.99")
    start.main([])
    assert calls[0] == ["venv"]
    assert len(calls) == 4


def test_an_installation_that_failed_says_what_to_do_and_is_tried_again(
    calls: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(subprocess, "call", _Calls(1))
    for _attempt in range(2):
        assert start.main([]) == 1
        assert "type the same again" in capsys.readouterr().err
    assert calls == [["venv"]]


def test_python_without_pip_takes_the_one_that_was_expected_and_no_other(
    calls: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    (tmp_path / "wheel").write_bytes(b"not pip")
    monkeypatch.setattr(start, "PIP_ADDRESS", (tmp_path / "wheel").as_uri())
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    assert start.main([]) == 1
    assert "is not the pip that was expected" in capsys.readouterr().err
    assert calls == [["venv"]]


def test_without_a_network_there_is_a_sentence_and_no_traceback(
    calls: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(start, "PIP_ADDRESS", "http://127.0.0.1:9/pip.whl")
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    assert start.main([]) == 1
    assert "Installing failed: " in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["test", "--help"]])
def test_whoever_asks_for_help_gets_it_and_installs_nothing(
    calls: list[list[str]], capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert start.main(arguments) == 0
    assert "python3 start.py test" in capsys.readouterr().out
    assert calls == []


def test_an_unknown_task_is_told_before_anything_is_installed(
    calls: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert start.main(["tset"]) == 1
    assert "There is no task 'tset'" in capsys.readouterr().err
    assert calls == []
