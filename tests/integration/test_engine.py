"""The engine with real processes, and the runner over it."""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from model import worker
from model.config import TrainingConfig
from model.slices import initial_state, next_slice
from runs.engine import WORKER_ENDED, EngineState
from runs.limits import Limits
from runs.local_engine import LocalEngine
from runs.records import EventKind, RunState, config_at
from runs.runner import Runner
from testing.engines import Shared
from testing.runs import bits, snapshot_of
from testing.waiting import over, wait_until
from tests.integration import workers

REPOSITORY = Path(__file__).parents[2]
SMALL = TrainingConfig(train_share=0.03, epochs=3)


def test_the_same_seed_gives_the_same_history_alone_and_beside_three_other_runs(runner: Runner) -> None:
    config = SMALL.with_changes(seed=5)
    alone = over(runner, runner.submit(config, "alone"))
    crowd = [runner.submit(config.with_changes(seed=seed), f"visitor {seed}") for seed in (6, 7, 8)]
    beside = over(runner, runner.submit(config, "beside"))
    others = [over(runner, run_id) for run_id in crowd]
    assert alone.state == beside.state == RunState.FINISHED
    assert len(alone.history) == config.epochs + 1
    assert alone.history == beside.history
    assert bits(runner, alone) == bits(runner, beside)
    assert len({bits(runner, other) for other in (*others, alone)}) == 4


def test_a_run_learns_and_its_snapshot_says_how_it_went(runner: Runner) -> None:
    last = over(runner, runner.submit(SMALL.with_changes(optimizer="adam", learning_rate=1e-3), "somebody"))
    assert [metrics.epoch for metrics in last.history] == [0, 1, 2, 3]
    assert last.history[0].validation.accuracy < 0.3
    assert last.history[-1].validation.accuracy > last.history[0].validation.accuracy + 0.3
    assert last.images_per_second is not None
    assert last.images_per_second > 0
    assert last.seconds_left is None
    assert last.xla is not None
    assert last.problem is None


def test_arrays_that_came_from_a_worker_cannot_be_changed(runner: Runner) -> None:
    last = over(runner, runner.submit(SMALL.with_changes(epochs=1), "somebody"))
    weights = runner.weights(last.id, last.epoch)
    assert weights is not None
    assert [array.flags.writeable for array in weights] == [False] * 6


def test_a_worker_that_is_killed_costs_one_slice_and_no_bit(engine: LocalEngine) -> None:
    config = SMALL.with_changes(seed=11, optimizer="momentum")
    killed: list[int] = []
    runner = Runner(Shared(engine))
    undisturbed = over(runner, runner.submit(config, "calm"))
    expected = bits(runner, undisturbed)

    runner = Runner(_KillsAt(engine, epoch=2, killed=killed))
    disturbed = over(runner, runner.submit(config, "disturbed"), 100)
    assert len(killed) == 1
    assert not psutil.pid_exists(killed[0])
    assert disturbed.state == RunState.FINISHED, disturbed.problem
    assert disturbed.history == undisturbed.history
    assert bits(runner, disturbed) == expected


def test_a_run_that_was_steered_can_be_repeated_from_its_recipe_and_its_events(engine: LocalEngine) -> None:
    runner = Runner(Shared(engine))
    run_id = runner.submit(TrainingConfig(optimizer="adam", learning_rate=1e-3, epochs=4), "somebody")
    wait_until(lambda: snapshot_of(runner, run_id).position > 1, 60, "the second epoch")
    runner.set_learning_rate(run_id, 0.01)
    runner.pause(run_id)
    wait_until(lambda: snapshot_of(runner, run_id).state == RunState.PAUSED, 5, "the pause")
    runner.train_one_epoch(run_id)
    wait_until(lambda: len(snapshot_of(runner, run_id).events) == 3, 60, "the pause after an epoch")
    runner.resume(run_id)
    over(runner, run_id, 100)
    runner.train_longer(run_id, 2)
    steered = over(runner, run_id, 100)
    assert steered.epoch == 6

    part, state = None, initial_state(steered.recipe)
    while part := next_slice(steered.config, part):
        config = config_at(steered.recipe, steered.events, part)
        state, _ = engine.submit(worker.train_slice, config, state, part).result(timeout=60)
    weights = runner.weights(run_id, steered.epoch)
    assert weights is not None
    assert [array.tobytes() for array in state.weights] == [array.tobytes() for array in weights]
    assert [event.kind for event in steered.events].count(EventKind.LEARNING_RATE) == 1


