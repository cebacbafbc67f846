"""What visitors made outlives the server, on both databases."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event

import numpy as np
import pytest
from sqlalchemy import Connection

from model.config import TrainingConfig
from model.drawing.collection import OwnTest, Pointer, skip, start_over, submit
from model.export.weights_file import to_npz
from model.inference import Network
from model.slices import initial_state
from runs.runner import Runner
from storage import visitors as stored
from storage.writer import RunListener, Writer
from testing.engines import TINY, InlineEngine, learn
from testing.storage import Open
from testing.waiting import over
from visitors.desks import Desks
from visitors.forgetting import forget
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
        writer.start(RunListener(lambda _: None, lambda *_: None, lambda *_: None))
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
    tests, version_of = OwnTests(start()), stored.own_test_version
    began, may_end = Event(), Event()

    def slow_for_ada(connection: Connection, visitor: str) -> int:
        if visitor == ADA:
            began.set()
            may_end.wait()
        return version_of(connection, visitor)

    monkeypatch.setattr(stored, "own_test_version", slow_for_ada)
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


def test_the_last_recipe_drawing_and_hypothesis_come_back(start: Start) -> None:
    desks = Desks(start())
    desks.keep(ADA, recipe='{"epochs": 3}')
    desks.keep(ADA, drawing="[1]")
    desks.keep(ADA, drawing="[1, 2]")
    desks.keep_hypothesis(ADA, "first", "{}")
    desks.keep_hypothesis(ADA, "first", '{"why": "because"}')
    assert desks.of(ADA) == ('{"epochs": 3}', "[1, 2]")
    later = Desks(start())
    assert later.of(ADA) == ('{"epochs": 3}', "[1, 2]")
    assert later.of(BOB) == (None, None)
    assert later.newest_hypothesis(ADA) == '{"why": "because"}'
    assert later.newest_hypothesis(BOB) is None


def test_a_hypothesis_that_waits_to_be_written_counts(start: Start) -> None:
    writer = start()
    desks = Desks(writer)
    desks.keep_hypothesis(ADA, "first", "{}")
    assert writer.backlog.flush(10)
    writer.close(10)
    for content in ('{"why": "at first"}', '{"why": "later"}'):
        desks.keep_hypothesis(ADA, "second", content)
        assert desks.newest_hypothesis(ADA) == content
    desks.keep_hypothesis(BOB, "third", '{"why": "another"}')
    assert desks.newest_hypothesis(ADA) == '{"why": "later"}'


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
        desks.keep_hypothesis(visitor, f"hypothesis of {visitor[:8]}", f"nobody else would guess {visitor}")
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
    runner.rename(ids[0], " my  best ")
    runner.delete([ids[1]])
    runner.close(10)
    later = Runner(InlineEngine(), learn, Writer(open_database()))
    assert later.writer.wait_until_open(10)
    assert [(run.id, run.name) for run in later.runs_of(ADA)] == [(ids[0], "my best")]
    later.close(10)
