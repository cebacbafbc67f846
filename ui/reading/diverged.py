"""Networks whose numbers grew without end while they trained."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from ui.base.text import _

# Beyond such logits float32 has no place left for what a single pixel adds.
_MAX_LOGIT = 1e6


def tell_diverged(logits: NDArray[np.float32]) -> bool:
    """Whether ``logits`` of a network are too large to be taken apart, or no numbers at all; then
    the page says so."""
    if np.abs(logits).max() < _MAX_LOGIT:
        return False
    st.info(_("This network diverged (learning rate too high), so it cannot be explained."))
    return True
