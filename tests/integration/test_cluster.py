"""The engine over a real scheduler and real workers, which only pretend to train where TensorFlow is not the
point."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, wait
from pathlib import Path

import psutil
import pytest

from model import worker
from model.config import TrainingConfig
from model.slices import EpochMetrics, initial_state, next_slice
from runs.cluster.connection import Connection
from runs.cluster.engine import ClusterEngine
from runs.engine import WORKER_ENDED, ConnectionLostError, EngineState
from runs.limits import Limits
from runs.local_engine import LocalEngine
from runs.records import RunState
from runs.runner import Runner
from testing.clusters import Cluster
from testing.engines import InlineEngine, Shared, learn
from testing.runs import bits, snapshot_of
from testing.waiting import over, wait_until
from tests.integration import workers

History = tuple[EpochMetrics, ...]

RUN = TrainingConfig(hidden_layers=(8,), train_share=0.01, batch_size=512, epochs=40)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A scheduler and two workers; each test leaves as many."""
    with Cluster(tmp_path_factory.mktemp("cluster")) as cluster:
        cluster.start_workers(2)
        yield cluster


@pytest.fixture(scope="module")
def connected(cluster: Cluster) -> Iterator[ClusterEngine]:
    """An engine over it."""
    engine = ClusterEngine(cluster.address)
    engine.start(lambda: None)
    yield engine
    engine.shutdown()


@pytest.fixture
def over_cluster(connected: ClusterEngine) -> ClusterEngine:
    """The same, with two workers again."""
    wait_until(lambda: connected.status().is_ready and connected.capacity == 2, 120, "two workers")
    return connected


def test_what_only_waits_behind_a_deadly_call_has_not_died_of_it(
    over_cluster: ClusterEngine, tmp_path: Path
) -> None:
    deadly = over_cluster.submit(workers.dies_once_there, tmp_path / "now")
    behind = [over_cluster.submit(workers.process_id_after, 0.1) for _ in range(20)]
    # Both workers have their share by then.
    wait(behind, 30, FIRST_COMPLETED)
    (tmp_path / "now").touch()
    wait([deadly, *behind], 60)
    assert isinstance(deadly.exception(), WORKER_ENDED)
    errors = [error for call in behind if (error := call.exception())]
    assert errors
    assert [error for error in errors if not isinstance(error, ConnectionLostError)] == []


def test_what_comes_back_cannot_be_changed_and_an_error_is_the_one_that_was_raised(
    over_cluster: ClusterEngine,
) -> None:
    state, _ = over_cluster.submit(learn, RUN, initial_state(RUN), next_slice(RUN, None)).result(30)
    assert [array.flags.writeable for array in state.weights] == [False] * 4
    with pytest.raises(ImportError, match="not yet"):
        over_cluster.submit(workers.cannot_start).result(30)


def test_a_call_that_is_given_up_while_it_waits_is_never_made(
    over_cluster: ClusterEngine, tmp_path: Path
) -> None:
    before = [over_cluster.submit(workers.process_id_after, 0.5) for _ in range(2)]
    given_up = over_cluster.submit(Path.touch, tmp_path / "made")
    assert given_up.cancel()
    behind = over_cluster.submit(workers.process_id_after, 0.1)
    wait([*before, behind], 60)
    assert not (tmp_path / "made").exists()


def test_the_engine_says_which_workers_it_has(over_cluster: ClusterEngine) -> None:
    status = over_cluster.workers_status()
    assert len({worker.name for worker in status}) == 2
    assert all(worker.memory and worker.memory > 10_000_000 for worker in status)


def _kill_one(cluster: Cluster, engine: ClusterEngine) -> None:
    os.kill(engine.submit(workers.process_id).result(30), signal.SIGKILL)


def _freeze_one(cluster: Cluster, engine: ClusterEngine) -> None:
    engine.submit(workers.freezes, patience=0.5)


def _cut(cluster: Cluster, engine: ClusterEngine) -> None:
    connection = engine._connection
    assert connection is not None
    assert engine._loop is not None
    engine._loop.call_soon_threadsafe(connection._client.scheduler_comm.comm.abort)


def _add_workers(cluster: Cluster, engine: ClusterEngine) -> None:
    added = cluster.start_workers(1)
    wait_until(lambda: engine.capacity == 3, 60, "the third worker")
    added.terminate()
    assert added.wait(30) == 0


@pytest.fixture(scope="module")
def undisturbed() -> tuple[History, bytes]:
    """What ``RUN`` comes to without a cluster."""
    runner = Runner(InlineEngine(), learn)
    last = over(runner, runner.submit(RUN, "calm"))
    return last.history, bits(runner, last)


