"""Training by slices: one slice of a run, from NumPy arrays to NumPy arrays; and fine-tuning on other images.

``train_slice`` and ``fine_tune`` are pure and repeatable: the same arguments give the same bits on the same
machine and versions, whatever ran in this process before.
"""

import time
from functools import cache, lru_cache

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from model.config import PIXELS, TEST_IMAGES, TRAINING_IMAGES, TrainingConfig
from model.data import mnist
from model.data.mnist import LabelledImages
from model.slices import (
    MAX_FINE_TUNING_IMAGES,
    UNTRAINED_IMAGES,
    Arrays,
    Progress,
    Score,
    Slice,
    TrainingState,
    epoch_order,
    fine_tuning_order,
    slice_rows,
    training_indices,
)
from model.training.compiled_mlp import Batches, CompiledMlp, Dataset, Hyper, compiles_with_xla

# When only measuring, so many images at a time, whose pixels as float32 fit into a core's cache:
# validation took 24 ms instead of 36 ms in calls of 2,000 (two cores). Smaller sets are masked.
_MEASURED_AT_ONCE = 500
_MAX_MEASURED = 20_000
# Compiled programs kept per process; each holds a model of its own (about 7 MB).
_PROGRAMS = 16

_compiled = lru_cache(maxsize=_PROGRAMS)(CompiledMlp)


def train_slice(config: TrainingConfig, state: TrainingState, part: Slice) -> tuple[TrainingState, Progress]:
    """Train ``part`` of the run from ``state`` and measure it.

    Raises:
        model.data.mnist.DataError: the images cannot be read.
        MemoryError: TensorFlow could not allocate what it needs.
    """
    try:
        return _train_slice(config, state, part)
    except tf.errors.ResourceExhaustedError as error:
        raise MemoryError(error.message) from None


def fine_tune(config: TrainingConfig, weights: Arrays, images: LabelledImages) -> Arrays:
    """``weights`` after ``config.epochs`` epochs of training on ``images`` alone, in one call.

    The optimizer starts anew. What ``config`` says of MNIST's images counts for nothing: how many are
    used, how many are held out.

    Raises:
        ValueError: there are no images or too many of them, or the steps are more than a slice has room for.
        MemoryError: TensorFlow could not allocate what it needs.
    """
    batches = _fine_tuning_batches(config, len(images))
    try:
        mlp = _compiled(_architecture(config))
        mlp.load(TrainingState(weights), config.learning_rate)
        mlp.train(_with_room(images), batches, Hyper.of(config, Slice(1, 0, 0, ends_epoch=False)))
        return mlp.state().weights
    except tf.errors.ResourceExhaustedError as error:
        raise MemoryError(error.message) from None


def _train_slice(config: TrainingConfig, state: TrainingState, part: Slice) -> tuple[TrainingState, Progress]:
    started = time.perf_counter()
    mlp, hyper = _compiled(_architecture(config)), Hyper.of(config, part)
    mlp.load(state, config.learning_rate)
    if part.steps:
        batches = _batches(config, part)
        images = int(batches.mask.sum())
        loss, correct = mlp.train(_dataset(), batches, hyper)
    else:
        untrained = training_indices(config)[:UNTRAINED_IMAGES]
        images = len(untrained)
        loss, correct = _measure(mlp, untrained, hyper)
    validation = _validate(mlp, config, hyper) if part.ends_epoch else None
    seconds = time.perf_counter() - started
    return mlp.state(), Progress(images, loss, correct, seconds, compiles_with_xla(), validation)


def _architecture(config: TrainingConfig) -> TrainingConfig:
    """``config`` with everything reset that reaches the program as a number at run time."""
    return TrainingConfig(
        hidden_layers=config.hidden_layers,
        activation=config.activation,
        optimizer=config.optimizer,
        batch_size=config.batch_size,
        dropout=0.5 if config.dropout else 0.0,
        l2=0.1 if config.l2 else 0.0,
        augmentation=1.0 if config.augmentation else 0.0,
    )


@cache
def _dataset() -> Dataset:
    """All 70,000 images, the test images behind the training images, loaded once a process: one shape,
    so that measuring is compiled once."""
    parts = [mnist.load(name) for name in ("train", "test")]
    pixels = np.concatenate([part.images.reshape(-1, PIXELS) for part in parts])
    return Dataset(tf.constant(pixels), tf.constant(np.concatenate([part.labels for part in parts])))


def _with_room(images: LabelledImages) -> Dataset:
    """``images`` and blanks behind them: one shape, so that fine-tuning is compiled once."""
    room = MAX_FINE_TUNING_IMAGES - len(images)
    pixels = np.pad(images.images.reshape(-1, PIXELS), ((0, room), (0, 0)))
    return Dataset(tf.constant(pixels), tf.constant(np.pad(images.labels, (0, room))))


def _batches(config: TrainingConfig, part: Slice) -> Batches:
    """The images of ``part``, ``slice_rows`` batches of ``batch_size``.

    Places without an image are the end of a last partial batch, and the batches that this slice does not
    need. So every slice of an architecture has one shape.
    """
    first = part.first_step * config.batch_size
    chosen = epoch_order(config, part.epoch)[first : first + part.steps * config.batch_size]
    return _padded(chosen, slice_rows(config), config.batch_size)


def _fine_tuning_batches(config: TrainingConfig, count: int) -> Batches:
    """All epochs over ``count`` images, in the shape of a slice of this architecture."""
    steps, rows = -(-count // config.batch_size), slice_rows(config)
    if not 1 <= count <= MAX_FINE_TUNING_IMAGES:
        raise ValueError(f"expected 1 to {MAX_FINE_TUNING_IMAGES} images, received {count}")
    if config.epochs * steps > rows:
        raise ValueError(f"expected {rows} steps at most, received {config.epochs} epochs of {steps}")
    orders = [fine_tuning_order(config, epoch, count) for epoch in range(1, config.epochs + 1)]
    epochs = [_padded(order, steps, config.batch_size) for order in orders]
    rest = _padded(np.array([], np.int64), rows - config.epochs * steps, config.batch_size)
    return Batches(*map(np.concatenate, zip(*epochs, rest, strict=True)))


def _padded(chosen: NDArray[np.int64], batches: int, batch_size: int) -> Batches:
    indices = np.zeros((batches, batch_size), np.int32)
    mask = np.zeros((batches, batch_size), np.float32)
    indices.flat[: len(chosen)] = chosen
    mask.flat[: len(chosen)] = 1
    return Batches(indices, mask)


def _validate(mlp: CompiledMlp, config: TrainingConfig, hyper: Hyper) -> Score:
    end = TRAINING_IMAGES + (TEST_IMAGES if config.validates_on_test_images else 0)
    chosen = np.arange(end - config.validation_images, end)
    loss, correct = _measure(mlp, chosen, hyper)
    return Score(loss / len(chosen), correct / len(chosen))


def _measure(mlp: CompiledMlp, chosen: NDArray[np.int64], hyper: Hyper) -> tuple[float, int]:
    """Summed loss and number correct over the ``chosen`` images, int64 (N,), N up to 20,000."""
    batches = _padded(chosen, _MAX_MEASURED // _MEASURED_AT_ONCE, _MEASURED_AT_ONCE)
    return mlp.measure(_dataset(), batches, hyper)
