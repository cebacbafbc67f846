"""How good a network is on labelled images, and where it fails."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.config import CLASSES
from model.data import LabelledImages
from model.inference import Network, logits, softmax


@dataclass(frozen=True)
class Evaluation:
    """A network measured on N images; all arrays are read-only.

    ``loss``: mean cross-entropy in nats plus the L2 penalty, as Keras' ``evaluate``; ``accuracy``
    0-1. ``confusion`` int64 (10, 10): rows are the true digits, columns the answers.
    ``answers`` int64 (N,); ``confidence`` float32 (N,), the answer's probability.
    ``mistakes`` int64: the numbers of the images answered wrongly, the most confident first.
    """

    loss: float
    accuracy: float
    confusion: NDArray[np.int64]
    answers: NDArray[np.int64]
    confidence: NDArray[np.float32]
    mistakes: NDArray[np.int64]

    @property
    def score(self) -> list[float]:
        """``[loss, accuracy]``, as Keras gives it."""
        return [self.loss, self.accuracy]

    @property
    def accuracy_per_digit(self) -> NDArray[np.float64]:
        """The share of each true digit that was answered rightly, float64 (10,)."""
        shares: NDArray[np.float64] = np.diag(self.confusion) / np.maximum(self.confusion.sum(axis=1), 1)
        return shares


def evaluate(network: Network, data: LabelledImages, l2: float = 0.0) -> Evaluation:
    """Measure ``network`` on all of ``data``; ``l2`` is the penalty that it was trained with."""
    sums = logits(network, data.images)
    likely = softmax(sums)
    answers = likely.argmax(axis=1)
    confidence = likely.max(axis=1)
    largest = sums.max(axis=1)
    log_total = largest + np.log(np.exp(sums - largest[:, None]).sum(axis=1))
    cross_entropy = log_total - sums[np.arange(len(data)), data.labels]
    penalty = l2 * sum(float(np.square(kernel).sum()) for kernel in network.weights[::2])
    confusion = np.zeros((CLASSES, CLASSES), np.int64)
    np.add.at(confusion, (data.labels, answers), 1)
    wrong = np.flatnonzero(answers != data.labels)
    mistakes = wrong[np.argsort(-confidence[wrong], kind="stable")]
    for array in (confusion, answers, confidence, mistakes):
        array.setflags(write=False)
    return Evaluation(
        loss=float(cross_entropy.mean(dtype=np.float64)) + penalty,
        accuracy=float(np.mean(answers == data.labels)),
        confusion=confusion,
        answers=answers,
        confidence=confidence,
        mistakes=mistakes,
    )


def interval(right: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share of which ``right`` of ``count`` were seen, within 0-1.

    The score interval of Wilson (1927), JASA 22, 209-212: unlike p ± 2 sqrt(p (1 - p) / n) it holds for
    few images and for all of them right.

    Raises:
        ValueError: ``count`` is not positive, or ``right`` is not from 0 to ``count``.
    """
    # Takes half a second to import, and most pages do without.
    from scipy.stats import binomtest

    bounds = binomtest(right, count).proportion_ci(method="wilson")
    return float(bounds.low), float(bounds.high)
