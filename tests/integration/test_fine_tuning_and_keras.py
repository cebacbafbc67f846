"""Fine-tuning on images that are not MNIST's, held against Keras as an independent oracle."""

from typing import Any

import numpy as np
import pytest

from model import worker
from model.config import TrainingConfig
from model.data import mnist
from model.data.mnist import LabelledImages
from model.slices import MAX_FINE_TUNING_IMAGES, Arrays, fine_tuning_order, initial_state
from runs.local_engine import LocalEngine
from tests.integration import oracle

# Two batches of 64 an epoch, of which the second has 26.
CONFIG = TrainingConfig(hidden_layers=(32, 16), batch_size=64, epochs=3, learning_rate=0.05, seed=4)
WEIGHTS = initial_state(CONFIG).weights


def _images(count: int = 90, first: int = 0) -> LabelledImages:
    """Turned upside down, so that no image of MNIST's is among them."""
    test = mnist.load("test")
    chosen = slice(first, first + count)
    return LabelledImages(test.images[chosen, ::-1].copy(), test.labels[chosen])


def _tuned(engine: LocalEngine, config: TrainingConfig, images: LabelledImages) -> Arrays:
    result: Arrays = engine.submit(worker.fine_tune, config, WEIGHTS, images).result(timeout=100)
    return result


def _bits(weights: Arrays) -> list[bytes]:
    return [array.tobytes() for array in weights]


@pytest.mark.parametrize(
    "changes",
    [{}, {"optimizer": "adam", "learning_rate": 1e-3}, {"l2": 1e-3}, {"activation": "tanh"}],
    ids=["SGD", "Adam", "L2", "tanh"],
)
def test_fine_tuning_learns_what_keras_learns_from_the_same_batches(
    engine: LocalEngine, changes: dict[str, Any]
) -> None:
    config = CONFIG.with_changes(**changes)
    expected = engine.submit(oracle.keras_fine_tuning, config, WEIGHTS, _images()).result(timeout=100)
    for ours, keras, before in zip(_tuned(engine, config, _images()), expected, WEIGHTS, strict=True):
        np.testing.assert_allclose(ours, keras, atol=1e-5)
        assert np.abs(ours - before).max() > 1e-3


def test_fine_tuning_repeats_itself_to_the_last_bit_whatever_ran_before(engine: LocalEngine) -> None:
    config = CONFIG.with_changes(augmentation=0.5, dropout=0.2, optimizer="momentum")
    first = _tuned(engine, config, _images())
    other_seed = _tuned(engine, config.with_changes(seed=5), _images())
    other_images = _tuned(engine, config, _images(first=90))
    assert _bits(first) == _bits(_tuned(engine, config, _images()))
    assert _bits(first) != _bits(other_seed)
    assert _bits(first) != _bits(other_images)


def test_what_a_recipe_says_of_mnists_images_counts_for_nothing(engine: LocalEngine) -> None:
    config = CONFIG.with_changes(train_share=0.5, held_out=1_000)
    assert _bits(_tuned(engine, config, _images())) == _bits(_tuned(engine, CONFIG, _images()))


def test_any_number_of_images_takes_the_same_program(engine: LocalEngine) -> None:
    counts = [1, 64, 65, MAX_FINE_TUNING_IMAGES]
    traced = engine.submit(oracle.fine_tuning_programs, CONFIG, WEIGHTS, counts).result(timeout=100)
    assert traced == [traced[0]] * len(counts)


@pytest.mark.parametrize(
    ("config", "count", "said"),
    [
        (CONFIG, 0, "1 to 1024 images, received 0"),
        (CONFIG, MAX_FINE_TUNING_IMAGES + 1, "1 to 1024 images, received 1025"),
        (TrainingConfig(epochs=100), 1_000, "339 steps at most, received 100 epochs of 8"),
    ],
)
def test_a_call_that_would_take_too_long_is_refused(
    engine: LocalEngine, config: TrainingConfig, count: int, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        _tuned(engine, config, _images(count))


def test_every_epoch_has_an_order_of_its_own_that_the_seed_decides() -> None:
    orders = [
        fine_tuning_order(config, epoch, 90).tolist()
        for config in (CONFIG, CONFIG.with_changes(seed=5))
        for epoch in (1, 2)
    ]
    assert all(sorted(order) == list(range(90)) for order in orders)
    assert len({tuple(order) for order in orders}) == 4
    assert fine_tuning_order(CONFIG, 1, 90).tolist() == orders[0]
