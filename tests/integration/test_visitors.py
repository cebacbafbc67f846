"""What visitors made outlives the server, on both databases."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, nullcontext
from functools import partial
from threading import Event
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Connection, select

from model.config import TrainingConfig
from model.drawing.collection import OwnTest, Pointer, skip, start_over, submit
from model.evaluation.hypothesis import Guess, Verdict
from model.export.weights_file import to_npz
from model.inference import Network
from model.slices import initial_state
from runs.engine import EngineState
from runs.kept import record_of
from runs.limits import Limits
from runs.problems import QuotaExceededError
from runs.records import RunSnapshot, RunState
from runs.run import Run
from runs.runner import Runner
from storage import archive, care, devices, rooms
from storage import visitors as stored
from storage.backlog import Key
from storage.problems import ForgottenError, StorageError, unreachable
from storage.runs import RunChange
from storage.statements import insert_visitor
from storage.tables import Visitor
from storage.writer import Writer
from testing.engines import TINY, HeldEngine, InlineEngine, learn
from testing.storage import NO_RUNS, Open
from testing.waiting import over, wait_until
from visitors.desks import Desks
from visitors.forgetting import forget
from visitors.hypotheses import Hypotheses, Hypothesis, trials
from visitors.identity import visitor_id
from visitors.imported_networks import ImportedNetworks
from visitors.own_tests import OwnTests

ADA, BOB = visitor_id("ada's secret"), visitor_id("bob's secret")
LINE = [np.array([[10.0, 20.0], [30.5, 200.25], [31.0, 210.0]])]

Start = Callable[[], Writer]


@pytest.fixture
def start(open_database: Open) -> Iterator[Start]:
    """``start()`` is a new server's writer, after the former one has ended."""
    writers: list[Writer] = []

    def new() -> Writer:
        if writers:
            writers[-1].close(10)
        writer = Writer(open_database())
        writer.start(NO_RUNS)
        writers.append(writer)
        return writer

    yield new
    writers[-1].close(10)


def _same(left: OwnTest, right: OwnTest) -> bool:
    def flat(test: OwnTest) -> list[object]:
        return [
            (
                trial.label,
                trial.pointer,
                [stroke.tobytes() for stroke in trial.strokes],
                None if trial.ink is None else trial.ink.tobytes(),
            )
            for trial in test.trials
        ]

    return left.seed == right.seed and flat(left) == flat(right)


def test_a_test_by_hand_comes_back_bit_by_bit_with_what_was_skipped(start: Start) -> None:
    tests = OwnTests(start())
    tests.change(ADA, partial(submit, number=0, strokes=LINE, pointer=Pointer.PEN))
    tests.change(ADA, partial(skip, number=1))
    tests.change(ADA, partial(submit, number=2, strokes=LINE))
    before = tests.of(ADA)
    later = OwnTests(start())
    assert _same(later.of(ADA), before)
    assert [trial.pointer for trial in later.of(ADA).drawn] == [Pointer.PEN, None]
    assert later.of(BOB).trials == ()
    later.change(ADA, start_over)
    assert OwnTests(start()).of(ADA).trials == ()


