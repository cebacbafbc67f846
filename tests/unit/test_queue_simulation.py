"""How long a class waits: against cases counted by hand, and against the runner's own state machine."""

from collections.abc import Sequence

import pytest

from model.config import TrainingConfig
from model.slices import flops, next_slice, turns
from runs.limits import poll_seconds
from runs.queue_simulation import Job, Machine, Pages, Simulated, Wait, simulate
from testing.driver import Driver
from testing.engines import TINY


def alone(workers: int, cores: float = 100) -> Machine:
    """One FLOP takes a second, and workers take nothing from each other."""
    return Machine(speed=1, workers=workers, cores=cores, spread=0)


def done(simulated: Simulated) -> list[float]:
    """When the runs were over; a page looks half its interval later, on average."""
    return [round(wait.done, 6) for wait in simulated.waits]


def runs(*slices: Sequence[float]) -> list[Job]:
    return [Job(tuple(flops)) for flops in slices]


def test_a_run_that_is_alone_takes_as_long_as_its_slices() -> None:
    simulated = simulate(runs([1, 2, 2]), alone(1))
    assert simulated.waits == (Wait(first_point=1.15, done=5.15),)
    assert simulated.looks == pytest.approx(5 / 0.3)


def test_two_runs_share_a_worker_turn_by_turn() -> None:
    # ada 0-1, bob 1-2, ada 2-4, bob 4-6
    assert done(simulate(runs([1, 2], [1, 2]), alone(1))) == [4.15, 6.15]


def test_a_short_run_does_not_wait_for_the_end_of_a_long_one() -> None:
    # long 0-1, short 1-2, long 2-3, short 3-4, long 4-10
    assert done(simulate(runs([1] * 8, [1, 1]), alone(1))) == [10.15, 4.15]


def test_a_second_worker_helps_nobody_who_is_alone() -> None:
    assert done(simulate(runs([1, 1, 1]), alone(2))) == [3.15]


def test_three_runs_take_turns_over_two_workers() -> None:
    # a and b 0-1; c and a 1-2; b and c 2-3
    assert done(simulate(runs([1, 1], [1, 1], [1, 1]), alone(2))) == [2.15, 3.15, 3.15]


def test_two_workers_on_two_cores_are_not_twice_one() -> None:
    """Each keeps both cores busy for half of its time, so two need three cores and have two."""
    two = Machine(speed=1, workers=2, cores=2, spread=0.5)
    assert two.pace(1) == 1
    assert two.pace(2) == pytest.approx(2 / 3)
    assert done(simulate(runs([2]), two)) == [2.15]
    assert done(simulate(runs([2], [2]), two)) == [3.15, 3.15]
    # Both until 3, by when the second has done 2 of 4; then it has the cores to itself.
    assert done(simulate(runs([2], [4]), two)) == [3.15, 5.15]


def test_pages_take_their_time_from_the_workers() -> None:
    """Two pages look every 0.3 s, each time for 75 ms of a core: that leaves 1.5 cores for three."""
    two = Machine(speed=1, workers=2, cores=2, spread=0.5)
    looked_at = simulate(runs([3], [3]), two, Pages(look=0.075))
    assert done(looked_at) == [6.15, 6.15]
    assert looked_at.web == pytest.approx(0.5)
    # As much for slices: each takes 0.75 of a core's second from 3 that it takes of a worker's.
    kept = simulate(runs([3], [3]), two, Pages(slice=0.75))
    assert done(kept) == pytest.approx([5.4, 5.4], abs=0.3)


def test_other_programs_take_their_share_too() -> None:
    assert Machine(1, 2, 2, 0.5, taken=1).pace(2) == pytest.approx(1 / 3)
    assert Machine(1, 2, 2, 0.5, taken=99).pace(2) > 0, "something is left even then"


