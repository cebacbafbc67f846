"""What the answer depends on, as a visitor finds it under a drawing."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from testing.pages import says, texts
from ui.draw import explanation

VIEWS = ["ink", "strokes", "pixels", "images", "layers"]

Panel = Callable[..., AppTest]


def _panel(
    strokes: list[list[list[float]]], as_pixels: bool, hidden: list[int] | None, activation: str
) -> None:
    """A page with nothing but the panel: the lesson's network, or an untrained one of ``hidden`` layers."""
    import numpy as np
    import streamlit as st

    from model.config import TrainingConfig
    from model.drawing.strokes import prepare
    from model.inference import Network
    from model.slices import initial_state
    from ui.base import resources
    from ui.draw import explanation
    from ui.networks.selection import Choice

    pen = [np.array(stroke, float) for stroke in strokes]
    if hidden is None:
        config, network = resources.recording().config, resources.recording().network
    else:
        config = TrainingConfig(hidden_layers=tuple(hidden), activation=activation)
        network = Network.from_arrays(initial_state(config).weights, config.activation)
    ink = prepare(pen)
    assert ink is not None
    choice = Choice(f"{hidden}{activation}", config, network, None, 0)
    st.fragment(explanation.show_dependence)(choice, choice.forward(ink), None if as_pixels else pen)


CROSSED_SEVEN = [[[70, 70], [200, 65]], [[200, 65], [170, 130], [140, 230]], [[110, 150], [210, 150]]]


@pytest.fixture
def panel() -> Panel:
    def show(
        view: str = "ink",
        digit: int | None = None,
        strokes: Any = CROSSED_SEVEN,
        as_pixels: bool = False,
        hidden: list[int] | None = None,
        activation: str = "relu",
    ) -> AppTest:
        app = AppTest.from_function(_panel, default_timeout=60, args=(strokes, as_pixels, hidden, activation))
        app.session_state["depends_view"] = view
        if digit is not None:
            app.session_state["depends_digit"] = digit
        return app.run()

    return show


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("digit", [None, 3])
def test_every_view_opens_for_the_answer_and_for_another_digit_and_says_what_it_does_not_show(
    panel: Panel, view: str, digit: int | None
) -> None:
    app = panel(view, digit)
    assert sum("visibility_off" in caption.value for caption in app.caption) == 1


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(("hidden", "activation"), [([], "relu"), ([8], "tanh"), ([16, 8, 8, 64], "sigmoid")])
def test_every_view_opens_for_every_kind_of_network(
    panel: Panel, view: str, hidden: list[int], activation: str
) -> None:
    assert not panel(view, hidden=hidden, activation=activation).exception


