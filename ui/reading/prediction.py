"""What a network predicts for a drawing: in words and as ten bars."""

import streamlit as st

from model.inference import ForwardPass
from model.prediction import Prediction, Verdict, predict
from ui.base import resources
from ui.base.text import _, percent
from ui.components import lens
from ui.components.drawing import Drawing
from ui.networks import selection
from ui.networks.selection import Choice


def send_starter() -> None:
    """For a page whose fragment shows what the starter predicts: call it before the fragment."""
    choice = selection.chosen(selection.STARTER)
    lens.send(choice.key, choice.network)


def show_prediction(
    choice: Choice,
    image: ForwardPass | None,
    nothing: str | None = None,
    drawing: Drawing | None = None,
    with_units: bool = True,
    has_pad: bool = True,
) -> Prediction | None:
    """The prediction for one ``image``, which is returned, and the softmax bars; without an image it says
    ``nothing``, or that the canvas is blank, with empty bars. The pen that changes a ``drawing`` is answered
    in the browser, on a page that ``has_pad`` for it."""
    prediction = None if image is None else predict(image, choice.temperature, resources.starter())
    headline = _headline(prediction) if prediction else nothing or _("The canvas is blank. Draw a digit.")
    st.subheader(headline, anchor=False)
    lens.show(
        choice.key,
        choice.network,
        None if prediction is None else prediction.probabilities,
        None if prediction is None else prediction.hidden,
        headline,
        drawing,
        with_units,
        has_pad,
    )
    return prediction


def show_worth(choice: Choice, prediction: Prediction | None) -> None:
    """How much the probability in ``prediction`` is worth: behind a question mark, as two paragraphs."""
    paragraphs = (_worth(prediction, choice), _what_calibrated_means())
    st.caption(_("A score, not a guarantee"), help="\n\n".join(paragraphs))


def _headline(prediction: Prediction) -> str:
    values = {
        "digit": prediction.digit,
        "other": prediction.runner_up,
        "probability": percent(prediction.probability),
    }
    match prediction.verdict:
        case Verdict.NO_DIGIT:
            return _("This does not look like a digit.")
        case Verdict.UNSURE:
            return _("Not clear: {digit} or {other}?", **values)
        case Verdict.SURE:
            return _("Read as {digit}: {probability}", **values)


def _worth(prediction: Prediction | None, choice: Choice) -> str:
    if choice.temperature is None:
        return _("Uncalibrated softmax (no validation images were held out)")
    if prediction is None or prediction.calibrated is None:
        return _("No calibrated probability yet: there is no digit to read")
    return _(
        "Calibrated probability of {digit}: {probability}",
        probability=percent(prediction.calibrated),
        digit=prediction.digit,
    )


def _what_calibrated_means() -> str:
    return _(
        "The bars show the softmax probabilities, which are often too high or too low. **Calibration** uses "
        "held-out images to match them to how often the network is correct. The starter checks whether an "
        "image is a digit at all, whichever network you use."
    )
