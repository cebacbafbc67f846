"""Early stopping and the epoch to keep, by the rule of Keras' callback."""

from collections.abc import Sequence

import keras
import pytest

from model.config import KeptEpoch, TrainingConfig
from model.early_stopping import best_epoch, kept_epoch, stops_early
from model.slices import EpochMetrics, Score
from runs.events import Extended
from runs.records import RunState
from testing.driver import Driver

LOSSES = [
    [0.9, 0.8, 0.7, 0.6],
    [0.9, 0.5, 0.6, 0.55, 0.5, 0.49, 0.5, 0.6, 0.7, 0.8],
    [0.5, 0.5, 0.5, 0.5, 0.5],
    [0.3, 0.4, 0.2, 0.4, 0.4, 0.1, 0.4, 0.4, 0.4],
]


def _history(losses: Sequence[float]) -> list[EpochMetrics]:
    """With the untrained network in front, whose loss is lower than any."""
    return [
        EpochMetrics(epoch, Score(1, 0.5), Score(loss, 0.5)) for epoch, loss in enumerate([0.01, *losses])
    ]


@pytest.mark.parametrize("losses", LOSSES)
@pytest.mark.parametrize("patience", [1, 2, 3])
def test_training_stops_where_keras_would_stop_it(losses: list[float], patience: int) -> None:
    callback = keras.callbacks.EarlyStopping("val_loss", patience=patience)
    callback.set_model(keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)]))
    callback.model.stop_training = False
    callback.on_train_begin()
    config, stopped, would = TrainingConfig(patience=patience), None, None
    for epoch, loss in enumerate(losses, start=1):
        callback.on_epoch_end(epoch - 1, {"val_loss": loss})
        if callback.model.stop_training and would is None:
            would = epoch
        if stops_early(config, _history(losses[:epoch])) and stopped is None:
            stopped = epoch
    assert stopped == would


def test_without_patience_nothing_stops_it() -> None:
    assert not stops_early(TrainingConfig(), _history([1.0, 2.0, 3.0, 4.0]))


def test_the_best_epoch_has_the_lowest_validation_loss_and_is_never_the_untrained_network() -> None:
    history = _history([0.9, 0.4, 0.6, 0.4])
    assert best_epoch(history) == 2
    assert best_epoch(history[:1]) == 0
    assert kept_epoch(TrainingConfig(keep=KeptEpoch.BEST), history) == 2
    assert kept_epoch(TrainingConfig(), history) == 4
    assert kept_epoch(TrainingConfig(), []) == 0


def test_a_run_ends_after_epochs_that_did_not_help_and_goes_on_where_it_is_extended() -> None:
    driver = Driver()
    run_id = driver.submit(epochs=20, patience=2, keep="best", train_share=0.01)
    for loss in [2.3, 1.0, 0.5, 0.7]:
        driver.complete(validation=Score(loss, 0.5))
    assert driver.see(run_id).state == RunState.RUNNING
    driver.complete(validation=Score(0.6, 0.5))
    assert driver.see(run_id).state == RunState.FINISHED
    assert driver.see(run_id).epoch == 4
    assert driver.see(run_id).kept_epoch == 2
    driver.tell(Extended(run_id, 5))
    driver.complete(validation=Score(0.65, 0.5))
    assert driver.see(run_id).state == RunState.RUNNING, "it gets its patience again"
    assert driver.see(run_id).kept_epoch == 5, "while it trains, its newest epoch is shown"
    driver.complete(validation=Score(0.55, 0.5))
    assert driver.see(run_id).state == RunState.FINISHED
    assert driver.see(run_id).kept_epoch == 2