def test_a_worker_that_dies_three_times_in_the_same_slice_fails_the_run(quick_engine: LocalEngine) -> None:
    runner = Runner(quick_engine, workers.dies_always)
    last = over(runner, runner.submit(SMALL, "unlucky"))
    assert last.state == RunState.FAILED
    assert f"{Limits().attempts} times" in str(last.problem)
    assert "memory" in str(last.problem)
    assert quick_engine.submit(workers.process_id).result(timeout=60) != os.getpid()


def test_a_run_is_not_failed_by_another_run_that_kills_its_worker(quick_engine: LocalEngine) -> None:
    """Its slice only waited in the same executor, so its own attempts are not used up."""
    runner = Runner(quick_engine, workers.victim_dies_others_learn)
    victim = runner.submit(SMALL.with_changes(seed=workers.VICTIM_SEED), "unlucky")
    neighbour = runner.submit(SMALL.with_changes(seed=1, epochs=100), "innocent")
    assert over(runner, victim).state == RunState.FAILED
    # On a slow machine the neighbour has ended before the victim's worker has died three times.
    seen = wait_until(
        lambda: s if (s := snapshot_of(runner, neighbour)).state.is_over or s.xla is not None else None, 30
    )
    runner.stop(neighbour)
    assert seen.state in (RunState.RUNNING, RunState.FINISHED), seen.problem


def test_a_data_error_in_the_worker_reaches_the_run_as_its_own_message(quick_engine: LocalEngine) -> None:
    runner = Runner(quick_engine, workers.reads_a_damaged_file)
    last = over(runner, runner.submit(SMALL, "somebody"))
    assert last.state == RunState.FAILED
    assert str(last.problem) == (
        "The data file model/data/test.npz is missing. "
        "To restore it, run: git checkout -- model/data/test.npz"
    )


def test_a_worker_that_is_frozen_is_given_up_and_another_one_answers(quick_engine: LocalEngine) -> None:
    frozen = quick_engine.submit(workers.process_id).result(timeout=60)
    os.kill(frozen, signal.SIGSTOP)
    try:
        with pytest.raises(WORKER_ENDED):
            quick_engine.submit(workers.process_id, patience=0.1).result(timeout=60)
        assert quick_engine.submit(workers.process_id, patience=60).result(timeout=60) != frozen
        wait_until(lambda: not psutil.pid_exists(frozen), 10, "the end of the frozen one")
    finally:
        if psutil.pid_exists(frozen):
            os.kill(frozen, signal.SIGKILL)


def test_the_engine_says_which_workers_it_has(quick_engine: LocalEngine) -> None:
    process = quick_engine.submit(workers.process_id).result(timeout=60)
    (status,) = quick_engine.workers_status()
    assert status.name == str(process)
    assert status.memory is not None
    assert status.memory > 10_000_000


def test_a_future_whose_worker_died_raises_and_the_next_submit_starts_another(
    quick_engine: LocalEngine,
) -> None:
    before = quick_engine.submit(workers.process_id).result(timeout=60)
    with pytest.raises(BrokenExecutor):
        quick_engine.submit(workers.dies_always, None, None, None).result(timeout=60)
    assert quick_engine.submit(workers.process_id).result(timeout=60) != before


def test_a_server_without_tensorflow_trains_and_leaves_no_process_behind_when_it_is_killed(
    server: dict[str, Any],
) -> None:
    assert server["state"] == RunState.FINISHED
    assert server["history"] == 2
    assert server["heavy"] == []
    assert max(child["memory"] for child in server["children"]) > 300e6, "the worker has TensorFlow"
    children = [psutil.Process(child["pid"]) for child in server["children"]]
    assert children
    server["process"].send_signal(signal.SIGKILL)
    server["process"].wait(5)
    wait_until(lambda: not any(map(_is_alive, children)), 2, "the end of the workers")


_STARTS_AN_ENGINE = """
import sys
from runs.local_engine import LocalEngine
from runs.runner import Runner
runner = Runner(LocalEngine(environment={"PYTHONPATH": sys.argv[1]}))
sys.stdin.read()
"""


