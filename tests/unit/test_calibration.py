"""Temperature, evidence and calibration error, against what is known about made-up networks."""

import numpy as np
import pytest
from scipy import special

from model.evaluation.calibration import calibrated, calibration_error, evidence, fit_temperature


def _made_up(temperature: float, count: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    """Logits that are ``temperature`` times too large, and labels drawn from the true probabilities."""
    rng = np.random.default_rng(0)
    true = rng.normal(0, 2, (count, 10))
    chances = special.softmax(true, axis=1)
    labels = (rng.random((count, 1)) > chances.cumsum(axis=1)).sum(axis=1).clip(0, 9)
    return (true * temperature).astype(np.float32), labels.astype(np.uint8)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_temperature_that_made_a_network_too_sure_is_found_again(temperature: float) -> None:
    assert fit_temperature(*_made_up(temperature)) == pytest.approx(temperature, rel=0.05)


def test_calibration_makes_the_error_small_and_changes_no_answer() -> None:
    logits, labels = _made_up(3.0)
    plain, mended = calibrated(logits, 1.0), calibrated(logits, fit_temperature(logits, labels))
    assert calibration_error(plain, labels) > 0.1
    assert calibration_error(mended, labels) < 0.02
    np.testing.assert_array_equal(plain.argmax(axis=1), mended.argmax(axis=1))


def test_the_calibration_error_of_a_small_example_is_the_one_by_hand() -> None:
    sure = np.full((4, 10), 0.05 / 9)
    sure[:, 0] = 0.95
    unsure = np.full((2, 10), 0.45 / 9)
    unsure[:, 0] = 0.55
    labels = np.array([0, 0, 0, 1, 0, 1], np.uint8)
    expected = 4 / 6 * abs(0.75 - 0.95) + 2 / 6 * abs(0.5 - 0.55)
    found = calibration_error(np.concatenate([sure, unsure]).astype(np.float32), labels)
    assert found == pytest.approx(expected, abs=1e-6)


def test_evidence_is_the_log_of_the_sum_of_exponentials_without_overflow() -> None:
    logits = np.array([[0.0] * 10, [1000.0] + [0.0] * 9], np.float32)
    np.testing.assert_allclose(evidence(logits), [np.log(10), 1000], rtol=1e-6)
