"""Each image moved a little, inside the compiled training step: made to be fast under XLA on the CPU.

Every draw comes from a given seed alone, so that a run with augmentation repeats itself to the last bit.
"""

import math

import numpy as np
import tensorflow as tf
from scipy import ndimage

from model.config import MAX_ROTATION, MAX_SHEAR, MAX_SHIFT, MAX_STRETCH

_SIDE = 28
# A full dilation by a cross moves both edges of a stroke by a pixel, so a quarter makes it half a
# pixel thicker; MNIST's is 2.7 wide.
_PEN = 0.25
_RANGES = (
    MAX_SHIFT,
    MAX_SHIFT,
    math.radians(MAX_ROTATION),
    MAX_STRETCH,
    MAX_STRETCH,
    MAX_SHEAR,
    _PEN,
)
# Bending pulls at so many points a side, about one for every two strokes' width.
_KNOTS = 6


def augment(
    pixels: tf.Tensor, seed: tf.Tensor, strength: tf.Tensor, bend: tf.Tensor | None = None
) -> tf.Tensor:
    """Each image with a slightly different pen and then shifted, turned, stretched and slanted.

    ``pixels`` float32 (batch, 784) in [0, 1], and so is what is returned; ``seed`` int32 (2,), of
    which one stream is used; ``strength`` float32 scalar in [0, 1] scales all ranges, 0 gives the
    images back unchanged to the last bit. ``draw`` says what each image gets. ``bend``: how many
    pixels each image is bent at most, about, like rubber (elastic deformation, Simard et al. 2003).
    """
    drawn = draw(tf.shape(pixels)[0], seed, strength)
    images = tf.reshape(pixels, (-1, _SIDE, _SIDE))
    bent = None if bend is None else _bend(tf.shape(pixels)[0], seed, bend)
    # The pen first: XLA would compute a warp anew for each of the five pixels of the cross.
    return _warp(_pen(images, drawn[:, 6]), drawn[:, :6], bent)


def draw(count: int | tf.Tensor, seed: tf.Tensor, strength: tf.Tensor) -> tf.Tensor:
    """What ``augment`` does to each of ``count`` images: float32 (count, 7), uniform around 0.

    Columns: shift right and down in pixels, rotation from the right towards below in radians,
    stretch in width and in height (0.1 is 10 % larger), shear (columns to the right per row down),
    pen (share of a dilation, or below 0 of an erosion, by the 3x3 cross).
    """
    shape = count, len(_RANGES)
    # Whole numbers, since XLA and plain graphs make different fractions from the same bits.
    bits = tf.random.stateless_uniform(shape, seed, None, None, tf.int32, alg="philox")
    return tf.cast(bits, tf.float32) * (strength * tf.constant(_RANGES) / 2**31)


def _pen(images: tf.Tensor, share: tf.Tensor) -> tf.Tensor:
    """Grey dilation or erosion (Serra 1982), blended in by its ``share``, float32 (batch,) in [-1, 1].

    ``images`` float32 (batch, 28, 28). Outside of an image is paper.
    """
    padded = tf.pad(images, ((0, 0), (1, 1), (1, 1)))
    sides = padded[:, :-2, 1:-1], padded[:, 2:, 1:-1], padded[:, 1:-1, :-2], padded[:, 1:-1, 2:]
    thick, thin = images, images
    for side in sides:
        thick, thin = tf.maximum(thick, side), tf.minimum(thin, side)
    share = share[:, None, None]
    return images + tf.nn.relu(share) * (thick - images) + tf.nn.relu(-share) * (thin - images)


def _bend(count: int | tf.Tensor, seed: tf.Tensor, most: tf.Tensor) -> tf.Tensor:
    """How far each pixel is pulled to the right and down, float32 (2, count, 784), in pixels.

    The knots of a coarse grid are pulled at random, some images less than others, and the pixels
    between them follow smoothly (cubic splines).
    """
    grids = np.eye(_KNOTS**2).reshape(-1, _KNOTS, _KNOTS)
    spread = np.stack([ndimage.zoom(grid, _SIDE / _KNOTS, mode="nearest").ravel() for grid in grids])
    pulls = tf.random.stateless_normal((2, count, _KNOTS**2), seed + tf.constant((0, 1)))
    sizes = tf.random.stateless_uniform((count, 1), seed + tf.constant((0, 2)), 0, most)
    return pulls @ tf.constant(spread, tf.float32) * sizes


def _warp(images: tf.Tensor, drawn: tf.Tensor, bent: tf.Tensor | None) -> tf.Tensor:
    """Images float32 (batch, 28, 28) moved as ``drawn`` (batch, 6), as float32 (batch, 784).

    A pixel looks back to where its ink comes from: past ``bent``, if any, shift, rotation, shear and
    stretch, whose product is x' = x cos + y sin - shear y', y' = y cos - x sin, each over its stretch,
    about the middle. The four pixels around that place are blended (bilinear); outside of the image
    is paper.
    """
    right, down, angle, wider, taller, shear = (drawn[:, i, None] for i in range(6))
    middle = (_SIDE - 1) / 2
    indices = tf.range(_SIDE * _SIDE)
    x = tf.cast(indices % _SIDE, tf.float32) - middle - right
    y = tf.cast(indices // _SIDE, tf.float32) - middle - down
    if bent is not None:
        x, y = x + bent[0], y + bent[1]
    cos, sin = tf.cos(angle), tf.sin(angle)
    column = x * ((cos + shear * sin) / (1 + wider)) + y * ((sin - shear * cos) / (1 + wider))
    row = x * (-sin / (1 + taller)) + y * (cos / (1 + taller))

    # One pixel of paper before and two behind: there, places are never negative, so that the
    # conversion to integers rounds down, and a place farther out than the paper is on the paper.
    width = _SIDE + 3
    flat = tf.reshape(tf.pad(images, ((0, 0), (1, 2), (1, 2))), (-1, width * width))
    column = tf.clip_by_value(column + (middle + 1), 0.0, _SIDE + 1.0)
    row = tf.clip_by_value(row + (middle + 1), 0.0, _SIDE + 1.0)
    left, top = tf.cast(column, tf.int32), tf.cast(row, tf.int32)
    column, row = column - tf.cast(left, tf.float32), row - tf.cast(top, tf.float32)
    corner = top * width + left
    # Four gathers from a table that is used four times: XLA fuses a table that is used once into
    # its gather, and computes it anew for each pixel.
    north_west, north_east, south_west, south_east = (
        tf.gather(flat, corner + step, batch_dims=1) for step in (0, 1, width, width + 1)
    )
    north = north_west + column * (north_east - north_west)
    south = south_west + column * (south_east - south_west)
    return north + row * (south - north)
