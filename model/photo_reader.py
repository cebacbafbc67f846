"""Which of the things in a photo was meant: the one that the starter takes for a digit."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from model.drawing.photo import Candidate, candidates
from model.drawing.picture import Picture, no_digit
from model.drawing.strokes import prepare_pixels
from model.evaluation.calibration import calibrated, evidence
from model.inference import logits
from model.starter.starter import Starter
from model.touching_digits import divided

# How much each sign counts, chosen on the photos of ``testing.photos``: the evidence of a digit beyond what
# the check asks for; the log of its probability; contrast beside the strongest one, and height beside the
# sheet's, as logs; digits that had to be cut apart; ink that is cut off by the edge, unless it fills the
# sheet as a tight crop does.
_EVIDENCE, _PROBABILITY, _CONTRAST, _HEIGHT, _CUT_APART = 0.08, 0.7, 0.85, 0.3, 0.5
_CUT_OFF, _FILLING = 0.36, 0.9
# The score of a digit as clear as any, how much higher that of another turn has to be, and where nothing was
# found.
_BEST, _MUCH_CLEARER, NOTHING = 1.5, 1.0, -3.0


@dataclass(frozen=True)
class Reading:
    """What the starter reads in a photo: the ``found`` digits, the ``number`` that they make, and a ``score``
    for how much speaks for it. ``is_doubtful``: digits that touched were cut apart, perhaps at the wrong
    place."""

    found: Candidate
    number: str
    score: float
    is_doubtful: bool


def read_picture(picture: Picture, starter: Starter) -> Reading:
    """The digit, or the digits of the number, in a ``picture``.

    Raises:
        model.drawing.picture.PhotoError: it shows no digit.
    """
    best = _best(picture, starter)
    # What runs off the sheet and looks like no digit is a shadow, or something beside the sheet.
    if best is None or (best.reading.found.is_cut and best.evidence < starter.least_evidence):
        raise no_digit()
    return best.reading


def is_clearer_turned(picture: Picture, starter: Starter, score: float) -> bool:
    """Whether ``picture``, read with ``score``, would be read much more clearly if it were turned."""
    if score > _BEST - _MUCH_CLEARER:
        return False
    others = [_best(np.rot90(picture, turns), starter) for turns in (1, 2, 3)]
    return max((best.reading.score for best in others if best), default=NOTHING) > score + _MUCH_CLEARER


class _Weighed(NamedTuple):
    evidence: float
    reading: Reading


def _best(picture: Picture, starter: Starter) -> _Weighed | None:
    found = list(candidates(picture))
    strongest = max((candidate.contrast for candidate in found), default=1.0)
    weighed = [_weigh(candidate, starter, strongest) for candidate in found]
    return max(weighed, key=lambda one: one.reading.score, default=None)


def _weigh(candidate: Candidate, starter: Starter, strongest: float) -> _Weighed:
    """How much speaks for a candidate, and what it says."""
    digits = tuple(part for digit in candidate.digits for part in divided(digit, starter))
    is_doubtful = len(digits) > len(candidate.digits)
    candidate = replace(candidate, digits=digits)
    inks = [ink for digit in digits if (ink := prepare_pixels(digit)) is not None]
    scores = logits(starter.network, np.stack(inks))
    probabilities = calibrated(scores, starter.temperature)
    least = float(evidence(scores).min())
    score = (
        _EVIDENCE * (least - starter.least_evidence)
        + _PROBABILITY * float(np.log(probabilities.max(axis=1)).mean())
        + _CONTRAST * float(np.log(candidate.contrast / strongest))
        + _HEIGHT * float(np.log(candidate.height))
        - _CUT_OFF * (candidate.is_cut and candidate.height <= _FILLING)
        - _CUT_APART * is_doubtful
    )
    number = "".join(map(str, probabilities.argmax(axis=1)))
    return _Weighed(least, Reading(candidate, number, score, is_doubtful))
