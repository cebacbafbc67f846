"""The values of the Evaluate page, held against scikit-learn and against counting one by one."""

import numpy as np
import pytest
from sklearn import metrics
from sklearn.calibration import calibration_curve

from model.config import Activation
from model.data import mnist
from model.data.mnist import LabelledImages
from model.evaluation.calibration import calibration_error
from model.evaluation.metrics import Evaluation, digit_scores, evaluate, images_of_cell, interval
from model.evaluation.reliability import confidence_histogram, coverage, coverage_curve, reliability_curve
from model.inference import Network, logits, softmax
from model.starter import recording


@pytest.fixture(scope="module")
def result() -> Evaluation:
    """The lesson's network on the test images."""
    return evaluate(recording.load().network, mnist.load("test"))


def _answering(brightness: list[int], labels: list[int], strength: float = 10) -> Evaluation:
    """Images whose pixel 1 is this bright, so that the answer is 1, the surer the brighter; 0 if dark."""
    images = np.zeros((len(labels), 784), np.uint8)
    images[:, 1] = brightness
    kernel = np.eye(784, 10, dtype=np.float32) * np.float32(strength)
    network = Network.from_arrays((kernel, np.zeros(10, np.float32)), Activation.RELU)
    return evaluate(network, LabelledImages(images, np.array(labels, np.uint8)))


def test_confusion_loss_and_accuracy_are_scikit_learns(result: Evaluation) -> None:
    np.testing.assert_array_equal(result.confusion, metrics.confusion_matrix(result.labels, result.predicted))
    assert result.accuracy == metrics.accuracy_score(result.labels, result.predicted)
    assert result.loss == pytest.approx(metrics.log_loss(result.labels, result.probabilities), rel=1e-5)


def test_the_interval_of_the_accuracy_is_that_of_the_images_answered_rightly() -> None:
    assert _answering([255, 255, 0, 0], [1, 2, 0, 0]).accuracy_interval == interval(3, 4)


def test_probabilities_are_kept_for_every_image_read_only_and_in_single_precision(result: Evaluation) -> None:
    assert result.probabilities.shape == (10_000, 10)
    assert result.probabilities.dtype == result.cross_entropy.dtype == np.float32
    np.testing.assert_array_equal(result.predicted, result.probabilities.argmax(axis=1))
    np.testing.assert_array_equal(result.confidence, result.probabilities.max(axis=1))
    of_label = result.probabilities[np.arange(10_000), result.labels]
    np.testing.assert_allclose(result.cross_entropy, -np.log(of_label), rtol=1e-3, atol=1e-6)
    for array in (result.probabilities, result.cross_entropy, result.labels):
        assert not array.flags.writeable


def test_images_that_are_measured_in_passes_are_all_there_and_in_order(result: Evaluation) -> None:
    at_once = softmax(logits(recording.load().network, mnist.load("test").images))
    np.testing.assert_allclose(result.probabilities, at_once, atol=1e-6)


def test_the_callers_labels_stay_the_callers() -> None:
    labels = np.array([1, 2], np.uint8)
    images = LabelledImages(np.zeros((2, 784), np.uint8), labels)
    network = Network.from_arrays(
        (np.zeros((784, 10), np.float32), np.zeros(10, np.float32)), Activation.RELU
    )
    result = evaluate(network, images)
    labels[0] = 7
    assert result.labels.tolist() == [1, 2]


def test_the_cross_entropy_of_an_impossible_label_is_large_but_not_endless() -> None:
    result = _answering([255], [3], strength=1000)
    assert result.probabilities[0, 3] == 0
    assert result.cross_entropy.tolist() == [1000]
    assert result.loss == 1000


