"""What a page says a visitor or a class would wait, from the runs that are there."""

from dataclasses import replace

import pytest

from model.config import TrainingConfig
from model.slices import turns
from runs import expected_wait
from runs.events import OthersSeen
from runs.expected_wait import expected_waits
from runs.schedule import Crowd, Schedule
from testing.driver import Driver

SEED = TrainingConfig(epochs=5)
SPEED = 140e9


@pytest.fixture(autouse=True)
def _two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expected_wait, "cores", lambda: 2)


def measured(driver: Driver, crowd: Crowd | None = None, speed: float = SPEED) -> Schedule:
    return replace(driver.schedule, speed=speed, crowd=crowd or Crowd())


def of_class(schedule: Schedule, pupils: int) -> float:
    new = {f"pupil {number}": SEED for number in range(pupils)}
    return max(wait.done for wait in expected_waits(schedule, new, pupils))


def of_ada(schedule: Schedule) -> float:
    [wait] = expected_waits(schedule, {"ada": SEED}, 1)
    return wait.done


def test_nothing_is_expected_before_any_measurement() -> None:
    assert expected_waits(Driver().schedule, {"ada": SEED}, 1) == ()


def test_a_lone_run_takes_its_own_time() -> None:
    expected = sum(turns(SEED)) / SPEED
    assert of_ada(measured(Driver(workers=2))) == pytest.approx(expected, rel=0.25)


def test_a_class_waits_as_it_did_where_it_was_measured() -> None:
    """On two cores, until the last page said so: the means of three classes each, as benchmarks.capacity
    had them."""
    assert of_class(measured(Driver(workers=2)), 10) == pytest.approx(13.7, rel=0.15)
    assert of_class(measured(Driver(workers=2)), 30) == pytest.approx(47.8, rel=0.15)


def test_a_visitor_waits_for_the_own_runs_and_takes_turns_with_others() -> None:
    driver = Driver(workers=1)
    alone = of_ada(measured(driver))
    driver.submit("bob", SEED)
    among_two = of_ada(measured(driver))
    assert among_two == pytest.approx(2 * alone, rel=0.2)
    driver.submit("ada", SEED)
    assert of_ada(measured(driver)) == pytest.approx(3 * alone, rel=0.2)
    driver.submit("bob", SEED)
    assert of_ada(measured(driver)) == pytest.approx(4 * alone, rel=0.2)


def test_what_a_run_has_done_is_not_waited_for() -> None:
    driver = Driver(workers=1)
    driver.submit("bob", SEED)
    before = of_ada(measured(driver))
    for _ in range(8):
        driver.complete()
    assert of_ada(measured(driver)) < 0.75 * before


def test_a_speed_that_was_measured_in_a_crowd_says_the_same_as_one_of_a_lone_run() -> None:
    driver = Driver(workers=2)
    in_a_crowd = measured(driver, Crowd(busy=2, at_work=30), speed=0.42 * SPEED)
    assert of_class(in_a_crowd, 30) == pytest.approx(of_class(measured(driver), 30), rel=0.1)


def test_workers_elsewhere_take_nothing_from_each_other() -> None:
    schedule = measured(Driver(workers=2), Crowd(busy=2, at_work=30))
    new = {f"pupil {number}": SEED for number in range(10)}
    last = max(wait.done for wait in expected_waits(schedule, new, 10, elsewhere=True))
    assert last == pytest.approx(5 * sum(turns(SEED)) / SPEED, rel=0.05)


def test_what_other_servers_compute_in_the_same_workers_is_waited_for() -> None:
    """Turns are shared equally, so a run that is a hundred times as long costs as much as the own one."""
    driver, own = Driver(workers=1), sum(turns(SEED))
    alone = of_ada(measured(driver))
    driver.tell(OthersSeen(flops_left=(own / 2, 100 * own)))
    assert of_ada(measured(driver)) == pytest.approx(alone * 2.5, rel=0.15)


def test_long_runs_cost_a_short_one_no_more_than_its_own_turns() -> None:
    """And what they cost takes no longer to compute."""
    driver = Driver(workers=2)
    for number in range(30):
        driver.submit(f"visitor {number}", SEED.with_changes(epochs=100))
    among_long = of_ada(measured(driver))
    driver = Driver(workers=2)
    for number in range(30):
        driver.submit(f"visitor {number}", SEED)
    assert among_long == pytest.approx(of_ada(measured(driver)), rel=0.1)


def test_many_turns_are_simulated_several_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    schedule = measured(Driver(workers=2))
    new = {f"pupil {number}": SEED.with_changes(epochs=100) for number in range(30)}
    in_pieces = expected_waits(schedule, new, 30)
    monkeypatch.setattr(expected_wait, "_MAX_TURNS", 10**6)
    exact = expected_waits(schedule, new, 30)
    assert [wait.done for wait in in_pieces] == pytest.approx([wait.done for wait in exact], rel=0.15)
