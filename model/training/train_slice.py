"""Training by slices: a Keras network in one compiled program, fed and read as NumPy arrays.

``train_slice`` is pure and repeatable: the same configuration, state and slice give the same
bits on the same machine and versions, whatever ran in this process before.
"""

import time
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from model.config import CLASSES, PIXELS, TEST_IMAGES, TRAINING_IMAGES, TrainingConfig
from model.data import mnist
from model.slices import (
    Progress,
    Score,
    Slice,
    TrainingState,
    epoch_order,
    read_only,
    slice_rows,
    training_indices,
)
from model.training.augmentation import augment
from model.training.network import build_mlp, build_optimizer

# When only measuring, so many images at a time, whose pixels as float32 fit into a core's cache:
# validation took 24 ms instead of 36 ms in calls of 2,000 (two cores). Smaller sets are masked.
_MEASURED_AT_ONCE = 500
_MOST_MEASURED = 20_000
# The untrained network is measured on this many training images at most: it only guesses yet.
_UNTRAINED_IMAGES = 10_000
# Streams of random numbers of one step: dropout after up to four hidden layers, and augmentation.
_STREAMS = 8
_AUGMENTATION_STREAM = 4
# Compiled programs kept per process; each holds a model of its own (about 7 MB).
_PROGRAMS = 16


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


def _train_slice(config: TrainingConfig, state: TrainingState, part: Slice) -> tuple[TrainingState, Progress]:
    started = time.perf_counter()
    program = _program(_architecture(config))
    program.load(config, state)
    if part.steps:
        indices, mask = _batches(config, part)
        counter = np.int32((part.epoch * 8_192 + part.first_step) * _STREAMS)
        seed = np.array([config.seed, counter], np.int32)
        numbers = map(np.float32, (config.dropout, config.l2, config.augmentation))
        loss, correct = program.train(*_on_device(), indices, mask, seed, *numbers)
        images = int(mask.sum())
        measured = float(loss), int(correct)
    else:
        untrained = training_indices(config)[:_UNTRAINED_IMAGES]
        images = len(untrained)
        measured = _measure(program, config, untrained)
    validation = _validate(program, config) if part.ends_epoch else None
    progress = Progress(images, *measured, time.perf_counter() - started, compiles_with_xla(), validation)
    return program.state(), progress


@cache
def compiles_with_xla() -> bool:
    """Whether XLA compiles on this machine: tried, never chosen by timing, since its bits differ."""
    try:
        tf.function(lambda x: x + 1.0, jit_compile=True)(tf.constant(1.0))
    except (tf.errors.OpError, NotImplementedError, ValueError):
        return False
    return True


@dataclass(frozen=True)
class _Program:
    """One compiled architecture. Runs of the same shape take turns in it."""

    model: keras.Model
    optimizer: keras.optimizers.Optimizer
    train: Any
    measure: Any

    def load(self, config: TrainingConfig, state: TrainingState) -> None:
        for variable, array in zip(self.model.trainable_variables, state.weights, strict=True):
            variable.assign(array)
        kept = self._optimizer_variables()
        for variable, moment in zip(
            kept, state.optimizer or [np.zeros(v.shape, v.dtype) for v in kept], strict=True
        ):
            variable.assign(moment)
        self.optimizer.learning_rate = config.learning_rate

    def state(self) -> TrainingState:
        weights = read_only([v.numpy() for v in self.model.trainable_variables])
        return TrainingState(weights, read_only([v.numpy() for v in self._optimizer_variables()]))

    def _optimizer_variables(self) -> list[Any]:
        return [v for v in self.optimizer.variables if v.name != "learning_rate"]


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


