"""What a network says to a drawing: the answer in words and ten bars."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model.inference import Network, probabilities
from ui import chart
from ui.figures.softmax import bar_texts, softmax_bars, softmax_frame
from ui.text import _, percent


def show_answer(network: Network, ink: NDArray[np.float32] | None) -> None:
    """The answer and the softmax bars; for a blank (``None``) it says so, with empty bars."""
    likely = None if ink is None else probabilities(network, ink)[0]
    if likely is None:
        st.subheader(_("The canvas is blank. Draw a digit."), anchor=False)
    else:
        best = int(likely.argmax())
        st.subheader(
            _("I read a {digit}: {probability}", digit=best, probability=percent(float(likely[best]), 1)),
            anchor=False,
        )
    texts = [] if likely is None else bar_texts(likely.tolist(), percent)
    chart.show_live(
        softmax_frame(),
        softmax_bars(None if likely is None else likely.tolist(), texts),
        key="softmax",
        alt=_("Ten bars: how likely the network finds each digit from 0 to 9."),
    )
