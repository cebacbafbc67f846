"""What the starter learns from, as endless batches that never repeat an image.

The first 55,000 training images of MNIST, digits in hands that are rare in MNIST
(``model.starter.digit_styles``), and drawings that are no single digit (``model.starter.non_digits``), whose
target is 0.1 for each of the ten digits; each image is changed at random whenever it is seen.
"""

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from model.config import CLASSES
from model.data import mnist
from model.starter.digit_styles import STYLES
from model.starter.handwriting import images
from model.starter.non_digits import LETTERS, NUMBERS, SCRIBBLES
from model.starter.starter import HELD_OUT
from model.training.augmentation import augment

# Pixels that an image is bent at most, about.
_BEND = 1.4
_PER_DIGIT, _LETTERS, _SCRIBBLES, _NUMBERS = 8_000, 12_000, 7_000, 5_000
# What a batch is made of: MNIST, digits of our own, no digits.
_SHARES = (0.57, 0.3, 0.13)
# At the end images are changed so little, so that the last ones are as people draw them.
_MIN_CHANGE = 0.4
# Seeds of what a program writes; a digit's is the digit itself.
_SEED_OF_LETTERS, _SEED_OF_SCRIBBLES, _SEED_OF_NUMBERS = 11, 12, 13

Targets = NDArray[np.float32]
Source = tuple[NDArray[np.uint8], Targets]


def load_sources() -> list[Source]:
    """Images, uint8 (N, 784), and their targets, float32 (N, 10), of each kind: five minutes."""
    return [_mnist(), _written(), _no_digits()]


def batches(sources: list[Source], size: int, total: int, full: float, seed: int) -> tf.data.Dataset:
    """``total`` batches and more of augmented ink, float32 (size, 784), with its targets, float32
    (size, 10): changed as much as they can be for the share ``full`` of the batches, then less and less."""
    pixels, targets = (tf.constant(np.concatenate(arrays)) for arrays in zip(*sources, strict=True))
    lengths = [len(images) for images, _targets in sources]
    firsts = tf.constant(np.cumsum([0, *lengths[:-1]]), tf.int32)

    @tf.function(jit_compile=True)  # type: ignore[untyped-decorator]
    def batch(number: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        seeds = tf.stack([tf.cast(number, tf.int32), seed])
        kinds, shares = tf.unstack(tf.random.stateless_uniform((2, size), seeds + tf.constant((0, 3))))
        kind = tf.searchsorted(tf.constant(np.cumsum(_SHARES[:-1]), tf.float32), kinds, side="right")
        index = tf.cast(shares * tf.gather(tf.cast(lengths, tf.float32), kind), tf.int32)
        chosen = tf.gather(firsts, kind) + index
        ink = tf.cast(tf.gather(pixels, chosen), tf.float32) / 255
        late = tf.clip_by_value((tf.cast(number, tf.float32) / total - full) / (1 - full), 0.0, 1.0)
        strength = 1 - (1 - _MIN_CHANGE) * late
        return augment(ink, seeds, strength, bend=_BEND * strength), tf.gather(targets, chosen)

    return tf.data.Dataset.counter().map(batch, num_parallel_calls=1).prefetch(2)


def _mnist() -> Source:
    seen = mnist.load("train")
    return seen.images[:-HELD_OUT], np.eye(CLASSES, dtype=np.float32)[seen.labels[:-HELD_OUT]]


def _written() -> Source:
    inks = {
        digit: images(styles, _PER_DIGIT, np.random.default_rng(digit)) for digit, styles in STYLES.items()
    }
    digits = np.repeat(list(inks), [len(of_digit) for of_digit in inks.values()])
    return np.concatenate(list(inks.values())), np.eye(CLASSES, dtype=np.float32)[digits]


def _no_digits() -> Source:
    kinds = (
        (LETTERS, _LETTERS, _SEED_OF_LETTERS),
        (SCRIBBLES, _SCRIBBLES, _SEED_OF_SCRIBBLES),
        (NUMBERS, _NUMBERS, _SEED_OF_NUMBERS),
    )
    pixels = np.concatenate(
        [images(list(styles.values()), count, np.random.default_rng(seed)) for styles, count, seed in kinds]
    )
    return pixels, np.full((len(pixels), CLASSES), 1 / CLASSES, np.float32)
