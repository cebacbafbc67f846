"""Digits as pictures: white ink on black, crisp, of one polarity wherever they appear."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def picture(ink: NDArray[np.float32] | NDArray[np.uint8] | None, side: int = 280) -> Image.Image:
    """A digit of 784 values as a square of ``side`` pixels, a multiple of 28, without smoothing.

    ``ink`` is uint8 0-255, or float in [0, 1]; ``None`` is a blank.
    """
    if ink is None:
        return Image.new("L", (side, side))
    square = ink.reshape(28, 28)
    grey = square if square.dtype == np.uint8 else np.round(np.clip(square, 0, 1) * 255).astype(np.uint8)
    return Image.fromarray(grey).resize((side, side), Image.Resampling.NEAREST)
