"""How fast is a run, beside what people would use instead, at equal test accuracy?

    python -m benchmarks.training --json

Every contender trains the seed recipe, validation on the 10,000 test images after every epoch
included, once for every seed; they take turns, and the median epoch counts. Then, shorter, the same
for 512-256 hidden units and for Adam (``--only-seed-recipe`` leaves them out).

digitlab                       the path that a user's run takes: runner, engine, worker process, snapshots
keras_fit                      ``model.fit`` as in every tutorial
keras_fit_steps_per_execution  the same with a whole epoch in one call of its compiled function
sklearn                        ``MLPClassifier`` with the same recipe
torch                          PyTorch's plain loop, where it is installed
numpy                          the recipe by hand
blas_limit                     the matrix products alone, at the speed of this machine's own sgemm
"""

import argparse
import statistics
import time
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from benchmarks.contenders import Contender, Trial, contenders, warm_runner
from benchmarks.report import machine, report
from model.config import TEST_IMAGES, Optimizer, TrainingConfig
from runs.local_engine import LocalEngine

_SGEMM_SIDE = 2_048
_OTHER_RECIPES = {
    "512-256": TrainingConfig(hidden_layers=(512, 256)),
    # Keras' own default rate: the seed recipe's is meant for SGD.
    "adam": TrainingConfig(optimizer=Optimizer.ADAM, learning_rate=0.001),
}
# The first epoch warms up, five are measured.
_MIN_EPOCHS = 6


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


def compare(
    everybody: Mapping[str, Contender], recipe: TrainingConfig, epochs: int, seeds: int
) -> dict[str, Any]:
    """Let all train ``recipe`` by turns, once for every seed."""
    assert recipe.validation_images == TEST_IMAGES
    trials: dict[str, list[Trial]] = {name: [] for name in everybody}
    limits = []
    for seed in range(seeds):
        config = recipe.with_changes(epochs=epochs, seed=seed)
        for name, train in everybody.items():
            limits += [blas_limit(config) for _ in range(3)]
            trials[name].append(train(config))
    return summary(trials, limits)


def summary(trials: Mapping[str, list[Trial]], limits: list[float]) -> dict[str, Any]:
    """Medians, and digitlab beside each contender: above 1 it is faster; ``vs_blas_limit`` says how
    many times as long as the limit it takes."""
    seconds = {
        name: statistics.median(second for trial in of_name for second in trial.epoch_seconds)
        for name, of_name in trials.items()
    }
    ratios = {f"vs_{name}": of_name / seconds["digitlab"] for name, of_name in seconds.items()}
    del ratios["vs_digitlab"]
    limit = statistics.median(limits)
    accuracies = {name: [trial.test_accuracy for trial in of_name] for name, of_name in trials.items()}
    medians = {name: statistics.median(values) for name, values in accuracies.items()}
    return {
        "epoch_seconds": {**seconds, "blas_limit": limit},
        **ratios,
        "vs_blas_limit": seconds["digitlab"] / limit,
        "test_accuracy": medians["digitlab"],
        "test_accuracies": accuracies["digitlab"],
        "median_test_accuracy": medians,
    }


def rows(recipe: str, result: dict[str, Any]) -> list[tuple[str, ...]]:
    accuracy = result["median_test_accuracy"]
    return [
        (recipe, name, f"{seconds:.3f}", f"{accuracy[name]:.4f}" if name in accuracy else "")
        for name, seconds in result["epoch_seconds"].items()
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description="Seconds per epoch of the seed recipe and two others.")
    parser.add_argument("--epochs", type=int, default=20, help="of every run of the seed recipe, at least 6")
    parser.add_argument("--seeds", type=int, default=3, help="runs of every contender: seeds 0, 1, ...")
    parser.add_argument("--only-seed-recipe", action="store_true", help="neither 512-256 nor Adam")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    arguments = parser.parse_args()
    if arguments.epochs < _MIN_EPOCHS or arguments.seeds < 1:
        parser.error(f"at least {_MIN_EPOCHS} epochs (the first only warms up) and 1 seed")
    others = {} if arguments.only_seed_recipe else _OTHER_RECIPES
    with warm_runner(LocalEngine()) as runner:
        everybody = contenders(runner)
        seed_recipe = compare(everybody, TrainingConfig(), arguments.epochs, arguments.seeds)
        results = {name: compare(everybody, recipe, _MIN_EPOCHS, 1) for name, recipe in others.items()}
    table = rows("seed recipe", seed_recipe)
    for name, result in results.items():
        table += rows(name, result)
    counts = {"epochs": arguments.epochs, "seeds": arguments.seeds, "machine": machine()}
    header = ("recipe", "contender", "seconds per epoch", "test accuracy (median)")
    report(header, table, {**seed_recipe, **counts, **results}, arguments.json)


if __name__ == "__main__":
    main()
