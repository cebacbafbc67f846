"""Two networks on the same images, and two recipes: against published figures, counting and the arrays."""

from dataclasses import replace
from itertools import pairwise
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.config import CLASSES, Activation, TrainingConfig
from model.data.mnist import LabelledImages
from model.evaluation.comparison import (
    compare,
    difference_interval,
    differing,
    differing_fields,
    mcnemar,
    same_initial_weights,
    same_order_of_images,
)
from model.evaluation.metrics import Evaluation, evaluate
from model.inference import Network
from model.slices import epoch_order, initial_state


def _evaluation(answers: list[int], labels: list[int], confidence: list[int] | None = None) -> Evaluation:
    """Of a network that answers so; ``confidence`` from 1 to 255, in no unit."""
    images = np.zeros((len(answers), 784), np.uint8)
    images[np.arange(len(answers)), answers] = confidence or 255
    network = Network.from_arrays(
        (np.eye(784, 10, dtype=np.float32) * 10, np.zeros(10, np.float32)), Activation.RELU
    )
    return evaluate(network, LabelledImages(images, np.array(labels, np.uint8)))


_LABELS = [0, 1, 2, 3, 4, 5]
_FIRST = _evaluation([0, 1, 2, 8, 8, 8], _LABELS, [255, 255, 255, 90, 200, 255])
_SECOND = _evaluation([0, 9, 9, 3, 4, 9], _LABELS, [255, 90, 200, 255, 255, 255])


def test_images_are_told_apart_by_who_gets_them_right() -> None:
    found = compare(_FIRST, _SECOND)
    # The other's most confident mistake first.
    assert found.only_first.tolist() == [2, 1]
    assert found.only_second.tolist() == [4, 3]
    # Number 5 is an 8 to one and a 9 to the other: both are wrong, and they differ.
    assert found.differing.tolist() == [1, 2, 3, 4, 5]


def test_the_other_way_round_everything_is_mirrored() -> None:
    there, back = compare(_FIRST, _SECOND), compare(_SECOND, _FIRST)
    assert there.only_first.tolist() == back.only_second.tolist()
    assert there.only_second.tolist() == back.only_first.tolist()
    np.testing.assert_array_equal(there.confusion, -back.confusion)
    assert there.difference == -back.difference
    assert there.interval == pytest.approx((-back.interval[1], -back.interval[0]))
    assert there.loss_difference == -back.loss_difference
    assert there.loss_interval == pytest.approx((-back.loss_interval[1], -back.loss_interval[0]))
    assert there.p_value == back.p_value


def test_confusion_matrices_are_subtracted_the_first_from_the_second() -> None:
    found = compare(_FIRST, _SECOND).confusion
    assert (found[4, 4], found[4, 8], found[1, 1], found[1, 9], found[0, 0]) == (1, -1, -1, 1, 0)
    assert (found.sum(axis=1) == 0).all()


def test_the_difference_is_the_seconds_accuracy_minus_the_firsts() -> None:
    better = _evaluation([0, 1, 2, 3, 4, 5], _LABELS)
    found = compare(_FIRST, better)
    assert found.difference == 0.5
    assert found.interval[0] < 0.5 < found.interval[1]
    assert found.loss_difference == better.loss - _FIRST.loss < 0


def test_a_network_differs_from_itself_in_nothing() -> None:
    found = compare(_FIRST, _FIRST)
    assert len(found.only_first) == len(found.only_second) == len(found.differing) == 0
    assert (found.p_value, found.difference, found.loss_interval) == (1, 0, (0, 0))
    assert not found.is_more_than_chance
    assert found.interval[0] < 0 < found.interval[1]


def test_among_many_networks_one_that_differs_is_enough() -> None:
    third = _evaluation([7, 1, 2, 8, 8, 8], _LABELS)
    assert differing([_FIRST, _FIRST, third]).tolist() == [0]
    assert differing([_FIRST, _SECOND, third]).tolist() == [0, 1, 2, 3, 4, 5]
    assert differing([_FIRST]).tolist() == []


def test_networks_on_other_images_are_not_compared() -> None:
    for labels in ([0, 1, 2, 3, 4, 6], [0, 1]):
        other = _evaluation(labels, labels)
        with pytest.raises(ValueError, match="same images"):
            compare(_FIRST, other)
        with pytest.raises(ValueError, match="same images"):
            differing([_FIRST, _FIRST, other])


@pytest.mark.parametrize(("only_first", "only_second"), [(0, 6), (3, 9), (5, 5), (40, 20), (1, 0), (0, 0)])
def test_mcnemars_p_value_is_twice_the_smaller_tail(only_first: int, only_second: int) -> None:
    total, less = only_first + only_second, min(only_first, only_second)
    tail = sum(comb(total, number) for number in range(less + 1)) / 2**total
    assert mcnemar(only_first, only_second) == pytest.approx(min(1, 2 * tail))


def test_six_images_to_none_are_more_than_chance_and_five_are_not() -> None:
    labels = [1] * 20
    right = _evaluation(labels, labels)
    for mistakes, significant in ((5, False), (6, True)):
        worse = _evaluation([2] * mistakes + [1] * (20 - mistakes), labels)
        assert compare(worse, right).is_more_than_chance is significant


def test_the_interval_of_the_difference_is_the_published_one() -> None:
    # The example of ``diffpropci.mp`` in R's PropCIs 0.3, whose first minus second is ours reversed.
    assert difference_interval(20, 40, 160) == pytest.approx((0.03089632, 0.21601726), abs=1e-8)


