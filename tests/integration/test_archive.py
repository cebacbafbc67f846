"""Everything of a visitor is exported, forgotten and imported again, on both databases."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
import pytest
from sqlalchemy.exc import OperationalError

from model import worker
from model.config import Optimizer, TrainingConfig
from model.drawing.collection import OwnTest, Pointer, skip, submit
from model.evaluation.hypothesis import Guess
from model.export.weights_file import to_npz
from model.inference import Network
from model.slices import Progress, Score, Slice, TrainingState, initial_state, read_only
from runs.limits import Limits
from runs.local_engine import LocalEngine
from runs.records import EventKind, RunSnapshot, RunState
from runs.runner import Runner
from storage.archive import Most
from storage.problems import StorageError
from storage.writer import Writer
from testing.engines import TINY, HeldEngine, InlineEngine, Shared, learn
from testing.runs import bits, snapshot_of
from testing.storage import Open, wait_until_saved
from testing.waiting import over, wait_until
from visitors.archive import importing
from visitors.archive.importing import import_archive
from visitors.archive.problems import ArchiveError
from visitors.archive.reading import Archive
from visitors.archive.writing import export, plan
from visitors.desks import Desks
from visitors.forgetting import forget
from visitors.hypotheses import Hypotheses, Hypothesis, Trial, Variant
from visitors.identity import visitor_id
from visitors.imported_networks import MAX_NETWORKS, ImportedNetworks
from visitors.own_tests import OwnTests

ADA, BOB, EVE = (visitor_id(f"{name}'s secret") for name in ("ada", "bob", "eve"))
LINE = [np.array([[10.0, 20.0], [30.123456789, 200.25], [31.0, 1 / 3]])]
PATH = {"type": "Path", "path": [["M", 100, 60], ["Q", 1, 2, 140.5, 220]], "stroke": "#fff", "fill": None}
ADAM = TINY.with_changes(optimizer=Optimizer.ADAM, learning_rate=0.001)
OTHER = TINY.with_changes(optimizer=Optimizer.ADAM)
# Two slices an epoch.
SLICED = TrainingConfig(hidden_layers=(512, 256), train_share=0.1255, batch_size=256, epochs=2)


def move(config: TrainingConfig, state: TrainingState, part: Slice) -> tuple[TrainingState, Progress]:
    """A slice whose outcome depends on the last bit of all that it goes on from."""
    random = np.random.default_rng([config.seed, part.epoch, part.first_step])
    before: Any = state.optimizer or (np.array(0), *(np.zeros_like(array) for array in state.weights))
    speeds = read_only([(0.9 * v + random.random(v.shape)).astype(np.float32) for v in before[1:]])
    weights = read_only([(w + v).astype(np.float32) for w, v in zip(state.weights, speeds, strict=True)])
    loss = float(1 + abs(np.sin(sum(float(array.sum()) for array in (*weights, *speeds)))))
    validation = Score(loss, 0.5) if part.ends_epoch else None
    steps = np.array(int(before[0]) + part.steps)
    return TrainingState(weights, (steps, *speeds)), Progress(10, 10 * loss, 5, 0.1, True, validation)


@pytest.fixture
def serve(open_database: Open) -> Iterator[Callable[..., Runner]]:
    """``serve(engine)`` is a server's runner over the database, which no other one may have then."""
    runners: list[Runner] = []

    def new(engine: Any = None, train_slice: Any = move) -> Runner:
        if runners:
            runners[-1].close(5)
        runners.append(Runner(engine or InlineEngine(), train_slice, Writer(open_database())))
        assert runners[-1].writer.wait_until_open(10)
        return runners[-1]

    yield new
    runners[-1].close(1)


def _saved(runner: Runner, *run_ids: str) -> None:
    for run_id in run_ids:
        wait_until_saved(runner, run_id)
    assert runner.writer.backlog.flush(10)


def _train(runner: Runner, config: TrainingConfig, visitor: str = ADA) -> str:
    run_id = _train_in_memory(runner, config, visitor)
    _saved(runner, run_id)
    return run_id


def _train_in_memory(runner: Runner, config: TrainingConfig, visitor: str = ADA) -> str:
    run_id = runner.submit(config, visitor)
    over(runner, run_id)
    return run_id


def _trained_longer(runner: Runner, run_id: str, epochs: int) -> RunSnapshot:
    last = snapshot_of(runner, run_id).epoch + epochs
    runner.train_longer(run_id, epochs)
    wait_until(lambda: snapshot_of(runner, run_id).epoch == last, 30, "the last epoch")
    return over(runner, run_id)


