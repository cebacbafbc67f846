"""How good a network is on labelled images, and where it fails."""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from model.config import CLASSES
from model.data.mnist import LabelledImages
from model.inference import Network, cross_entropy, l2_penalty, logits, softmax

# Images a pass: every layer's values of 60,000 images at once would take 700 MB with four layers of
# 512, and a third more time than so few, whose values stay in the cache.
_AT_ONCE = 2_000
# How often an interval holds what it is about, 0-1.
LEVEL = 0.95
# So many standard errors to either side hold it, of what is normally distributed.
TWO_SIDED = NormalDist().inv_cdf((1 + LEVEL) / 2)

Interval = tuple[float, float]


@dataclass(frozen=True)
class Evaluation:
    """A network measured on N images; all arrays are read-only.

    ``loss``: mean cross-entropy in nats plus the L2 penalty, as Keras' ``evaluate``; ``accuracy``
    0-1. ``confusion`` int64 (10, 10): rows are the true digits, columns the predicted ones.
    ``labels`` uint8 (N,); ``predicted`` int64 (N,); ``confidence`` float32 (N,), its probability.
    ``misclassified`` int64: the indices of the images predicted wrongly, the most confident first.
    ``probabilities`` float32 (N, 10), rows summing to 1; ``cross_entropy`` float32 (N,), in nats, of
    each image: it stays finite where the label's probability is too small for a float32.
    """

    loss: float
    accuracy: float
    confusion: NDArray[np.int64]
    labels: NDArray[np.uint8]
    predicted: NDArray[np.int64]
    confidence: NDArray[np.float32]
    misclassified: NDArray[np.int64]
    probabilities: NDArray[np.float32]
    cross_entropy: NDArray[np.float32]

    @property
    def correct(self) -> NDArray[np.bool_]:
        """Which images were predicted correctly, bool (N,)."""
        correct: NDArray[np.bool_] = self.predicted == self.labels
        return correct

    @property
    def accuracy_interval(self) -> Interval:
        """The interval of the accuracy (see ``interval``), within 0-1.

        Raises:
            ValueError: there are no images.
        """
        count = len(self.labels)
        return interval(count - len(self.misclassified), count)

    @property
    def score(self) -> list[float]:
        """``[loss, accuracy]``, as Keras gives it."""
        return [self.loss, self.accuracy]


@dataclass(frozen=True)
class DigitScores:
    """Per digit, each (10,): ``precision``, ``recall`` and ``f1`` float64 0-1, ``images`` int64.

    Precision is the share of its predictions that are correct, recall the share of its images that are
    found, F1 their harmonic mean. Where that is 0/0, as the precision of a digit that was never
    predicted or the recall of one without images, it is 0.
    """

    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    f1: NDArray[np.float64]
    images: NDArray[np.int64]


def evaluate(network: Network, data: LabelledImages, l2: float = 0.0) -> Evaluation:
    """Measure ``network`` on all of ``data``; ``l2`` is the penalty that it was trained with."""
    starts = range(0, len(data), _AT_ONCE)
    scores = np.concatenate([logits(network, data.images[first : first + _AT_ONCE]) for first in starts])
    probabilities = softmax(scores)
    predicted = probabilities.argmax(axis=1)
    confidence = probabilities.max(axis=1)
    losses = cross_entropy(scores, data.labels)
    confusion = np.zeros((CLASSES, CLASSES), np.int64)
    np.add.at(confusion, (data.labels, predicted), 1)
    misclassified = _most_confident_first(predicted != data.labels, confidence)
    # A copy, since the caller's own array is not ours to lock.
    labels = data.labels.copy()
    for array in (confusion, labels, predicted, confidence, misclassified, probabilities, losses):
        array.setflags(write=False)
    return Evaluation(
        loss=float(losses.mean(dtype=np.float64)) + l2_penalty(network, l2),
        accuracy=float(np.mean(predicted == data.labels)),
        confusion=confusion,
        labels=labels,
        predicted=predicted,
        confidence=confidence,
        misclassified=misclassified,
        probabilities=probabilities,
        cross_entropy=losses,
    )


def images_of_cell(result: Evaluation, truth: int, predicted: int) -> NDArray[np.int64]:
    """The indices of the images of one cell of the confusion matrix, int64, the most confident first."""
    return _most_confident_first(
        (result.labels == truth) & (result.predicted == predicted), result.confidence
    )


def digit_scores(confusion: NDArray[np.int64]) -> DigitScores:
    """Precision, recall and F1 of each digit from ``confusion`` (10, 10), rows the true digits."""
    correct, images, predicted = np.diag(confusion), confusion.sum(axis=1), confusion.sum(axis=0)
    # Without a denominator there is nothing correct either, so that any other one makes it 0.
    return DigitScores(
        precision=correct / np.maximum(predicted, 1),
        recall=correct / np.maximum(images, 1),
        f1=2 * correct / np.maximum(images + predicted, 1),
        images=images,
    )


def interval(correct: int, count: int) -> Interval:
    """The interval at ``LEVEL`` of a share of which ``correct`` of ``count`` were seen, within 0-1.

    The score interval of Wilson (1927), JASA 22, 209-212: unlike p ± 2 sqrt(p (1 - p) / n) it holds for
    few images and for all of them correct.

    Raises:
        ValueError: ``count`` is not positive, or ``correct`` is not from 0 to ``count``.
    """
    if not 0 <= correct <= count or not count:
        raise ValueError(f"there must be images, and from 0 to all of them correct: {correct} of {count}")
    return wilson(correct / count, count)


def wilson(share: float, count: float) -> Interval:
    """``interval`` of a ``share``, 0-1, that was seen among ``count``, which need not be whole: images that
    belong together are worth fewer that do not."""
    return _lower_bound(share, count), 1 - _lower_bound(1 - share, count)


def _lower_bound(share: float, count: float) -> float:
    squared = TWO_SIDED**2 / count
    half_width = sqrt(squared * share * (1 - share) + squared * squared / 4)
    return (share + squared / 2 - half_width) / (1 + squared)


def _most_confident_first(chosen: NDArray[np.bool_], confidence: NDArray[np.float32]) -> NDArray[np.int64]:
    indices = np.flatnonzero(chosen)
    return indices[np.argsort(-confidence[indices], kind="stable")]
