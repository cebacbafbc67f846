"""Several servers over one PostgreSQL: runs are seen, steered and counted from all of them, and go on at
another one when theirs ends, is killed or stands still.

SQLite has one server (``test_storage``), so there is nothing to see there.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from model.config import ConfigError
from model.evaluation.hypothesis import Guess
from runs.engine import EngineState
from runs.expected_wait import expected_waits
from runs.limits import Limits
from runs.problems import QuotaExceededError
from runs.records import EventKind, RunSnapshot, RunState
from runs.runner import Runner
from storage import leases
from storage import writer as storage_writer
from storage.database import at_address
from storage.tables import Server, Steering
from storage.writer import Writer
from testing import postgresql as postgres
from testing.engines import TINY, HeldEngine, InlineEngine, learn
from testing.runs import bits, snapshot_of
from testing.storage import fences, vanish, wait_until_saved
from testing.waiting import over, wait_until
from visitors.hypotheses import Hypotheses, Hypothesis, trials

LONG = TINY.with_changes(epochs=50)
# Seconds within which a server shows what another one has kept, and does what it was told there.
SEEN, DONE = 2.0, 5.0

Serve = Callable[..., Runner]


@pytest.fixture
def serve(postgresql: str, tmp_path: Path) -> Iterator[Serve]:
    """``serve(engine)`` is the runner of one more server over the same database."""
    address = postgres.new_database(postgresql)
    runners: list[Runner] = []

    def new(engine: Any, **values: Any) -> Runner:
        runners.append(Runner(engine, learn, Writer(at_address(address, tmp_path)), **values))
        assert runners[-1].writer.wait_until_open(20)
        return runners[-1]

    yield new
    for runner in runners:
        runner.close(0.1)


def _advance(engine: HeldEngine, runner: Runner, slices: int = 1) -> None:
    for _ in range(slices):
        engine.release()
    runner.join()


def _sees(
    runner: Runner,
    run_id: str,
    condition: Callable[[RunSnapshot], object],
    what: str,
    seconds: float = DONE,
) -> RunSnapshot:
    """What a server shows of a run once it is so, which has to be soon."""

    def look() -> RunSnapshot | None:
        run = runner.snapshot(run_id)
        return run if run and condition(run) else None

    return wait_until(look, seconds, what)


def _is(state: RunState) -> Callable[[RunSnapshot], bool]:
    return lambda run: run.state == state


def _has_epochs(count: int) -> Callable[[RunSnapshot], bool]:
    return lambda run: len(run.history) == count


def _orders(runner: Runner) -> list[str]:
    with runner.writer.database.writing() as connection:  # type: ignore[union-attr]
        return list(connection.scalars(select(Steering.content).order_by(Steering.id)))


@pytest.fixture
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers look at each other more often than they do."""
    monkeypatch.setattr(storage_writer, "_LOOKS_AFTER", 0.1)


@pytest.fixture
def short_leases(monkeypatch: pytest.MonkeyPatch, in_a_hurry: None) -> None:
    monkeypatch.setattr(leases, "LASTS", 1.0)
    monkeypatch.setattr(leases, "RENEWED_AFTER", 0.3)


def test_another_server_shows_whole_epochs_and_states_two_seconds_later_at_most(serve: Serve) -> None:
    engine = HeldEngine()
    owner, other = serve(engine), serve(InlineEngine())
    run_id = owner.submit(LONG, "ada")
    for epoch in range(3):
        _advance(engine, owner)
        run = _sees(other, run_id, _has_epochs(epoch + 1), "the epoch", SEEN)
        assert run.history == snapshot_of(owner, run_id).history
        assert bits(other, run) == bits(owner, run)
    engine.wait_for(1)
    owner.pause(run_id)
    _advance(engine, owner)
    _sees(other, run_id, _is(RunState.PAUSED), "the pause", SEEN)
    owner.stop(run_id)
    _sees(other, run_id, _is(RunState.STOPPED), "the end", SEEN)
    assert [run.state for run in other.runs_of("ada")] == [RunState.STOPPED]


