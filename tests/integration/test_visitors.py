"""What visitors made outlives the server, on both databases."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pytest

from model.config import TrainingConfig
from model.drawing.collection import OwnTest, Pointer, skip, start_over, submit
from model.export.weights_file import to_npz
from model.inference import Network
from model.slices import initial_state
from storage.writer import RunListener, Writer
from testing.storage import Open
from visitors.desks import Desks
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


def test_nothing_that_is_kept_tells_the_secret() -> None:
    assert "ada" not in visitor_id("ada's secret")
    assert len(visitor_id("ada's secret")) == 64