def test_presses_share_the_one_core_of_the_web_process() -> None:
    """Two at 0 take a second each, so both are answered at 2. A third at 1.5 keeps them until 2.25, when it
    has had a quarter of its own second, and is answered at 3."""
    jobs = [Job((0.1,)), Job((0.1,)), Job((0.1,), pressed=5)]
    assert done(simulate(jobs, alone(3), Pages(press=1))) == pytest.approx([2.25, 2.25, 6.25])
    jobs[2] = Job((0.1,), pressed=1.5)
    assert done(simulate(jobs, alone(3), Pages(press=1))) == pytest.approx([2.5, 2.5, 3.25])
    busy = simulate([Job((0.1,))], alone(1), Pages(press=1, beside=0.5))
    assert done(busy) == pytest.approx([2.25]), "open pages take half of the core"


def test_who_presses_later_comes_behind_those_that_are_there() -> None:
    # The first 0-1, 1-2, then by turns: 2-3 the one, 3-4 the other.
    jobs = [Job((1, 1, 1, 1)), Job((1, 1), pressed=1.5)]
    assert done(simulate(jobs, alone(1))) == [6.15, 5.15]


def test_what_is_in_the_queue_already_is_not_pressed_any_more() -> None:
    simulated = simulate([Job((1, 1), pressed=None), Job((1,))], alone(1), Pages(press=0.5))
    assert done(simulated) == [3.15, 2.15]


def test_a_page_looks_less_often_among_many() -> None:
    many = simulate(runs(*[[1, 1]] * 30), alone(1))
    assert poll_seconds(30) == 1.2
    last = many.waits[-1]
    assert (last.first_point, last.done) == pytest.approx((30.6, 60.6))


def test_no_run_at_all_takes_no_time() -> None:
    assert simulate([], alone(1)) == Simulated((), 0.0, 0.0)


def finishes(driver: Driver, workers: int, recipes: Sequence[TrainingConfig], speed: float) -> list[float]:
    """When the state machine's runs are over: its workers take what it submits in that order, and compute for
    as long as a slice has FLOP."""
    ids = [driver.submit(f"visitor {number}", recipe) for number, recipe in enumerate(recipes)]
    over, ends = dict[str, float](), dict[int, float]()
    while driver.in_flight:
        for attempt in driver.in_flight:
            if attempt.number not in ends and len(ends) < workers:
                before = driver.schedule.runs[attempt.run_id].done
                ends[attempt.number] = driver.now + turns(attempt.config, before)[0] / speed
        number = min(ends, key=lambda number: (ends[number], number))
        driver.now = ends.pop(number)
        index = next(index for index, attempt in enumerate(driver.in_flight) if attempt.number == number)
        run_id = driver.in_flight[index].run_id
        driver.complete(index)
        if driver.see(run_id).state.is_over:
            over[run_id] = driver.now
    return [over[run_id] for run_id in ids]


_MIXED = [
    TINY,
    TINY.with_changes(epochs=7),
    TrainingConfig(epochs=2),
    TrainingConfig(epochs=3, hidden_layers=(512, 256)),
    TrainingConfig(epochs=1, train_share=0.1),
]


@pytest.mark.parametrize("workers", [1, 2, 3, 8])
@pytest.mark.parametrize("recipes", [[TINY], [TINY] * 10, _MIXED, [*_MIXED, *_MIXED[::-1]]])
def test_it_takes_turns_as_the_runner_does(
    workers: int, recipes: list[TrainingConfig], monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the moment, where pages show at once what has come."""
    monkeypatch.setattr("runs.queue_simulation.poll_seconds", lambda _runs: 1e-9)
    speed = 1e11
    machine = Machine(speed, workers, cores=100, spread=0)
    simulated = simulate([Job(turns(recipe)) for recipe in recipes], machine)
    expected = finishes(Driver(workers), workers, recipes, speed)
    assert [wait.done for wait in simulated.waits] == pytest.approx(expected, abs=1e-6)


def test_turns_are_the_slices_of_a_run() -> None:
    config = TrainingConfig(epochs=3, hidden_layers=(512, 256))
    done_parts, part = [], None
    while part := next_slice(config, part):
        done_parts.append(part)
    whole = turns(config)
    assert len(whole) == len(done_parts)
    assert sum(whole) > flops(config, 3), "measuring and handing over take their time, too"
    for number, part in enumerate(done_parts):
        assert turns(config, part) == whole[number + 1 :]


def test_an_untrained_network_costs_little() -> None:
    first, trained, *_ = turns(TrainingConfig(epochs=1))
    assert first < trained / 2
