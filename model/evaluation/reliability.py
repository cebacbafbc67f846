"""How far a network's confidence can be trusted: where it is right, where it is wrong, and what
is left if it may keep silent."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.evaluation.calibration import BINS, calibration_error
from model.evaluation.metrics import Evaluation

_HISTOGRAM_BINS = 20
_CURVE_POINTS = 200


@dataclass(frozen=True)
class ConfidenceHistogram:
    """How many images had which confidence: ``edges`` float64 (bins + 1,) from 0 to 1, ``correct`` and
    ``wrong`` int64 (bins,). A bin holds its lower edge, the last one its upper edge too."""

    edges: NDArray[np.float64]
    correct: NDArray[np.int64]
    wrong: NDArray[np.int64]


@dataclass(frozen=True)
class ReliabilityCurve:
    """Confidence against accuracy in bins of equal width; a calibrated network's are equal in each.

    ``edges`` float64 (16,) from 0 to 1; ``count`` int64 (15,), the images in each bin. ``confidence``
    and ``accuracy`` float64 (15,), 0-1, are their means, 0 in an empty bin. ``error`` is the expected
    calibration error, 0-1: their distance averaged over all images.
    """

    edges: NDArray[np.float64]
    count: NDArray[np.int64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    error: float


@dataclass(frozen=True)
class Coverage:
    """What is left if a network answers only from a confidence of ``threshold`` on.

    ``answered`` of ``images`` are answered, ``correct`` of them correctly.
    """

    threshold: float
    images: int
    answered: int
    correct: int

    @property
    def share(self) -> float:
        """The coverage: the share of the images that are answered, 0-1."""
        return self.answered / self.images

    @property
    def accuracy(self) -> float | None:
        """The share of the answered that are correct, 0-1; ``None`` where there are none."""
        return self.correct / self.answered if self.answered else None


@dataclass(frozen=True)
class CoverageCurve:
    """``Coverage`` at many thresholds, from all images down to the most confident ones.

    All float64 (points,): ``thresholds`` rising, ``share`` falling from 1, ``accuracy`` 0-1.
    """

    thresholds: NDArray[np.float64]
    share: NDArray[np.float64]
    accuracy: NDArray[np.float64]


def confidence_histogram(result: Evaluation, bins: int = _HISTOGRAM_BINS) -> ConfidenceHistogram:
    """The images of ``result`` by their confidence, correct and wrong predictions apart."""
    correct, edges = np.histogram(result.confidence[result.correct], bins, (0.0, 1.0))
    wrong, _ = np.histogram(result.confidence[~result.correct], bins, (0.0, 1.0))
    return ConfidenceHistogram(edges.astype(np.float64), correct, wrong)


def reliability_curve(result: Evaluation) -> ReliabilityCurve:
    """The reliability diagram of ``result`` (Guo et al. 2017), in the bins of its calibration error."""
    bins = np.minimum((result.confidence * BINS).astype(int), BINS - 1)
    count = np.bincount(bins, minlength=BINS)

    def mean(values: NDArray[np.float32] | NDArray[np.bool_]) -> NDArray[np.float64]:
        sums = np.bincount(bins, weights=values, minlength=BINS)
        return np.asarray(sums / np.maximum(count, 1), np.float64)

    return ReliabilityCurve(
        edges=np.linspace(0, 1, BINS + 1),
        count=count,
        confidence=mean(result.confidence),
        accuracy=mean(result.correct),
        error=calibration_error(result.probabilities, result.labels),
    )


def coverage(result: Evaluation, threshold: float) -> Coverage:
    """What is left of ``result`` if less confidence than ``threshold`` means no answer."""
    answered = result.confidence >= threshold
    correct = int(np.count_nonzero(answered & result.correct))
    return Coverage(threshold, len(answered), int(np.count_nonzero(answered)), correct)


def coverage_curve(result: Evaluation, points: int = _CURVE_POINTS) -> CoverageCurve:
    """Coverage against accuracy (El-Yaniv and Wiener 2010), at most ``points`` of it.

    The thresholds are confidences that occur, so each answers something; images of equal confidence
    are answered together.
    """
    order = np.argsort(-result.confidence, kind="stable")
    confidence = result.confidence[order]
    correct = np.cumsum(result.correct[order])
    last_of_equals = np.flatnonzero(np.append(confidence[1:] != confidence[:-1], True))
    few = np.linspace(len(last_of_equals) - 1, 0, min(points, len(last_of_equals))).astype(int)
    ends = last_of_equals[few]
    return CoverageCurve(
        thresholds=confidence[ends].astype(np.float64),
        share=(ends + 1) / len(order),
        accuracy=correct[ends] / (ends + 1),
    )