def _begun(engine: ClusterEngine) -> tuple[Runner, str]:
    """A runner over the engine, and a run that it has begun."""
    runner = Runner(engine, workers.learns_slowly, limits=Limits(patience=1, least_patience=1))
    run_id = runner.submit(RUN, "somebody")
    wait_until(lambda: snapshot_of(runner, run_id).epoch > 2, 60, "its beginning")
    return runner, run_id


def _check(runner: Runner, run_id: str, undisturbed: tuple[History, bytes]) -> None:
    last = over(runner, run_id)
    assert last.state == RunState.FINISHED, last.problem
    assert (last.history, bits(runner, last)) == undisturbed


@pytest.mark.parametrize("disturb", [_kill_one, _freeze_one, _cut, _add_workers])
def test_a_run_goes_on_to_the_same_bits_whatever_happens_to_the_cluster(
    cluster: Cluster,
    over_cluster: ClusterEngine,
    undisturbed: tuple[History, bytes],
    disturb: Callable[[Cluster, ClusterEngine], None],
) -> None:
    runner, run_id = _begun(over_cluster)
    disturb(cluster, over_cluster)
    _check(runner, run_id, undisturbed)


def test_a_scheduler_that_ended_is_no_death_and_the_run_goes_on_when_there_is_one_again(
    cluster: Cluster,
    over_cluster: ClusterEngine,
    undisturbed: tuple[History, bytes],
    caplog: pytest.LogCaptureFixture,
) -> None:
    runner, run_id = _begun(over_cluster)
    call = over_cluster.submit(workers.process_id_after, 60)
    cluster.kill_scheduler()
    with pytest.raises(ConnectionLostError):
        call.result(30)
    status = over_cluster.status()
    assert status.state == EngineState.STARTING
    assert "cannot be reached" in str(status.problem)
    with pytest.raises(ConnectionLostError):
        over_cluster.submit(workers.process_id).result(30)
    cluster.start_scheduler()
    _check(runner, run_id, undisturbed)
    assert over_cluster.status().problem is None
    assert f"no connection to the scheduler at {cluster.address}: " in caplog.text
    assert f"the scheduler at {cluster.address} is back" in caplog.text
    assert "Traceback (most recent call last)" not in cluster.said("workers")


def test_a_connection_that_breaks_while_nothing_is_computed_is_replaced(
    cluster: Cluster, over_cluster: ClusterEngine
) -> None:
    former = over_cluster._connection
    _cut(cluster, over_cluster)
    wait_until(lambda: over_cluster._connection not in {None, former}, 30, "another connection")
    assert over_cluster.submit(workers.process_id).result(30)


