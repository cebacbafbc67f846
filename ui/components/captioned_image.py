"""A picture with its caption."""

import streamlit as st
from PIL import Image


def card(image: Image.Image, caption: str, width: int) -> None:
    """``image``, ``width`` pixels wide, and below it ``caption``, which describes it too."""
    with st.container(width=width):
        st.image(image, width=width, alt=caption)
        st.caption(caption)