@pytest.mark.usefixtures("in_a_hurry")
def test_a_run_is_steered_from_another_server(serve: Serve) -> None:
    engine = HeldEngine()
    owner, other = serve(engine), serve(InlineEngine())
    run_id = owner.submit(LONG, "ada")
    _advance(engine, owner)
    wait_until_saved(owner, run_id)
    engine.wait_for(1)
    other.set_learning_rate(run_id, 0.5)
    other.rename(run_id, "the fast one")
    other.pause(run_id)
    run = _sees(other, run_id, _is(RunState.PAUSED), "the pause")
    assert (run.config.learning_rate, run.name) == (0.5, "the fast one")
    _advance(engine, owner)
    assert engine.held == [], "a paused run computes nothing"
    other.train_one_epoch(run_id)
    engine.wait_for(1)
    _advance(engine, owner)
    run = _sees(other, run_id, lambda run: run.state == RunState.PAUSED and run.epoch == 2, "one epoch")
    other.resume(run_id)
    engine.wait_for(1)
    other.stop(run_id)
    run = _sees(other, run_id, _is(RunState.STOPPED), "the end")
    assert run.name == "the fast one"
    kinds = [EventKind.LEARNING_RATE, EventKind.PAUSED, EventKind.PAUSED, EventKind.STOPPED]
    assert [event.kind for event in run.events] == kinds
    wait_until(lambda: not _orders(owner), DONE, "the striking off")
    other.train_longer(run_id, 1)
    assert over(other, run_id).epoch == 3
    engine.break_worker()
    assert _sees(owner, run_id, _is(RunState.FINISHED), "the end").epoch == 3


def test_whoever_waits_for_the_owner_sees_what_came_of_it(serve: Serve) -> None:
    owner, other = serve(HeldEngine()), serve(InlineEngine())
    run_id = owner.submit(LONG, "ada")
    wait_until_saved(owner, run_id)
    assert snapshot_of(other, run_id).state == RunState.WAITING
    for steer, state in ((other.pause, RunState.PAUSED), (other.resume, RunState.WAITING)):
        steer(run_id)
        other.wait_for_owners([run_id])
        assert snapshot_of(other, run_id).state == state
    began = time.monotonic()
    owner.wait_for_owners([run_id])
    other.wait_for_owners(["nobody knows this one"])
    assert time.monotonic() - began < 1, "nobody waits for nothing"


@pytest.mark.usefixtures("in_a_hurry")
def test_what_a_row_cannot_return_is_refused_where_it_is_pressed(serve: Serve) -> None:
    owner, other = serve(HeldEngine(), limits=Limits(max_events=1)), serve(InlineEngine())
    run_id = owner.submit(LONG, "ada")
    wait_until_saved(owner, run_id)
    with pytest.raises(ConfigError, match="Learning rate"):
        other.set_learning_rate(run_id, 11.0)
    with pytest.raises(ConfigError, match="Epochs"):
        other.train_longer(run_id, 1000)
    strict = serve(InlineEngine(), limits=Limits(max_events=0))
    with pytest.raises(QuotaExceededError, match="too many times"):
        strict.set_learning_rate(run_id, 0.5)
    assert _orders(owner) == []


@pytest.mark.usefixtures("in_a_hurry")
def test_orders_for_a_run_that_is_over_deleted_or_ones_own_are_not_given(serve: Serve) -> None:
    engine = HeldEngine()
    owner, other = serve(engine), serve(InlineEngine())
    ended, deleted, paused = (owner.submit(LONG, visitor) for visitor in ("ada", "bob", "eve"))
    owner.pause(paused)
    owner.stop(ended)
    for run_id in (ended, deleted, paused):
        wait_until_saved(owner, run_id)
    other.pause(deleted)
    other.pause(ended)
    other.pause("nobody knows this one")
    owner.writer.order(paused, "to oneself")
    assert len(_orders(owner)) <= 1
    other.delete([deleted, paused])
    assert _orders(owner) == []
    # Of a run that rests nothing is written, so only a look tells that it is gone.
    wait_until(lambda: not owner._schedule.runs, DONE, "the owner's letting go")
    assert owner.snapshot(paused) is None


@pytest.mark.usefixtures("in_a_hurry")
def test_an_order_of_a_later_version_is_dropped(serve: Serve) -> None:
    owner, other = serve(HeldEngine()), serve(InlineEngine())
    run_id = owner.submit(LONG, "ada")
    wait_until_saved(owner, run_id)
    other.writer.order(run_id, json.dumps({"kind": "Doubled", "values": {"run_id": run_id}}))
    other.writer.order(run_id, "no JSON")
    other.pause(run_id)
    _sees(other, run_id, _is(RunState.PAUSED), "the pause")
    wait_until(lambda: not _orders(owner), DONE, "the striking off")


