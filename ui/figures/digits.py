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
    full_ink = 1 if ink.dtype == np.uint8 else 255
    grey = np.clip(np.round(ink.reshape(28, 28) * full_ink), 0, 255).astype(np.uint8)
    return Image.fromarray(grey).resize((side, side), Image.Resampling.NEAREST)
