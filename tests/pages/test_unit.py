"""One unit opened, and the diagram from which it opens: every number is the network's own."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from model.config import TrainingConfig
from model.data import mnist
from model.explain.backpropagation import Loss, training_step
from testing.look_inside import (
    Shown,
    formulas,
    last_number,
    live,
    numbers,
    numbers_in,
    open_view,
    tiles,
    weights_of,
)
from testing.pages import OpenPage, texts
from ui.base.session import TEST_IMAGE
from ui.look_inside.inside import VIEW

RECIPES: list[dict[str, Any]] = [
    {"hidden_layers": []},
    {"hidden_layers": [8], "activation": "tanh"},
    {"hidden_layers": [64, 48, 32, 16], "activation": "sigmoid"},
    {"hidden_layers": [512, 512, 512, 512]},
]
FUNCTIONS: dict[str, Any] = {
    "relu": lambda z: np.maximum(z, 0),
    "tanh": np.tanh,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
}
IMAGE = 3


def _forward(recipe: dict[str, Any], images: Any) -> tuple[Any, list[Any], list[Any]]:
    """Weights, sums and what is passed on in float64, the pixels first."""
    config = TrainingConfig(**recipe)
    weights = [array.astype(float) for array in weights_of(config)]
    pre_activations, activations = [], [images / 255]
    for layer, (kernel, bias) in enumerate(zip(weights[::2], weights[1::2], strict=True)):
        pre_activations.append(activations[-1] @ kernel + bias)
        is_last = layer == len(config.hidden_layers)
        activations.append(
            pre_activations[-1] if is_last else FUNCTIONS[config.activation](pre_activations[-1])
        )
    return weights, pre_activations, activations


def _name(layer: int, unit: int, hidden: int) -> str:
    if layer == 0:
        return f"row {unit // 28 + 1}, column {unit % 28 + 1}"
    return f"digit {unit}" if layer > hidden else f"unit {unit + 1} of layer {layer}"


PLACES = [(recipe, layer) for recipe in RECIPES for layer in range(1, len(recipe["hidden_layers"]) + 2)]


@pytest.mark.parametrize(("recipe", "layer"), PLACES, ids=lambda value: str(value))
def test_a_units_sum_and_what_it_passes_on_are_the_networks(recipe: dict[str, Any], layer: int) -> None:
    unit, image = 5, mnist.load("test").images[IMAGE]
    weights, pre_activations, activations = _forward(recipe, image)
    app = open_view("unit", recipe, IMAGE, opened_unit=(layer, unit))
    table = app.table[0].value
    *parts, total = numbers(table["product"])
    assert total == pre_activations[layer - 1][unit]
    assert sum(part.value for part in parts) == pytest.approx(total.value, abs=0.05)
    products = activations[layer - 1] * weights[2 * layer - 2][:, unit]
    order = np.argsort(-abs(products), kind="stable")[:6]
    assert numbers(table["product"])[:6] == products[order].tolist()
    assert numbers(table["weight"]) == weights[2 * layer - 2][order, unit].tolist()
    assert numbers(table.iloc[:6, 2]) == activations[layer - 1][order].tolist()
    hidden = len(recipe["hidden_layers"])
    assert table["from"].tolist()[:6] == [_name(layer - 1, start, hidden) for start in order.tolist()]
    assert Shown(table["product"].iloc[6]) == products.sum() - products[order].sum()
    assert table["from"].iloc[6] == f"{np.count_nonzero(products) - 6} smaller terms together"
    assert Shown(table["product"].iloc[7]) == weights[2 * layer - 1][unit]
    if layer <= hidden:
        assert pre_activations[layer - 1][unit] in numbers_in(formulas(app)[0])
        assert last_number(formulas(app)[0]) == activations[layer][unit]
    else:
        [sentence] = [shown for shown in texts(app) if "Softmax compares" in shown]
        exponentials = np.exp(activations[-1] - activations[-1].max())
        assert numbers_in(sentence)[-1] == 100 * exponentials[unit] / exponentials.sum()


@pytest.mark.parametrize("recipe", RECIPES[1:], ids=lambda value: str(value))
def test_where_a_unit_sends_it_are_its_largest_contributions_to_the_next_layer(
    recipe: dict[str, Any],
) -> None:
    weights, _sums, activations = _forward(recipe, mnist.load("test").images[IMAGE])
    unit = int(activations[1].argmax())
    app = open_view("unit", recipe, IMAGE, opened_unit=(1, unit))
    table = app.table[1].value
    added = activations[1][unit] * weights[2][unit]
    order = np.argsort(-abs(added), kind="stable")[:6]
    assert numbers(table["contribution"]) == added[order].tolist()
    assert numbers(table["weight"]) == weights[2][unit][order].tolist()
    hidden = len(recipe["hidden_layers"])
    assert table["to"].tolist() == [_name(2, end, hidden) for end in order.tolist()]
    app.button(key="open_to_2").click().run()
    assert app.session_state["opened_unit"] == (2, int(order[2]))
    assert app.number_input(key="inside_unit_place").value == order[2] + (len(recipe["hidden_layers"]) > 1)


def test_a_unit_is_chosen_by_layer_and_number_and_stays_within_the_network() -> None:
    recipe = {"hidden_layers": [16, 8]}
    app = open_view("unit", recipe, IMAGE, opened_unit=(5, 400))
    # What another network had: the nearest here is the last digit.
    assert app.button_group(key="inside_unit_layer").value == 3
    assert app.number_input(key="inside_unit_place").value == 9
    app.button_group(key="inside_unit_layer").set_value(1).run()
    app.number_input(key="inside_unit_place").set_value(16).run()
    _weights, pre_activations, _passed = _forward(recipe, mnist.load("test").images[IMAGE])
    assert numbers(app.table[0].value["product"])[-1] == pre_activations[0][15]


def test_the_pictures_of_a_unit_are_its_weights_and_its_weights_times_the_ink() -> None:
    image = mnist.load("test").images[IMAGE]
    weights, _sums, _passed = _forward(RECIPES[2], image)
    header, pictures = tiles(open_view("unit", RECIPES[2], IMAGE, opened_unit=(1, 7)))[0]
    assert header["captions"] == ["weights", "weight × ink"]
    for picture, values in zip(pictures, (weights[0][:, 7], weights[0][:, 7] * image / 255), strict=True):
        np.testing.assert_allclose(picture, 127 * values / abs(values).max(), atol=0.51)


@pytest.mark.parametrize("layer", [1, 2])
def test_what_excites_a_unit_most_are_the_images_for_which_it_passes_on_most(layer: int) -> None:
    test, unit, recipe = mnist.load("test"), 5, RECIPES[1]
    _weights, _sums, activations = _forward(recipe, test.images[:1_000])
    app = open_view("unit", recipe, IMAGE, opened_unit=(layer, unit))
    header, pictures = tiles(app)[-1]
    values = activations[layer][:, unit]
    order = np.argsort(-values, kind="stable")[:12]
    assert numbers(header["captions"]) == values[order].tolist()
    places = [int(re.findall(r"[\d,]+", name)[0].replace(",", "")) - 1 for name in header["names"]]
    # Of values that float32 cannot tell apart either may come first.
    np.testing.assert_allclose(values[places], values[order], rtol=1e-5)
    for place, name, picture in zip(places, header["names"], pictures, strict=True):
        assert f", digit {test.labels[place]}:" in name
        np.testing.assert_allclose(picture, test.images[place] / 255 * 127, atol=0.51)
    [caption] = [shown for shown in texts(app) if "activation is above 0" in shown]
    assert numbers_in(caption)[1] == 100 * (values > 0).mean()


def test_at_first_the_unit_is_shown_that_the_image_excites_most() -> None:
    _weights, _sums, activations = _forward(RECIPES[2], mnist.load("test").images[IMAGE])
    app = open_view("unit", RECIPES[2], IMAGE)
    assert app.number_input(key="inside_unit_place").value == activations[1].argmax() + 1


def test_the_exact_formula_explains_every_symbol_where_it_stands() -> None:
    app = open_view("unit", {"hidden_layers": [8]}, IMAGE)
    [folded] = [expander for expander in app.expander if expander.label == "The exact formula"]
    captions = [caption.value for caption in folded.caption]
    assert len(folded.latex) == len(captions) == 2
    for symbol in ("z:", "a:", "w:", "b:", "Σ:", "f:"):
        assert any(symbol in caption for caption in captions)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda value: str(value))
def test_the_diagram_is_lit_by_what_the_network_passes_on(recipe: dict[str, Any]) -> None:
    weights, _sums, activations = _forward(recipe, mnist.load("test").images[IMAGE])
    app = open_view("diagram", recipe, IMAGE)
    assert any("Click a unit" in shown for shown in texts(app))
    values = live(app, "inside_flow")
    answer = int(activations[-1].argmax())
    added = activations[-2] * weights[-2][:, answer]
    order = np.argsort(-abs(added), kind="stable")[:5]
    table = app.table[0].value
    assert numbers(table["contribution"]) == added[order].tolist()
    assert numbers(table["activation"]) == activations[-2][order].tolist()
    assert len(values) >= len(activations)
    for trace, layer in zip(values[: len(activations) - 1], activations[:-1], strict=True):
        lit = [value for row in trace["z"] for value in row if value is not None]
        np.testing.assert_allclose(lit, layer, atol=1e-4)
    exponentials = np.exp(activations[-1] - activations[-1].max())
    np.testing.assert_allclose(
        values[len(activations) - 1]["z"][0], exponentials / exponentials.sum(), atol=1e-4
    )


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize(
    ("rate", "sentence"),
    [(0.1, "the loss has fallen"), (1e-30, "The loss is the same"), (1e38, "The loss did not fall")],
)
def test_what_a_step_did_to_the_loss_is_said(
    monkeypatch: pytest.MonkeyPatch, rate: float, sentence: str
) -> None:
    from ui.look_inside.training_step import step

    monkeypatch.setattr(
        step,
        "training_step",
        lambda image, label, _rate, l2: training_step(image, label, rate, l2),
    )
    app = open_view("training_step.step", {"hidden_layers": [16]}, IMAGE, inside_stage_10=10)
    assert any(sentence in shown for shown in texts(app))


def _change_step(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    """Let the page show a step in which these parts are others."""
    from ui.look_inside.training_step import step

    monkeypatch.setattr(step, "training_step", lambda *args: replace(training_step(*args), **changes))


@pytest.mark.parametrize(
    ("loss", "formula"),
    [
        (1.6e-8, r"-\ln (1 - 1.60 \cdot 10^{-8}) = 1.60 \cdot 10^{-8}"),
        (0.0028844, r"-\ln 0.997120 = 0.00288"),
        (1.5, r"-\ln 0.2231 = 1.50"),
        (26.5, r"-\ln 3.10 \cdot 10^{-12} = 26.50"),
        (966.3, r"-\ln e^{-966.30} = 966.30"),
    ],
)
def test_the_loss_is_the_logarithm_of_what_is_shown_however_near_that_is_to_0_or_1(
    monkeypatch: pytest.MonkeyPatch, loss: float, formula: str
) -> None:
    _change_step(monkeypatch, loss=Loss(loss, 0.0))
    app = open_view("training_step.step", {"hidden_layers": []}, IMAGE, inside_stage_8=4)
    assert formulas(app)[0].endswith(formula)


def test_where_every_gradient_is_0_there_was_nothing_left_to_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    arrays = [np.zeros_like(array) for array in weights_of(TrainingConfig(hidden_layers=[16]))]
    _change_step(
        monkeypatch,
        grad_weights=tuple(arrays[::2]),
        grad_pre_activations=tuple(arrays[1::2]),
        loss=Loss(0.0, 0.0),
        loss_after=Loss(0.0, 0.0),
    )
    app = open_view("training_step.step", {"hidden_layers": [16]}, IMAGE, inside_stage_10=10)
    assert any("nothing left to learn" in shown for shown in texts(app))
    assert not any("too small" in shown for shown in texts(app))


def test_what_it_should_answer_is_the_label_again_for_another_image_of_the_same_digit(
    open_page: OpenPage,
) -> None:
    app = open_page("look_inside", **{VIEW: "step"})

    def asked() -> Any:
        [box] = [box for box in app.selectbox if box.label == "Correct digit"]
        return box

    labels = mnist.load("test").labels
    assert asked().value == labels[0] == 7
    asked().set_value(2).run()
    assert asked().value == 2
    app.number_input(key=TEST_IMAGE).set_value(int(np.flatnonzero(labels == 7)[1]) + 1).run()
    assert asked().value == 7


def test_the_network_of_a_link_is_preselected_until_the_page_opens_without_it(
    open_page: OpenPage,
) -> None:
    app = open_page("look_inside")
    app.query_params["network"] = "starter"
    assert app.run().selectbox[0].value == "starter"
    del app.query_params["network"]
    assert app.run().selectbox[0].value == "lesson"


def test_a_network_of_a_link_that_is_gone_is_told_and_never_another_in_its_place(open_page: OpenPage) -> None:
    app = open_page("look_inside", linked="gone")
    assert any("no longer available" in shown for shown in texts(app))
    assert app.selectbox[0].options[0].startswith("The lesson network")
    assert app.selectbox[0].value == "lesson"
