"""Which workers an engine uses, and what it says of the others."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from digitlab import command
from model.version import VERSION
from runs.cluster import identity
from runs.cluster.engine import ClusterEngine
from runs.cluster.identity import Identity
from runs.engine import EngineState
from runs.fingerprint import fingerprint
from testing.documented import ROOT
from testing.waiting import wait_until

HERE = Identity(fingerprint(), xla=True, speed=1e9)


def _with(**changes: object) -> Identity:
    return replace(HERE, fingerprint=json.dumps({**json.loads(fingerprint()), **changes}))


def test_an_identity_survives_its_way_through_the_scheduler() -> None:
    sent = json.loads(json.dumps({identity.FIELD: HERE.as_values(), "status": "running"}))
    assert identity.read(sent) == HERE
    assert identity.read({"status": "running"}) is None
    assert identity.read({identity.FIELD: {"a": "stranger"}}) is None


def test_a_faster_worker_is_the_same_and_another_version_or_setting_is_not() -> None:
    assert replace(HERE, speed=1.0).resource == HERE.resource
    others = [replace(HERE, xla=False), replace(HERE, version="0"), _with(processor="another")]
    assert len({other.resource for other in (HERE, *others)}) == 4


def test_a_refusal_names_what_differs() -> None:
    assert identity.why_not(HERE, HERE) is None
    assert "digitlab worker" in str(identity.why_not(None, HERE))
    assert f"Digit Lab 0, the web server of {VERSION}" in str(
        identity.why_not(replace(HERE, version="0"), None)
    )
    sentence = str(identity.why_not(replace(_with(processor="another"), xla=False), HERE))
    assert "XLA is off instead of on, processor is another instead of " in sentence
    assert "keras is 1 instead of" in str(identity.why_not(_with(packages={"keras": "1"}), HERE))


def test_the_workers_that_most_are_like_decide_and_none_of_another_version() -> None:
    one, two = _with(processor="a"), _with(processor="b")
    workers = {"1": one, "2": two, "3": two, "4": None, **dict.fromkeys("567", replace(HERE, version="0"))}
    assert identity.reference(workers) == two
    assert identity.reference({"1": one, "2": two}) == identity.reference({"1": two, "2": one})
    assert identity.reference({"4": None}) is None


def test_without_a_scheduler_nothing_of_dask_is_imported() -> None:
    program = (
        "import sys; from digitlab import cluster; from runs import runner; from runs.cluster import engine; "
        "print(sorted({'dask', 'distributed', 'tensorflow'} & {*sys.modules}))"
    )
    found = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert found.stdout.strip() == "[]", found.stderr


def test_without_dask_a_scheduler_is_answered_by_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert command.main(["worker", "--scheduler", "tcp://127.0.0.1:1"]) == 2
    [sentence] = capsys.readouterr().err.splitlines()
    assert "pip install -r requirements-cluster.txt" in sentence
    engine = ClusterEngine("tcp://127.0.0.1:1")
    engine.start(lambda: None)
    wait_until(lambda: engine.status().state == EngineState.FAILED, 10, "its end")
    assert "requirements-cluster.txt" in str(engine.status().problem)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["worker"], "name the scheduler, with --scheduler"),
        (["worker", "--scheduler", "192.168.0.10"], "got 192.168.0.10"),
        (["worker", "--scheduler", "tls://a:1"], "DIGITLAB_TLS_CA has to name a file"),
        (["scheduler", "--tls"], "DIGITLAB_TLS_CA has to name a file"),
    ],
)
def test_settings_that_do_not_do_are_answered_by_one_sentence(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DIGITLAB_SCHEDULER", raising=False)
    assert command.main(arguments) == 2
    [sentence] = capsys.readouterr().err.splitlines()
    assert said in sentence
