"""Ten probabilities as bars that move."""

import numpy as np
from numpy.typing import NDArray

from ui.base.text import _, percent
from ui.components import chart
from ui.figures.softmax import HEIGHT, bar_texts, softmax_bars, softmax_frame


def show_bars(probabilities: NDArray[np.floating], key: str, height: int = HEIGHT) -> None:
    """``probabilities`` (10,) of the digits 0 to 9, in ``height`` pixels."""
    values = probabilities.tolist()
    chart.show_live(
        chart.shared(softmax_frame, height),
        softmax_bars(values, bar_texts(values, percent), height),
        key=key,
        alt=_("Ten bars: the probability of each digit from 0 to 9."),
    )
