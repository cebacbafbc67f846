"""Slices and the NumPy forward pass, held against Keras as an independent oracle."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from model.config import Activation, TrainingConfig
from model.data import mnist
from model.evaluation.metrics import evaluate
from model.inference import Network
from model.slices import Arrays, initial_state, next_slice
from model.starter import recording as recordings
from runs.local_engine import LocalEngine
from tests.integration import oracle

# 1,200 images, 19 batches of 64 of which the last has 48.
SMALL = TrainingConfig(hidden_layers=(32, 16), train_share=0.02, batch_size=64, epochs=3)
RATES = {"sgd": 0.05, "momentum": 0.01, "rmsprop": 1e-3, "adam": 1e-3}


def _in_worker(engine: LocalEngine, fn: Any, *args: Any) -> Any:
    return engine.submit(fn, *args).result(timeout=100)


def _same(left: Arrays, right: Arrays) -> bool:
    return all(a.tobytes() == b.tobytes() for a, b in zip(left, right, strict=True))


def test_the_last_batch_of_the_small_run_is_a_partial_one() -> None:
    assert SMALL.training_images % SMALL.batch_size == 48


@pytest.mark.parametrize(
    ("optimizer", "l2"), [("sgd", 0.0), ("momentum", 1e-3), ("rmsprop", 0.0), ("adam", 1e-3)]
)
def test_slices_learn_what_keras_learns_from_the_same_batches(
    engine: LocalEngine, optimizer: str, l2: float
) -> None:
    config = SMALL.with_changes(optimizer=optimizer, l2=l2, learning_rate=RATES[optimizer])
    keras_weights, keras_scores = _in_worker(engine, oracle.keras_training, config, 2)
    weights, scores, _ = _in_worker(engine, oracle.slices, config, 2)
    for ours, theirs, before in zip(weights, keras_weights, initial_state(config).weights, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)
        assert np.abs(ours - before).max() > 1e-3
    np.testing.assert_allclose(scores, keras_scores, atol=1e-5)


def test_an_epoch_of_several_slices_learns_what_keras_learns(engine: LocalEngine) -> None:
    # 533,000 parameters and 7,530 images in 30 batches of 256, the last of 106: two slices. So many ReLU
    # units that on some processors the last bit decides on which side of 0 a sum falls; tanh has no sides.
    config = TrainingConfig(hidden_layers=(512, 256), train_share=0.1255, batch_size=256, epochs=1)
    config = config.with_changes(activation="tanh", learning_rate=0.05)
    part = next_slice(config, next_slice(config, None))
    assert part is not None
    assert not part.ends_epoch
    keras_weights, keras_scores = _in_worker(engine, oracle.keras_training, config, 1)
    weights, scores, _ = _in_worker(engine, oracle.slices, config, 1)
    for ours, theirs in zip(weights, keras_weights, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)
    np.testing.assert_allclose(scores, keras_scores, atol=1e-5)


@pytest.mark.parametrize(
    ("strong", "weak"),
    [({"dropout": 0.5}, {"dropout": 0.2}), ({"augmentation": 1.0}, {"augmentation": 0.3})],
    ids=["dropout", "augmentation"],
)
def test_a_run_with_chance_in_it_repeats_itself_to_the_last_bit(
    engine: LocalEngine, strong: dict[str, float], weak: dict[str, float]
) -> None:
    config = SMALL.with_changes(l2=1e-4, optimizer="adam", learning_rate=1e-3, **strong)
    first = _in_worker(engine, oracle.chain, config, 2)
    again = _in_worker(engine, oracle.chain, config, 2)
    other = _in_worker(engine, oracle.chain, config.with_changes(**weak), 2)
    for (state, history), (state_again, history_again) in zip(first, again, strict=True):
        assert _same(state.weights, state_again.weights)
        assert _same(state.optimizer, state_again.optimizer)
        assert history == history_again
    assert not _same(first[-1][0].weights, other[-1][0].weights)
    # Measuring is done without chance: the untrained networks are one and the same.
    assert first[0][1] == other[0][1]


def test_runs_that_take_turns_in_one_program_do_not_disturb_each_other(engine: LocalEngine) -> None:
    one = SMALL.with_changes(dropout=0.5, l2=1e-4, optimizer="adam", learning_rate=1e-3)
    two = one.with_changes(dropout=0.1, l2=0.01, learning_rate=0.01, seed=9)
    alone = [_in_worker(engine, oracle.chain, config, 2) for config in (one, two)]
    programs = _in_worker(engine, oracle.programs)
    together = _in_worker(engine, oracle.interleaved, [one, two], 2)
    assert _in_worker(engine, oracle.programs) == programs, "they were meant to share one program"
    for mine, with_company in zip(alone, together, strict=True):
        assert mine[-1][1] == with_company[-1][1]
        assert _same(mine[-1][0].weights, with_company[-1][0].weights)
    assert not _same(alone[0][-1][0].weights, alone[1][-1][0].weights)


def test_a_run_can_be_validated_on_held_out_training_images(engine: LocalEngine) -> None:
    """Their own score, not that of the test images: held against NumPy on the last images."""
    config = SMALL.with_changes(held_out=500)
    states = _in_worker(engine, oracle.chain, config, 1)
    train = mnist.load("train")
    held = mnist.LabelledImages(train.images[-500:], train.labels[-500:])
    for state, history in states:
        expected = evaluate(Network.from_arrays(state.weights, config.activation), held)
        assert history[-1].validation.loss == pytest.approx(expected.loss, abs=1e-5)
        assert history[-1].validation.accuracy == pytest.approx(expected.accuracy)


def _random_weights(config: TrainingConfig) -> Arrays:
    rng = np.random.default_rng(7)
    return tuple(
        array
        for fan_in, fan_out in pairwise(config.layer_sizes)
        for array in (
            rng.normal(0, 1.5 / np.sqrt(fan_in), (fan_in, fan_out)).astype(np.float32),
            rng.normal(0, 0.5, fan_out).astype(np.float32),
        )
    )


@pytest.mark.parametrize("hidden", [(), (24,), (24, 16), (24, 16, 12, 8)], ids=lambda h: f"{len(h)} hidden")
@pytest.mark.parametrize("activation", list(Activation))
def test_the_forward_pass_in_numpy_is_keras_predict(
    engine: LocalEngine, hidden: tuple[int, ...], activation: Activation
) -> None:
    config = TrainingConfig(hidden_layers=hidden, activation=activation)
    images = mnist.load("test").images[:200]
    keras, ours = _in_worker(
        engine, oracle.keras_and_numpy_probabilities, config, _random_weights(config), images
    )
    assert ours.shape == (200, 10)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, keras, atol=1e-5)
    np.testing.assert_allclose(ours.sum(axis=1), 1, atol=1e-5)
    assert ours.std(axis=0).max() > 1e-4, "it should not answer the same to every picture"


@pytest.mark.parametrize("l2", [0.0, 1e-3], ids=["plain", "with L2"])
def test_the_evaluation_is_keras_evaluate(engine: LocalEngine, l2: float) -> None:
    recording = recordings.load()
    # 9,990: the last batch of Keras' evaluation is a partial one.
    theirs, ours = _in_worker(
        engine,
        oracle.keras_and_numpy_scores,
        recording.config.with_changes(l2=l2),
        recording.weights[-1],
        9_990,
    )
    np.testing.assert_allclose(ours, theirs, atol=1e-5)
    assert ours[0] > 0.1


def test_the_evaluation_of_a_network_with_wild_weights_is_keras_evaluate(engine: LocalEngine) -> None:
    config = TrainingConfig(hidden_layers=(24,), activation="tanh", l2=1e-4)
    theirs, ours = _in_worker(engine, oracle.keras_and_numpy_scores, config, _random_weights(config), 2_000)
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-5)
