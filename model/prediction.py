"""What a network predicts for one drawing, and how sure that is."""

from dataclasses import dataclass
from enum import StrEnum

from model.evaluation.calibration import calibrated
from model.inference import ForwardPass, logits
from model.slices import Values
from model.starter.starter import Starter

# Below this the two likeliest digits are both named. Of what strangers drew, the starter is this unsure
# about one digit in a hundred, and gets a third of those wrong.
_SURE = 0.75


class Verdict(StrEnum):
    """Whether the prediction can be believed."""

    SURE = "sure"
    UNSURE = "unsure"
    NO_DIGIT = "no digit"


@dataclass(frozen=True)
class Prediction:
    """``probabilities``: the plain softmax, float32 (10,). ``hidden``: the activations of the last hidden
    layer, float32 (units,), ``None`` without one. ``calibrated``: what the largest probability is worth,
    0-1, or ``None`` where no image was held out to find that out."""

    probabilities: Values
    hidden: Values | None
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
        return int(self.probabilities.argsort(kind="stable")[-2])


def predict(image: ForwardPass, temperature: float | None, starter: Starter) -> Prediction:
    """What a network predicts for one ``image``; whether that is a digit at all, ``starter`` says."""
    scores = image.logits[None]
    worth = None if temperature is None else float(calibrated(scores, temperature).max())
    sure = float(image.probabilities.max()) if worth is None else worth
    of_starter = scores if image.network is starter.network else logits(starter.network, image.ink)
    if not starter.finds_digit(of_starter)[0]:
        verdict = Verdict.NO_DIGIT
    else:
        verdict = Verdict.SURE if sure >= _SURE else Verdict.UNSURE
    return Prediction(image.probabilities, image.hidden[-1] if image.hidden else None, worth, verdict)