def _forget(runner: Runner, visitor: str = ADA) -> None:
    forget(runner, ImportedNetworks(runner.writer), visitor)
    assert runner.runs_of(visitor) == []


def _curves(run: RunSnapshot) -> tuple[object, ...]:
    return (run.number, run.name, run.recipe, run.config, run.state, run.history, run.events, run.problem)


def _weights(runner: Runner, run_id: str) -> dict[int, list[bytes]]:
    found = {}
    for epoch in runner.epochs(run_id):
        weights = runner.weights(run_id, epoch)
        assert weights is not None
        found[epoch] = [array.tobytes() for array in weights]
    return found


def _flat(test: OwnTest) -> list[object]:
    return [
        (trial.label, trial.pointer, [stroke.tobytes() for stroke in trial.strokes], trial.ink is not None
         and trial.ink.tobytes())
        for trial in test.trials
    ]  # fmt: skip


def _hypothesis(a: str | None, b: str | None) -> Hypothesis:
    trial = Trial(a=Variant(name="A", config=TINY, run_id=a), b=Variant(name="B", config=OTHER, run_id=b))
    return Hypothesis(guess=Guess.HIGHER, why="because of “it”", trials=(trial,))


def _newest(runner: Runner, visitor: str) -> Hypothesis:
    hypothesis = Hypotheses(runner.writer).newest(visitor)
    assert hypothesis is not None
    return hypothesis


def _network(seed: int) -> bytes:
    config = TINY.with_changes(seed=seed)
    return to_npz(Network.from_arrays(initial_state(config).weights, config.activation), config, 0)