def test_the_interval_of_the_difference_covers_the_true_one_95_times_in_100() -> None:
    rng = np.random.default_rng(0)
    for chances in ([0.9, 0.03, 0.02, 0.05], [0.97, 0.003, 0.02, 0.007]):
        counts = rng.multinomial(500, chances, 3_000)
        true = chances[2] - chances[1]
        held = [
            low <= true <= high for low, high in (difference_interval(b, c, 500) for _, b, c, _ in counts)
        ]
        assert 0.93 < np.mean(held) < 0.975


@pytest.mark.parametrize(("only_first", "only_second", "count"), [(0, 1, 1), (3, 0, 3), (0, 0, 1)])
def test_the_interval_of_few_images_stays_within_what_is_possible(
    only_first: int, only_second: int, count: int
) -> None:
    low, high = difference_interval(only_first, only_second, count)
    assert -1 <= low < high <= 1


def test_no_images_have_no_interval() -> None:
    with pytest.raises(ValueError, match="positive"):
        difference_interval(0, 0, 0)


def test_the_interval_of_the_loss_covers_the_true_difference_95_times_in_100() -> None:
    rng = np.random.default_rng(1)
    # Skew, as losses are, and alike on the same image, as those of two networks are.
    hard = rng.exponential(0.2, 20_000)
    losses = [(hard * rng.uniform(0.5, most, len(hard))).astype(np.float32) for most in (1.5, 1.8)]
    blank = _evaluation([1] * 300, [1] * 300)
    held, widths = [], []
    for _ in range(1_000):
        drawn = rng.integers(0, len(hard), 300)
        first, second = (
            replace(blank, cross_entropy=of[drawn], loss=float(of[drawn].mean())) for of in losses
        )
        low, high = compare(first, second).loss_interval
        held.append(low <= losses[1].mean() - losses[0].mean() <= high)
        widths.append(high - low)
    assert 0.92 < np.mean(held) < 0.97
    # The pairs make it narrower than that of two samples apart.
    apart = 2 * 1.96 * np.sqrt((losses[0].var() + losses[1].var()) / 300)
    assert np.mean(widths) < 0.7 * apart


def test_one_image_says_nothing_about_the_loss_of_others() -> None:
    found = compare(_evaluation([1], [1]), _evaluation([2], [1]))
    assert found.loss_interval == (-np.inf, np.inf)


def test_fields_that_differ_are_named_in_the_order_of_the_recipe() -> None:
    base = TrainingConfig()
    assert differing_fields([base, base]) == ()
    others = base.with_changes(seed=4, learning_rate=0.1), base.with_changes(hidden_layers=(100,))
    assert differing_fields([base, others[0]]) == ("learning_rate", "seed")
    assert differing_fields([base, *others]) == ("hidden_layers", "learning_rate", "seed")


few_configs = st.builds(
    TrainingConfig,
    hidden_layers=st.lists(st.sampled_from([8, 16, 32]), max_size=4).map(tuple),
    activation=st.sampled_from(list(Activation)),
    batch_size=st.sampled_from([16, 128]),
    dropout=st.sampled_from([0.0, 0.5]),
    train_share=st.sampled_from([0.1, 0.100001, 0.2]),
    held_out=st.sampled_from([0, 1_000]),
    seed=st.sampled_from([0, 1]),
)


@settings(deadline=None)
@given(few_configs, few_configs)
def test_layers_that_are_said_to_begin_alike_have_the_same_arrays_and_others_do_not(
    first: TrainingConfig, second: TrainingConfig
) -> None:
    one, other = initial_state(first).weights[::2], initial_state(second).weights[::2]
    said = same_initial_weights(first, second)
    assert len(said) == max(len(one), len(other))
    for place, same in enumerate(said):
        both_have_it = place < min(len(one), len(other))
        assert same == (both_have_it and np.array_equal(one[place], other[place]))


def test_a_wider_layer_changes_the_initial_weights_of_its_own_and_of_the_next_one_only() -> None:
    base = TrainingConfig(hidden_layers=(64, 64, 64))
    assert same_initial_weights(base, base.with_changes(learning_rate=1.0)) == (True, True, True, True)
    wider = base.with_changes(hidden_layers=(64, 100, 64))
    assert same_initial_weights(base, wider) == (True, False, False, True)
    deeper = base.with_changes(hidden_layers=(64, 64, 64, 10))
    assert same_initial_weights(base, deeper) == (True, True, True, True, False)
    assert same_initial_weights(base, base.with_changes(seed=1)) == (False,) * 4
    assert list(pairwise(deeper.layer_sizes))[3] == (64, CLASSES)


@settings(deadline=None, max_examples=60)
@given(few_configs, few_configs)
def test_an_order_that_is_said_to_be_the_same_is_the_same_in_every_epoch(
    first: TrainingConfig, second: TrainingConfig
) -> None:
    said = same_order_of_images(first, second)
    for epoch in (1, 2):
        assert said == np.array_equal(epoch_order(first, epoch), epoch_order(second, epoch))


def test_the_order_depends_on_how_many_images_and_from_how_many_they_are_drawn() -> None:
    half = TrainingConfig(train_share=0.5)
    hair_more = half.with_changes(train_share=0.500001)
    as_many_of_fewer = half.with_changes(train_share=0.6, held_out=10_000)
    assert half.training_images == hair_more.training_images == as_many_of_fewer.training_images
    for other, same in ((hair_more, True), (as_many_of_fewer, False)):
        assert same_order_of_images(half, other) is same
        assert np.array_equal(epoch_order(half, 1), epoch_order(other, 1)) is same
