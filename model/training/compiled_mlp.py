"""A multilayer perceptron with its optimizer, compiled once for all runs of an architecture.

What a run may choose apart from the architecture reaches the compiled code as tensors: a Python number
would compile anew for each of its values. All arrays of a call have the same shapes each time, likewise.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple, Self

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from model.config import CLASSES, TrainingConfig
from model.slices import Slice, TrainingState, read_only
from model.training.augmentation import augment
from model.training.network import build_mlp, build_optimizer

# Streams of random numbers of one step: dropout after up to four hidden layers, and augmentation.
_STREAMS = 8
_AUGMENTATION_STREAM = 4
# More than any epoch has, so that no two steps of a run share a stream.
_STEPS_OF_AN_EPOCH = 8_192


class Dataset(NamedTuple):
    """Images and labels on the device.

    ``pixels`` uint8 (N, 784), 255 is full ink; ``labels`` uint8 (N,), 0-9.
    """

    pixels: tf.Tensor
    labels: tf.Tensor


class Batches(NamedTuple):
    """Which images of a data set, batch by batch.

    ``indices`` int32 (batches, batch_size); ``mask`` float32 of the same shape, 0 where a place holds no
    image. Only the end of a partial batch has such places, and whole batches behind all others, which are
    not computed.
    """

    indices: NDArray[np.int32]
    mask: NDArray[np.float32]


class Hyper(NamedTuple):
    """The numbers of a slice of a run.

    ``seed`` int32 (2,), the run's seed and the first stream of the slice's first step; the rest are float32
    scalars: the share of units that are dropped, the factor of the L2 penalty, and the strength of
    augmentation, 0-1.
    """

    seed: NDArray[np.int32]
    dropout: np.float32
    l2: np.float32
    augmentation: np.float32

    @classmethod
    def of(cls, config: TrainingConfig, part: Slice) -> Self:
        """What ``config`` says, with the random streams that belong to ``part`` alone."""
        stream = np.int32((part.epoch * _STEPS_OF_AN_EPOCH + part.first_step) * _STREAMS)
        seed = np.array([config.seed, stream], np.int32)
        return cls(seed, *map(np.float32, (config.dropout, config.l2, config.augmentation)))


class CompiledMlp:
    """One architecture: a Keras model, its optimizer, and two programs, ``train`` and ``measure``.

    Runs of the same architecture take turns in it: ``load`` a run's arrays, compute, read its ``state``.
    """

    def __init__(self, architecture: TrainingConfig) -> None:
        """Build the network; TensorFlow traces and compiles a program at its first call.

        Of ``architecture`` dropout, L2 penalty and augmentation say only whether there is any.
        """
        self._architecture = architecture
        self._model = build_mlp(architecture)
        self._dense = [layer for layer in self._model.layers if isinstance(layer, keras.layers.Dense)]
        self._optimizer = build_optimizer(architecture)
        self._optimizer.build(self._model.trainable_variables)
        self._train = tf.function(self.train_batches, jit_compile=compiles_with_xla())
        self._measure = tf.function(self.measure_batches, jit_compile=compiles_with_xla())

    def load(self, state: TrainingState, learning_rate: float) -> None:
        """Go on from ``state``; one without optimizer variables starts them at 0, as Keras does."""
        variables = self._optimizer_variables()
        moments = state.optimizer or [np.zeros(variable.shape, variable.dtype) for variable in variables]
        _assign(self._model.trainable_variables, state.weights)
        _assign(variables, moments)
        self._optimizer.learning_rate = learning_rate

    def state(self) -> TrainingState:
        """Weights and optimizer variables as they are now, copied to the host."""
        return TrainingState(
            read_only([variable.numpy() for variable in self._model.trainable_variables]),
            read_only([variable.numpy() for variable in self._optimizer_variables()]),
        )

    def train(self, dataset: Dataset, batches: Batches, hyper: Hyper) -> tuple[float, int]:
        """A step of the optimizer for each of ``batches``.

        Gives the loss (cross-entropy in nats and L2 penalty), summed over the images, and how many were
        right, both before the step that an image took part in, as Keras' ``fit`` counts them.
        """
        loss, correct = self._train(dataset, batches, hyper)
        return float(loss), int(correct)

    def measure(self, dataset: Dataset, batches: Batches, hyper: Hyper) -> tuple[float, int]:
        """Loss, summed over the images, and how many are right, without dropout and augmentation."""
        loss, correct = self._measure(dataset, batches, hyper.l2)
        return float(loss), int(correct)

    # From here on: what TensorFlow traces. Tensors in, tensors out.

    def train_batches(self, dataset: Dataset, batches: Batches, hyper: Hyper) -> tuple[tf.Tensor, tf.Tensor]:
        """The program behind ``train``: float32 scalars, summed loss and number right."""

        def one_batch(
            number: tf.Tensor, pixels: tf.Tensor, labels: tf.Tensor, mask: tf.Tensor
        ) -> tuple[tf.Tensor, tf.Tensor]:
            seed = hyper.seed + tf.stack([0, number * _STREAMS])
            return self.train_step(pixels, labels, mask, hyper._replace(seed=seed))

        return _summed(dataset, batches, one_batch)

    def measure_batches(
        self, dataset: Dataset, batches: Batches, l2: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """The program behind ``measure``: float32 scalars, summed loss and number right."""

        def one_batch(
            _number: tf.Tensor, pixels: tf.Tensor, labels: tf.Tensor, mask: tf.Tensor
        ) -> tuple[tf.Tensor, tf.Tensor]:
            cross_entropy, correct = _errors(self.forward(_ink(pixels)), labels)
            return tf.reduce_sum(cross_entropy * mask), tf.reduce_sum(correct * mask)

        cross_entropy, correct = _summed(dataset, batches, one_batch)
        return cross_entropy + self.penalty(l2) * tf.reduce_sum(batches.mask), correct

    def train_step(
        self, pixels: tf.Tensor, labels: tf.Tensor, mask: tf.Tensor, hyper: Hyper
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """One step of the optimizer: forward, backward, update.

        ``pixels`` uint8 (batch, 784), ``labels`` uint8 (batch,), ``mask`` float32 (batch,). Gives the
        batch's loss, summed, and the number right, float32 scalars.
        """
        count = tf.reduce_sum(mask)
        ink = _ink(pixels)
        if self._architecture.augmentation:
            ink = augment(ink, _stream(hyper, _AUGMENTATION_STREAM), hyper.augmentation)
        with tf.GradientTape() as tape:
            cross_entropy, correct = _errors(self.forward(ink, hyper), labels)
            loss = tf.reduce_sum(cross_entropy * mask) / count + self.penalty(hyper.l2)
        gradients = tape.gradient(loss, self._model.trainable_variables)
        self._optimizer.apply(gradients, self._model.trainable_variables)
        return loss * count, tf.reduce_sum(correct * mask)

    def forward(self, ink: tf.Tensor, training: Hyper | None = None) -> tf.Tensor:
        """Logits float32 (batch, 10) of ``ink`` float32 (batch, 784) in [0, 1].

        Layer by layer, since the model itself ends in softmax, and its dropout draws from a generator
        that goes on from call to call. With the numbers of a step in ``training``, units are dropped.
        """
        outputs = ink
        for index, layer in enumerate(self._dense[:-1]):
            outputs = layer(outputs)
            if training is not None and self._architecture.dropout:
                outputs = _dropped(outputs, _stream(training, index), training.dropout)
        last = self._dense[-1]
        return tf.matmul(outputs, last.kernel) + last.bias

    def penalty(self, l2: tf.Tensor) -> tf.Tensor:
        """``l2`` times the sum of all squared weights, biases apart; a float32 scalar."""
        if not self._architecture.l2:
            return tf.constant(0.0)
        return l2 * tf.add_n([tf.reduce_sum(tf.square(layer.kernel)) for layer in self._dense])

    def _optimizer_variables(self) -> list[Any]:
        return [variable for variable in self._optimizer.variables if variable.name != "learning_rate"]


@cache
def compiles_with_xla() -> bool:
    """Whether XLA compiles on this machine: tried, never chosen by timing, since its bits differ."""
    try:
        tf.function(lambda x: x + 1.0, jit_compile=True)(tf.constant(1.0))
    except (tf.errors.OpError, NotImplementedError, ValueError):
        return False
    return True


def _summed(
    dataset: Dataset,
    batches: Batches,
    one_batch: Callable[[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor], tuple[tf.Tensor, tf.Tensor]],
) -> tuple[tf.Tensor, tf.Tensor]:
    """The two numbers of ``one_batch(number, pixels, labels, mask)``, added up over the filled batches."""
    # Counted from the data: a count passed as a number would compile anew for each value.
    filled = tf.reduce_sum(tf.cast(batches.mask[:, 0] > 0, tf.int32))

    def body(
        number: tf.Tensor, loss: tf.Tensor, correct: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        rows = batches.indices[number]
        pixels, labels = tf.gather(dataset.pixels, rows), tf.gather(dataset.labels, rows)
        more_loss, more_correct = one_batch(number, pixels, labels, batches.mask[number])
        return number + 1, loss + more_loss, correct + more_correct

    _, loss, correct = tf.while_loop(lambda number, *_: number < filled, body, (0, 0.0, 0.0))
    return loss, correct


def _ink(pixels: tf.Tensor) -> tf.Tensor:
    """Pixels uint8 as ink float32 in [0, 1]."""
    return tf.cast(pixels, tf.float32) / 255.0


def _errors(logits: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Cross-entropy in nats and 1 where the largest logit is the label's, both float32 (batch,)."""
    one_hot = tf.one_hot(labels, CLASSES)
    cross_entropy = tf.nn.softmax_cross_entropy_with_logits(one_hot, logits)
    correct = tf.equal(tf.argmax(logits, 1, tf.int32), tf.cast(labels, tf.int32))
    return cross_entropy, tf.cast(correct, tf.float32)


def _dropped(outputs: tf.Tensor, seed: tf.Tensor, share: tf.Tensor) -> tf.Tensor:
    """``outputs`` with a random ``share`` of them set to 0 and the others enlarged to make up for it."""
    return tf.nn.experimental.stateless_dropout(outputs, share, seed, rng_alg="philox")


def _stream(hyper: Hyper, number: int) -> tf.Tensor:
    """The seed, int32 (2,), of one of the ``_STREAMS`` of a step."""
    return hyper.seed + tf.constant([0, number])


def _assign(variables: list[Any], arrays: Any) -> None:
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)
