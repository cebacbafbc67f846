"""The softmax, step by step, held against SciPy's and against the network's own."""

import numpy as np
import pytest
from scipy import special

from model.data import mnist
from model.evaluation.calibration import calibrated
from model.explain.softmax_steps import softmax_steps
from model.inference import logits, probabilities
from testing.networks import made_up

SUMS = np.array([2.5, -1, 0, 7.25, 3, -4, 0.5, 1, 6, -2], np.float32)


@pytest.mark.parametrize("temperature", [0.1, 0.5, 1, 2.5, 10, 1e6])
def test_every_step_is_what_it_says(temperature: float) -> None:
    steps = softmax_steps(SUMS, temperature)
    exact = SUMS.astype(np.float64) / temperature
    np.testing.assert_array_equal(steps.logits, SUMS)
    np.testing.assert_allclose(steps.scaled, exact, rtol=1e-6)
    assert steps.largest == pytest.approx(exact.max())
    np.testing.assert_allclose(steps.shifted, exact - exact.max(), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(steps.exponentials, np.exp(exact - exact.max()), rtol=1e-5, atol=1e-30)
    assert steps.exponentials.max() == 1
    assert steps.total == pytest.approx(np.exp(exact - exact.max()).sum())
    np.testing.assert_allclose(steps.probabilities, special.softmax(exact), rtol=1e-5, atol=1e-30)
    assert steps.probabilities.dtype == np.float32


def test_the_end_is_to_the_bit_what_the_network_says() -> None:
    network, image = made_up((16,)), mnist.load("test").images[:1]
    sums = logits(network, image)[0]
    np.testing.assert_array_equal(softmax_steps(sums).probabilities, probabilities(network, image)[0])
    np.testing.assert_array_equal(softmax_steps(sums, 1.7).probabilities, calibrated(sums[None], 1.7)[0])


def test_near_0_the_largest_takes_all_and_far_above_all_are_alike() -> None:
    cold, warm = softmax_steps(SUMS, 0.01).probabilities, softmax_steps(SUMS, 1e6).probabilities
    assert cold.tolist() == [0, 0, 0, 1, *[0] * 6]
    np.testing.assert_allclose(warm, 0.1, atol=1e-5)


def test_huge_logits_overflow_nowhere() -> None:
    with np.errstate(over="raise", invalid="raise"):
        steps = softmax_steps(SUMS * np.float32(1e4), 0.1)
    assert np.isfinite(steps.exponentials).all()
    assert steps.probabilities.sum() == 1


@pytest.mark.parametrize("temperature", [0, -1, np.inf, np.nan])
def test_a_temperature_is_a_number_above_0(temperature: float) -> None:
    with pytest.raises(ValueError, match="temperature"):
        softmax_steps(SUMS, temperature)


def test_the_steps_are_locked_and_the_callers_logits_are_not() -> None:
    mine = SUMS.copy()
    steps = softmax_steps(mine)
    arrays = (steps.logits, steps.scaled, steps.shifted, steps.exponentials, steps.probabilities)
    assert not any(array.flags.writeable for array in arrays)
    mine[0] = 100
    assert steps.logits[0] == SUMS[0]
