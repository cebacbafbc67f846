"""A link is a lab: what an address sets up, hides, and cannot mean."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from model.config import TrainingConfig
from testing.pages import FILES, OpenPage
from ui.recipe import share_link
from ui.recipe.hidden import CONTROLS


@pytest.fixture
def open_link(open_page: OpenPage) -> Any:
    """``open_link("train", recipe="epochs:3")`` is a new visitor who follows that link."""

    def follow(name: str, **parameters: str) -> AppTest:
        app = open_page("home")
        # A new session, whose first page is this one.
        app = AppTest.from_file(app._script_path, default_timeout=30)
        for key, value in parameters.items():
            app.query_params[key] = value
        app.switch_page(FILES[name])
        return app.run()

    return follow


def _config(app: AppTest) -> TrainingConfig:
    return TrainingConfig.from_json(app.session_state["config"])


def test_a_link_opens_with_its_recipe(open_link: Any) -> None:
    app = open_link("train", recipe="hidden_layers:64,epochs:3,optimizer:adam")
    assert not app.error
    assert _config(app) == TrainingConfig(hidden_layers=(64,), epochs=3, optimizer="adam")
    assert next(s for s in app.slider if s.label == "Epochs").value == 3


def test_what_the_visitor_changes_after_that_stays_changed(open_link: Any) -> None:
    app = open_link("train", recipe="epochs:3")
    next(slider for slider in app.slider if slider.label == "Epochs").set_value(7).run()
    assert _config(app).epochs == 7


def test_hidden_controls_are_gone_on_every_page_and_keep_their_value(open_link: Any) -> None:
    app = open_link("train", recipe="dropout:0.3", hide="epochs,dropout,layer_table,steps")
    labels = [slider.label for slider in app.slider]
    assert "Epochs" not in labels
    app.session_state["more_settings_open"] = True
    app.run()
    assert "Dropout" not in [slider.label for slider in app.slider]
    assert "L2 penalty" in [slider.label for slider in app.select_slider]
    assert _config(app).dropout == 0.3
    assert not app.table
    app.switch_page(FILES["draw"]).run()
    assert "Preprocessing" not in [panel.label for panel in app.expander]
    hidden = app.query_params["hide"]
    assert set(hidden.split(",")) == {"dropout", "epochs", "layer_table", "steps"}


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"recipe": "epoch:3"}, "no field “epoch”"),
        ({"recipe": "epochs:999999999999999999999"}, "“Epochs” must be"),
        ({"recipe": "**x**:1"}, "no field"),
        ({"hide": "everything"}, "hides “everything”, but there is no such control"),
        ({"hide": "x" * 10_000}, "no such control"),
        ({"lang": "../../etc/passwd"}, "asks for the language"),
        ({"lang": "tlh"}, "Available: en."),
        ({"recipe": "learning_rate:0,5"}, "“learning_rate:0,5” in the link is not a setting"),
    ],
)
def test_what_an_address_cannot_mean_is_a_sentence_and_the_page_goes_on(
    open_link: Any, parameters: dict[str, str], sentence: str
) -> None:
    app = open_link("train", **parameters)
    assert any(sentence in error.value.replace("\\", "") for error in app.error)
    assert app.button(key="train")


def test_a_parameter_of_somebody_else_is_left_alone(open_link: Any) -> None:
    assert not open_link("train", utm_source="newsletter").error


def test_a_parameter_without_a_value_asks_for_nothing(open_link: Any) -> None:
    app = open_link("train", lang="", hide="", recipe="")
    assert not app.error
    assert _config(app) == TrainingConfig()


@pytest.mark.parametrize(
    ("unit", "is_there"),
    [
        ("1-100", True),
        ("01-005", True),
        ("answer-9", True),
        ("3-10", True),
        ("99-999", False),
        ("1-101", False),
        ("1-0", False),
        ("answer-10", False),
    ],
)
def test_a_link_to_a_unit_that_the_network_does_not_have_is_told(
    open_link: Any, unit: str, is_there: bool
) -> None:
    app = open_link("look_inside", network="lesson", view="unit", unit=unit)
    told = [info.value for info in app.info if f"The link asks for unit {unit}" in info.value]
    assert bool(told) != is_there


def test_the_page_offers_the_link_to_its_own_set_up(open_page: OpenPage) -> None:
    app = open_page("train", config=TrainingConfig(epochs=3).to_json())
    app.multiselect(key="link_hide").set_value(["dropout", "seed"]).run()
    [address] = [code.value for code in app.code if "recipe=" in code.value]
    assert "recipe=epochs:3" in address
    assert "hide=dropout,seed" in address


def test_every_control_can_be_hidden_at_once(open_link: Any) -> None:
    for name in ("train", "draw"):
        assert not open_link(name, hide=",".join(CONTROLS)).exception


def test_a_language_is_asked_for_by_its_code(open_link: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(share_link, "languages", lambda: ["en", "fr"])
    app = open_link("train", lang="fr")
    assert not app.error
    assert app.session_state["language"] == "fr"
