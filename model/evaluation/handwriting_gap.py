"""How much better a network reads MNIST than the handwriting of a class."""

from dataclasses import dataclass
from math import hypot

import numpy as np
from numpy.typing import NDArray

from model.config import CLASSES
from model.evaluation.metrics import Evaluation, Interval, evaluate, wilson
from model.evaluation.writers import Change, Drawings, interval_over_writers
from model.inference import Network


@dataclass(frozen=True)
class Accuracy:
    """The ``share`` of ``images`` that is correct, 0-1, and its interval at ``LEVEL``; ``None`` where nobody
    can tell."""

    share: float
    images: int
    interval: Interval | None


@dataclass(frozen=True)
class Gap:
    """A network on both sets, or on one digit of both.

    ``mnist``: on MNIST's test images, its interval by images, since MNIST does not say who wrote which: it is
    rather too narrow. ``drawn``: on the class's, by writers; ``None`` without such drawings.
    """

    mnist: Accuracy
    drawn: Accuracy | None

    @property
    def difference(self) -> float | None:
        """The class's accuracy minus MNIST's."""
        return None if self.drawn is None else self.drawn.share - self.mnist.share

    @property
    def interval(self) -> Interval | None:
        """That of the difference, from the two intervals (Newcombe 1998, Statistics in Medicine 17, 873-890,
        method 10); ``None`` where one of them is missing."""
        if self.drawn is None or self.drawn.interval is None or self.mnist.interval is None:
            return None
        difference = self.drawn.share - self.mnist.share
        (low, high), (mnist_low, mnist_high) = self.drawn.interval, self.mnist.interval
        return (
            difference - hypot(self.drawn.share - low, mnist_high - self.mnist.share),
            difference + hypot(high - self.drawn.share, self.mnist.share - mnist_low),
        )

    @property
    def verdict(self) -> Change:
        """Whether the network reads the class better or worse than MNIST."""
        return Change.of(self.interval)


@dataclass(frozen=True)
class HandwritingGap:
    """``overall``, and ``digits``: the gap of each digit from 0 to 9; ``writers`` in the class's set."""

    overall: Gap
    digits: tuple[Gap, ...]
    writers: int


def handwriting_gap(network: Network, drawings: Drawings, test: Evaluation) -> HandwritingGap:
    """``network`` on the class's ``drawings``, beside ``test``, the same network on MNIST's test images.

    A pupil's own network is measured on ``drawings.without`` that pupil.
    """
    correct = evaluate(network, drawings.images).correct if len(drawings) else np.zeros(0, bool)
    gaps = []
    for digit in (None, *range(CLASSES)):
        chosen = _of_digit(drawings.images.labels, digit)
        mnist = test.correct[_of_digit(test.labels, digit)]
        share = float(mnist.mean())
        of_mnist = Accuracy(share, len(mnist), wilson(share, len(mnist)))
        gaps.append(Gap(of_mnist, _accuracy(correct[chosen], drawings.writers[chosen])))
    return HandwritingGap(gaps[0], tuple(gaps[1:]), len(drawings.names))


def _accuracy(correct: NDArray[np.bool_], writers: NDArray[np.str_]) -> Accuracy | None:
    if not len(correct):
        return None
    return Accuracy(float(correct.mean()), len(correct), interval_over_writers(correct, writers))


def _of_digit(labels: NDArray[np.uint8], digit: int | None) -> NDArray[np.bool_]:
    """Which of ``labels`` are ``digit``; all of them for ``None``."""
    return np.full(len(labels), True) if digit is None else labels == digit
