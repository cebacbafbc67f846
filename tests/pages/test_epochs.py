"""The network as it was after any epoch, under the network's name."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from model.slices import Arrays
from testing.engines import TINY
from testing.pages import FILES, OpenPage, says
from testing.strokes import seven
from ui.base import resources
from ui.networks import epochs


@pytest.fixture
def trained(open_page: OpenPage) -> Any:
    """``trained("draw")``: that page for somebody whose run of three epochs is over."""

    def open_trained(page: str, **session: Any) -> AppTest:
        app = open_page("train", config=TINY.to_json(), **session)
        app.button(key="train").click().run()
        return app.switch_page(FILES[page]).run()

    return open_trained


def _epochs_asked_for(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The epochs whose weights are asked for from now on; it grows."""
    asked: list[int] = []
    runner = resources.runner()
    kept = runner.weights

    def weights(run: str, epoch: int) -> Arrays | None:
        asked.append(epoch)
        return kept(run, epoch)

    monkeypatch.setattr(runner, "weights", weights)
    return asked


def _slider(app: AppTest) -> Any:
    [slider] = [slider for slider in app.select_slider if slider.label == "After epoch"]
    return slider


def test_the_newest_epoch_is_shown_until_another_is_chosen_and_that_stays_on_every_page(trained: Any) -> None:
    app = trained("draw")
    assert _slider(app).value == 3
    assert _slider(app).options == ["0", "1", "2", "3"]
    _slider(app).set_value(1).run()
    app.switch_page(FILES["evaluate"]).run()
    assert _slider(app).value == 1


def test_a_run_that_is_over_is_shown_with_the_epoch_that_its_recipe_keeps(
    trained: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runs.records.kept_epoch", lambda _config, history: min(2, history[-1].epoch))
    app = trained("train")
    assert says(app, "Finished after epoch 3 of 3. Kept: epoch 2, validation accuracy 2.0%, loss 1.980")
    assert says(app, "After epoch 2")
    asked = _epochs_asked_for(monkeypatch)
    app.switch_page(FILES["draw"]).run()
    assert _slider(app).value == 2
    app.switch_page(FILES["compare"]).run()
    assert set(asked) == {2}


def test_the_weights_are_those_of_the_chosen_epoch(trained: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    app = trained("draw", **seven("canvas_2"))
    asked = _epochs_asked_for(monkeypatch)
    _slider(app).set_value(2).run()
    assert set(asked) == {2}


@pytest.mark.parametrize("page", ["draw", "evaluate", "own_test"])
def test_epochs_play_from_the_first_to_the_last_and_stop_there(
    trained: Any, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    now = [100.0]
    monkeypatch.setattr("ui.base.session.time.monotonic", lambda: now[0])
    app = trained(page)
    app.button(key="play_epochs").click().run()
    assert _slider(app).value == 0
    assert _slider(app).disabled
    now[0] += 2.5 * epochs.STEP
    app.run()
    assert _slider(app).value == 2
    now[0] += 60
    app.run()
    assert _slider(app).value == 3
    assert not _slider(app).disabled
    assert app.button(key="play_epochs")


def test_pause_stays_at_the_epoch_that_is_shown(trained: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("ui.base.session.time.monotonic", lambda: now[0])
    app = trained("draw")
    app.button(key="play_epochs").click().run()
    now[0] += 1.5 * epochs.STEP
    app.button(key="pause_epochs").click().run()
    now[0] += 60
    app.run()
    assert _slider(app).value == 1


def test_a_network_that_ships_has_no_epochs(open_page: OpenPage) -> None:
    assert not [slider for slider in open_page("draw").select_slider if slider.label == "After epoch"]


def _epochs() -> None:
    import streamlit as st

    from ui.networks.epochs import choose_epoch

    st.session_state["shown"] = choose_epoch("a run", st.session_state["kept"])


@pytest.mark.parametrize(("moved_to", "shown"), [(None, 4), (2, 1)])
def test_where_an_epoch_came_and_another_is_kept_no_more_the_nearest_is_shown(
    moved_to: int | None, shown: int
) -> None:
    app = AppTest.from_function(_epochs)
    app.session_state["kept"] = [0, 1, 2, 3]
    app.run()
    if moved_to is not None:
        _slider(app).set_value(moved_to).run()
    app.session_state["kept"] = [0, 1, 3, 4]
    app.run()
    assert app.session_state["shown"] == _slider(app).value == shown
