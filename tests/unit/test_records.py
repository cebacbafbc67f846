"""What a run records of itself: states, and events that repeat it."""

import pytest

from model.config import TrainingConfig
from model.slices import Slice
from runs.records import EventKind, RunEvent, RunState, config_at


@pytest.mark.parametrize("state", list(RunState))
def test_a_state_knows_whether_it_is_over(state: RunState) -> None:
    assert state.is_over == (state.value in {"finished", "stopped", "failed"})


@pytest.mark.parametrize("state", list(RunState))
def test_a_state_knows_whether_it_gets_on_by_itself(state: RunState) -> None:
    assert state.is_active == (not state.is_over and state != RunState.PAUSED)


def test_the_recipe_and_the_events_repeat_what_every_slice_was_computed_with() -> None:
    recipe = TrainingConfig()
    events = (
        RunEvent(EventKind.LEARNING_RATE, 2, 235, 0.1),
        RunEvent(EventKind.PAUSED, 3, 0),
        RunEvent(EventKind.EPOCHS, 21, 0, 40),
        RunEvent(EventKind.LEARNING_RATE, 3, 0, 1.0),
    )

    def rate(epoch: int, step: int) -> float:
        return config_at(recipe, events, Slice(epoch, step, 235, ends_epoch=False)).learning_rate

    assert [rate(1, 0), rate(2, 0), rate(2, 235), rate(3, 0), rate(9, 235)] == [0.01, 0.01, 0.1, 1.0, 1.0]


def test_an_event_has_its_position_on_the_curve() -> None:
    config = TrainingConfig()
    assert RunEvent(EventKind.PAUSED, 4, 0).position(config) == 3
    assert RunEvent(EventKind.PAUSED, 4, 235).position(config) == pytest.approx(3.5, abs=0.01)
    assert RunEvent(EventKind.STOPPED, 0, 0).position(config) == 0
