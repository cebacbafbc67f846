"""Whether a guess held: inside the spread of the seeds nobody can tell."""

from math import atan, inf, nan, pi

import numpy as np
import pytest

from model.evaluation.hypothesis import ACCURACY_MARGIN, Guess, Observation, Verdict, judge, observe

_A = [0.950, 0.952, 0.951]


def _verdicts(seen: Observation, margin: float = ACCURACY_MARGIN) -> list[Verdict]:
    """For "higher", "lower" and "about the same"."""
    return [judge(guess, seen, margin) for guess in (Guess.HIGHER, Guess.LOWER, Guess.SAME)]


def test_a_difference_is_taken_seed_by_seed() -> None:
    # Either variant alone sways by a tenth; with the same seed B is always better by about as much.
    seen = observe([0.80, 0.90, 0.85], [0.82, 0.921, 0.871])
    assert seen.differences == pytest.approx((0.02, 0.021, 0.021))
    assert seen.difference == pytest.approx(0.062 / 3)
    assert seen.spread == pytest.approx(0.001)
    assert (seen.low, seen.high) == pytest.approx((0.059 / 3, 0.065 / 3))
    assert _verdicts(seen) == [Verdict.RIGHT, Verdict.WRONG, Verdict.WRONG]


def test_what_is_higher_the_other_way_round_is_lower() -> None:
    seen = observe([0.82, 0.921, 0.871], [0.80, 0.90, 0.85])
    assert _verdicts(seen) == [Verdict.WRONG, Verdict.RIGHT, Verdict.WRONG]


@pytest.mark.parametrize(
    "differences",
    [
        [0.01, -0.01, 0.02],
        # All three for the better, and still their mean of 0.02 is less than the 0.03 between them.
        [0.01, 0.01, 0.04],
        # Just as large as the spread, however floats round it.
        [0.01, 0.02, 0.03],
        [-0.01, -0.02, -0.03],
    ],
)
def test_a_difference_inside_the_spread_of_the_seeds_cannot_be_told(differences: list[float]) -> None:
    seen = observe(_A, [a + more for a, more in zip(_A, differences, strict=True)])
    assert _verdicts(seen) == [Verdict.CANNOT_TELL] * 3


def test_a_hair_outside_the_spread_is_told() -> None:
    seen = observe(_A, [0.950 + 0.0101, 0.952 + 0.0200, 0.951 + 0.0300])
    assert _verdicts(seen) == [Verdict.RIGHT, Verdict.WRONG, Verdict.CANNOT_TELL]


def test_about_the_same_takes_a_small_difference_and_a_small_spread() -> None:
    close = observe(_A, [0.951, 0.951, 0.951])
    assert _verdicts(close) == [Verdict.CANNOT_TELL, Verdict.CANNOT_TELL, Verdict.RIGHT]
    wide = observe(_A, [0.958, 0.944, 0.951])
    assert judge(Guess.SAME, wide) == Verdict.CANNOT_TELL


def test_the_margin_itself_is_still_about_the_same_and_can_be_chosen() -> None:
    seen = observe([0.9, 0.9], [0.905, 0.905])
    assert judge(Guess.SAME, seen) == Verdict.RIGHT
    assert judge(Guess.SAME, seen, margin=0.004) == Verdict.WRONG
    # Better by a hair, and about the same: both are true.
    assert judge(Guess.HIGHER, seen) == Verdict.RIGHT


def test_runs_that_end_alike_are_about_the_same_and_neither_higher_nor_lower() -> None:
    assert _verdicts(observe(_A, _A)) == [Verdict.CANNOT_TELL, Verdict.CANNOT_TELL, Verdict.RIGHT]


@pytest.mark.parametrize(
    ("interval", "verdicts"),
    [
        ((0.010, 0.020), [Verdict.RIGHT, Verdict.WRONG, Verdict.WRONG]),
        ((-0.020, -0.010), [Verdict.WRONG, Verdict.RIGHT, Verdict.WRONG]),
        ((-0.004, 0.004), [Verdict.CANNOT_TELL, Verdict.CANNOT_TELL, Verdict.RIGHT]),
        ((-0.004, 0.009), [Verdict.CANNOT_TELL] * 3),
        ((0.001, 0.009), [Verdict.RIGHT, Verdict.WRONG, Verdict.CANNOT_TELL]),
    ],
)
def test_of_one_seed_the_interval_over_test_images_decides(
    interval: tuple[float, float], verdicts: list[Verdict]
) -> None:
    seen = observe([0.95], [0.955], of_images=interval)
    assert seen.spread is None
    assert (seen.low, seen.high) == interval
    assert _verdicts(seen) == verdicts


def test_one_seed_alone_tells_nothing() -> None:
    seen = observe([0.1], [0.9])
    assert (seen.low, seen.high) == (-inf, inf)
    assert _verdicts(seen) == [Verdict.CANNOT_TELL] * 3


def test_with_more_seeds_their_spread_decides_and_not_the_test_images() -> None:
    seen = observe([0.95, 0.95], [0.96, 0.962], of_images=(-0.5, 0.5))
    assert judge(Guess.HIGHER, seen) == Verdict.RIGHT


def test_losses_are_judged_by_their_size_not_by_what_is_better() -> None:
    seen = observe([0.17, 0.18, 0.16], [0.09, 0.10, 0.10])
    assert _verdicts(seen) == [Verdict.WRONG, Verdict.RIGHT, Verdict.WRONG]


@pytest.mark.parametrize(("seeds", "chance"), [(2, 1 - 2 / pi * atan(2)), (3, 1 / 12)])
def test_where_nothing_differs_but_the_seeds_a_difference_is_seen_as_often_as_is_said(
    seeds: int, chance: float
) -> None:
    rng = np.random.default_rng(0)
    figures = rng.normal(0.95, 0.002, (8_000, 2, seeds)).tolist()
    seen = [observe(a, b) for a, b in figures]
    told = [judge(Guess.HIGHER, one) != Verdict.CANNOT_TELL for one in seen]
    assert np.mean(told) == pytest.approx(chance, abs=0.02)


@pytest.mark.parametrize(
    ("first", "second"), [([], []), ([0.9], [0.9, 0.9]), ([0.9] * 4, [0.9] * 4), ([0.9], [nan])]
)
def test_figures_that_do_not_pair_up_or_are_no_numbers_are_refused(
    first: list[float], second: list[float]
) -> None:
    with pytest.raises(ValueError, match="figures"):
        observe(first, second)