@lru_cache(maxsize=_PROGRAMS)
def _program(architecture: TrainingConfig) -> _Program:
    """Build the model and two programs: a slice of training steps, and measuring without a step."""
    model = build_mlp(architecture)
    optimizer = build_optimizer(architecture)
    optimizer.build(model.trainable_variables)
    dense = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]

    def ink(pixels: tf.Tensor) -> tf.Tensor:
        return tf.cast(pixels, tf.float32) / 255.0

    def forward(x: tf.Tensor, drop: Any = None) -> tf.Tensor:
        for number, layer in enumerate(dense[:-1]):
            x = layer(x)
            if drop is not None:
                x = drop(x, number)
        return tf.matmul(x, dense[-1].kernel) + dense[-1].bias

    def penalty(l2: tf.Tensor) -> tf.Tensor:
        if not architecture.l2:
            return tf.constant(0.0)
        return l2 * tf.add_n([tf.reduce_sum(tf.square(layer.kernel)) for layer in dense])

    def errors(logits: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        one_hot = tf.one_hot(labels, CLASSES)
        cross_entropy = tf.nn.softmax_cross_entropy_with_logits(one_hot, logits)
        hits = tf.equal(tf.argmax(logits, 1, tf.int32), tf.cast(labels, tf.int32))
        return cross_entropy, tf.cast(hits, tf.float32)

    def step(
        pixels: tf.Tensor,
        labels: tf.Tensor,
        mask: tf.Tensor,
        seed: tf.Tensor,
        rate: tf.Tensor,
        l2: tf.Tensor,
        strength: tf.Tensor,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        def drop(x: tf.Tensor, number: int) -> tf.Tensor:
            return tf.nn.experimental.stateless_dropout(
                x, rate, seed + tf.constant([0, number]), rng_alg="philox"
            )

        count = tf.reduce_sum(mask)
        x = ink(pixels)
        if architecture.augmentation:
            x = augment(x, seed + tf.constant([0, _AUGMENTATION_STREAM]), strength)
        with tf.GradientTape() as tape:
            logits = forward(x, drop if architecture.dropout else None)
            cross_entropy, hits = errors(logits, labels)
            loss = tf.reduce_sum(cross_entropy * mask) / count + penalty(l2)
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply(gradients, model.trainable_variables)
        return loss * count, tf.reduce_sum(hits * mask)

    def filled_rows(mask: tf.Tensor) -> tf.Tensor:
        """Counted from the data: a count passed as a number would compile anew for each value."""
        return tf.reduce_sum(tf.cast(mask[:, 0] > 0, tf.int32))

    def train(
        images: tf.Tensor,
        labels: tf.Tensor,
        indices: tf.Tensor,
        mask: tf.Tensor,
        seed: tf.Tensor,
        rate: tf.Tensor,
        l2: tf.Tensor,
        strength: tf.Tensor,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        def body(i: tf.Tensor, loss: tf.Tensor, correct: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
            rows = indices[i]
            step_seed = seed + tf.stack([0, i * _STREAMS])
            step_loss, hits = step(
                tf.gather(images, rows), tf.gather(labels, rows), mask[i], step_seed, rate, l2, strength
            )
            return i + 1, loss + step_loss, correct + hits

        _, loss, correct = tf.while_loop(lambda i, *_: i < filled_rows(mask), body, (0, 0.0, 0.0))
        return loss, correct

    def measure(
        images: tf.Tensor, labels: tf.Tensor, indices: tf.Tensor, mask: tf.Tensor, l2: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        def body(i: tf.Tensor, loss: tf.Tensor, correct: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
            rows = indices[i]
            cross_entropy, hits = errors(forward(ink(tf.gather(images, rows))), tf.gather(labels, rows))
            return (
                i + 1,
                loss + tf.reduce_sum(cross_entropy * mask[i]),
                correct + tf.reduce_sum(hits * mask[i]),
            )

        _, loss, correct = tf.while_loop(lambda i, *_: i < filled_rows(mask), body, (0, 0.0, 0.0))
        return loss + penalty(l2) * tf.reduce_sum(mask), correct

    return _Program(
        model,
        optimizer,
        train=tf.function(train, jit_compile=compiles_with_xla()),
        measure=tf.function(measure, jit_compile=compiles_with_xla()),
    )


@cache
def _on_device() -> tuple[tf.Tensor, tf.Tensor]:
    """Images uint8 (70,000, 784) and labels, the test images behind the training images, loaded once
    a process: one shape, so that measuring is compiled once."""
    parts = [mnist.load(name) for name in ("train", "test")]
    images = np.concatenate([part.images.reshape(-1, PIXELS) for part in parts])
    return tf.constant(images), tf.constant(np.concatenate([part.labels for part in parts]))


def _batches(config: TrainingConfig, part: Slice) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Image numbers int32 and mask float32, each (slice_rows, batch_size).

    Places without an image are 0 in the mask: the end of a last partial batch, and the rows that
    this slice does not need. So every slice of an architecture has one shape.
    """
    shape = (slice_rows(config), config.batch_size)
    first = part.first_step * config.batch_size
    chosen = epoch_order(config, part.epoch)[first : first + part.steps * config.batch_size]
    return _padded(chosen, shape)


def _padded(
    chosen: NDArray[np.int64], shape: tuple[int, ...]
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    indices = np.zeros(shape, np.int32)
    mask = np.zeros(shape, np.float32)
    indices.flat[: len(chosen)] = chosen
    mask.flat[: len(chosen)] = 1
    return indices, mask


def _validate(program: _Program, config: TrainingConfig) -> Score:
    end = TRAINING_IMAGES + (TEST_IMAGES if config.validates_on_test_images else 0)
    chosen = np.arange(end - config.validation_images, end)
    loss, correct = _measure(program, config, chosen)
    return Score(loss / len(chosen), correct / len(chosen))


def _measure(program: _Program, config: TrainingConfig, chosen: NDArray[np.int64]) -> tuple[float, int]:
    """Summed loss and number correct over the ``chosen`` images."""
    rows = _padded(chosen, (_MOST_MEASURED // _MEASURED_AT_ONCE, _MEASURED_AT_ONCE))
    loss, correct = program.measure(*_on_device(), *rows, np.float32(config.l2))
    return float(loss), int(correct)
