"""One step of learning as the page shows it, held against TensorFlow's tape and Keras' own step."""

from itertools import pairwise
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from model import data
from model.config import TrainingConfig
from model.inference import ink_of
from model.slices import initial_state
from runs.engine import LocalEngine
from tests.integration.oracle import keras_step, tape
from tests.pages.inside import Shown, formulas, last_number, numbers, open_view

IMAGE = 8  # a 5
RATE = 0.1
# A pixel with ink, units, and a digit that is not the right one.
PIXEL, UNIT, DIGIT = 14 * 28 + 9, 3, 6
HIDDEN = [(), (24,), (64, 48, 32, 16)]
RECIPES = [
    {"hidden_layers": hidden, "activation": activation, "l2": l2, "learning_rate": RATE}
    for hidden, activation, l2 in zip(
        HIDDEN * 2,
        ["relu", "tanh", "sigmoid", "relu", "relu", "tanh"],
        [0, 0.003, 0, 0.003, 0, 0.003],
        strict=True,
    )
]


@pytest.fixture(params=RECIPES, ids=lambda recipe: f"{len(recipe['hidden_layers'])} {recipe['activation']}")
def taught(request: pytest.FixtureRequest, engine: LocalEngine) -> Any:
    """A recipe, what TensorFlow says of its untrained network, and ``stage(number)``: the page there."""
    recipe = request.param
    config, test = TrainingConfig(**recipe), data.load("test")
    weights, ink, label = initial_state(config).weights, ink_of(test.images[IMAGE]), int(test.labels[IMAGE])
    expected = engine.submit(tape, config, weights, ink, label).result(timeout=100)
    before, after, loss_after = engine.submit(keras_step, config, weights, ink, label).result(timeout=100)
    expected |= {"weights": weights, "before": before, "after": after, "loss_after": loss_after}
    last = len(config.hidden_layers) + 1
    path = {0: PIXEL, **dict.fromkeys(range(1, last), UNIT), last: DIGIT}

    def stage(number: int) -> AppTest:
        count = 2 * last + 6
        app = open_view("step", recipe, IMAGE, followed=path, **{f"inside_stage_{count}": number})
        assert not app.exception
        return app

    return last, expected, stage


def _unit(layer: int, last: int) -> int:
    return DIGIT if layer == last else UNIT


def _name(layer: int, unit: int, last: int) -> str:
    if layer == 0:
        return f"row {unit // 28 + 1}, column {unit % 28 + 1}"
    return f"digit {unit}" if layer == last else f"unit {unit + 1} of layer {layer}"


def test_every_sum_and_activation_forward_is_that_of_tensorflow(taught: Any) -> None:
    last, expected, stage = taught
    for layer in range(1, last + 1):
        app, unit = stage(1 + layer), _unit(layer, last)
        table = app.table[0].value
        *parts, total = numbers(table["product"])
        assert total == expected["sums"][layer - 1][unit]
        assert sum(part.value for part in parts) == pytest.approx(total.value, abs=0.02)
        # The first row names the link that adds most; its factors are the network's.
        weight, passed = Shown(table["weight"].iloc[0]), Shown(table.iloc[0, 2])
        products = expected["activations"][layer - 1] * expected["weights"][2 * layer - 2][:, unit]
        strongest = int(abs(products).argmax())
        assert weight == expected["weights"][2 * layer - 2][strongest, unit]
        assert passed == expected["activations"][layer - 1][strongest]
        assert table["from"].iloc[0] == _name(layer - 1, strongest, last)
        if layer < last:
            assert last_number(formulas(app)[0]) == expected["activations"][layer][unit]


def test_softmax_and_loss_are_those_of_tensorflow(taught: Any) -> None:
    last, expected, stage = taught
    assert last_number(formulas(stage(last + 2))[0]) == expected["activations"][-1][DIGIT]
    assert last_number(formulas(stage(last + 3))[0]) == expected["losses"][0]


def test_every_gradient_on_the_way_back_is_that_of_a_gradient_tape(taught: Any) -> None:
    last, expected, stage = taught
    table = stage(last + 4).table[0].value
    assert numbers(table["gradient"]) == expected["by_sums"][-1].tolist()
    for layer in range(last - 1, 0, -1):
        app = stage(last + 4 + last - layer)
        table = app.table[0].value
        assert numbers(table["product"])[-1] == expected["by_activations"][layer][UNIT]
        parts = expected["weights"][2 * layer][UNIT] * expected["by_sums"][layer]
        strongest = int(abs(parts).argmax())
        assert table["back from"].iloc[0] == _name(layer + 1, strongest, last)
        assert Shown(table["its gradient"].iloc[0]) == expected["by_sums"][layer][strongest]
        _slope, by_sum, *_general = formulas(app)
        assert last_number(by_sum) == expected["by_sums"][layer - 1][UNIT]


def test_gradients_and_new_weights_along_the_path_are_those_of_keras(taught: Any) -> None:
    last, expected, stage = taught
    ends = [PIXEL, *[_unit(layer, last) for layer in range(1, last + 1)]]
    places = [
        place
        for layer in range(last)
        for place in ((2 * layer, (ends[layer], ends[layer + 1])), (2 * layer + 1, ends[layer + 1]))
    ]
    gradients = numbers(stage(2 * last + 4).table[0].value["its gradient"])
    assert gradients == [expected["by_weights"][array][place] for array, place in places]
    table = stage(2 * last + 5).table[0].value
    names = [_name(layer, end, last) for layer, end in enumerate(ends)]
    assert table["link"].tolist()[::2] == [f"{start} to {end}" for start, end in pairwise(names)]
    assert table["link"].tolist()[1::2] == [f"bias of {end}" for end in names[1:]]
    assert numbers(table["weight"]) == [expected["weights"][array][place] for array, place in places]
    assert numbers(table["new weight"]) == [expected["after"][array][place] for array, place in places]


def test_the_loss_before_and_after_the_step_is_that_of_keras(taught: Any) -> None:
    last, expected, stage = taught
    table = stage(2 * last + 6).table[0].value
    before, after = numbers(table["loss"])
    assert (before, after) == (expected["before"], expected["loss_after"])
    assert before.value > after.value
