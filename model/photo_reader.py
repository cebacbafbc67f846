"""Which of the things in a photo was meant: the one that the starter takes for a digit."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from model.drawing.photo import Candidate, candidates
from model.drawing.picture import no_digit, open_picture
from model.drawing.strokes import prepare_pixels
from model.evaluation.calibration import calibrated, evidence
from model.inference import logits
from model.starter.starter import Starter

# How much each sign counts, chosen on the photos of ``testing.photos``: the evidence of a digit beyond what
# the check asks for, up to a limit; the log of its probability; contrast and height beside the strongest and
# a tall one, as logs; ink that is cut off by the edge, unless it fills the sheet as a tight crop does.
_EVIDENCE, _MOST_EVIDENCE = 0.35, 6.0
_PROBABILITY = 1.5
_CONTRAST = 0.9
_HEIGHT, _TALL = 0.6, 0.3
_CUT, _CUT_IN_A_TIGHT_CROP, _FILLING = 0.8, 0.2, 0.8


@dataclass(frozen=True)
class Reading:
    """What the starter reads in a photo: the ``found`` digits, and the ``number`` that they make."""

    found: Candidate
    number: str


def read_photo(file: bytes, starter: Starter, quarter_turns: int = 0) -> Reading:
    """The digit, or the digits of the number, in a picture that is turned to the left by ``quarter_turns``.

    Raises:
        model.drawing.picture.PhotoError: the file cannot be read, is too large or too small, or shows no
            digit.
    """
    found = list(candidates(np.rot90(open_picture(file), quarter_turns)))
    strongest = max((candidate.contrast for candidate in found), default=1.0)
    weighed = [_weigh(candidate, starter, strongest) for candidate in found]
    best = max(weighed, key=lambda one: one.value, default=None)
    # What runs off the sheet and looks like no digit is a shadow, or something beside the sheet.
    if best is None or (best.reading.found.is_cut and best.evidence < starter.least_evidence):
        raise no_digit()
    return best.reading


class _Weighed(NamedTuple):
    value: float
    evidence: float
    reading: Reading


def _weigh(candidate: Candidate, starter: Starter, strongest: float) -> _Weighed:
    """How much speaks for a candidate, and what it says."""
    inks = [ink for digit in candidate.digits if (ink := prepare_pixels(digit)) is not None]
    scores = logits(starter.network, np.stack(inks))
    probabilities = calibrated(scores, starter.temperature)
    least = float(evidence(scores).min())
    cut = _CUT_IN_A_TIGHT_CROP if candidate.height > _FILLING else _CUT
    value = (
        _EVIDENCE * min(least - starter.least_evidence, _MOST_EVIDENCE)
        + _PROBABILITY * float(np.log(probabilities.max(axis=1)).mean())
        + _CONTRAST * float(np.log(candidate.contrast / strongest))
        + _HEIGHT * float(np.log(max(min(candidate.height, _TALL), 1e-3) / _TALL))
        - cut * candidate.is_cut
    )
    return _Weighed(value, least, Reading(candidate, "".join(map(str, probabilities.argmax(axis=1)))))