def test_a_server_that_ends_does_not_wait_for_a_worker_that_is_just_starting(tmp_path: Path) -> None:
    # A worker that would be starting for an hour.
    importing = tmp_path / "importing"
    _plant_tensorflow(tmp_path, f"import time; open({str(importing)!r}, 'w').close(); time.sleep(3600)")
    command = [sys.executable, "-c", _STARTS_AN_ENGINE, str(tmp_path)]
    with subprocess.Popen(command, cwd=REPOSITORY, stdin=subprocess.PIPE) as process:
        wait_until(importing.exists, 100, "the worker's start")
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(60) == 0


def test_an_engine_without_tensorflow_fails_and_says_so(tmp_path: Path) -> None:
    engine = _engine_with_tensorflow(tmp_path, "raise ImportError('no wheel for this machine')")
    try:
        status = _after_start(engine)
        assert status.state == EngineState.FAILED
        assert status.needs_help
        assert "TensorFlow" in str(status.problem)
        assert "no wheel for this machine" in str(status.problem)
    finally:
        engine.shutdown()


def test_an_engine_whose_worker_dies_while_it_starts_fails_and_says_so(tmp_path: Path) -> None:
    engine = _engine_with_tensorflow(tmp_path, "import os; os._exit(9)")
    try:
        status = _after_start(engine)
        assert status.state == EngineState.FAILED
        assert "memory" in str(status.problem)
    finally:
        engine.shutdown()


def test_an_engine_with_another_error_at_its_start_names_it(tmp_path: Path) -> None:
    engine = _engine_with_tensorflow(tmp_path, "raise RuntimeError('{odd} braces')")
    try:
        assert "{odd} braces" in str(_after_start(engine).problem)
    finally:
        engine.shutdown()


def test_a_failed_engine_can_be_started_again_and_the_run_that_waited_goes_on(
    monkeypatch: pytest.MonkeyPatch, quick_engine: LocalEngine
) -> None:
    monkeypatch.setattr("runs.local_engine.worker.warm_up", workers.cannot_start)
    runner = Runner(quick_engine, workers.victim_dies_others_learn)
    run_id = runner.submit(SMALL, "patient")
    wait_until(lambda: quick_engine.status().state == EngineState.FAILED, 30, "the failure")
    assert snapshot_of(runner, run_id).state == RunState.WAITING
    monkeypatch.setattr("runs.local_engine.worker.warm_up", workers.starts_at_once)
    runner.restart_engine()
    last = over(runner, run_id)
    assert last.state == RunState.FINISHED
    assert quick_engine.status().is_ready
    assert quick_engine.status().problem is None


def test_a_restart_while_slices_are_computed_fails_no_run(quick_engine: LocalEngine) -> None:
    """Two visitors press "start again": at the second press the first one's run is computing."""
    runner = Runner(quick_engine, workers.victim_dies_others_learn)
    # Full size: hundreds of slices.
    run_id = runner.submit(TrainingConfig(epochs=100), "busy")
    wait_until(lambda: snapshot_of(runner, run_id).epoch, 60, "the first epoch")
    runner.restart_engine()
    epoch = snapshot_of(runner, run_id).epoch
    moved = wait_until(
        lambda: s if (s := snapshot_of(runner, run_id)).state.is_over or s.epoch > epoch + 3 else None
    )
    runner.stop(run_id)
    assert moved.state == RunState.RUNNING, moved.problem


def test_two_workers_compute_at_the_same_time(two_workers: LocalEngine) -> None:
    futures = [two_workers.submit(workers.process_id_after, 0.2) for _ in range(2)]
    assert len({future.result(timeout=30) for future in futures}) == 2


def test_a_run_that_is_alone_stays_with_its_worker(two_workers: LocalEngine) -> None:
    """Whichever it is: here the other one was busy when the run began."""
    other = two_workers.submit(workers.process_id_after, 0.2, run_id="other")
    ids = {two_workers.submit(workers.process_id, run_id="a run").result(timeout=30)}
    other_id = other.result(timeout=30)
    ids |= {two_workers.submit(workers.process_id, run_id="a run").result(timeout=30) for _ in range(3)}
    assert len(ids) == 1
    assert other_id not in ids


def test_a_run_leaves_its_worker_where_another_one_has_less_to_do(two_workers: LocalEngine) -> None:
    first = two_workers.submit(workers.process_id_after, 0.2, run_id="a run")
    assert two_workers.submit(workers.process_id, run_id="a run").result(timeout=30) != first.result(
        timeout=30
    )


