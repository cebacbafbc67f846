"""The chain of slices: every image once an epoch, and nothing but the configuration decides."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from model.config import TRAINING_IMAGES, TrainingConfig
from model.slices import (
    Progress,
    Score,
    Slice,
    epoch_order,
    initial_state,
    mean_score,
    next_slice,
    steps_per_slice,
    training_indices,
)

configs = st.builds(
    TrainingConfig,
    hidden_layers=st.lists(st.integers(8, 512), max_size=4).map(tuple),
    batch_size=st.integers(16, 1024),
    train_share=st.floats(0.01, 1),
    held_out=st.integers(0, 20_000),
    epochs=st.integers(1, 4),
    seed=st.integers(0, 2**31 - 1),
)


def _chain(config: TrainingConfig) -> list[Slice]:
    parts, part = [], next_slice(config, None)
    while part is not None:
        parts.append(part)
        part = next_slice(config, part)
    return parts


@settings(deadline=None, max_examples=60)
@given(configs)
def test_the_chain_covers_every_image_exactly_once_in_every_epoch(config: TrainingConfig) -> None:
    parts = _chain(config)
    assert parts[0] == Slice(0, 0, 0, ends_epoch=True)
    for epoch in range(1, config.epochs + 1):
        order = epoch_order(config, epoch)
        covered = [
            order[part.first_step * config.batch_size : (part.first_step + part.steps) * config.batch_size]
            for part in parts
            if part.epoch == epoch
        ]
        assert all(len(piece) for piece in covered)
        images = np.concatenate(covered)
        assert len(images) == config.training_images
        np.testing.assert_array_equal(np.sort(images), training_indices(config))


@settings(deadline=None)
@given(configs)
def test_every_epoch_ends_once_and_the_run_with_the_last_one(config: TrainingConfig) -> None:
    parts = _chain(config)
    assert [part.epoch for part in parts if part.ends_epoch] == list(range(config.epochs + 1))
    assert parts[-1].ends_epoch
    assert [part.epoch for part in parts] == sorted(part.epoch for part in parts)
    assert all(1 <= part.steps <= steps_per_slice(config) for part in parts[1:])


@settings(deadline=None, max_examples=60)
@given(configs)
def test_held_out_images_are_never_trained_on(config: TrainingConfig) -> None:
    used = training_indices(config)
    assert used.dtype == np.int64
    assert len(used) == len(np.unique(used)) == config.training_images
    assert used.min() >= 0
    assert used.max() < TRAINING_IMAGES - config.held_out


def test_the_same_seed_and_epoch_give_the_same_order_and_other_ones_another() -> None:
    config = TrainingConfig(train_share=0.1)
    order = epoch_order(config, 1)
    np.testing.assert_array_equal(order, epoch_order(config, 1))
    np.testing.assert_array_equal(order, epoch_order(config.with_changes(learning_rate=1, epochs=3), 1))
    assert (order != epoch_order(config, 2)).mean() > 0.9
    assert (order != epoch_order(config.with_changes(seed=1), 1)).mean() > 0.9


def test_another_seed_draws_another_share_and_every_epoch_the_same_one() -> None:
    config = TrainingConfig(train_share=0.1)
    np.testing.assert_array_equal(np.sort(epoch_order(config, 1)), np.sort(epoch_order(config, 2)))
    assert len(np.setdiff1d(training_indices(config), training_indices(config.with_changes(seed=1)))) > 1000


def test_initial_weights_depend_on_seed_place_and_shape_only() -> None:
    one = initial_state(TrainingConfig(hidden_layers=(100, 50))).weights
    same = initial_state(
        TrainingConfig(
            hidden_layers=(100, 50),
            optimizer="adam",
            activation="tanh",
            dropout=0.5,
            l2=0.01,
            learning_rate=1,
            batch_size=16,
            train_share=0.5,
            epochs=1,
        )
    ).weights
    deeper = initial_state(TrainingConfig(hidden_layers=(100, 50, 10))).weights
    other = initial_state(TrainingConfig(hidden_layers=(100, 50), seed=1)).weights
    for left, right in zip(one, same, strict=True):
        np.testing.assert_array_equal(left, right)
    # The same place and shape in another network: the first two layers, and the third of 50 x 10.
    for left, right in zip(one, deeper[:6], strict=True):
        np.testing.assert_array_equal(left, right)
    for left, right in zip(one[::2], other[::2], strict=True):
        assert (left != right).mean() > 0.99
    square = initial_state(TrainingConfig(hidden_layers=(64, 64, 64))).weights
    assert (square[2] != square[4]).mean() > 0.99


def test_initial_weights_are_glorot_uniform_with_zero_biases_and_read_only() -> None:
    config = TrainingConfig(hidden_layers=(200,))
    state = initial_state(config)
    assert state.optimizer == ()
    for (fan_in, fan_out), kernel, bias in zip(
        pairwise(config.layer_sizes), state.weights[::2], state.weights[1::2], strict=True
    ):
        limit = np.sqrt(6 / (fan_in + fan_out))
        assert (kernel.shape, bias.shape) == ((fan_in, fan_out), (fan_out,))
        assert kernel.dtype == bias.dtype == np.float32
        assert 0.95 * limit < np.abs(kernel).max() <= np.float32(limit)
        assert abs(kernel.std() / (limit / np.sqrt(3)) - 1) < 0.03
        assert not bias.any()
        assert not kernel.flags.writeable
        assert not bias.flags.writeable


def test_the_seed_recipe_is_cut_into_slices_of_about_a_fifth_of_a_second() -> None:
    config = TrainingConfig()
    parts = [part for part in _chain(config) if part.epoch == 1]
    assert 1 < len(parts) <= 3
    assert {part.steps for part in parts[:-1]} == {steps_per_slice(config)}


def test_the_mean_of_slices_counts_each_image_once() -> None:
    parts = [Progress(300, 300.0, 30, 0.1, True), Progress(100, 200.0, 50, 0.1, True)]
    assert mean_score(parts) == Score(1.25, 0.2)


def test_a_slice_follows_only_the_one_before_it() -> None:
    config = TrainingConfig(hidden_layers=(512, 256), epochs=2)
    chain: list[Slice | None] = [None]
    while part := next_slice(config, chain[-1]):
        chain.append(part)
    for number, part in enumerate(chain[1:], 1):
        assert part is not None
        assert [part.follows(done) for done in chain] == [index == number - 1 for index in range(len(chain))]
