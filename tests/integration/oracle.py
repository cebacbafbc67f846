"""Runs in the engine's worker, where TensorFlow is: our numbers and Keras' own, side by side.

So the process of the tests stays as free of TensorFlow as the web process is.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.config import TrainingConfig
from model.data import mnist
from model.evaluation.metrics import evaluate
from model.inference import Network, probabilities
from model.slices import (
    Arrays,
    EpochMetrics,
    Progress,
    Slice,
    TrainingState,
    epoch_order,
    fine_tuning_order,
    initial_state,
    next_slice,
)


def _compiled(config: TrainingConfig, weights: Arrays) -> Any:
    """Keras' model of ``config``, eager: to compile a step takes longer than all the steps of a test."""
    from model.training.network import build_mlp, build_optimizer

    model = build_mlp(config)
    model.compile(
        build_optimizer(config), loss="categorical_crossentropy", metrics=["accuracy"], run_eagerly=True
    )
    model.set_weights(list(weights))
    return model


def keras_training(config: TrainingConfig, epochs: int) -> tuple[Arrays, list[list[float]]]:
    """Weights and ``[loss, accuracy]`` per epoch of Keras' own ``train_on_batch``."""
    import keras

    model = _compiled(config, initial_state(config).weights)
    train = mnist.load("train")
    scores = []
    for epoch in range(1, epochs + 1):
        order = epoch_order(config, epoch)
        total = np.zeros(2)
        for first in range(0, len(order), config.batch_size):
            rows = order[first : first + config.batch_size]
            pictures = train.images[rows].astype(np.float32) / 255
            model.reset_metrics()
            score = model.train_on_batch(pictures, keras.utils.to_categorical(train.labels[rows], 10))
            total += np.array(score, float) * len(rows)
        scores.append([float(value) for value in total / len(order)])
    return tuple(model.get_weights()), scores


def keras_fine_tuning(config: TrainingConfig, weights: Arrays, images: mnist.LabelledImages) -> Arrays:
    """Weights after Keras' own ``train_on_batch`` with ``images``, epoch by epoch."""
    import keras

    model = _compiled(config, weights)
    for epoch in range(1, config.epochs + 1):
        order = fine_tuning_order(config, epoch, len(images))
        for first in range(0, len(order), config.batch_size):
            rows = order[first : first + config.batch_size]
            pictures = images.images[rows].astype(np.float32) / 255
            model.train_on_batch(pictures, keras.utils.to_categorical(images.labels[rows], 10))
    return tuple(model.get_weights())


def fine_tuning_programs(config: TrainingConfig, weights: Arrays, counts: Sequence[int]) -> list[int]:
    """How many programs of this architecture were traced so far, after fine-tuning on so many images each."""
    from model.training import train_slice

    train, traced = mnist.load("train"), []
    for count in counts:
        images = mnist.LabelledImages(train.images[:count], train.labels[:count])
        train_slice.fine_tune(config, weights, images)
        compiled = train_slice._compiled(train_slice._architecture(config))
        traced.append(compiled._train.experimental_get_tracing_count())
    return traced


def slices(config: TrainingConfig, epochs: int) -> tuple[Arrays, list[list[float]], TrainingState]:
    """What ``keras_training`` gives, from our chain of slices, and the last state."""
    ours = chain(config, epochs)
    return ours[-1][0].weights, [[m.training.loss, m.training.accuracy] for m in ours[-1][1][1:]], ours[-1][0]


def chain(config: TrainingConfig, epochs: int) -> list[tuple[TrainingState, list[EpochMetrics]]]:
    """State and history after every epoch, the untrained network first."""
    return interleaved([config], epochs)[0]


