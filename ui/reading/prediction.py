"""What a network says to a drawing: the answer in words and ten bars."""

import streamlit as st

from model.drawing.strokes import Ink
from model.prediction import Answer, Verdict, answer
from ui.base import resources
from ui.base.text import _, percent
from ui.components import lens
from ui.networks.selection import Choice


def show_answer(choice: Choice, ink: Ink | None, nothing: str | None = None) -> Answer | None:
    """The answer, which is returned, and the softmax bars; for no ink (``None``) it says ``nothing``, or
    that the canvas is blank, with empty bars."""
    found = None if ink is None else answer(choice.network, choice.temperature, ink, resources.starter())
    headline = _headline(found) if found else nothing or _("The canvas is blank. Draw a digit.")
    st.subheader(headline, anchor=False)
    lens.show(
        choice.key,
        choice.network,
        None if found is None else found.probabilities,
        None if found is None else found.hidden,
        headline,
    )
    return found


def show_worth(choice: Choice, found: Answer | None) -> None:
    """How much the probability in the answer that was ``found`` is worth."""
    st.caption(_worth(found, choice), help=_what_calibrated_means())


def _headline(found: Answer) -> str:
    values = {
        "digit": found.digit,
        "other": found.runner_up,
        "probability": percent(found.probability, 1),
    }
    match found.verdict:
        case Verdict.NO_DIGIT:
            return _("I don't know. Is that a digit?")
        case Verdict.WAVERS:
            return _("I am not sure: a {digit} or a {other}?", **values)
        case Verdict.SURE:
            return _("I read a {digit}: {probability}", **values)


def _worth(found: Answer | None, choice: Choice) -> str:
    if choice.temperature is None:
        return _("Plain softmax, not calibrated: this network's training held no images back.")
    if found is None or found.calibrated is None:
        return _("Calibrated: nothing without a digit")
    return _(
        "Calibrated: {probability} for a {digit}",
        probability=percent(found.calibrated, 1),
        digit=found.digit,
    )


def _what_calibrated_means() -> str:
    return _(
        "The bars show the softmax as it is; networks are often too sure, or not sure enough. Images that "
        "this network did not learn from tell how often it is right when it says so: the calibrated "
        "number corrects for that. Whether a drawing is a digit at all, the starter checks, whichever "
        "network answers."
    )
