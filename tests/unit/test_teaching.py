"""Teach it: who is in which half, what is claimed, and how often that is wrong."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from model.config import CLASSES, Optimizer, TrainingConfig
from model.data import mnist
from model.data.mnist import LabelledImages
from model.evaluation.metrics import TWO_SIDED
from model.evaluation.teaching import MIN_WRITERS, corrected_interval, fine_tunings, teach
from model.evaluation.writers import Change, Drawings
from model.inference import Network, probabilities
from model.slices import MAX_FINE_TUNING_IMAGES, Arrays, initial_state, read_only
from testing import classes

# Ten outputs and no hidden layers: its gradient is one line.
CONFIG = TrainingConfig(hidden_layers=(), optimizer=Optimizer.SGD)
CLASS = classes.drawings(12, 1)
ALIKE = classes.drawings(30, 1, taught_alike=True)


def _descend(weights: Arrays, images: LabelledImages, steps: int) -> Arrays:
    kernel, bias = (array.copy() for array in weights)
    ink = images.images.astype(np.float32) / 255
    for _ in range(steps):
        network = Network.from_arrays((kernel, bias), CONFIG.activation)
        slope = (probabilities(network, images.images) - np.eye(CLASSES)[images.labels]) / len(images)
        kernel -= 0.8 * (ink.T @ slope).astype(np.float32)
        bias -= 0.8 * slope.sum(axis=0).astype(np.float32)
    return read_only([kernel, bias])


def _first(name: str, count: int) -> LabelledImages:
    data = mnist.load(name)
    return LabelledImages(data.images[:count], data.labels[:count])


WEIGHTS = _descend(initial_state(CONFIG).weights, _first("train", 2_000), 100)
TEST = _first("test", 200)


def _by_hand(_config: TrainingConfig, weights: Arrays, images: LabelledImages) -> Arrays:
    return _descend(weights, images, 3)


def _shuffled(drawings: Drawings, seed: int) -> Drawings:
    labels = np.random.default_rng(seed).permutation(drawings.images.labels)
    return replace(drawings, images=LabelledImages(drawings.images.images, labels))


def _names(count: int) -> list[str]:
    return [f"Otter {number}" for number in range(count)]


@pytest.mark.parametrize("writers", [2, 3, 6, 7, 12, 30])
@pytest.mark.parametrize("seed", range(5))
def test_no_writer_is_ever_in_both_halves(writers: int, seed: int) -> None:
    plan = fine_tunings(_names(writers) * 3, seed)
    for one in plan:
        assert not {*one.taught} & {*one.tested}
        assert len({*one.taught}) == len(one.taught) <= writers // 2
        assert len({*one.tested}) == len(one.tested) == writers - writers // 2
    assert {name for one in plan for name in one.tested} == {*_names(writers)}


def test_in_a_split_pupil_after_pupil_joins_those_who_teach() -> None:
    plan = fine_tunings(_names(30), 0)
    first, second = ([one for one in plan if one.split == number] for number in (0, 1))
    assert [len(one.taught) for one in first] == [1, 2, 4, 8, 15]
    assert all(one.taught == first[-1].taught[: len(one.taught)] for one in first)
    assert {one.tested for one in first} == {first[0].tested}
    assert {*first[0].tested} != {*second[0].tested}
    assert [len(one.taught) for one in fine_tunings(_names(8), 0)[:3]] == [1, 2, 4]


def test_the_seed_decides_the_splits_and_the_order_of_the_names_does_not() -> None:
    assert fine_tunings(_names(12), 1) == fine_tunings(_names(12)[::-1], 1)
    assert fine_tunings(_names(12), 1) != fine_tunings(_names(12), 2)


@pytest.mark.parametrize("writers", [0, 1])
def test_without_two_writers_there_is_nobody_to_test_on(writers: int) -> None:
    assert fine_tunings(_names(writers), 0) == ()
    with pytest.raises(ValueError, match="two writers are needed"):
        teach(CONFIG, WEIGHTS, CLASS.of(_names(2)[1 : writers + 1]), TEST, _by_hand, 0)


def test_it_is_taught_with_the_drawings_of_the_taught_alone_and_tested_on_the_others() -> None:
    plan, seen = fine_tunings(CLASS.names, 3), []

    def remember(config: TrainingConfig, weights: Arrays, images: LabelledImages) -> Arrays:
        assert weights is WEIGHTS
        seen.append((config, images))
        return _by_hand(config, weights, images)

    result = teach(CONFIG, WEIGHTS, CLASS, TEST, remember, 3)
    assert (result.writers, result.splits) == (12, 20)
    assert [gain.pupils for gain in result.gains] == [1, 2, 4, 6]
    afters: dict[int, list[float]] = {}
    befores, mnist_afters = [], []
    for one, (config, images) in zip(plan, seen, strict=True):
        assert config.seed == one.split
        np.testing.assert_array_equal(images.images, CLASS.of(one.taught).images.images)
        others = CLASS.of(one.tested).images
        tuned = _by_hand(config, WEIGHTS, images)
        afters.setdefault(len(one.taught), []).append(_accuracy(tuned, others))
        if len(one.taught) == 6:
            befores.append(_accuracy(WEIGHTS, others))
            mnist_afters.append(_accuracy(tuned, TEST))
    for gain in result.gains:
        assert gain.before == pytest.approx(np.mean(befores))
        assert gain.after == pytest.approx(np.mean(afters[gain.pupils]))
    assert result.mnist.before == pytest.approx(_accuracy(WEIGHTS, TEST))
    assert result.mnist.after == pytest.approx(np.mean(mnist_afters))


def _accuracy(weights: Arrays, images: LabelledImages) -> float:
    network = Network.from_arrays(weights, CONFIG.activation)
    return float(np.mean(probabilities(network, images.images).argmax(axis=1) == images.labels))


def test_a_class_that_writes_alike_gains_and_more_pupils_teach_more() -> None:
    result = teach(CONFIG, WEIGHTS, ALIKE, TEST, _by_hand, 0)
    assert result.gains[-1].verdict is Change.BETTER
    assert result.gains[-1].difference > result.gains[0].difference


def test_with_shuffled_labels_no_gain_is_claimed() -> None:
    """At 95 %, one of forty is a claim by chance: of 80 gains of 20 classes, more than five are one in two of
    a hundred times."""
    claims = []
    for seed in range(20):
        result = teach(CONFIG, WEIGHTS, _shuffled(CLASS, seed), TEST, _by_hand, seed)
        claims += [gain.verdict for gain in result.gains]
    assert len(claims) == 80
    assert claims.count(Change.BETTER) <= 5


def test_of_fewer_writers_than_a_sign_test_needs_nothing_is_claimed() -> None:
    few = ALIKE.of(ALIKE.names[: MIN_WRITERS - 1])
    result = teach(CONFIG, WEIGHTS, few, TEST, _by_hand, 0)
    assert {gain.verdict for gain in (*result.gains, result.mnist)} == {Change.CANNOT_TELL}
    assert [gain.interval for gain in result.gains] == [None, None]


def test_a_network_that_learns_nothing_neither_gains_nor_loses() -> None:
    result = teach(CONFIG, WEIGHTS, CLASS, TEST, lambda _config, weights, _images: weights, 0)
    for gain in (*result.gains, result.mnist):
        assert (gain.difference, gain.verdict) == (0, Change.CANNOT_TELL)


def test_of_a_class_that_draws_much_as_many_drawings_are_taught_as_a_call_takes() -> None:
    pages = np.repeat(np.arange(len(CLASS)), 20)
    counts: list[tuple[int, int]] = []

    def count(_config: TrainingConfig, weights: Arrays, images: LabelledImages) -> Arrays:
        counts.append((len(images), len({*images.labels.tolist()})))
        return weights

    teach(CONFIG, WEIGHTS, CLASS.only(pages), TEST, count, 0)
    assert counts[:4] == [(200, 10), (400, 10), (800, 10), (MAX_FINE_TUNING_IMAGES, 10)]


@pytest.mark.parametrize("writers", [MIN_WRITERS, 30])
@pytest.mark.parametrize(
    ("tested", "taught", "luck"), [(1, 0, 0), (1, 0.3, 0.3), (0.3, 1, 0.3)], ids=["tested", "both", "taught"]
)
def test_the_interval_holds_the_truth_and_one_of_independent_splits_would_not(
    writers: int, tested: float, taught: float, luck: float
) -> None:
    """Where a difference is what the tested gain, what the taught give, and luck: at 95 % of 100 classes,
    fewer than 89 by chance once in a hundred times."""
    rng = np.random.default_rng(1)
    held: dict[int, int] = {}
    naive = 0
    for seed in range(100):
        gains, gifts = (
            dict(zip(_names(writers), rng.normal(0, s, writers), strict=True)) for s in (tested, taught)
        )
        found: dict[int, list[float]] = {}
        for one in fine_tunings(_names(writers), seed):
            difference = _mean(one.tested, gains.__getitem__) + _mean(one.taught, gifts.__getitem__)
            found.setdefault(len(one.taught), []).append(difference + rng.normal(0, luck / writers))
        for pupils, differences in found.items():
            low, high = corrected_interval(differences, writers) or (1, 0)
            held[pupils] = held.get(pupils, 0) + (low <= 0 <= high)
        halves = found[writers // 2]
        naive += abs(np.mean(halves)) <= TWO_SIDED * np.std(halves, ddof=1) / np.sqrt(len(halves))
    assert min(held.values()) >= 89
    assert naive < 65


def _mean(names: Sequence[str], of: Callable[[str], float]) -> float:
    return float(np.mean([of(name) for name in names]))