def interleaved(
    configs: Sequence[TrainingConfig], epochs: int
) -> list[list[tuple[TrainingState, list[EpochMetrics]]]]:
    """``chain`` of each configuration, one slice of each in turn."""
    from model.slices import mean_score
    from model.training.train_slice import train_slice

    states = [initial_state(config) for config in configs]
    done: list[Slice | None] = [None] * len(configs)
    parts: list[list[Progress]] = [[] for _ in configs]
    histories: list[list[EpochMetrics]] = [[] for _ in configs]
    results: list[list[tuple[TrainingState, list[EpochMetrics]]]] = [[] for _ in configs]
    while any(len(result) <= epochs for result in results):
        for i, config in enumerate(configs):
            if len(results[i]) > epochs:
                continue
            part = done[i] = next_slice(config, done[i])
            assert part is not None
            states[i], progress = train_slice(config, states[i], part)
            parts[i].append(progress)
            if progress.validation is not None:
                histories[i].append(EpochMetrics(part.epoch, mean_score(parts[i]), progress.validation))
                results[i].append((states[i], list(histories[i])))
                parts[i] = []
    return results


def programs() -> int:
    """How many compiled programs this worker keeps."""
    from model.training import train_slice

    return train_slice._compiled.cache_info().currsize


def keras_and_numpy_probabilities(
    config: TrainingConfig, weights: Arrays, images: NDArray[np.uint8]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    from model.training.network import build_mlp

    model = build_mlp(config)
    model.set_weights(list(weights))
    return (
        model.predict(images.astype(np.float32) / 255, verbose=0),
        probabilities(Network.from_arrays(weights, config.activation), images),
    )


def keras_and_numpy_scores(
    config: TrainingConfig, weights: Arrays, count: int
) -> tuple[list[float], list[float]]:
    """``[loss, accuracy]`` on the first ``count`` test images, from Keras' ``evaluate`` and from ours."""
    import keras

    test = mnist.load("test")
    chosen = mnist.LabelledImages(test.images[:count], test.labels[:count])
    model = _compiled(config, weights)
    score = model.evaluate(
        chosen.images.astype(np.float32) / 255,
        keras.utils.to_categorical(chosen.labels, 10),
        batch_size=400,
        verbose=0,
    )
    ours = evaluate(Network.from_arrays(weights, config.activation), chosen, config.l2)
    return [float(value) for value in score], ours.score


def tape(config: TrainingConfig, weights: Arrays, ink: np.ndarray, label: int) -> dict[str, Any]:
    """Every number on the way, and the gradient of the loss by each, in the engine's process."""
    import keras
    import tensorflow as tf

    from model.training.network import build_mlp

    model = build_mlp(config)
    model.set_weights(list(weights))
    a = tf.constant(ink)
    activations, pre_activations = [a], []
    with tf.GradientTape(persistent=True) as recorded:
        recorded.watch(a)
        for layer in model.layers:
            z = keras.ops.matmul(a, layer.kernel) + layer.bias
            a = layer.activation(z)
            pre_activations.append(z)
            activations.append(a)
        cross_entropy = keras.losses.CategoricalCrossentropy(from_logits=True)(
            keras.utils.to_categorical([label], 10), pre_activations[-1]
        )
        loss = cross_entropy + tf.add_n(model.losses) if model.losses else cross_entropy

    def gradients(sources: Any) -> list[np.ndarray]:
        return [gradient.numpy() for gradient in recorded.gradient(loss, sources)]

    return {
        "activations": [array.numpy()[0] for array in activations],
        "pre_activations": [array.numpy()[0] for array in pre_activations],
        "grad_pre_activations": [array[0] for array in gradients(pre_activations)],
        "grad_activations": [array[0] for array in gradients(activations[:-1])],
        "grad_weights": gradients(model.trainable_variables),
        "losses": (float(cross_entropy), float(loss)),
    }


def keras_step(config: TrainingConfig, weights: Arrays, ink: np.ndarray, label: int) -> Any:
    """Loss, weights after ``train_on_batch`` with this one image, and the loss after it."""
    import keras

    model = _compiled(config, weights)
    digit = keras.utils.to_categorical([label], 10)
    before = model.train_on_batch(ink, digit)[0]
    return float(before), model.get_weights(), float(model.evaluate(ink, digit, verbose=0)[0])
