"""Train the starter and write it to ``model/starter``: ``python -m model.training.make_starter``.

Ten minutes on two cores. It learns from the first 55,000 training images of MNIST, from digits
in hands that MNIST hardly knows (``model.starter.handwriting``) and from drawings that are no digits
(``model.starter.non_digits``), whose target is 0.1 for each of the ten digits; each image is changed at
random whenever it is seen. The other 5,000 training images only set its temperature and its check.
"""

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from model.config import CLASSES, TrainingConfig
from model.data import mnist
from model.evaluation.calibration import evidence, fit_temperature
from model.inference import Network, logits
from model.slices import read_only
from model.starter import starter
from model.starter.handwriting import STYLES, images, labels
from model.starter.non_digits import LETTERS, SCRIBBLES
from model.starter.starter import EPOCHS, HELD_OUT, Starter
from model.training.augmentation import augment
from model.training.network import build_mlp

_CONFIG = TrainingConfig(hidden_layers=(512, 512, 512), batch_size=256)
_SEED = 0
_LEARNING_RATE = 2e-3
_WEIGHT_DECAY = 1e-3
# The average of the weights over the last thousand steps or so generalises better.
_MOMENTUM_OF_AVERAGE = 0.998
# Pixels that an image is bent at most, about.
_BEND = 1.4
# What a batch is made of: the rest is MNIST.
_WRITTEN_SHARE, _NO_DIGIT_SHARE = 0.3, 0.1
_PER_STYLE, _PER_LETTER, _PER_SCRIBBLE = 2_500, 500, 1_500
# The check refuses this share of the held-out digits.
_REFUSED = 0.015

Targets = NDArray[np.float32]


def main() -> None:
    """Train, round to float16, set temperature and check on the held-out images, write, and print how good
    it is."""
    network = train()
    held_out = mnist.load("train")
    pixels, digits = held_out.images[-HELD_OUT:], held_out.labels[-HELD_OUT:]
    network = Network.from_arrays(starter.rounded(network.weights), network.activation)
    scores = logits(network, pixels)
    made = Starter(network, fit_temperature(scores, digits), float(np.quantile(evidence(scores), _REFUSED)))
    starter.save(made)
    right = (scores.argmax(axis=1) == digits).mean()
    print(f"{right=:.4f} {made.temperature=:.3f} {made.least_evidence=:.3f}")


def train() -> Network:
    """The trained network, in this process."""
    keras.utils.set_random_seed(_SEED)
    sources = [_mnist(), _written(), _no_digits()]
    shares = [1 - _WRITTEN_SHARE - _NO_DIGIT_SHARE, _WRITTEN_SHARE, _NO_DIGIT_SHARE]
    steps = len(sources[0][0]) // _CONFIG.batch_size
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, EPOCHS * steps, warmup_target=_LEARNING_RATE, warmup_steps=steps
    )
    model = build_mlp(_CONFIG)
    optimizer = keras.optimizers.AdamW(
        schedule, weight_decay=_WEIGHT_DECAY, use_ema=True, ema_momentum=_MOMENTUM_OF_AVERAGE
    )
    model.compile(optimizer, loss="categorical_crossentropy", metrics=["accuracy"], jit_compile=True)
    model.fit(_batches(sources, shares), epochs=EPOCHS, steps_per_epoch=steps, verbose=2)
    return Network.from_arrays(read_only([v.numpy() for v in model.trainable_variables]), _CONFIG.activation)


def _batches(sources: list[tuple[NDArray[np.uint8], Targets]], shares: list[float]) -> tf.data.Dataset:
    """Endless batches of augmented ink, float32 (batch, 784), with their targets, float32 (batch, 10)."""
    pixels, targets = (tf.constant(np.concatenate(arrays)) for arrays in zip(*sources, strict=True))
    sizes = [len(images) for images, _ in sources]
    chances = np.concatenate([np.full(n, share / n) for n, share in zip(sizes, shares, strict=True)])
    limits = tf.constant(np.cumsum(chances), tf.float64)

    @tf.function(jit_compile=True)  # type: ignore[untyped-decorator]
    def batch(number: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        seed = tf.stack([tf.cast(number, tf.int32), _SEED])
        drawn = tf.random.stateless_uniform(
            (_CONFIG.batch_size,), seed + tf.constant((0, 3)), dtype=tf.float64
        )
        chosen = tf.minimum(tf.searchsorted(limits, drawn), len(chances) - 1)
        ink = tf.cast(tf.gather(pixels, chosen), tf.float32) / 255
        return augment(ink, seed, tf.constant(1.0), bend=_BEND), tf.gather(targets, chosen)

    return tf.data.Dataset.counter().map(batch, num_parallel_calls=1).prefetch(2)


def _mnist() -> tuple[NDArray[np.uint8], Targets]:
    seen = mnist.load("train")
    return seen.images[:-HELD_OUT], np.eye(CLASSES, dtype=np.float32)[seen.labels[:-HELD_OUT]]


def _written() -> tuple[NDArray[np.uint8], Targets]:
    digits = labels(STYLES, _PER_STYLE)
    return images(STYLES, _PER_STYLE, np.random.default_rng(_SEED)), np.eye(CLASSES, dtype=np.float32)[digits]


def _no_digits() -> tuple[NDArray[np.uint8], Targets]:
    rng = np.random.default_rng(_SEED + 1)
    letters = images({0: list(LETTERS.values())}, _PER_LETTER, rng)
    scribbles = images({0: list(SCRIBBLES.values())}, _PER_SCRIBBLE, rng)
    pixels = np.concatenate([letters, scribbles])
    return pixels, np.full((len(pixels), CLASSES), 1 / CLASSES, np.float32)


if __name__ == "__main__":
    main()
