"""How fast is a run, beside what people would use instead, at equal test accuracy?

    python -m benchmarks.training --json

Every contender trains the seed recipe, validation on the 10,000 test images after every epoch
included, once for every seed; they take turns, and the median epoch counts.

digitlab    the path that a user's run takes: runner, engine, worker process, snapshots
keras_fit   ``model.fit`` as in every tutorial
sklearn     ``MLPClassifier`` with the same recipe
blas_limit  the matrix products alone, at the speed of this machine's own sgemm
"""

import argparse
import os
import platform
import statistics
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.report import report
from model import data
from model.config import TEST_IMAGES, TrainingConfig
from runs.engine import LocalEngine
from runs.runner import Runner

_SGEMM_SIDE = 2_048


@dataclass(frozen=True)
class Trial:
    """Seconds of each epoch after the first, which warms up; accuracy 0-1 after the last."""

    epoch_seconds: list[float]
    test_accuracy: float


@contextmanager
def warm_runner() -> Iterator[Runner]:
    engine = LocalEngine()
    runner = Runner(engine)
    while not runner.engine_status().is_ready:
        if problem := runner.engine_status().problem:
            raise SystemExit(str(problem))
        time.sleep(0.05)
    try:
        yield runner
    finally:
        engine.shutdown()


def digitlab(runner: Runner, config: TrainingConfig) -> Trial:
    run_id = runner.submit(config, visitor="benchmark")
    ends: list[float] = []
    while (snapshot := runner.snapshot(run_id)) and not snapshot.state.is_over:
        while len(ends) < len(snapshot.history):
            ends.append(time.perf_counter())
        time.sleep(0.001)
    assert snapshot is not None
    if snapshot.problem:
        raise SystemExit(str(snapshot.problem))
    ends += [time.perf_counter()] * (len(snapshot.history) - len(ends))
    return Trial(_after_first(ends[1:]), snapshot.history[-1].validation.accuracy)


def keras_fit(config: TrainingConfig) -> Trial:
    import keras

    from model.network import compiled_mlp

    ends: list[float] = []
    keras.utils.set_random_seed(config.seed)
    model = compiled_mlp(config)
    (x, y), (x_test, y_test) = (
        (images.images.astype(np.float32) / 255, keras.utils.to_categorical(images.labels, 10))
        for images in (data.load("train"), data.load("test"))
    )
    clock = keras.callbacks.LambdaCallback(on_epoch_end=lambda *_: ends.append(time.perf_counter()))
    history = model.fit(
        x,
        y,
        batch_size=config.batch_size,
        epochs=config.epochs,
        validation_data=(x_test, y_test),
        callbacks=[clock],
        verbose=0,
    )
    return Trial(_after_first(ends), history.history["val_accuracy"][-1])


def sklearn(config: TrainingConfig) -> Trial:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.metrics import log_loss
    from sklearn.neural_network import MLPClassifier

    train, test = data.load("train"), data.load("test")
    x, x_test = train.images.astype(np.float32) / 255, test.images.astype(np.float32) / 255
    network = MLPClassifier(
        config.hidden_layers,
        solver="sgd",
        momentum=0,
        nesterovs_momentum=False,
        alpha=0,
        learning_rate_init=config.learning_rate,
        batch_size=config.batch_size,
        random_state=config.seed,
    )
    ends, accuracy = [], 0.0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        for _ in range(config.epochs):
            network.partial_fit(x, train.labels, classes=np.arange(10))
            likely = network.predict_proba(x_test)
            log_loss(test.labels, likely)
            accuracy = float(np.mean(likely.argmax(axis=1) == test.labels))
            ends.append(time.perf_counter())
    return Trial(_after_first(ends), accuracy)


def products_flop(config: TrainingConfig) -> int:
    """Floating-point operations of one epoch's matrix products: forward and backward on the
    training images (no gradient for the pixels), and forward on the validation images."""
    weights = [a * b for a, b in pairwise(config.layer_sizes)]
    training = 2 * (2 * sum(weights) + sum(weights[1:])) * config.training_images
    return training + 2 * sum(weights) * config.validation_images


def blas_limit(config: TrainingConfig) -> float:
    """Seconds for ``products_flop`` at the speed of one large float32 product."""
    side = _SGEMM_SIDE
    a = np.random.default_rng(0).random((side, side), np.float32)
    started = time.perf_counter()
    a @ a
    return products_flop(config) / (2 * side**3) * (time.perf_counter() - started)


def compare(epochs: int, seeds: int) -> dict[str, Any]:
    assert TrainingConfig().validation_images == TEST_IMAGES
    trials: dict[str, list[Trial]] = {"digitlab": [], "keras_fit": [], "sklearn": []}
    limits = []
    with warm_runner() as runner:
        contenders: dict[str, Callable[[TrainingConfig], Trial]] = {
            "digitlab": lambda config: digitlab(runner, config),
            "keras_fit": keras_fit,
            "sklearn": sklearn,
        }
        for seed in range(seeds):
            config = TrainingConfig(epochs=epochs, seed=seed)
            for name, train in contenders.items():
                limits += [blas_limit(config) for _ in range(3)]
                trials[name].append(train(config))
    seconds = {
        name: statistics.median(second for trial in of_name for second in trial.epoch_seconds)
        for name, of_name in trials.items()
    }
    seconds["blas_limit"] = statistics.median(limits)
    accuracies = {name: [trial.test_accuracy for trial in of_name] for name, of_name in trials.items()}
    return {
        "epoch_seconds": seconds,
        "vs_keras_fit": seconds["keras_fit"] / seconds["digitlab"],
        "vs_sklearn": seconds["sklearn"] / seconds["digitlab"],
        "vs_blas_limit": seconds["digitlab"] / seconds["blas_limit"],
        "test_accuracy": statistics.median(accuracies["digitlab"]),
        "test_accuracies": accuracies["digitlab"],
        "median_test_accuracy": {name: statistics.median(values) for name, values in accuracies.items()},
        "epochs": epochs,
        "seeds": seeds,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="Seconds per epoch of the seed recipe.")
    parser.add_argument("--epochs", type=int, default=20, help="epochs of every run, at least 6")
    parser.add_argument("--seeds", type=int, default=3, help="runs of every contender: seeds 0, 1, ...")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    arguments = parser.parse_args()
    if arguments.epochs < 6 or arguments.seeds < 1:
        parser.error("at least 6 epochs (the first warms up, five are measured) and 1 seed")
    result = compare(arguments.epochs, arguments.seeds)
    accuracy = result["median_test_accuracy"]
    rows = [
        (name, f"{seconds:.3f}", f"{accuracy[name]:.4f}" if name in accuracy else "")
        for name, seconds in result["epoch_seconds"].items()
    ]
    report(("seed recipe", "seconds per epoch", "test accuracy (median)"), rows, result, arguments.json)


def _after_first(ends: list[float]) -> list[float]:
    """The seconds between the ends of epochs."""
    return [after - before for before, after in pairwise(ends)]


if __name__ == "__main__":
    main()
