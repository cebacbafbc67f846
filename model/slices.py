"""A run as a chain of pure slices: what goes into one, what comes out, which one is next.

Nothing here imports TensorFlow, so the web process can hold and hand over all of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from model.config import TRAINING_IMAGES, TrainingConfig

# 0.2 s of work at the 80 GFLOP/s that the seed recipe reaches on two cores. The number of steps
# follows from the configuration alone, so that the same run is cut the same way everywhere.
_SLICE_FLOPS = 16e9
# Beside its products each image costs a gather and a cast, about as long as this many FLOP, and
# augmentation as long as so many (an epoch of the seed recipe takes twice the time).
_IMAGE_FLOPS = 50_000
_AUGMENTATION_FLOPS = 500_000
# To load a slice's arrays, to hand them over and to come back takes 4 ms of a worker that does 140 GFLOP/s.
_HANDING_OVER_FLOPS = 6e8
# The untrained network is measured on this many training images at most: it only guesses yet.
UNTRAINED_IMAGES = 10_000
# Fine-tuning has room for so many images: one shape for any number of them.
MAX_FINE_TUNING_IMAGES = 1_024

Values = NDArray[np.float32]
Arrays = tuple[Values, ...]


@dataclass(frozen=True)
class TrainingState:
    """Everything that one slice leaves for the next; all arrays are read-only.

    ``weights``: kernel float32 (inputs, units) and bias float32 (units,) per layer, in order.
    ``optimizer``: Keras' optimizer variables, the learning rate apart; empty before step one.
    """

    weights: Arrays
    optimizer: tuple[NDArray[np.generic], ...] = ()


@dataclass(frozen=True)
class Slice:
    """``steps`` batches of epoch ``epoch`` from ``first_step`` on.

    Epoch 0 has no steps: it measures the untrained network. ``ends_epoch`` asks for validation.
    """

    epoch: int
    first_step: int
    steps: int
    ends_epoch: bool

    def follows(self, done: "Slice | None") -> bool:
        """Whether it begins with what ``done`` led to; the first slice of all follows nothing."""
        if done is None or self.epoch == 0:
            return done is None and self.epoch == 0
        if self.first_step:
            return (done.epoch, done.first_step + done.steps) == (self.epoch, self.first_step)
        return done.ends_epoch and done.epoch == self.epoch - 1

    def position(self, config: TrainingConfig) -> float:
        """How far a run of ``config`` is after it, in epochs."""
        if self.ends_epoch:
            return float(self.epoch)
        return self.epoch - 1 + (self.first_step + self.steps) / config.steps_per_epoch


@dataclass(frozen=True)
class Score:
    """Mean loss (cross-entropy in nats plus L2 penalty, as Keras counts it) and accuracy 0-1."""

    loss: float
    accuracy: float


@dataclass(frozen=True)
class EpochMetrics:
    """One point of the curves. ``training`` is the mean over the epoch while the weights changed,
    as Keras reports it; ``validation`` is measured after it. Epoch 0 is the untrained network."""

    epoch: int
    training: Score
    validation: Score


@dataclass(frozen=True)
class Progress:
    """What a slice measured.

    ``images`` trained on, their summed ``loss`` and how many were ``correct``, each taken before
    the step that learned from them; ``validation`` only where the slice ends an epoch. ``xla``
    says what compiled the program, because the last bits depend on it.
    """

    images: int
    loss: float
    correct: int
    seconds: float
    xla: bool
    validation: Score | None = None


def mean_score(parts: Sequence[Progress]) -> Score:
    """The score over all images of ``parts``, each image counting once."""
    images = sum(part.images for part in parts)
    return Score(sum(part.loss for part in parts) / images, sum(part.correct for part in parts) / images)


def steps_per_slice(config: TrainingConfig) -> int:
    """Batches in one slice: an epoch cut into equal parts of about 0.2 s."""
    parts = max(1, round(config.steps_per_epoch * _flops_per_step(config) / _SLICE_FLOPS))
    return -(-config.steps_per_epoch // parts)


def slice_rows(config: TrainingConfig) -> int:
    """Room for the batches of any slice of this architecture and batch size, however many images
    are trained on: a compiled program has one shape. Rounding cuts no slice above 1.5 times its aim."""
    whole_epoch = -(-TRAINING_IMAGES // config.batch_size)
    return min(whole_epoch, int(1.5 * _SLICE_FLOPS / _flops_per_step(config)) + 1)


def flops(config: TrainingConfig, epochs: float) -> float:
    """Floating-point operations of so many epochs: the products, and what else an image costs."""
    return epochs * config.steps_per_epoch * _flops_per_step(config)


def flops_of_turn(config: TrainingConfig, part: Slice) -> float:
    """What a worker is busy with for ``part``, as ``flops`` counts: the training, what is measured after it,
    and the way there and back."""
    measured = config.validation_images if part.ends_epoch else 0
    if part.epoch == 0:
        measured += min(UNTRAINED_IMAGES, config.training_images)
    measuring = measured * (2 * config.parameter_count + _IMAGE_FLOPS)
    return flops(config, part.steps / config.steps_per_epoch) + measuring + _HANDING_OVER_FLOPS


def turns(config: TrainingConfig, done: Slice | None = None) -> tuple[float, ...]:
    """The FLOP of each slice of a run after ``done``, ``None`` where none is."""
    left: list[float] = []
    while (part := next_slice(config, done)) and not (part.epoch and part.first_step == 0):
        left.append(flops_of_turn(config, part))
        done = part
    epochs = config.epochs - (part.epoch - 1 if part else config.epochs)
    return (*left, *_epoch(config) * epochs)


@lru_cache(maxsize=256)
def _epoch(config: TrainingConfig) -> tuple[float, ...]:
    done, parts = Slice(0, 0, 0, ends_epoch=True), list[float]()
    while not parts or not done.ends_epoch:
        done = next_slice(config, done) or done
        parts.append(flops_of_turn(config, done))
    return tuple(parts)


def _flops_per_step(config: TrainingConfig) -> float:
    augmentation = _AUGMENTATION_FLOPS if config.augmentation else 0
    return config.batch_size * (6 * config.parameter_count + _IMAGE_FLOPS + augmentation)


def next_slice(config: TrainingConfig, done: Slice | None) -> Slice | None:
    """The slice after ``done`` (``None``: the first one), or ``None`` where the run is complete."""
    if done is None:
        return Slice(epoch=0, first_step=0, steps=0, ends_epoch=True)
    if done.ends_epoch and done.epoch == config.epochs:
        return None
    epoch, first = (done.epoch + 1, 0) if done.ends_epoch else (done.epoch, done.first_step + done.steps)
    steps = min(steps_per_slice(config), config.steps_per_epoch - first)
    return Slice(epoch, first, steps, ends_epoch=first + steps == config.steps_per_epoch)


def initial_state(config: TrainingConfig) -> TrainingState:
    """Initial weights from the seed alone: Glorot uniform kernels, as Keras' default, zero biases.

    A layer's kernel depends on the seed, its index and its shape only, so that networks that
    differ elsewhere start alike. Source: Glorot and Bengio 2010, limit sqrt(6 / (in + out)).
    """
    weights: list[NDArray[np.float32]] = []
    sizes = config.layer_sizes
    for layer, (fan_in, fan_out) in enumerate(pairwise(sizes)):
        limit = np.sqrt(6 / (fan_in + fan_out))
        rng = _random(config, _Purpose.WEIGHTS, layer)
        kernel = rng.uniform(-limit, limit, (fan_in, fan_out)).astype(np.float32)
        weights += [kernel, np.zeros(fan_out, np.float32)]
    return TrainingState(read_only(weights))


def training_indices(config: TrainingConfig) -> NDArray[np.int64]:
    """Which training images this run uses, int64 (training_images,), sorted.

    The last ``held_out`` images are never among them; a share is drawn by the seed.
    """
    available = TRAINING_IMAGES - config.held_out
    if config.training_images == available:
        return np.arange(available)
    rng = _random(config, _Purpose.SHARE)
    return np.sort(rng.permutation(available)[: config.training_images])


def epoch_order(config: TrainingConfig, epoch: int) -> NDArray[np.int64]:
    """The training images in the order of ``epoch``, int64 (training_images,)."""
    return _random(config, _Purpose.ORDER, epoch).permutation(training_indices(config))


def fine_tuning_order(config: TrainingConfig, epoch: int, count: int) -> NDArray[np.int64]:
    """The indices of ``count`` images that are not MNIST's in the order of ``epoch``, int64 (count,)."""
    return _random(config, _Purpose.FINE_TUNING_ORDER, epoch).permutation(count)


class _Purpose(IntEnum):
    """What a stream of random numbers is for; no two purposes share one."""

    WEIGHTS = 0
    ORDER = 1
    SHARE = 2
    FINE_TUNING_ORDER = 3


def _random(config: TrainingConfig, purpose: _Purpose, index: int = 0) -> np.random.Generator:
    return np.random.default_rng([config.seed, purpose, index])


def read_only(arrays: list[NDArray[np.float32]]) -> Arrays:
    """``arrays`` as a tuple, locked from now on: they are handed to many readers."""
    for array in arrays:
        array.setflags(write=False)
    return tuple(arrays)