def test_all_workers_have_the_same_number_of_threads_for_the_last_bits_depend_on_it(
    two_workers: LocalEngine,
) -> None:
    busy = two_workers.submit(workers.process_id_after, 0.5)
    threads = [two_workers.submit(os.getenv, "TF_NUM_INTRAOP_THREADS").result(timeout=30)]
    busy.result(timeout=30)
    threads += [two_workers.submit(os.getenv, "TF_NUM_INTRAOP_THREADS").result(timeout=30)]
    assert threads == ["2", "2"]


def test_a_further_worker_that_cannot_start_is_done_without(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("runs.local_engine.worker.warm_up", workers.only_the_first_starts)
    engine = LocalEngine(workers=3, environment={"FIRST": str(tmp_path / "first")})
    try:
        assert _after_start(engine).is_ready
        wait_until(lambda: engine.workers == 1, 60, "the failure of the second worker")
        assert engine.capacity == 1
        assert engine.status().is_ready
        assert engine.status().problem is None
        ids = {engine.submit(workers.process_id).result(timeout=30) for _ in range(3)}
        assert len(ids) == 1
    finally:
        engine.shutdown()


@pytest.fixture
def two_workers(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalEngine]:
    """An engine of this test's own, both workers ready, without TensorFlow."""
    monkeypatch.setattr("runs.local_engine.worker.warm_up", workers.starts_at_once)
    engine = LocalEngine(workers=2, threads=2)
    try:
        assert _after_start(engine).is_ready
        wait_until(lambda: engine.capacity == 2, 60, "the second worker")
        yield engine
    finally:
        engine.shutdown()


@pytest.fixture
def quick_engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalEngine]:
    """An engine of this test's own, that warms up without TensorFlow."""
    monkeypatch.setattr("runs.local_engine.worker.warm_up", workers.starts_at_once)
    engine = LocalEngine()
    yield engine
    engine.shutdown()


@pytest.fixture
def server() -> Iterator[dict[str, Any]]:
    """What the miniature server printed, and its ``process``."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.server"],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            assert select.select([process.stdout], [], [], 90)[0], "the server was not ready in time"
            yield {**json.loads(process.stdout.readline()), "process": process}
        finally:
            process.kill()


class _KillsAt(Shared):
    """The shared engine, that kills its worker once while a slice of ``epoch`` is in it."""

    def __init__(self, engine: LocalEngine, epoch: int, killed: list[int]) -> None:
        super().__init__(engine)
        self._real, self._epoch, self._killed = engine, epoch, killed

    def submit(self, fn: Any, /, *args: Any, **how: Any) -> Any:
        _, _, part = args
        if part.epoch == self._epoch and not self._killed:
            pid = self._real.submit(workers.process_id).result(timeout=60)
            # A slice of so small a network is over before anybody sees that it has begun.
            os.kill(pid, signal.SIGSTOP)
            future = super().submit(fn, *args, **how)
            wait_until(future.running, 10, "the slice's way to the worker")
            os.kill(pid, signal.SIGKILL)
            self._killed.append(pid)
            return future
        return super().submit(fn, *args, **how)


def _is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _engine_with_tensorflow(folder: Path, source: str) -> LocalEngine:
    """An engine whose workers find a TensorFlow of our own, which is ``source``."""
    _plant_tensorflow(folder, source)
    return LocalEngine(environment={"PYTHONPATH": str(folder)})


def _plant_tensorflow(folder: Path, source: str) -> None:
    """Where ``folder`` is in PYTHONPATH, TensorFlow is ``source``.

    loky gives its workers the parent's import path, so a folder in PYTHONPATH alone comes too late.
    """
    (folder / "tensorflow.py").write_text(source)
    (folder / "sitecustomize.py").write_text(
        "import sys\n"
        "from importlib.machinery import PathFinder\n"
        "class First:\n"
        "    def find_spec(name, path=None, target=None):\n"
        f"        return PathFinder.find_spec(name, [{str(folder)!r}]) if name == 'tensorflow' else None\n"
        "sys.meta_path.insert(0, First)\n"
    )


def _after_start(engine: LocalEngine) -> Any:
    engine.start(lambda: None)
    wait_until(lambda: engine.status().state != EngineState.STARTING, 60, "the start")
    return engine.status()