def test_a_connection_that_ends_with_an_error_of_dasks_own_is_replaced(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve, errors = Connection.serve, [AssertionError()]

    async def fails_once(connection: Connection) -> None:
        if errors:
            raise errors.pop()
        await serve(connection)

    monkeypatch.setattr(Connection, "serve", fails_once)
    engine = ClusterEngine(cluster.address)
    engine.start(lambda: None)
    try:
        wait_until(lambda: engine.status().is_ready, 30, "the next connection")
    finally:
        engine.shutdown()
    assert errors == []


def test_a_worker_that_has_grown_is_replaced_between_two_calls(over_cluster: ClusterEngine) -> None:
    process = over_cluster.submit(workers.grows, 300).result(30)
    wait_until(lambda: not psutil.pid_exists(process), 30, "its end")


def test_a_worker_that_is_asked_to_end_finishes_its_call(over_cluster: ClusterEngine) -> None:
    process = over_cluster.submit(workers.is_asked_to_end).result(30)
    wait_until(lambda: not psutil.pid_exists(process), 30, "its end")


def test_a_plain_dask_worker_gets_nothing_and_the_log_says_why(
    cluster: Cluster, over_cluster: ClusterEngine, caplog: pytest.LogCaptureFixture
) -> None:
    plain = cluster.start_plain_worker()
    wait_until(lambda: "digitlab worker" in caplog.text, 60, "the sentence")
    calls = [over_cluster.submit(workers.process_id_after, 0.01) for _ in range(20)]
    assert plain.pid not in {call.result(30) for call in calls}
    assert over_cluster.capacity == 2
    plain.kill()


def test_a_worker_with_other_settings_gets_nothing_and_says_itself_why(
    cluster: Cluster, over_cluster: ClusterEngine, caplog: pytest.LogCaptureFixture
) -> None:
    other = cluster.start_workers(1, threads=7)
    sentence = "TF_NUM_INTRAOP_THREADS is 7 instead of 1"
    wait_until(lambda: sentence in caplog.text and sentence in cluster.said("workers"), 60, "the sentence")
    assert over_cluster.capacity == 2
    other.kill()


def test_of_two_servers_each_run_gets_its_share_not_each_server(
    cluster: Cluster, over_cluster: ClusterEngine
) -> None:
    second = ClusterEngine(cluster.address)
    second.start(lambda: None)
    try:
        wait_until(lambda: second.capacity == 2, 30, "its workers")
        long = RUN.with_changes(epochs=100)
        many, one = [
            Runner(engine, workers.learns_as_slowly_as_real_ones) for engine in (over_cluster, second)
        ]
        crowd = [many.submit(long, f"visitor {number}") for number in range(11)]
        lone = one.submit(long, "alone")
        wait_until(lambda: snapshot_of(one, lone).epoch >= 8, 60, "eight of its epochs")
        epochs = sorted(snapshot_of(many, run_id).epoch for run_id in crowd)
        # Server by server it would have got as many as the eleven together, and none of them one.
        assert epochs[len(epochs) // 2] > 3
        for runner, run_ids in ((many, crowd), (one, [lone])):
            for run_id in run_ids:
                runner.stop(run_id)
    finally:
        second.shutdown()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """An authority, a certificate that it signed, and an authority that did not."""
    folder = tmp_path_factory.mktemp("certificates")

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    for name in ("ca", "stranger"):
        openssl("req", "-x509", *key, "-keyout", f"{name}.key", "-out", f"{name}.pem", "-subj", f"/CN={name}")
    openssl("req", *key, "-keyout", "own.key", "-out", "own.csr", "-subj", "/CN=digitlab")
    signed = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial")
    openssl("x509", "-req", "-in", "own.csr", *signed, "-out", "own.pem")
    return {name: folder / name for name in ("ca.pem", "stranger.pem", "own.pem", "own.key")}


def test_with_certificates_only_those_of_the_same_authority_connect(
    tmp_path: Path, certificates: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {"DIGITLAB_TLS_CA": "ca.pem", "DIGITLAB_TLS_CERT": "own.pem", "DIGITLAB_TLS_KEY": "own.key"}
    environment = {name: str(certificates[file]) for name, file in names.items()}
    for name, file in environment.items():
        monkeypatch.setenv(name, file)
    with Cluster(tmp_path, "tls", environment) as cluster:
        cluster.start_workers(1)
        engine = ClusterEngine(cluster.address)
        engine.start(lambda: None)
        try:
            wait_until(lambda: engine.status().is_ready, 60, "the worker")
            assert engine.submit(workers.process_id).result(30) != os.getpid()
        finally:
            engine.shutdown()
        monkeypatch.setenv("DIGITLAB_TLS_CA", str(certificates["stranger.pem"]))
        stranger = ClusterEngine(cluster.address)
        stranger.start(lambda: None)
        try:
            wait_until(lambda: stranger.status().problem, 60, "its failure")
            assert "cannot be reached" in str(stranger.status().problem)
        finally:
            stranger.shutdown()
        cluster.change_environment({"DIGITLAB_TLS_CA": str(certificates["stranger.pem"])})
        cluster.start_workers(2)
        said = f"no scheduler answers at {cluster.address}: [SSL: CERTIFICATE_VERIFY_FAILED]"
        wait_until(lambda: said in cluster.said("workers"), 60, "the reason")
        assert cluster.said("workers").count(said) == 1
        assert cluster.said("scheduler").count("handshake failed") == 1


def test_a_run_has_the_same_bits_as_on_this_machine(tmp_path: Path, engine: LocalEngine) -> None:
    """With TensorFlow, once, and as many threads."""
    config = TrainingConfig(train_share=0.1, epochs=2, optimizer="adam", learning_rate=1e-3)
    threads = int(engine.submit(os.getenv, "TF_NUM_INTRAOP_THREADS").result(60))
    with Cluster(tmp_path) as cluster:
        cluster.start_workers(1, threads, pretend=False)
        there = ClusterEngine(cluster.address)
        there.start(lambda: None)
        try:
            wait_until(lambda: there.status().is_ready, 120, "the worker")
            assert there.fingerprint == engine.fingerprint
            local, remote = Runner(Shared(engine)), Runner(there)
            runs = [over(runner, runner.submit(config, "somebody")) for runner in (local, remote)]
            assert runs[0].history == runs[1].history
            assert bits(local, runs[0]) == bits(remote, runs[1])
            file = there.submit(worker.keras_file, config, remote.weights(runs[1].id, 2)).result(60)
            assert file[:2] == b"PK"
        finally:
            there.shutdown()
