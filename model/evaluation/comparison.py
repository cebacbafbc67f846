"""Two networks on the same images: where they disagree, and whether that is more than chance; and
two recipes: what they differ in, and what of their training is the same all the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from model.config import TrainingConfig
from model.evaluation.metrics import TWO_SIDED, Evaluation, Interval

_SIGNIFICANT = 0.05


@dataclass(frozen=True)
class Comparison:
    """A second network against a first one on the same N images.

    ``only_first`` and ``only_second`` int64: the indices of the images that just this one predicts
    correctly, the other's most confident error first. ``differing`` int64: all images on which the
    predictions differ, in order; beside those two, both may be wrong in different ways.
    ``confusion`` int64 (10, 10): the second's confusion matrix minus the first's.
    ``difference``: the second's accuracy minus the first's, and ``interval`` its interval at ``LEVEL``.
    ``loss_difference`` and ``loss_interval``: the same of the mean loss.
    ``p_value``: how often at least so lopsided a result is seen where both are equally good.

    All of this is about which images there were to answer: training again from another seed gives
    other networks, and how much those vary is not in here.
    """

    only_first: NDArray[np.int64]
    only_second: NDArray[np.int64]
    differing: NDArray[np.int64]
    confusion: NDArray[np.int64]
    difference: float
    interval: Interval
    loss_difference: float
    loss_interval: Interval
    p_value: float

    @property
    def is_more_than_chance(self) -> bool:
        """By McNemar's test at 5 %: near that border it is a little stricter than the interval."""
        return self.p_value < _SIGNIFICANT


def compare(first: Evaluation, second: Evaluation) -> Comparison:
    """``second`` against ``first``.

    Raises:
        ValueError: they are not about the same images.
    """
    _check_same_images([first, second])
    only_first = _least_expected(first.correct & ~second.correct, second)
    only_second = _least_expected(second.correct & ~first.correct, first)
    counts = len(only_first), len(only_second)
    loss_difference = second.loss - first.loss
    half_width = _half_width(first, second)
    return Comparison(
        only_first=only_first,
        only_second=only_second,
        differing=differing([first, second]),
        confusion=second.confusion - first.confusion,
        difference=second.accuracy - first.accuracy,
        interval=difference_interval(*counts, len(first.labels)),
        loss_difference=loss_difference,
        loss_interval=(loss_difference - half_width, loss_difference + half_width),
        p_value=mcnemar(*counts),
    )


def differing(results: Sequence[Evaluation]) -> NDArray[np.int64]:
    """The indices of the images for which not all of ``results`` (one or more) predict the same, int64.

    Raises:
        ValueError: they are not about the same images.
    """
    _check_same_images(results)
    predicted = np.stack([result.predicted for result in results])
    return np.flatnonzero((predicted != predicted[0]).any(axis=0))


def mcnemar(only_first: int, only_second: int) -> float:
    """The p-value, 0-1, of McNemar's test (1947, Psychometrika 12, 153-157) in its exact form.

    Of equally good networks, each is the right one on half of the images that only one gets right:
    a two-sided binomial test. Without such images it is 1.
    """
    # Takes half a second to import, and most pages do without.
    from scipy.stats import binomtest

    discordant = only_first + only_second
    return float(binomtest(only_first, discordant).pvalue) if discordant else 1.0


def difference_interval(only_first: int, only_second: int, count: int) -> Interval:
    """The interval at ``LEVEL`` of the second's accuracy minus the first's on the same ``count`` images.

    "Wald+2" of Agresti and Min (2005), Statistics in Medicine 24, 729-740: half an image is added to
    each of the four cells of right and wrong, so that it holds for few images and for small
    differences too. Within -1 and 1.

    Raises:
        ValueError: ``count`` is not positive.
    """
    if count < 1:
        raise ValueError("count must be positive")
    total = count + 2
    middle = (only_second - only_first) / total
    half_width = TWO_SIDED * sqrt((only_first + only_second + 1) / total - middle**2) / sqrt(total)
    return max(middle - half_width, -1.0), min(middle + half_width, 1.0)


def differing_fields(configs: Sequence[TrainingConfig]) -> tuple[str, ...]:
    """The fields of ``TrainingConfig`` in which ``configs`` are not all alike, in its order."""
    return tuple(
        field
        for field in TrainingConfig.model_fields
        if len({getattr(config, field) for config in configs}) > 1
    )


def same_initial_weights(first: TrainingConfig, second: TrainingConfig) -> tuple[bool, ...]:
    """For each layer, the pixels' first, whether both runs begin it with the same weights.

    They do where seed, index and shape are the same (see ``model.slices.initial_state``). A layer that
    only the deeper network has counts as another one.
    """
    shapes = (pairwise(config.layer_sizes) for config in (first, second))
    return tuple(first.seed == second.seed and one == other for one, other in zip_longest(*shapes))


def same_order_of_images(first: TrainingConfig, second: TrainingConfig) -> bool:
    """Whether both runs see the same training images in the same order, in every epoch that both have.

    The batch size cuts that order into other batches, and does not change it.
    """
    return all(
        getattr(first, field) == getattr(second, field) for field in ("seed", "held_out", "training_images")
    )


def _least_expected(chosen: NDArray[np.bool_], wrong: Evaluation) -> NDArray[np.int64]:
    """The indices of the ``chosen`` errors of ``wrong``, the most confident first."""
    return wrong.misclassified[chosen[wrong.misclassified]]


def _half_width(first: Evaluation, second: Evaluation) -> float:
    """Half the interval at ``LEVEL`` of the difference of the mean losses: the normal one of a mean of pairs.

    The L2 penalties have no part in it: they are the same for all images. 0 for a single image would
    be a lie, so that one's is infinite.
    """
    gaps = second.cross_entropy.astype(np.float64) - first.cross_entropy
    return TWO_SIDED * float(gaps.std(ddof=1)) / sqrt(len(gaps)) if len(gaps) > 1 else float("inf")


def _check_same_images(results: Sequence[Evaluation]) -> None:
    if not all(np.array_equal(results[0].labels, result.labels) for result in results):
        raise ValueError("the evaluations must be of the same images")
