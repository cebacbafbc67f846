"""What a probability is worth, and whether it is about a digit at all.

A network that says 99 % should be right 99 times in 100; most are too sure. One number, the
temperature, mends that: all logits are divided by it before the softmax (Guo et al. 2017). How much
all ten logits together speak for any digit is the evidence, log sum exp (the energy of Liu et al. 2020,
with its sign turned): letters and scribbles leave it small.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import special

from model.inference import cross_entropy, softmax

Logits = NDArray[np.float32]

# Of the calibration error, and of the reliability diagram that shows what it sums up.
BINS = 15
# Networks are between timid and ten times too sure.
_TEMPERATURES = (0.1, 10.0)


def fit_temperature(logits: Logits, labels: NDArray[np.uint8]) -> float:
    """The temperature with the smallest mean cross-entropy.

    ``logits`` (N, 10) of images that the network did not learn from, ``labels`` (N,) their digits.
    """

    exact = logits.astype(np.float64)

    def loss(log_temperature: float) -> float:
        return float(cross_entropy(exact / np.exp(log_temperature), labels).mean())

    # A quarter of what the first page would import, for what few visitors ask for.
    from scipy import optimize

    low, high = np.log(_TEMPERATURES)
    return float(np.exp(optimize.minimize_scalar(loss, bounds=(low, high), method="bounded").x))


def calibrated(logits: Logits, temperature: float) -> NDArray[np.float32]:
    """The softmax at ``temperature``, (N, 10); at 1 it is the plain one."""
    return softmax(logits / np.float32(temperature))


def evidence(logits: Logits) -> NDArray[np.float32]:
    """Log sum exp of each row of ``logits`` (N, 10), (N,): how much speaks for any digit."""
    return np.asarray(special.logsumexp(logits, axis=1), np.float32)


def calibration_error(probabilities: NDArray[np.float32], labels: NDArray[np.uint8]) -> float:
    """Expected calibration error, 0-1: how far accuracy lies from the confidence, averaged
    over 15 bins of equal width by the number of images in them (Naeini et al. 2015)."""
    confidence, correct = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = np.bincount(bins, weights=correct - confidence.astype(np.float64), minlength=BINS)
    return float(np.abs(gaps).sum() / len(labels))
