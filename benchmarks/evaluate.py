"""How long does the Evaluate page calculate for a network that it has not seen yet?

    python -m benchmarks.evaluate --json

The values of all its figures on the 10,000 test images, without drawing them: the median of several
networks, each new. What a network has learned makes no difference, so they are untrained ones.

seed_recipe_s              the seed recipe
four_layers_of_512_s       the largest network that can be built
training_images_s          the seed recipe's loss and accuracy on the 60,000 training images, on top
training_images_of_four_layers_of_512_s    the same of the largest
first_in_process_s         the seed recipe again, as the first network of a process: it imports SciPy's
                           statistics, and NumPy starts its threads
seconds                    where the time goes, by recipe
"""

import argparse
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks.report import machine, report
from model.config import CLASSES, MAX_HIDDEN_LAYERS, MAX_UNITS, TrainingConfig
from model.data import mnist
from model.data.mnist import LabelledImages
from model.evaluation.metrics import Evaluation, digit_scores, evaluate, images_of_cell, interval
from model.evaluation.reliability import confidence_histogram, coverage, coverage_curve, reliability_curve
from model.inference import Network
from model.slices import initial_state

_NETWORKS = 7
_RECIPES = {
    "seed_recipe": TrainingConfig(),
    "four_layers_of_512": TrainingConfig(hidden_layers=(MAX_UNITS,) * MAX_HIDDEN_LAYERS),
}
_TRAINING_IMAGES = "training images"

_FIGURES: dict[str, Callable[[Evaluation], object]] = {
    "interval": lambda result: interval(int(result.correct.sum()), len(result.labels)),
    "scores of digits": lambda result: digit_scores(result.confusion),
    "images of all cells": lambda result: [
        images_of_cell(result, cell // CLASSES, cell % CLASSES) for cell in range(CLASSES**2)
    ],
    "histogram": confidence_histogram,
    "reliability": reliability_curve,
    "coverage": lambda result: (coverage(result, 0.9), coverage_curve(result)),
}


def seconds(network: Network, test: LabelledImages, train: LabelledImages) -> dict[str, float]:
    """What each part of the page takes for ``network``."""
    clock = time.perf_counter
    started = clock()
    result = evaluate(network, test)
    parts = {"evaluate": clock() - started}
    for name, figure in _FIGURES.items():
        started = clock()
        figure(result)
        parts[name] = clock() - started
    started = clock()
    evaluate(network, train)
    return {**parts, _TRAINING_IMAGES: clock() - started}


def of_the_page(parts: Mapping[str, float]) -> float:
    """All ``parts`` together, the training images apart."""
    return sum(taken for name, taken in parts.items() if name != _TRAINING_IMAGES)


def summary(networks: Mapping[str, Sequence[Mapping[str, float]]]) -> dict[str, Any]:
    """Medians over the networks of each recipe, whose parts are given; the seed recipe's very first
    network counts for itself only."""
    first, *rest = networks["seed_recipe"]
    warm = {**networks, "seed_recipe": rest}
    pages = {
        f"{name}_s": statistics.median(of_the_page(parts) for parts in some) for name, some in warm.items()
    }
    medians = {
        name: {part: statistics.median(parts[part] for parts in some) for part in some[0]}
        for name, some in warm.items()
    }
    return {
        **pages,
        "training_images_s": medians["seed_recipe"][_TRAINING_IMAGES],
        "training_images_of_four_layers_of_512_s": medians["four_layers_of_512"][_TRAINING_IMAGES],
        "first_in_process_s": of_the_page(first),
        "seconds": medians,
    }


def measure() -> dict[str, Any]:
    test, train = mnist.load("test"), mnist.load("train")
    networks = {}
    for name, recipe in _RECIPES.items():
        configs = [recipe.with_changes(seed=seed) for seed in range(_NETWORKS)]
        fresh = (Network.from_arrays(initial_state(config).weights, config.activation) for config in configs)
        networks[name] = [seconds(network, test, train) for network in fresh]
    return {**summary(networks), "networks": _NETWORKS, "machine": machine()}


def main() -> None:
    parser = argparse.ArgumentParser(description="Seconds for the values of the Evaluate page.")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    arguments = parser.parse_args()
    result = measure()
    table = [(name, f"{value:.4f}") for name, value in result.items() if isinstance(value, float)]
    table += [
        (f"{recipe}: {part}", f"{taken:.4f}")
        for recipe, parts in result["seconds"].items()
        for part, taken in parts.items()
    ]
    report(("a new network", "s"), table, result, arguments.json)


if __name__ == "__main__":
    main()
