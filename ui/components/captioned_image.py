"""Digits with their captions."""

import base64
import io
from collections.abc import Callable, Iterable
from functools import lru_cache, partial

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from PIL import Image

from ui.base.text import _
from ui.components.folded import folded
from ui.figures.digits import picture

_AT_ONCE = 8


def card(image: Image.Image, caption: str, width: int) -> None:
    """``image``, ``width`` pixels wide, and below it ``caption``, which describes it too."""
    with st.container(width=width):
        st.image(image, width=width, alt=caption)
        st.caption(caption)


def row(digits: Iterable[tuple[NDArray[np.uint8], str]], width: int = 84) -> None:
    """Images of a data set, 784 values each, with their captions; ``width`` pixels wide, a multiple of 14."""
    images, captions = zip(*digits, strict=True)
    addresses = [address(image.tobytes(), 2 * width) for image in images]
    st.image(addresses, caption=list(captions), width=width, alt=captions)


def row_and_more(digits: NDArray[np.uint8], caption: Callable[[int], str], key: str) -> None:
    """A row of the first eight of ``digits`` (N, 784), each with the ``caption`` of its index, and the others
    once they are unfolded."""

    def show(first: int, last: int) -> None:
        row((digits[index], caption(index)) for index in range(first, min(last, len(digits))))

    show(0, _AT_ONCE)
    if len(digits) > _AT_ONCE:
        folded(_("More"), f"more_{key}", partial(show, _AT_ONCE, len(digits)))


@lru_cache(maxsize=2048)
def address(image: bytes, side: int) -> str:
    """A digit of 784 bytes as an address that holds the picture itself: asking for it would take more."""
    file = io.BytesIO()
    picture(np.frombuffer(image, np.uint8), side).save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