def test_only_the_chosen_view_is_computed(panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    called = []
    for name in ("integrated_gradients", "fewest_pixels", "nearest", "show_flow"):
        monkeypatch.setattr(explanation, name, lambda *_, name=name: called.append(name))
    panel("strokes")
    assert called == []


def test_the_contributions_that_are_shown_add_up(panel: Panel) -> None:
    app = panel("ink")
    *parts, total = [float(shown.strip("*")) for shown in app.table[0].value["logits"]]
    assert sum(parts) == pytest.approx(total, abs=0.03)
    assert parts[1] > 0 > parts[2]


def test_seven_is_compared_with_any_other_digit_or_with_none(panel: Panel) -> None:
    app = panel("ink")
    box = app.selectbox(key="depends_other_7")
    assert "7" not in box.options
    leads = {}
    for other in (1, 3, -3):
        app.selectbox(key="depends_other_7").set_value(other).run()
        leads[other] = app.table[0].value.iloc[-1].tolist()
    assert leads[1][0] == "**total: logit of 7 minus logit of 1**"
    assert leads[-3][0] == "**total: logit of 7**"
    assert len({total for _name, total in leads.values()}) == 3


def test_without_its_long_stroke_a_seven_is_no_seven(panel: Panel) -> None:
    app = panel("strokes")
    [long_one] = [shown.value for shown in app.caption if shown.value.startswith("Without stroke 2")]
    before, after = map(int, re.findall(r"(\d+)%", long_one))
    assert before > 90
    assert after < 50
    assert len([shown for shown in app.caption if shown.value.startswith("Without stroke")]) == 3


@pytest.mark.parametrize(
    ("strokes", "as_pixels", "reason"),
    [(CROSSED_SEVEN, True, "has no strokes"), ([[[70, 70], [200, 65], [140, 230]]], False, "in one stroke")],
)
def test_where_no_stroke_can_be_left_out_the_view_says_why(
    panel: Panel, strokes: Any, as_pixels: bool, reason: str
) -> None:
    app = panel("strokes", strokes=strokes, as_pixels=as_pixels)
    [info] = app.info
    assert reason in info.value
    assert not app.get("plotly_chart")


def test_of_very_many_strokes_the_longest_are_tried(panel: Panel) -> None:
    many = [*CROSSED_SEVEN, *([[80 + i, 200], [80 + i, 201]] for i in range(30))]
    app = panel("strokes", strokes=many)
    left_out = [shown.value for shown in app.caption if shown.value.startswith("Without stroke")]
    assert len(left_out) == 6
    assert left_out[0].startswith("Without stroke 1:")


def test_a_few_pixels_make_it_another_digit_or_the_one_that_is_picked(panel: Panel) -> None:
    app = panel("pixels")
    assert "change the prediction" in app.subheader[0].value
    assert not says(app, "Now: read as **7**")
    assert says(panel("pixels", digit=3), "Now: read as **3**")


@pytest.mark.parametrize(("digit", "missed"), [(None, "from 7"), (3, "to 3")])
def test_a_search_that_fails_says_what_it_could_not_do(
    panel: Panel, monkeypatch: pytest.MonkeyPatch, digit: int | None, missed: str
) -> None:
    monkeypatch.setattr(explanation, "_MAX_PIXELS", 2)
    app = panel("pixels", digit)
    assert app.subheader[0].value == "2 pixels are not enough"
    assert says(app, f"could not change the prediction {missed}")


def test_a_picked_digit_gets_a_row_of_nearest_images_of_its_own(panel: Panel) -> None:
    def labels(app: AppTest) -> list[str]:
        found = [re.match(r"label (\d), distance", shown) for shown in texts(app)]
        return [match[1] for match in found if match]

    assert labels(panel("images")) == ["7"] * 5
    assert labels(panel("images", digit=3)) == ["7"] * 5 + ["3"] * 5


def test_the_links_that_are_listed_lead_to_the_picked_digit(panel: Panel) -> None:
    app = panel("layers", digit=3)
    assert says(app, "score (logit) of **3**")
    listed = [float(shown) for shown in app.table[0].value["contribution"]]
    assert np.abs(listed).tolist() == sorted(np.abs(listed), reverse=True)
    assert len(listed) == 5


def test_where_no_unit_is_active_that_is_said_in_place_of_an_empty_table(
    panel: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.reading.flow.strongest_links", lambda *_: [])
    app = panel("layers")
    assert not app.table
    assert says(app, "No unit in the layer before the output is active for this image")
    assert not says(app, "links are drawn, and")


def test_a_marked_link_stands_out_in_its_row(panel: Panel) -> None:
    app = panel("layers", digit=3)
    pills: Any = next(group for group in app.get("button_group") if group.key == "depends_flow_link")
    pills.set_value(2).run()
    assert list(app.table[0].value["link"]) == ["1", "**2**", "3", "4", "5"]


@pytest.mark.parametrize("view", VIEWS)
def test_no_english_is_left_in_another_language(panel: Panel, view: str, esperanto: None) -> None:
    app = panel(view, digit=3)
    shown = [*texts(app), *(box.label for box in app.selectbox), app.segmented_control[0].label]
    shown += [option for box in app.selectbox for option in box.options]
    shown += [option.content for option in app.segmented_control[0].proto.options]
    shown += [cell for table in app.table for row in table.value.astype(str).values.tolist() for cell in row]
    shown += [name for table in app.table for name in table.value.columns]
    assert len(shown) > 20
    assert [one for one in shown if "⟨" not in one and re.search(r"[a-zA-Z]", one)] == []