def _changed(content: bytes, **changes: Callable[[Any], Any]) -> bytes:
    """The archive with JSON files changed; ``runs_0001_run`` is runs/0001/run.json."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if change := changes.get(name.removesuffix(".json").replace("/", "_")):
                part = json.dumps(change(json.loads(part))).encode()
            new.writestr(name, part)
    return made.getvalue()


def test_everything_comes_back_after_it_was_forgotten(serve: Callable[..., Runner]) -> None:
    runner = serve()
    ids = [_train(runner, TINY), _train(runner, ADAM)]
    runner.rename(ids[1], "with “Adam”")
    tests, desks, networks = (
        OwnTests(runner.writer),
        Desks(runner.writer),
        ImportedNetworks(runner.writer),
    )
    tests.change(ADA, partial(submit, number=0, strokes=LINE, pointer=Pointer.PEN))
    tests.change(ADA, partial(skip, number=1))
    tests.change(ADA, partial(submit, number=2, strokes=[*LINE, LINE[0] + 7]))
    hypothesis = _hypothesis(*ids)
    Hypotheses(runner.writer).keep(ADA, hypothesis)
    names = [networks.add(ADA, _network(seed)) for seed in (1, 2)]
    drawing = json.dumps({"objects": [PATH], "size": "large"})
    desks.keep(ADA, ADAM.to_json(), drawing)
    _saved(runner, *ids)
    before = [(_curves(run), _weights(runner, run.id)) for run in runner.runs_of(ADA)]
    drawn = _flat(tests.of(ADA))
    content = export(runner, ADA)
    _forget(runner)

    taken = import_archive(runner, BOB, content)
    assert (taken.runs, taken.hypotheses, taken.networks, taken.drawings, taken.desk) == (2, 1, 2, 2, True)
    runs = runner.runs_of(BOB)
    assert [(_curves(run), _weights(runner, run.id)) for run in runs] == before
    assert [run.name for run in runs] == ["with “Adam”", None]
    assert _flat(tests.of(BOB)) == drawn
    assert sorted(networks.of(BOB)) == sorted(names)
    assert desks.of(BOB) == (ADAM.to_json(), drawing)
    back = _newest(runner, BOB)
    assert back.run_ids == [run.id for run in runs[::-1]]
    assert back.with_ids(lambda _: "-" * 16) == hypothesis.with_ids(lambda _: "-" * 16)

    again = import_archive(runner, BOB, content)
    assert (again.runs_there, again.hypotheses_there, again.networks_there) == (2, 1, 2)
    assert again.drawings_stay
    assert (again.runs, again.hypotheses, again.networks, again.drawings, again.desk) == (0, 0, 0, 0, False)
    assert [(_curves(run), _weights(runner, run.id)) for run in runner.runs_of(BOB)] == before


@pytest.mark.parametrize(
    "config", [TINY, ADAM.with_changes(keep="best"), SLICED], ids=["sgd", "best", "sliced"]
)
def test_who_trains_longer_after_the_import_gets_the_same_curve(
    serve: Callable[..., Runner], config: TrainingConfig
) -> None:
    _check_that_it_goes_on(serve(), Runner(InlineEngine(), move), config, 2)


def _check_that_it_goes_on(runner: Runner, undisturbed: Runner, config: TrainingConfig, epochs: int) -> None:
    """Exported, forgotten and imported, a run of ``runner`` trains longer as one of ``undisturbed``."""
    expected = _trained_longer(undisturbed, _train_in_memory(undisturbed, config), epochs)
    _train(runner, config)
    content = export(runner, ADA)
    _forget(runner)
    import_archive(runner, BOB, content)
    [run] = runner.runs_of(BOB)
    after = _trained_longer(runner, run.id, epochs)
    assert after.history == expected.history
    assert after.events == expected.events
    assert bits(runner, after) == bits(undisturbed, expected)


def test_a_run_that_was_stopped_within_an_epoch_goes_on_there(serve: Callable[..., Runner]) -> None:
    undisturbed = Runner(InlineEngine(), move)
    expected = over(undisturbed, undisturbed.submit(SLICED, ADA))
    engine = HeldEngine()
    runner = serve(engine)
    run_id = runner.submit(SLICED, ADA)
    for _slice in range(3):
        engine.release()
    engine.wait_for(1)
    runner.pause(run_id)
    engine.release()
    runner.join()
    assert snapshot_of(runner, run_id).position % 1, "it rests within an epoch"
    _saved(runner, run_id)
    content = export(runner, ADA)
    runner.stop(run_id)

    runner = serve()
    import_archive(runner, BOB, content)
    [run] = runner.runs_of(BOB)
    assert run.state == RunState.STOPPED
    assert [event.kind for event in run.events] == [EventKind.PAUSED, EventKind.STOPPED]
    assert _trained_longer(runner, run.id, SLICED.epochs - run.epoch).history == expected.history


def test_a_run_at_work_comes_back_as_stopped_after_its_last_whole_epoch(
    serve: Callable[..., Runner],
) -> None:
    engine = HeldEngine()
    runner = serve(engine)
    run_id = runner.submit(TINY, ADA)
    waiting = runner.submit(ADAM, ADA)
    for _epoch in range(2):
        engine.release()
    runner.join()
    _saved(runner, run_id, waiting)
    content = export(runner, ADA)
    taken = import_archive(runner, BOB, content)
    assert taken.runs == 2
    runs = {run.number: run for run in runner.runs_of(BOB)}
    assert [runs[number].state for number in (1, 2)] == [RunState.STOPPED] * 2
    assert [len(runs[number].history) for number in (1, 2)] == [2, 0]
    assert runner.epochs(runs[1].id) == [0, 1]
    assert snapshot_of(runner, run_id).state == RunState.RUNNING
    assert import_archive(runner, ADA, content).runs_there == 2


def test_the_real_engine_goes_on_to_the_same_last_bit(
    serve: Callable[..., Runner], engine: LocalEngine
) -> None:
    config = TrainingConfig(hidden_layers=(16,), train_share=0.05, epochs=1, optimizer="adam", dropout=0.2)
    _check_that_it_goes_on(serve(Shared(engine), worker.train_slice), Runner(Shared(engine)), config, 1)


def test_an_archive_never_touches_what_is_another_visitors(serve: Callable[..., Runner]) -> None:
    runner = serve()
    run_id = _train(runner, TINY)
    hypothesis = _hypothesis(run_id, None)
    Hypotheses(runner.writer).keep(ADA, hypothesis)
    _saved(runner, run_id)
    content = export(runner, ADA)
    before = snapshot_of(runner, run_id), _weights(runner, run_id), _newest(runner, ADA)
    # Eve knows the ids, and gives them to a run and a hypothesis of her own.
    forged = _changed(
        content,
        runs_0001_run=lambda run: {**run, "name": "eve", "recipe": run["recipe"], "xla": False},
        hypotheses=lambda file: _with_why(file, "eve was here"),
    )
    import_archive(runner, EVE, forged)
    [run] = runner.runs_of(EVE)
    assert run.id != run_id
    assert run.name == "eve"
    assert "eve was here" in _newest(runner, EVE).model_dump_json()
    assert run_id not in _newest(runner, EVE).model_dump_json()
    _forget(runner, EVE)
    assert (snapshot_of(runner, run_id), _weights(runner, run_id), _newest(runner, ADA)) == before


def _with_why(file: Any, why: str) -> Any:
    [kept] = file["hypotheses"]
    return {"hypotheses": [{**kept, "hypothesis": {**kept["hypothesis"], "why": why}}]}


def test_a_hypothesis_whose_runs_are_not_in_the_archive_shows_nobody_elses(
    serve: Callable[..., Runner],
) -> None:
    runner = serve()
    theirs = _train(runner, TINY, BOB)
    hypothesis = _hypothesis(theirs, None)
    Hypotheses(runner.writer).keep(ADA, hypothesis)
    _saved(runner, theirs)
    import_archive(runner, EVE, export(runner, ADA))
    back = _newest(runner, EVE)
    [run_id] = back.run_ids
    assert runner.snapshot(run_id) is None


def test_numbers_stay_where_they_are_free_and_what_is_here_stays(serve: Callable[..., Runner]) -> None:
    runner = serve()
    tests, desks, networks = OwnTests(runner.writer), Desks(runner.writer), ImportedNetworks(runner.writer)
    first, second = _train(runner, TINY), _train(runner, ADAM)
    runner.delete([first])
    third = _train(runner, TINY)
    tests.change(ADA, partial(submit, number=0, strokes=LINE, pointer=Pointer.PEN))
    desks.keep(ADA, recipe=ADAM.to_json())
    networks.add(ADA, _network(1))
    _saved(runner, third)
    content = export(runner, ADA)
    _train(runner, TINY, BOB)
    here = _train(runner, TINY, BOB)
    tests.change(BOB, partial(submit, number=0, strokes=LINE, pointer=Pointer.FINGER))
    desks.keep(BOB, recipe=TINY.to_json())
    for seed in range(2, MAX_NETWORKS + 2):
        networks.add(BOB, _network(seed))
    _saved(runner, here)
    taken = import_archive(runner, BOB, content)
    assert (taken.runs, taken.drawings_stay, taken.desk, taken.refused_networks) == (2, True, False, 1)
    assert [run.number for run in runner.runs_of(BOB)] == [4, 3, 2, 1]
    recipes = {run.number: run.recipe for run in runner.runs_of(BOB)}
    assert (recipes[3], recipes[4]) == (TINY, ADAM), "the one whose number was taken is the last"
    assert [trial.pointer for trial in tests.of(BOB).trials] == [Pointer.FINGER]
    assert desks.of(BOB)[0] == TINY.to_json()
    assert second not in {run.id for run in runner.runs_of(BOB)}


def test_a_run_that_diverged_comes_back_with_what_was_said(serve: Callable[..., Runner]) -> None:
    def explode(config: TrainingConfig, state: TrainingState, part: Slice) -> Any:
        after, progress = move(config, state, part)
        return after, progress if part.epoch < 2 else Progress(10, float("nan"), 5, 0.1, True, None)

    runner = serve(train_slice=explode)
    run_id = _train(runner, TINY)
    before = snapshot_of(runner, run_id)
    import_archive(runner, BOB, export(runner, ADA))
    [run] = runner.runs_of(BOB)
    assert run.diverged
    assert _curves(run) == _curves(before)
    assert "The loss diverged in epoch 2" in str(run.problem)


def test_a_problem_in_a_strangers_words_is_never_a_format(serve: Callable[..., Runner]) -> None:
    runner = serve(train_slice=learn)
    _train(runner, TINY)
    problem = {"sentence": "{x.__class__}", "text": "{x.__class__}", "values": {"x": 1}}
    forged = _changed(export(runner, ADA), runs_0001_run=lambda run: {**run, "problem": problem})
    import_archive(runner, BOB, forged)
    assert str(runner.runs_of(BOB)[0].problem) == "Training failed: {x.__class__}"


def test_after_one_fault_nothing_at_all_has_changed(serve: Callable[..., Runner]) -> None:
    runner = serve()
    _train(runner, TINY)
    _train(runner, ADAM)
    OwnTests(runner.writer).change(ADA, partial(submit, number=0, strokes=LINE))
    assert runner.writer.backlog.flush(10)
    content = export(runner, ADA)
    forged = _changed(content, runs_0002_run=lambda run: {**run, "weights": [0, 1, 2, 3, 4]})
    with pytest.raises(ArchiveError, match=r"runs/0002/run\.json.*Nothing was imported"):
        import_archive(runner, BOB, forged)
    assert runner.runs_of(BOB) == []
    assert OwnTests(runner.writer).of(BOB).trials == ()


@pytest.mark.parametrize("most", [Most(2, 9, 9), Most(9, 0, 9)], ids=["runs", "hypotheses"])
def test_archives_do_not_give_a_visitor_more_than_one_may_have(
    serve: Callable[..., Runner], monkeypatch: pytest.MonkeyPatch, most: Most
) -> None:
    runner = serve()
    ids = [_train(runner, TINY), _train(runner, ADAM)]
    Hypotheses(runner.writer).keep(ADA, _hypothesis(*ids))
    _saved(runner, _train(runner, TINY, BOB))
    content = export(runner, ADA)
    with monkeypatch.context() as patch:
        patch.setattr(importing, "MOST", most)
        with pytest.raises(ArchiveError, match=r"Nothing was imported\. Delete some"):
            import_archive(runner, BOB, content)
        assert len(runner.runs_of(BOB)) == 1
        assert import_archive(runner, ADA, content).runs_there == 2, "nothing is new"
    assert import_archive(runner, BOB, content).runs == 2


def test_two_pages_that_import_the_same_at_once_double_nothing(serve: Callable[..., Runner]) -> None:
    runner = serve()
    _train(runner, TINY)
    content = export(runner, ADA)
    with ThreadPoolExecutor(4) as pages:
        taken = list(pages.map(lambda _page: import_archive(runner, BOB, content), range(4)))
    assert sorted((part.runs, part.runs_there) for part in taken) == [(0, 1), (0, 1), (0, 1), (1, 0)]
    assert len(runner.runs_of(BOB)) == 1


def test_where_the_database_fails_halfway_nothing_is_kept(
    serve: Callable[..., Runner], monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = serve()
    _train(runner, TINY)
    content = export(runner, ADA)

    def away(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("the disk is full"))

    with monkeypatch.context() as patch:
        patch.setattr("storage.archive._take_networks", away)
        with pytest.raises(StorageError):
            import_archive(runner, BOB, content)
        assert runner.runs_of(BOB) == []
    assert import_archive(runner, BOB, content).runs == 1


def test_a_full_server_refuses_before_anything_is_changed(
    serve: Callable[..., Runner], monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = serve()
    _train(runner, TINY)
    content = export(runner, ADA)
    monkeypatch.setattr(importing, "Limits", lambda: Limits(total_bytes=10))
    with pytest.raises(ArchiveError, match="no room"):
        import_archive(runner, BOB, content)
    assert runner.runs_of(BOB) == []


def test_what_does_not_fit_is_left_out_and_the_histories_are_whole(
    serve: Callable[..., Runner], monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = serve()
    for seed in range(4):
        _train(runner, TINY.with_changes(seed=seed))
    size = sum(array.nbytes for array in initial_state(TINY).weights)
    monkeypatch.setattr("visitors.archive.format.WRITTEN_BYTES", 4 * 8_000 + round(7.5 * size))
    contents = plan(runner, ADA)
    assert (contents.without_weights, contents.thinned) == (1, 3)
    content = export(runner, ADA)
    assert len(content) < 4 * 8_000 + 7.5 * size
    import_archive(runner, BOB, content)
    runs = runner.runs_of(BOB)
    assert [len(run.history) for run in runs] == [4] * 4
    assert [runner.epochs(run.id) for run in runs] == [[3]] * 3 + [[]]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert "Runs that are without any weights: 1." in archive.read("README.txt").decode()


def test_an_archive_can_be_read_without_this_program(serve: Callable[..., Runner]) -> None:
    runner = serve()
    run_id = _train(runner, TINY)
    with zipfile.ZipFile(io.BytesIO(export(runner, ADA))) as archive:
        run = json.loads(archive.read("runs/0001/run.json"))
        assert run["recipe"]["hidden_layers"] == [8]
        assert [point["validation"]["accuracy"] for point in run["history"]] == [0.5] * 4
        with np.load(io.BytesIO(archive.read("runs/0001/epoch-003.npz")), allow_pickle=False) as weights:
            kept = runner.weights(run_id, 3)
            assert kept is not None
            assert np.array_equal(weights["kernel_1"], kept[0])
        assert "manifest.json" in archive.read("README.txt").decode()


def test_an_empty_desk_is_an_archive_too(serve: Callable[..., Runner]) -> None:
    runner = serve()
    content = export(runner, ADA)
    Archive(content).check()
    assert import_archive(runner, BOB, content).runs == 0