def test_precision_recall_and_f1_are_scikit_learns(result: Evaluation) -> None:
    found = digit_scores(result.confusion)
    expected = metrics.precision_recall_fscore_support(result.labels, result.predicted, labels=range(10))
    for ours, theirs in zip((found.precision, found.recall, found.f1, found.images), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_a_digit_that_is_never_answered_or_never_shown_scores_nothing_and_not_nan() -> None:
    # 1 is answered for 1, 2 and 5; 0 for 4 and 1. 2 and 4 are never answered, 0 never shown, 9 neither.
    result = _answering([255, 255, 0, 255, 0], [1, 2, 4, 5, 1])
    found = digit_scores(result.confusion)
    expected = metrics.precision_recall_fscore_support(
        result.labels, result.predicted, labels=range(10), zero_division=0
    )
    with np.errstate(all="raise"):
        for ours, theirs in zip(
            (found.precision, found.recall, found.f1, found.images), expected, strict=True
        ):
            np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    assert (found.precision[1], found.recall[1], found.f1[1]) == pytest.approx((1 / 3, 1 / 2, 2 / 5))
    assert found.precision[9] == found.recall[9] == found.f1[9] == 0


def test_every_image_is_in_the_one_cell_that_counts_it(result: Evaluation) -> None:
    seen = []
    for truth in range(10):
        for answer in range(10):
            images = images_of_cell(result, truth, answer)
            assert len(images) == result.confusion[truth, answer]
            assert (result.labels[images] == truth).all()
            assert (result.predicted[images] == answer).all()
            assert (np.diff(result.confidence[images]) <= 0).all()
            seen += images.tolist()
    assert sorted(seen) == list(range(10_000))


def test_the_images_of_a_cell_begin_with_the_most_confident_one() -> None:
    result = _answering([100, 255, 0, 200, 255], [3, 3, 3, 3, 1])
    assert images_of_cell(result, 3, 1).tolist() == [1, 3, 0]
    assert images_of_cell(result, 3, 0).tolist() == [2]
    assert images_of_cell(result, 8, 8).tolist() == []


def test_the_histogram_counts_each_image_once_and_tells_right_from_wrong(result: Evaluation) -> None:
    histogram = confidence_histogram(result, bins=10)
    assert histogram.edges == pytest.approx(np.arange(11) / 10)
    assert (histogram.correct + histogram.wrong).sum() == 10_000
    assert histogram.wrong.sum() == len(result.misclassified)
    sure = result.confidence >= 0.9
    assert histogram.correct[-1] == (sure & (result.predicted == result.labels)).sum()
    assert histogram.wrong[-1] == (sure & (result.predicted != result.labels)).sum()


def test_full_confidence_falls_into_the_last_bin() -> None:
    result = _answering([255, 255], [1, 2], strength=1000)
    assert result.confidence.tolist() == [1, 1]
    histogram, curve = confidence_histogram(result), reliability_curve(result)
    assert (histogram.correct[-1], histogram.wrong[-1]) == (1, 1)
    assert (curve.count[-1], curve.accuracy[-1], curve.confidence[-1]) == (2, 0.5, 1)


def test_the_reliability_curve_is_scikit_learns(result: Evaluation) -> None:
    curve = reliability_curve(result)
    right = result.labels == result.predicted
    accuracy, confidence = calibration_curve(right, result.confidence, n_bins=len(curve.count))
    some = curve.count > 0
    assert curve.count.sum() == 10_000
    assert 5 < some.sum() < len(some)
    np.testing.assert_allclose(curve.accuracy[some], accuracy, rtol=1e-6)
    np.testing.assert_allclose(curve.confidence[some], confidence, rtol=1e-6)
    assert (curve.accuracy[~some] == 0).all()


def test_the_calibration_error_is_the_distance_that_the_curve_shows(result: Evaluation) -> None:
    curve = reliability_curve(result)
    shown = np.average(np.abs(curve.accuracy - curve.confidence), weights=curve.count)
    assert curve.error == pytest.approx(shown, abs=1e-7)
    assert curve.error == calibration_error(result.probabilities, result.labels)
    assert curve.error > 0.001
    inside = curve.confidence[curve.count > 0]
    low, high = curve.edges[:-1][curve.count > 0], curve.edges[1:][curve.count > 0]
    assert ((low - 1e-6 <= inside) & (inside <= high + 1e-6)).all()


@pytest.mark.parametrize("threshold", [0.0, 0.5, 0.9, 0.999])
def test_coverage_counts_the_answers_that_are_sure_enough(result: Evaluation, threshold: float) -> None:
    sure = [number for number, confidence in enumerate(result.confidence) if confidence >= threshold]
    right = sum(result.labels[number] == result.predicted[number] for number in sure)
    found = coverage(result, threshold)
    assert (found.images, found.answered, found.correct) == (10_000, len(sure), right)
    assert found.share == len(sure) / 10_000
    assert found.accuracy == right / len(sure)


def test_a_network_that_never_answers_has_no_accuracy(result: Evaluation) -> None:
    found = coverage(result, 1.1)
    assert (found.share, found.answered) == (0, 0)
    assert found.accuracy is None


def test_keeping_silent_when_unsure_makes_the_answers_better(result: Evaluation) -> None:
    few = coverage(result, 0.9)
    assert few.accuracy is not None
    assert few.accuracy > result.accuracy + 0.02
    assert few.share > 0.7


def test_every_point_of_the_coverage_curve_is_the_coverage_at_its_threshold(result: Evaluation) -> None:
    curve = coverage_curve(result)
    assert len(curve.thresholds) == 200
    assert (np.diff(curve.thresholds) > 0).all()
    assert curve.share[0] == 1
    assert curve.accuracy[0] == result.accuracy
    assert curve.thresholds[-1] == result.confidence.max()
    for threshold, share, accuracy in zip(curve.thresholds, curve.share, curve.accuracy, strict=True):
        found = coverage(result, float(threshold))
        assert (share, accuracy) == (found.share, found.accuracy)


def test_images_of_equal_confidence_are_answered_together() -> None:
    result = _answering([255, 200, 200, 200], [1, 1, 2, 1])
    curve = coverage_curve(result)
    assert curve.share.tolist() == [1, 0.25]
    assert curve.accuracy.tolist() == [0.75, 1]
