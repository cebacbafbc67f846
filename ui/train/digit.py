"""One digit, read by a network that is still learning."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model.config import CLASSES
from model.drawing.strokes import Ink
from model.inference import Network, forward
from ui.base import resources
from ui.base.text import _, percent
from ui.components.page_link import caption_with_link
from ui.components.softmax_bars import show_bars
from ui.figures.digits import picture
from ui.reading.number import digit_on_pad

_INK_SIDE = 84
_BARS, _BARS_HEIGHT = "learning_softmax", 110
# A 1 that the lesson's network reads as a 3 in its first four epochs.
_TEST_IMAGE = 46


def show_digit(network: Network | None, epoch: int) -> None:
    """The visitor's last drawing, or a test digit before there is one, and what ``network`` makes of it after
    ``epoch``, moving with every epoch; only the digit where there is no network yet."""
    digit: Ink | NDArray[np.uint8] | None = digit_on_pad()
    label = None
    if digit is None:
        test = resources.test_images()
        digit, label = test.images[_TEST_IMAGE], int(test.labels[_TEST_IMAGE])
    st.image(picture(digit), width=_INK_SIDE, alt=_("The digit that the network learns to read."))
    if network is None:
        st.caption(_("Train, and watch the network learn to read this digit."))
        # They stand on the page when the first epoch moves them.
        show_bars(np.zeros(CLASSES), _BARS, _BARS_HEIGHT)
    else:
        _show_reading(network, epoch, digit, label)
    if label is not None:
        caption_with_link(_("Or use your own digit:"), "pages/draw.py", _("Draw"))


def _show_reading(network: Network, epoch: int, digit: NDArray[np.uint8] | Ink, label: int | None) -> None:
    """``label`` is that of a test image; ``None`` for a drawing."""
    image = forward(network, digit).image(0)
    best = int(image.probabilities.argmax())
    probability = percent(float(image.probabilities[best]))
    if label is not None:
        st.caption(
            _(
                "Test image, label {label}. After epoch {epoch}: read as {digit}, {probability}",
                label=label,
                epoch=epoch,
                digit=best,
                probability=probability,
            )
        )
    else:
        st.caption(
            _(
                "Your drawing after epoch {epoch}: read as {digit}, {probability}",
                epoch=epoch,
                digit=best,
                probability=probability,
            )
        )
    show_bars(image.probabilities, _BARS, _BARS_HEIGHT)
