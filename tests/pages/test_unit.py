"""One unit opened, and the diagram from which it opens: every number is the network's own."""

import json
from typing import Any

import numpy as np
import pytest

from model import data
from model.config import TrainingConfig
from model.slices import initial_state
from tests.pages.conftest import texts
from tests.pages.inside import Shown, formulas, last_number, numbers, open_view

RECIPES: list[dict[str, Any]] = [
    {"hidden_layers": []},
    {"hidden_layers": [8], "activation": "tanh"},
    {"hidden_layers": [64, 48, 32, 16], "activation": "sigmoid"},
    {"hidden_layers": [512, 512, 512, 512]},
]
FUNCTIONS = {
    "relu": lambda z: np.maximum(z, 0),
    "tanh": np.tanh,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
}
IMAGE = 3


def _forward(recipe: dict[str, Any], images: Any) -> tuple[Any, list[Any], list[Any]]:
    """Weights, sums and what is passed on in float64, the pixels first."""
    config = TrainingConfig(**recipe)
    weights = [array.astype(float) for array in initial_state(config).weights]
    sums, passed = [], [images / 255]
    for layer, (kernel, bias) in enumerate(zip(weights[::2], weights[1::2], strict=True)):
        sums.append(passed[-1] @ kernel + bias)
        is_last = layer == len(config.hidden_layers)
        passed.append(sums[-1] if is_last else FUNCTIONS[config.activation](sums[-1]))
    return weights, sums, passed


PLACES = [(recipe, layer) for recipe in RECIPES for layer in range(1, len(recipe["hidden_layers"]) + 2)]


@pytest.mark.parametrize(("recipe", "layer"), PLACES, ids=lambda value: str(value))
def test_a_units_sum_and_what_it_passes_on_are_the_networks(recipe: dict[str, Any], layer: int) -> None:
    unit, image = 5, data.load("test").images[IMAGE]
    weights, sums, passed = _forward(recipe, image)
    app = open_view("unit", recipe, IMAGE, opened_unit=(layer, unit))
    assert not app.exception
    table = app.table[0].value
    *parts, total = numbers(table["product"])
    assert total == sums[layer - 1][unit]
    assert sum(part.value for part in parts) == pytest.approx(total.value, abs=0.05)
    products = passed[layer - 1] * weights[2 * layer - 2][:, unit]
    order = np.argsort(-abs(products), kind="stable")[:6]
    assert numbers(table["product"])[:6] == products[order].tolist()
    assert numbers(table["weight"]) == weights[2 * layer - 2][order, unit].tolist()
    assert Shown(table["product"].iloc[6]) == products.sum() - products[order].sum()
    if layer <= len(recipe["hidden_layers"]):
        assert last_number(formulas(app)[0]) == passed[layer][unit]


@pytest.mark.parametrize("recipe", RECIPES[1:], ids=lambda value: str(value))
def test_where_a_unit_sends_it_are_its_largest_contributions_to_the_next_layer(
    recipe: dict[str, Any],
) -> None:
    weights, _sums, passed = _forward(recipe, data.load("test").images[IMAGE])
    unit = int(passed[1].argmax())
    app = open_view("unit", recipe, IMAGE, opened_unit=(1, unit))
    table = app.table[1].value
    added = passed[1][unit] * weights[2][unit]
    order = np.argsort(-abs(added), kind="stable")[:6]
    assert numbers(table["it adds"]) == added[order].tolist()
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
    assert not app.exception
    _weights, sums, _passed = _forward(recipe, data.load("test").images[IMAGE])
    assert numbers(app.table[0].value["product"])[-1] == sums[0][15]


def test_at_first_the_unit_is_shown_that_the_image_excites_most() -> None:
    _weights, _sums, passed = _forward(RECIPES[2], data.load("test").images[IMAGE])
    app = open_view("unit", RECIPES[2], IMAGE)
    assert app.number_input(key="inside_unit_place").value == passed[1].argmax() + 1


def test_the_exact_formula_explains_every_symbol_where_it_stands() -> None:
    app = open_view("unit", {"hidden_layers": [8]}, IMAGE)
    [folded] = [expander for expander in app.expander if expander.label == "The exact formula"]
    captions = [caption.value for caption in folded.caption]
    assert len(folded.latex) == len(captions) == 2
    for symbol in ("z:", "a:", "w:", "b:", "Σ:", "f:"):
        assert any(symbol in caption for caption in captions)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda value: str(value))
def test_the_diagram_is_lit_by_what_the_network_passes_on(recipe: dict[str, Any]) -> None:
    _weights, _sums, passed = _forward(recipe, data.load("test").images[IMAGE])
    app = open_view("diagram", recipe, IMAGE)
    assert not app.exception
    assert any("Click a unit" in shown for shown in texts(app))
    values = _live(app, "inside_flow")
    assert len(values) >= len(passed)
    for trace, layer in zip(values[: len(passed) - 1], passed[:-1], strict=True):
        lit = [value for row in trace["z"] for value in row if value is not None]
        np.testing.assert_allclose(lit, layer, atol=1e-4)
    exponentials = np.exp(passed[-1] - passed[-1].max())
    np.testing.assert_allclose(values[len(passed) - 1]["z"][0], exponentials / exponentials.sum(), atol=1e-4)


def _live(app: Any, key: str) -> list[Any]:
    """The traces that were moved into a live chart."""
    for component in app.get("bidi_component"):
        sent = json.loads(component.proto.json or "{}")
        if sent.get("key") == key:
            traces: list[Any] = sent["traces"]
            return traces
    raise AssertionError(f"no live chart {key}")
