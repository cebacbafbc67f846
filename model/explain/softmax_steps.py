"""The softmax, one step after another, at any temperature."""

from dataclasses import dataclass

import numpy as np

from model.slices import Values


@dataclass(frozen=True)
class SoftmaxSteps:
    """From the logits to the probabilities; all arrays are float32 (10,) and read-only.

    ``scaled``: the logits over the ``temperature`` T. ``largest`` of these is subtracted from each:
    ``shifted``, at most 0, so that no exponential is above 1 and none overflows. It changes no
    probability, since exp(z - m) = exp(z) / exp(m) divides all of them, and so their sum, by the same.
    ``exponentials`` of the shifted, their sum ``total`` (from 1 to 10), and the ``probabilities``: each
    exponential over the total.
    """

    logits: Values
    temperature: float
    scaled: Values
    largest: float
    shifted: Values
    exponentials: Values
    total: float
    probabilities: Values


def softmax_steps(logits: Values, temperature: float = 1.0) -> SoftmaxSteps:
    """The softmax of ``logits``, float32 (10,), at ``temperature``: p_j = exp(z_j / T) / sum_k exp(z_k / T).

    At 1 it is the network's own; near 0 the largest logit takes all, far above it all ten are alike.
    Source: Goodfellow, Bengio, Courville 2016, eq. 6.29 and ch. 4.1 (the shift); for the temperature
    Hinton, Vinyals, Dean 2015, eq. 1.

    Raises:
        ValueError: ``temperature`` is not a number above 0.
    """
    if not 0 < temperature < np.inf:
        raise ValueError(f"A temperature has to be a number above 0; received {temperature}.")
    scaled = logits / np.float32(temperature)
    largest = scaled.max()
    shifted = scaled - largest
    exponentials = np.exp(shifted)
    total = exponentials.sum()
    probabilities = exponentials / total
    given = logits.copy()
    for array in (given, scaled, shifted, exponentials, probabilities):
        array.setflags(write=False)
    return SoftmaxSteps(
        given, temperature, scaled, float(largest), shifted, exponentials, float(total), probabilities
    )