def test_nobody_waits_for_what_the_database_does_slowly_for_another(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    tests, versions_of = OwnTests(start()), stored.own_test_versions
    began, may_end = Event(), Event()

    def slow_for_ada(connection: Connection, visitors: list[str]) -> dict[str, int]:
        if ADA in visitors:
            began.set()
            may_end.wait()
        return versions_of(connection, visitors)

    monkeypatch.setattr(stored, "own_test_versions", slow_for_ada)
    with ThreadPoolExecutor(2) as threads:
        try:
            slow = threads.submit(tests.change, ADA, partial(submit, number=0, strokes=LINE))
            assert began.wait(10)
            threads.submit(tests.change, BOB, partial(skip, number=0)).result(10)
        finally:
            may_end.set()
        slow.result(10)
    assert (tests.of(ADA).skipped, tests.of(BOB).skipped) == (0, 1)
    assert len(tests.of(ADA).drawn) == 1


def test_of_two_devices_the_faster_drawing_stays_and_the_other_device_sees_it(start: Start) -> None:
    writer = start()
    one, other = OwnTests(writer), OwnTests(writer)
    assert one.of(ADA).trials == other.of(ADA).trials == ()
    one.change(ADA, partial(submit, number=0, strokes=LINE, pointer=Pointer.PEN))
    assert writer.backlog.flush(10)
    other.change(ADA, partial(submit, number=0, strokes=LINE, pointer=Pointer.MOUSE))
    assert writer.backlog.flush(10)
    assert [trial.pointer for trial in other.of(ADA).trials] == [Pointer.PEN]
    assert [trial.pointer for trial in one.of(ADA).trials] == [Pointer.PEN]


def test_an_imported_network_comes_back_for_its_visitor_and_for_who_follows_a_link(start: Start) -> None:
    config = TrainingConfig(hidden_layers=(8,))
    network = Network.from_arrays(initial_state(config).weights, config.activation)
    networks = ImportedNetworks(start())
    name = networks.add(ADA, to_npz(network, config, 3))
    assert networks.of(ADA) == [name]
    later = ImportedNetworks(start())
    assert (later.of(ADA), later.of(BOB)) == ([name], [])
    back = later.named(name)
    assert back is not None
    assert (back.config, back.epoch) == (config, 3)
    assert [a.tobytes() for a in back.network.weights] == [a.tobytes() for a in network.weights]
    assert later.named("file-0000") is None


def test_what_no_database_takes_is_left_out_of_a_name_and_a_run_at_work_is_not_lost(
    open_database: Open,
) -> None:
    runner = Runner(HeldEngine(state=EngineState.STARTING), learn, Writer(open_database()))
    run_id = runner.submit(TINY, ADA)
    runner.rename(run_id, "a\x00b\u202ec")
    assert runner.writer.backlog.flush(10)
    assert [run.name for run in runner.runs_of(ADA)] == ["abc"]
    runner.close(10)


def test_a_link_with_what_no_database_takes_keeps_nobody_waiting(open_database: Open) -> None:
    database = open_database()
    database.open()
    with nullcontext() if database.is_sqlite else pytest.raises(StorageError):
        database.read(stored.has_network, "file-\x00")
    assert not database.read(stored.has_network, "file-0")
    database.close()


def test_the_last_recipe_and_drawing_come_back(start: Start) -> None:
    desks = Desks(start())
    desks.keep(ADA, recipe='{"epochs": 3}')
    desks.keep(ADA, drawing="[1]")
    desks.keep(ADA, drawing="[1, 2]")
    assert desks.of(ADA) == ('{"epochs": 3}', "[1, 2]")
    later = Desks(start())
    assert later.of(ADA) == ('{"epochs": 3}', "[1, 2]")
    assert later.of(BOB) == (None, None)


def _hypothesis(why: str = "because") -> Hypothesis:
    return Hypothesis(
        guess=Guess.HIGHER, why=why, trials=trials(TINY, TINY.with_changes(learning_rate=0.1), 1)
    )


def test_hypotheses_come_back_the_newest_first(start: Start) -> None:
    first, second = _hypothesis("one"), _hypothesis("two")
    hypotheses = Hypotheses(start())
    hypotheses.keep(ADA, first)
    hypotheses.keep(ADA, second)
    hypotheses.amend(ADA, first.name, explanation="so it is")
    first = first.model_copy(update={"explanation": "so it is"})
    assert hypotheses.of(ADA) == [second, first]
    later = Hypotheses(start())
    assert later.of(ADA) == [second, first]
    assert (later.newest(ADA), later.named(ADA, first.name)) == (second, first)
    assert (later.of(BOB), later.newest(BOB), later.named(BOB, first.name)) == ([], None, None)


def test_what_is_written_and_what_waits_are_one_list(start: Start) -> None:
    writer = start()
    first, second = _hypothesis("one"), _hypothesis("two")
    hypotheses = Hypotheses(writer)
    hypotheses.keep(ADA, first)
    assert writer.backlog.flush(10)
    with _held():
        hypotheses.keep(ADA, second)
        hypotheses.amend(ADA, first.name, verdict=Verdict.RIGHT)
        assert [(each.why, each.verdict) for each in hypotheses.of(ADA)] == [("two", None), ("one", "right")]
        assert hypotheses.newest(ADA) == second
        hypotheses.keep(BOB, _hypothesis("another's"))
        assert hypotheses.newest(ADA) == second


def test_two_tabs_change_a_hypothesis_and_neither_undoes_what_the_other_did(start: Start) -> None:
    writer, hypothesis = start(), _hypothesis()
    tabs = [Hypotheses(writer), Hypotheses(writer)]
    tabs[0].keep(ADA, hypothesis)
    assert writer.backlog.flush(10)
    assert tabs[1].named(ADA, hypothesis.name) == hypothesis
    tabs[0].amend(ADA, hypothesis.name, explanation="the earlier one")
    tabs[1].amend(ADA, hypothesis.name, verdict=Verdict.WRONG)
    tabs[1].amend(ADA, hypothesis.name, explanation="the later one")
    assert writer.backlog.flush(10)
    seen = [tab.named(ADA, hypothesis.name) for tab in tabs]
    assert [(each.explanation, each.verdict) for each in seen if each] == [("the later one", "wrong")] * 2


def test_two_servers_change_a_hypothesis_and_neither_undoes_what_the_other_did(
    open_database: Open,
) -> None:
    database, hypothesis = open_database(), _hypothesis()
    database.open()
    [a, b] = hypothesis.variants

    def change(after: Hypothesis, is_new: bool = False) -> None:
        before = None if is_new else hypothesis.model_dump_json()
        row = stored.HypothesisChange(after.name, ADA, after.model_dump_json(), before)
        with database.writing() as connection:
            row.write(connection, 0)

    change(hypothesis, is_new=True)
    change(hypothesis.with_run(a, "a" * 16).with_run(b, "b" * 16))
    change(hypothesis.model_copy(update={"is_put_away": True, "explanation": "the earlier one"}))
    change(hypothesis.with_run(a, "c" * 16).model_copy(update={"explanation": "the later one"}))
    kept = Hypothesis.model_validate_json(database.read(stored.hypothesis, ADA, hypothesis.name) or "")
    assert kept.run_ids == ["a" * 16, "b" * 16], "what was noted first stays"
    assert (kept.is_put_away, kept.explanation) == (True, "the later one")
    with database.writing() as connection:
        stored.delete_hypotheses(connection, ADA, [hypothesis.name])
    change(hypothesis.model_copy(update={"explanation": "too late"}))
    assert database.read(stored.hypotheses_of, ADA) == {}
    database.close()


def test_tabs_that_go_on_at_once_submit_a_missing_run_once(start: Start) -> None:
    runner = Runner(HeldEngine(state=EngineState.STARTING), learn, limits=Limits(open_runs_of_visitor=1))
    hypotheses, hypothesis = Hypotheses(start()), _hypothesis()
    hypotheses.begin(runner, ADA, hypothesis)
    hypotheses.amend(ADA, hypothesis.name, is_put_away=True)
    [first] = runner.runs_of(ADA)
    with pytest.raises(QuotaExceededError):
        hypotheses.begin(runner, ADA, other := _hypothesis())
    assert hypotheses.named(ADA, other.name) is None
    runner.stop(first.id)
    with ThreadPoolExecutor(4) as threads:
        seen = list(threads.map(lambda _: hypotheses.go_on(runner, ADA, hypothesis.name), range(4)))
    assert len(runner.runs_of(ADA)) == 2
    assert all(each and each.is_put_away and len(each.run_ids) == 2 for each in seen)


def test_a_deleted_hypothesis_does_not_come_back_from_another_tab(start: Start) -> None:
    writer, hypothesis = start(), _hypothesis()
    tabs = [Hypotheses(writer), Hypotheses(writer)]
    tabs[0].keep(ADA, hypothesis)
    assert writer.backlog.flush(10)
    assert tabs[1].named(ADA, hypothesis.name) == hypothesis
    tabs[0].delete(ADA, [hypothesis.name])
    tabs[1].amend(ADA, hypothesis.name, explanation="too late")
    assert [tab.named(ADA, hypothesis.name) for tab in tabs] == [None, None]
    assert Hypotheses(start()).of(ADA) == []


def test_nobody_writes_over_the_hypothesis_of_another(start: Start) -> None:
    writer, hypothesis = start(), _hypothesis()
    hypotheses = Hypotheses(writer)
    hypotheses.keep(ADA, hypothesis)
    assert writer.backlog.flush(10)
    hypotheses.keep(BOB, hypothesis.model_copy(update={"why": "mine"}))
    assert writer.backlog.flush(10)
    assert hypotheses.of(ADA) == [hypothesis]
    assert hypotheses.of(BOB) == []


@pytest.mark.parametrize("is_written", [True, False])
def test_what_is_deleted_is_gone_at_once_and_of_nobody_else(start: Start, is_written: bool) -> None:
    writer, hypothesis = start(), {ADA: _hypothesis(), BOB: _hypothesis()}
    hypotheses, networks, tests = Hypotheses(writer), ImportedNetworks(writer), OwnTests(writer)
    config = TrainingConfig(hidden_layers=(8,))
    file = to_npz(Network.from_arrays(initial_state(config).weights, config.activation), config, 3)
    with nullcontext() if is_written else _held():
        for visitor in (ADA, BOB):
            hypotheses.keep(visitor, hypothesis[visitor])
            name = networks.add(visitor, file)
            tests.change(visitor, partial(submit, number=0, strokes=LINE))
        if is_written:
            assert writer.backlog.flush(10)
        hypotheses.delete(ADA, [hypothesis[ADA].name, hypothesis[BOB].name])
        networks.delete(ADA, [name])
        tests.delete(ADA)
        assert (hypotheses.of(ADA), networks.of(ADA), tests.of(ADA).trials) == ([], [], ())
    assert writer.backlog.flush(10)
    later = start()
    hypotheses, networks, tests = Hypotheses(later), ImportedNetworks(later), OwnTests(later)
    assert (hypotheses.of(ADA), networks.of(ADA), tests.of(ADA).trials) == ([], [], ())
    assert (hypotheses.of(BOB), networks.of(BOB)) == ([hypothesis[BOB]], [name])
    assert len(tests.of(BOB).drawn) == 1
    assert networks.named(name) is not None
    networks.delete(BOB, [name])
    assert networks.named(name) is None


def test_what_cannot_be_deleted_now_is_still_there(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    writer, hypothesis = start(), _hypothesis()
    hypotheses, tests = Hypotheses(writer), OwnTests(writer)
    hypotheses.keep(ADA, hypothesis)
    tests.change(ADA, partial(submit, number=0, strokes=LINE))
    assert writer.backlog.flush(10)
    with monkeypatch.context() as patch:
        patch.setattr(Writer, "change", _refuse)
        for delete in (partial(hypotheses.delete, ADA, [hypothesis.name]), partial(tests.delete, ADA)):
            with pytest.raises(StorageError, match="cannot be reached"):
                delete()
    assert hypotheses.of(ADA) == [hypothesis]
    assert len(tests.of(ADA).drawn) == 1


def test_a_hypothesis_is_shown_as_it_was_read_last_while_the_database_is_away(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer, hypothesis = start(), _hypothesis()
    hypotheses = Hypotheses(writer)
    hypotheses.keep(ADA, hypothesis)
    assert writer.backlog.flush(10)
    assert hypotheses.named(ADA, hypothesis.name) == hypothesis
    monkeypatch.setattr(Writer, "read", _refuse)
    assert hypotheses.named(ADA, hypothesis.name) == hypothesis
    assert hypotheses.named(ADA, "another") is None
    with pytest.raises(StorageError, match="cannot be reached"):
        hypotheses.newest(ADA)


def _refuse(*_: object) -> Any:
    raise unreachable("the test says so")


@contextmanager
def _held() -> Iterator[None]:
    """Nothing is written, as while the database is away, but whatever is deleted is deleted."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Writer, "_write", _refuse)
        patch.setattr("storage.writer._RETRY", 0.01)
        yield


def test_nothing_that_is_kept_tells_the_secret() -> None:
    assert "ada" not in visitor_id("ada's secret")
    assert len(visitor_id("ada's secret")) == 64


def test_of_who_is_forgotten_no_row_is_left_and_no_byte_in_a_file(open_database: Open) -> None:
    database = open_database()
    runner = Runner(InlineEngine(), learn, Writer(database))
    networks, desks, tests = (
        ImportedNetworks(runner.writer),
        Desks(runner.writer),
        OwnTests(runner.writer),
    )
    for visitor in (ADA, BOB):
        over(runner, runner.submit(TINY, visitor))
        Hypotheses(runner.writer).keep(visitor, _hypothesis(f"nobody else would guess {visitor}"))
        desks.keep(visitor, drawing=f"a drawing of {visitor}")
        tests.change(visitor, partial(submit, number=0, strokes=LINE))
    assert runner.writer.backlog.flush(10)
    forget(runner, networks, ADA)
    assert runner.runs_of(ADA) == []
    assert len(runner.runs_of(BOB)) == 1
    assert desks.of(ADA) == (None, None)
    assert tests.of(ADA).trials == ()
    runner.close(10)
    if database.is_sqlite:
        found = b"".join(file.read_bytes() for file in database.folder.iterdir())
        assert f"nobody else would guess {BOB}".encode() in found
        assert f"nobody else would guess {ADA}".encode() not in found
        assert f"a drawing of {ADA}".encode() not in found


def test_a_renamed_run_keeps_its_name_and_a_deleted_one_does_not_come_back(open_database: Open) -> None:
    runner = Runner(InlineEngine(), learn, Writer(open_database()))
    ids = [runner.submit(TINY, ADA) for _ in range(2)]
    over(runner, ids[1])
    assert runner.writer.backlog.flush(10)
    runner.join()
    runner.rename(ids[0], " my \x00 \u202ebest ")
    runner.delete([ids[1]])
    runner.close(10)
    later = Runner(InlineEngine(), learn, Writer(open_database()))
    assert later.writer.wait_until_open(10)
    assert [(run.id, run.name) for run in later.runs_of(ADA)] == [(ids[0], "my best")]
    later.close(10)


@pytest.mark.parametrize(
    "change",
    [
        RunChange(
            record_of(Run(ADA, RunSnapshot("r" * 16, 1, TINY, TINY, RunState.FINISHED)), ""), is_new=True
        ),
        stored.OwnTestChange(ADA, OwnTest(1)),
        stored.HypothesisChange("h" * 16, ADA, "{}"),
        stored.NetworkChange(ADA, "n" * 16, b"a network"),
        stored.DeskChange(ADA, recipe="{}"),
    ],
    ids=lambda change: type(change).__name__,
)
def test_what_a_second_tab_writes_after_forget_me_is_refused_and_holds_up_nothing(
    open_database: Open, change: Any, caplog: pytest.LogCaptureFixture
) -> None:
    database = open_database()
    writer = Writer(database)
    writer.start(NO_RUNS)
    assert writer.wait_until_open(10)
    Desks(writer).keep(ADA, recipe="{}")
    assert writer.backlog.flush(10)
    writer.change(care.forget, ADA)
    caplog.clear()
    writer.backlog.put(Key("first", ADA), change)
    Desks(writer).keep(BOB, recipe="{}")
    assert writer.backlog.flush(10)
    assert database.read(_visitors) == [BOB]
    assert not caplog.records, "this is no fault of the database"
    writer.close(10)


@pytest.mark.parametrize(
    ("statement", "arguments"),
    [
        (rooms.add_teacher, ("room", ADA)),
        (rooms.insert_seat, ("seat", "room", ADA, {})),
        (devices.put_code, ("code", ADA, 60.0)),
        (archive.take_in, (ADA, archive.VisitorsWork(), (), archive.Most(1, 1, 1))),
    ],
    ids=["teacher", "seat", "code", "archive"],
)
def test_what_a_second_tab_asks_for_after_forget_me_is_refused_in_words(
    open_database: Open, statement: Any, arguments: Any, caplog: pytest.LogCaptureFixture
) -> None:
    database = open_database()
    database.open()
    writer = Writer(database)
    writer.change(care.forget, ADA)
    with pytest.raises(ForgottenError, match="begin anew"):
        writer.change(statement, *arguments)
    assert database.read(_visitors) == []
    assert not caplog.records
    database.close()


def test_a_run_that_a_second_tab_begins_after_forget_me_vanishes(open_database: Open) -> None:
    runner = Runner(HeldEngine(state=EngineState.STARTING), learn, Writer(open_database()))
    assert runner.writer.wait_until_open(10)
    forget(runner, ImportedNetworks(runner.writer), ADA)
    run_id = runner.submit(TINY, ADA)
    wait_until(lambda: runner.snapshot(run_id) is None, 10, "the run to go")
    runner.close(10)


def test_who_is_forgotten_in_the_same_moment_as_something_is_written_is_gone(open_database: Open) -> None:
    database = open_database()
    database.open()
    with ThreadPoolExecutor(1) as threads:
        with database.writing() as connection:
            insert_visitor(connection, ADA)
            forgetting = threads.submit(Writer(database).change, care.forget, ADA)
            assert not wait([forgetting], 0.2).done
        forgetting.result(10)
    assert database.read(_visitors) == []
    database.close()


def _visitors(connection: Connection) -> list[str]:
    return list(connection.scalars(select(Visitor.id)))
