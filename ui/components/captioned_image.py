"""Digits with their captions."""

from collections.abc import Iterable

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from ui.figures.digits import picture


def card(image: Image.Image, caption: str, width: int) -> None:
    """``image``, ``width`` pixels wide, and below it ``caption``, which describes it too."""
    with st.container(width=width):
        st.image(image, width=width, alt=caption)
        st.caption(caption)


def row(digits: Iterable[tuple[NDArray[np.uint8], str]], width: int = 84) -> None:
    """Images of a data set, 784 values each, with their captions; ``width`` pixels wide, a multiple of 14."""
    with st.container(horizontal=True, gap="medium"):
        for image, caption in digits:
            card(picture(image, 2 * width), caption, width)
