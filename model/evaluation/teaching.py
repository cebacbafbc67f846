"""Teach a network a class's handwriting: does it then read pupils better whose digits it has never seen?

The pupils are divided at random into two halves, again and again. The network is fine-tuned on drawings of
one half, of one pupil, of two, and so on up to all of them, and tested on the other half. No pupil is ever in
both: a gain is one that the next pupil would have, too.

All splits share the same pupils, so they are not so many experiments, and an interval over them as if they
were would claim gains where there are none. Theirs is the corrected one of Nadeau and Bengio 2003, "Inference
for the Generalization Error", Machine Learning 52, 239-281.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from model.config import TrainingConfig
from model.data.mnist import LabelledImages
from model.evaluation.metrics import Interval
from model.evaluation.writers import Change, Drawings, t_quantile
from model.inference import Network, logits
from model.slices import MAX_FINE_TUNING_IMAGES, Arrays

# Tried on UNIPEN's digits by 38 of its writers: no other rate (0.01 to 0.2), number of epochs (20 to 80),
# batch size (32) or augmentation gained more than by chance, and higher ones cost more accuracy on MNIST.
_LEARNING_RATE, _EPOCHS = 0.05, 40
# Pupils that are taught with, where half of the class is more than that.
_PUPILS = (1, 2, 4, 8)
_SPLITS = 20
# If each of five pupils gained, chance alone would do so once in sixteen times (a sign test).
MIN_WRITERS = 6

# ``fine_tune`` of ``model.worker``, wherever it runs.
FineTune = Callable[[TrainingConfig, Arrays, LabelledImages], Arrays]


@dataclass(frozen=True)
class FineTuning:
    """One fine-tuning: with the drawings of ``taught``, to be tested on those of ``tested``, who are others.

    ``split`` counts the divisions into halves; those of one split are tested on the same pupils.
    """

    split: int
    taught: tuple[str, ...]
    tested: tuple[str, ...]


@dataclass(frozen=True)
class Gain:
    """Accuracies, 0-1, ``before`` and ``after`` a network was taught with the drawings of so many ``pupils``,
    means over the splits; ``interval`` is that of their difference, ``None`` where there are too few
    writers."""

    pupils: int
    before: float
    after: float
    interval: Interval | None

    @property
    def difference(self) -> float:
        """What it gained; below 0 what it lost."""
        return self.after - self.before

    @property
    def verdict(self) -> Change:
        """Whether that is more than chance."""
        return Change.of(self.interval)


@dataclass(frozen=True)
class Teaching:
    """What came of it.

    ``gains``: on pupils who did not teach, by the number who did; the last one's is half of the class.
    ``mnist``: what that one did to the accuracy on MNIST's test images. ``splits``: how often the class was
    divided; ``writers`` in it.
    """

    gains: tuple[Gain, ...]
    mnist: Gain
    splits: int
    writers: int


def fine_tunings(writers: Sequence[str], seed: int) -> tuple[FineTuning, ...]:
    """All fine-tunings of a class, decided by ``seed``, in the order of their splits; none of fewer than two
    writers."""
    names, half = sorted(set(writers)), len(set(writers)) // 2
    counts = [count for count in _PUPILS if count < half] + [half]
    result = []
    for number in range(_SPLITS if half else 0):
        order = np.random.default_rng([seed, number]).permutation(names).tolist()
        result += [FineTuning(number, tuple(order[:count]), tuple(order[half:])) for count in counts]
    return tuple(result)


def teach(
    config: TrainingConfig,
    weights: Arrays,
    drawings: Drawings,
    test: LabelledImages,
    fine_tune: FineTune,
    seed: int,
) -> Teaching:
    """Teach the network that ``weights`` of a run of ``config`` make; ``test`` are MNIST's test images.

    Calls ``fine_tune`` once for each of ``fine_tunings(drawings.names, seed)``, in their order.

    Raises:
        ValueError: there are fewer than two writers.
    """
    plan = fine_tunings(drawings.names, seed)
    if not plan:
        raise ValueError("two writers are needed: one to teach with, and one to test on")
    half = len(plan[-1].taught)
    before = _correct(config, weights, drawings.images)
    of_mnist = float(_correct(config, weights, test).mean())
    found: dict[int, list[tuple[float, float]]] = {}
    on_mnist = []
    for one in plan:
        recipe = config.with_changes(
            learning_rate=_LEARNING_RATE, epochs=_EPOCHS, augmentation=0.0, seed=one.split
        )
        taught = fine_tune(recipe, weights, _material(drawings.of(one.taught), one.split))
        tested = np.flatnonzero(np.isin(drawings.writers, one.tested))
        after = _correct(config, taught, drawings.only(tested).images)
        pair = float(before[tested].mean()), float(after.mean())
        found.setdefault(len(one.taught), []).append(pair)
        if len(one.taught) == half:
            on_mnist.append((of_mnist, float(_correct(config, taught, test).mean())))
    writers = len(drawings.names)
    gains = tuple(_gain(pupils, pairs, writers) for pupils, pairs in found.items())
    return Teaching(gains, _gain(half, on_mnist, writers), _SPLITS, writers)


def corrected_interval(differences: Sequence[float], writers: int) -> Interval | None:
    """The interval at ``LEVEL`` of the mean of ``differences``, two or more, one for each split of so many
    ``writers``; ``None`` of fewer than ``MIN_WRITERS``.

    The variance of the differences counts once divided by the number of splits, as if they were independent,
    and once more times the tested by the taught of halves, for what the splits have in common.
    Where fewer are taught, splits have less in common than halves have. How well the variance is known
    depends on the splits and on the writers: both bound the degrees of freedom of Student's t.
    """
    if writers < MIN_WRITERS:
        return None
    count, mean = len(differences), float(np.mean(differences))
    degrees = 1 / (1 / (count - 1) + 1 / (writers - 1))
    taught = writers // 2
    in_common = (writers - taught) / taught
    half_width = t_quantile(degrees) * sqrt((1 / count + in_common) * float(np.var(differences, ddof=1)))
    return mean - half_width, mean + half_width


def _gain(pupils: int, pairs: Sequence[tuple[float, float]], writers: int) -> Gain:
    before, after = np.array(pairs).T
    interval = corrected_interval((after - before).tolist(), writers)
    return Gain(pupils, float(before.mean()), float(after.mean()), interval)


def _material(drawings: Drawings, seed: int) -> LabelledImages:
    """The images, or as many of them, chosen at random, as a call takes."""
    if len(drawings) <= MAX_FINE_TUNING_IMAGES:
        return drawings.images
    chosen = np.random.default_rng(seed).permutation(len(drawings))[:MAX_FINE_TUNING_IMAGES]
    return drawings.only(np.sort(chosen)).images


def _correct(config: TrainingConfig, weights: Arrays, images: LabelledImages) -> NDArray[np.bool_]:
    scores = logits(Network.from_arrays(weights, config.activation), images.images)
    return np.asarray(scores.argmax(axis=1) == images.labels)