@pytest.mark.usefixtures("short_leases")
def test_an_order_to_a_server_that_died_is_carried_out_by_its_heir(serve: Serve) -> None:
    engine = HeldEngine()
    owner, other = serve(engine), serve(HeldEngine())
    run_id = owner.submit(LONG, "ada")
    _advance(engine, owner, 2)
    wait_until_saved(owner, run_id)
    vanish(owner)
    other.set_learning_rate(run_id, 0.5)
    other.stop(run_id)
    assert len(_orders(other)) == 2
    run = wait_until(
        lambda: next((run for run in other.runs_of("ada") if run.state.is_over), None), 10, "the end"
    )
    assert (run.state, run.config.learning_rate) == (RunState.STOPPED, 0.5)
    wait_until(lambda: not _orders(other), DONE, "the striking off")


@pytest.mark.usefixtures("in_a_hurry")
def test_a_look_from_another_server_keeps_a_run_going(serve: Serve) -> None:
    now = [0.0]
    engine = HeldEngine()
    owner, other = serve(engine, clock=lambda: now[0]), serve(InlineEngine())
    watched, unwatched = owner.submit(LONG, "ada"), owner.submit(LONG, "bob")
    for run_id in (watched, unwatched):
        wait_until_saved(owner, run_id)
    now[0] = Limits().unwatched_seconds + 1
    wakes = _stand_still(owner)
    for _ in range(5):
        assert other.snapshot(watched)
        assert other.writer.backlog.flush(5)
    assert len(_orders(owner)) == 1, "looks within a moment are one"
    wakes.set()
    wait_until(lambda: owner._schedule.runs[watched].last_viewed == now[0], DONE, "the look")
    _advance(engine, owner, 4)
    states = {run.id: run.state for visitor in ("ada", "bob") for run in owner.runs_of(visitor)}
    assert states == {watched: RunState.RUNNING, unwatched: RunState.PAUSED}


@pytest.mark.usefixtures("in_a_hurry")
def test_a_visitors_unfinished_runs_are_counted_over_all_servers(serve: Serve) -> None:
    limits = Limits(open_runs_of_visitor=3)
    one, two = serve(HeldEngine(), limits=limits), serve(HeldEngine(), limits=limits)
    for runner in (one, two, one):
        wait_until_saved(runner, runner.submit(LONG, "ada"))
    for runner in (one, two):
        with pytest.raises(QuotaExceededError, match="3 unfinished runs"):
            runner.submit(LONG, "ada")
    two.submit(LONG, "bob")


@pytest.mark.usefixtures("in_a_hurry")
def test_one_run_of_a_visitor_takes_turns_at_a_time_over_all_servers(serve: Serve) -> None:
    engines = HeldEngine(), HeldEngine()
    one, two = serve(engines[0]), serve(engines[1])
    first = one.submit(LONG, "ada")
    wait_until_saved(one, first)
    second = two.submit(LONG, "ada")
    wait_until_saved(two, second)
    third = one.submit(LONG, "ada")
    assert snapshot_of(two, second).state == RunState.QUEUED
    assert engines[1].held == []
    one.stop(first)
    wait_until(lambda: engines[1].held, DONE, "the second run's turn")
    wait_until(lambda: snapshot_of(one, third).state == RunState.QUEUED, DONE, "the third run's waiting")
    two.pause(second)
    wait_until(lambda: snapshot_of(one, third).state == RunState.WAITING, DONE, "the third run's turn")
    # The one with the smaller number comes first again.
    two.resume(second)
    wait_until(lambda: snapshot_of(one, third).state == RunState.QUEUED, DONE, "the third run's giving way")
    assert snapshot_of(two, second).state == RunState.WAITING


@pytest.mark.usefixtures("in_a_hurry")
def test_the_expected_wait_counts_what_others_compute_in_the_same_workers(serve: Serve) -> None:
    class Cluster(HeldEngine):
        is_shared = True

    one, two, alone = serve(Cluster()), serve(Cluster()), serve(HeldEngine())
    before = _expected(two)
    one.submit(TINY, "ada")
    one.writer._renewed = float("-inf")
    wait_until(lambda: two._schedule.others.flops_left, 10, "the news")
    assert _expected(two) == pytest.approx(2 * before, rel=0.15)
    wait_until(lambda: alone.writer._looked > one.writer._renewed + 1, 10, "another look")
    assert _expected(alone) == pytest.approx(before, rel=0.1)


