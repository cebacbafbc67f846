"""Train the starter and write it to ``model/starter``: ``python -m model.training.make_starter``.

Three quarters of an hour on two cores. ``model.training.starter_images`` is what it learns from; the last
5,000 training images of MNIST only set its temperature and its check.
"""

from typing import NamedTuple

import keras
import numpy as np

from model.config import TrainingConfig
from model.data import mnist
from model.evaluation.calibration import evidence, fit_temperature
from model.inference import Network, logits
from model.slices import read_only
from model.starter import starter
from model.starter.starter import HELD_OUT, Starter
from model.training.network import build_mlp
from model.training.starter_images import batches, load_sources

_CONFIG = TrainingConfig(hidden_layers=(512, 512, 512), batch_size=256)
_WEIGHT_DECAY = 1e-3
# The average of the weights over the last thousand steps or so generalises better.
_MOMENTUM_OF_AVERAGE = 0.998
# Steps between two lines of the log, which the learning rate takes to rise, too.
_STEPS = 215
# The check refuses this share of the held-out digits.
_REFUSED = 0.015


class _Round(NamedTuple):
    """``steps`` from the ``learning_rate`` down to 0 (a warm restart, Loshchilov and Hutter 2017), for the
    share ``full`` of which images are changed as much as they can be."""

    seed: int
    steps: int
    learning_rate: float
    full: float


_ROUNDS = _Round(0, 64_500, 2e-3, 0.7), _Round(5, 17_200, 8e-4, 0.0)


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
    keras.utils.set_random_seed(_ROUNDS[0].seed)
    model = build_mlp(_CONFIG)
    sources = load_sources()
    for seed, steps, learning_rate, full in _ROUNDS:
        schedule = keras.optimizers.schedules.CosineDecay(
            0.0, steps, warmup_target=learning_rate, warmup_steps=_STEPS
        )
        optimizer = keras.optimizers.AdamW(
            schedule, weight_decay=_WEIGHT_DECAY, use_ema=True, ema_momentum=_MOMENTUM_OF_AVERAGE
        )
        model.compile(optimizer, loss="categorical_crossentropy", metrics=["accuracy"], jit_compile=True)
        images = batches(sources, _CONFIG.batch_size, steps, full, seed)
        model.fit(images, epochs=steps // _STEPS, steps_per_epoch=_STEPS, verbose=2)
    return Network.from_arrays(read_only([v.numpy() for v in model.trainable_variables]), _CONFIG.activation)


if __name__ == "__main__":
    main()
