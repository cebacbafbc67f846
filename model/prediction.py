"""What a network answers to one drawing, and how sure that is."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from model.drawing.strokes import Ink
from model.evaluation.calibration import calibrated
from model.inference import Network, activations, softmax
from model.starter.starter import Starter

# Below this the two likeliest digits are both named. Of what strangers drew, the starter is this unsure
# about one digit in a hundred, and gets a third of those wrong.
_SURE = 0.75


class Verdict(StrEnum):
    """Whether the answer can be believed."""

    SURE = "sure"
    WAVERS = "wavers"
    NO_DIGIT = "no digit"


@dataclass(frozen=True)
class Answer:
    """``probabilities``: the plain softmax, float32 (10,). ``hidden``: what the last hidden layer passes
    on, float32 (units,), ``None`` without one. ``calibrated``: what the likeliest probability is worth,
    0-1, or ``None`` where no image was kept back to find that out."""

    probabilities: NDArray[np.float32]
    hidden: NDArray[np.float32] | None
    calibrated: float | None
    verdict: Verdict

    @property
    def digit(self) -> int:
        """The likeliest digit."""
        return int(self.probabilities.argmax())

    @property
    def probability(self) -> float:
        """The plain softmax of ``digit``, 0-1."""
        return float(self.probabilities.max())

    @property
    def runner_up(self) -> int:
        """The second likeliest digit."""
        return int(self.probabilities.argsort()[-2])


def answer(network: Network, temperature: float | None, ink: Ink, starter: Starter) -> Answer:
    """What ``network`` reads in ``ink``; whether that is a digit at all, ``starter`` says."""
    *hidden, scores = activations(network, ink)
    plain = softmax(scores)[0]
    worth = None if temperature is None else float(calibrated(scores, temperature).max())
    sure = plain.max() if worth is None else worth
    if not starter.is_digit(ink)[0]:
        verdict = Verdict.NO_DIGIT
    else:
        verdict = Verdict.SURE if sure >= _SURE else Verdict.WAVERS
    return Answer(plain, hidden[-1][0] if hidden else None, worth, verdict)