def _expected(runner: Runner) -> float:
    """Seconds of another visitor's run, where a worker does 10 MFLOP/s."""
    schedule = replace(runner._schedule, speed=1e7)
    [wait] = expected_waits(schedule, {"bob": TINY}, 1, runner._engine.is_shared)
    return wait.done


def test_a_server_that_ends_hands_its_runs_over_at_once(serve: Serve) -> None:
    engines = HeldEngine(), HeldEngine()
    former, other = serve(engines[0]), serve(engines[1])
    former.submit(LONG, "ada")
    _advance(engines[0], former, 2)
    engines[0].wait_for(1)
    # Its next claim for dead servers' runs is five seconds away.
    other.writer._renewed = time.monotonic()
    former._dispatcher.is_closing = True
    engines[0].release()
    former.close(5)
    assert engines[0].held == []
    wait_until(lambda: engines[1].held, 3, "going on at the other server")
    assert engines[1].held[0][0][-1].epoch == 3, "nothing is computed twice"


def _is_on_another_host(runner: Runner) -> None:
    """Nobody here can tell by its lock file that it is dead."""
    with runner.writer.database.writing() as connection:  # type: ignore[union-attr]
        own = update(Server).where(Server.id == runner.writer.server)
        connection.execute(own.values(host="elsewhere", lock_file="/nowhere/at.all"))


@pytest.mark.usefixtures("short_leases")
def test_a_server_that_died_on_another_host_is_succeeded_once_its_lease_is_over(serve: Serve) -> None:
    engines = HeldEngine(), HeldEngine()
    former, other = serve(engines[0]), serve(engines[1])
    run_id = former.submit(LONG, "ada")
    _advance(engines[0], former, 2)
    wait_until_saved(former, run_id)
    _is_on_another_host(former)
    vanish(former)
    wait_until(lambda: engines[1].held, 10, "going on at the other server")
    assert snapshot_of(other, run_id).epoch == 1


@pytest.mark.usefixtures("short_leases")
def test_a_server_that_stood_still_submits_nothing_before_it_has_looked_and_writes_nothing(
    serve: Serve,
) -> None:
    engines = HeldEngine(), HeldEngine()
    former, other = serve(engines[0]), serve(engines[1])
    run_id = former.submit(LONG, "ada")
    _advance(engines[0], former, 2)
    wait_until_saved(former, run_id)
    engines[0].wait_for(1)
    wakes = _stand_still(former)
    wait_until(lambda: engines[1].held, 10, "going on at the other server")
    # The worker has gone on, and the runner wakes before the writer.
    wait_until(lambda: former.writer.may_be_taken_for_dead, 10, "the end of the lease")
    _advance(engines[0], former)
    assert engines[0].held == []
    assert snapshot_of(former, run_id).epoch == 2
    wakes.set()
    wait_until(lambda: not former._schedule.runs, 10, "the former owner's letting go")
    assert engines[0].held == [], "no slice of a lost run is submitted"
    _advance(engines[1], other, 2)
    wait_until_saved(other, run_id)
    assert _sees(former, run_id, lambda run: run.epoch == 3, "the heir's epochs")
    assert other.writer.database is not None
    assert fences(other.writer.database)[run_id] == [1, 1, 2, 2]
    former.submit(LONG, "bob")
    engines[0].wait_for(1)


def _stand_still(runner: Runner) -> threading.Event:
    """The writer's thread does nothing until the event is set."""
    wakes = threading.Event()
    take = runner.writer.backlog.take

    def stand_still(most: int, seconds: float) -> Any:
        wakes.wait(30)
        return take(most, seconds)

    runner.writer.backlog.take = stand_still  # type: ignore[method-assign]
    return wakes


def test_of_two_servers_that_submit_the_same_variant_one_counts(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = serve(HeldEngine(state=EngineState.STARTING)), serve(HeldEngine(state=EngineState.STARTING))
    guess = Hypothesis(guess=Guess.SAME, why="", trials=trials(TINY, TINY.with_changes(batch_size=32), 1))
    here, there = Hypotheses(one.writer), Hypotheses(two.writer)
    here.keep("ada", guess)
    assert one.writer.backlog.flush(DONE)
    read, read_before = there.named, [there.named("ada", guess.name)]
    noted = here.go_on(one, "ada", guess.name)
    assert noted is not None
    assert len(noted.run_ids) == 2
    monkeypatch.setattr(there, "named", lambda *key: read_before.pop() if read_before else read(*key))
    assert there.go_on(two, "ada", guess.name) == noted
    assert {run.id for run in two.runs_of("ada")} == set(noted.run_ids)
