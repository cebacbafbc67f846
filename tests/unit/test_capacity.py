"""``digitlab capacity`` on a computer that is pretended: what it says of classes of any size."""

import json
from pathlib import Path

import pytest

from digitlab import capacity as command
from digitlab.command import main
from model.messages import Message, MessageError
from runs.capacity import Resource, capacity
from runs.costs import machine
from runs.measured_speed import Measured

GIGABYTE = 1e9
SERVER = machine(speed=140e9, workers=2, cores=2)


@pytest.fixture(autouse=True)
def _two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "cores", lambda: 2)
    monkeypatch.setattr("runs.memory.available", lambda: 20 * 10**9)


def test_a_class_of_thirty_suffices_with_two_cores() -> None:
    found = capacity(30, 5, SERVER, 20 * GIGABYTE)
    assert found.first < found.middle < found.last < 58, "the slowest that was measured"
    assert all(share < 1 for _resource, share in found.loads)
    assert found.extrapolated == ()
    assert [share for _resource, share in found.loads] == sorted(
        (share for _resource, share in found.loads), reverse=True
    )


def test_what_is_beyond_the_measured_says_so() -> None:
    assert capacity(31, 5, SERVER, GIGABYTE).extrapolated == ("more than 30 pupils",)
    many = capacity(300, 5, machine(140e9, 8, 8), GIGABYTE, servers=2)
    assert many.extrapolated == ("more than 30 pupils", "more than 2 workers", "more than one server")


def test_more_servers_share_the_pupils() -> None:
    one, ten = (capacity(300, 5, SERVER, 20 * GIGABYTE, servers) for servers in (1, 10))
    assert dict(one.loads)[Resource.WEB_PROCESS] > 1
    assert dict(one.loads)[Resource.PROCESSORS] > 1
    assert ten.last == pytest.approx(capacity(30, 5, SERVER, GIGABYTE).last)
    assert dict(ten.loads)[Resource.WEB_PROCESS] < 1


def test_too_little_memory_breaks_first() -> None:
    assert capacity(10, 1, SERVER, GIGABYTE).breaks_first == Resource.MEMORY


def test_who_comes_within_a_minute_waits_less_than_who_comes_at_once() -> None:
    at_once, within = (capacity(10, 1, SERVER, GIGABYTE, within=seconds) for seconds in (0, 60))
    assert within.last == pytest.approx(60, abs=10)
    assert at_once.last < 10


def test_two_workers_say_how_a_worker_spreads_over_the_cores() -> None:
    assert Measured(alone=100, together=131, workers=2).spread(2) == pytest.approx(0.527, abs=0.001)
    assert Measured(alone=100, together=200, workers=2).spread(2) == 0
    assert Measured(alone=100, together=90, workers=2).spread(2) == 1
    assert Measured(alone=100, together=100, workers=1).spread(2) is None
    assert Measured(alone=100, together=100, workers=2).spread(1) is None


@pytest.mark.parametrize("pupils", [30, 300, 3000])
def test_the_command_prints_a_table(pupils: int, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["capacity", "--pupils", str(pupils), "--epochs", "5", "--speed", "140", "--workers", "2"]
    assert main(given) == 0
    out = capsys.readouterr().out
    assert out.startswith("pupils")
    assert ("Extrapolated" in out) == (pupils > 30)
    assert ("As it is, everything suffices." in out) == (pupils <= 30)


def test_the_command_measures_the_machine_and_prints_json(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "measure_machine", lambda workers: Measured(140e9, 184e9, workers or 2))
    assert main(["capacity", "--pupils", "10", "--json"]) == 0
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert "Measuring" in said.err
    assert found["machine"]["speed"] == 140e9
    assert found["machine"]["spread"] == pytest.approx(0.52, abs=0.01)
    assert found["breaks_first"] == "web process"
    assert found["last"] == pytest.approx(13.7, rel=0.15)


def test_an_engine_that_cannot_start_is_a_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_workers: int | None) -> Measured:
        raise MessageError(Message("TensorFlow cannot be imported."))

    monkeypatch.setattr(command, "measure_machine", fails)
    assert main(["capacity"]) == 1
    assert "digitlab capacity: TensorFlow cannot be imported." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--pupils", "0"], "needs a whole number from 1 to 10,000, received '0'"),
        (["--pupils", "a class"], "needs a whole number from 1 to 10,000, received 'a class'"),
        (["--epochs", "101"], "needs a whole number from 1 to 100, received '101'"),
        (["--workers", "²"], "needs a whole number from 1 to 64"),
        (["--speed", "nan"], "needs a number from 0.1 to 1e+06, received 'nan'"),
        (["--within", "-1"], "needs a number from 0 to 3600"),
        (["thirty"], "unrecognized arguments"),
    ],
)
def test_what_it_cannot_read_it_names(
    given: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["capacity", *given])
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_the_document_shows_what_the_command_says() -> None:
    text = (Path(__file__).parents[2] / "docs" / "operating" / "capacity.md").read_text(encoding="utf-8")
    for resource in Resource:
        assert resource in text
