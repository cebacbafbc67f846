"""One step of learning as the page shows it, held against TensorFlow's tape and Keras' own step."""

from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from model.config import TrainingConfig
from model.data import mnist
from model.inference import ink_of
from runs.local_engine import LocalEngine
from testing.look_inside import Shown, formulas, last_number, live, numbers, numbers_in, open_view, weights_of
from testing.pages import texts
from tests.integration.oracle import keras_step, tape

IMAGE, LABEL = 8, 5
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


def _name_of(recipe: dict[str, Any]) -> str:
    return f"{len(recipe['hidden_layers'])} {recipe['activation']}"


@pytest.fixture(scope="module", params=RECIPES, ids=_name_of)
def taught(request: pytest.FixtureRequest, engine: LocalEngine) -> Any:
    """How many layers, what TensorFlow says of such a network, and ``stage(number)``: the page there."""
    recipe = request.param
    config, test = TrainingConfig(**recipe), mnist.load("test")
    weights, ink, label = weights_of(config), ink_of(test.images[IMAGE]), int(test.labels[IMAGE])
    expected = engine.submit(tape, config, weights, ink, label).result(timeout=100)
    before, after, loss_after = engine.submit(keras_step, config, weights, ink, label).result(timeout=100)
    expected |= {"weights": weights, "before": before, "after": after, "loss_after": loss_after}
    last = len(config.hidden_layers) + 1
    path = {0: PIXEL, **dict.fromkeys(range(1, last), UNIT), -1: DIGIT}

    @cache
    def stage(number: int) -> AppTest:
        count = 2 * last + 6
        app = open_view(
            "training_step.step", recipe, IMAGE, followed=path, **{f"inside_stage_{count}": number}
        )
        assert not app.exception
        return app

    return last, expected, stage


def _unit(layer: int, last: int) -> int:
    return DIGIT if layer == last else UNIT


def _name(layer: int, unit: int, last: int) -> str:
    if layer == 0:
        return f"row {unit // 28 + 1}, column {unit % 28 + 1}"
    return f"digit {unit}" if layer == last else f"unit {unit + 1} of layer {layer}"


def test_the_picture_goes_in_as_it_is(taught: Any) -> None:
    _last, expected, stage = taught
    assert last_number(formulas(stage(1))[0]) == expected["activations"][0][PIXEL]


def test_every_sum_and_activation_forward_is_that_of_tensorflow(taught: Any) -> None:
    last, expected, stage = taught
    for layer in range(1, last + 1):
        app, unit = stage(1 + layer), _unit(layer, last)
        table = app.table[0].value
        *parts, total = numbers(table["product"])
        assert total == expected["pre_activations"][layer - 1][unit]
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
    probabilities = expected["activations"][-1]
    [filled, *_general] = formulas(stage(last + 2))
    assert last_number(filled) == probabilities[DIGIT]
    power, total = numbers_in(filled)[-3:-1]
    exponentials = np.exp(
        expected["pre_activations"][-1].astype(float) - expected["pre_activations"][-1].max()
    )
    assert (power, total) == (exponentials[DIGIT], exponentials.sum())
    app = stage(last + 3)
    assert last_number(formulas(app)[0]) == expected["losses"][0]
    assert numbers_in(formulas(app)[0])[-2] == probabilities[LABEL]
    penalties = [shown for shown in texts(app) if "The L2 penalty adds" in shown]
    assert bool(penalties) == (expected["losses"][1] > expected["losses"][0])
    for shown in penalties:
        assert numbers_in(shown)[-1] == expected["losses"][1] - expected["losses"][0]


def test_every_gradient_on_the_way_back_is_that_of_a_gradient_tape(taught: Any) -> None:
    last, expected, stage = taught
    table = stage(last + 4).table[0].value
    assert numbers(table["gradient"]) == expected["grad_pre_activations"][-1].tolist()
    assert numbers(table["probability"]) == expected["activations"][-1].tolist()
    assert [cell.strip("*") for cell in table["target"]] == [str(int(row == LABEL)) for row in range(10)]
    for layer in range(last - 1, 0, -1):
        app = stage(last + 4 + last - layer)
        table = app.table[0].value
        assert numbers(table["product"])[-1] == expected["grad_activations"][layer][UNIT]
        parts = expected["weights"][2 * layer][UNIT] * expected["grad_pre_activations"][layer]
        strongest = int(abs(parts).argmax())
        assert table["from"].iloc[0] == _name(layer + 1, strongest, last)
        assert Shown(table["its gradient"].iloc[0]) == expected["grad_pre_activations"][layer][strongest]
        slope, by_sum, *_general = formulas(app)
        gradients = expected["grad_activations"][layer], expected["grad_pre_activations"][layer - 1]
        assert numbers_in(by_sum)[0] == gradients[0][UNIT]
        if abs(gradients[0][UNIT]) > 1e-3:
            assert last_number(slope) == gradients[1][UNIT] / gradients[0][UNIT]
        assert last_number(by_sum) == expected["grad_pre_activations"][layer - 1][UNIT]


def test_gradients_and_new_weights_along_the_path_are_those_of_keras(taught: Any) -> None:
    last, expected, stage = taught
    ends = [PIXEL, *[_unit(layer, last) for layer in range(1, last + 1)]]
    places = [
        place
        for layer in range(last)
        for place in ((2 * layer, (ends[layer], ends[layer + 1])), (2 * layer + 1, ends[layer + 1]))
    ]
    table = stage(2 * last + 4).table[0].value
    came_in = [
        value
        for layer in range(last)
        for value in (expected["activations"][layer][ends[layer]], np.float32(1))
    ]
    assert numbers(table["activation at its start"]) == came_in
    at_end = [
        expected["grad_pre_activations"][layer][ends[layer + 1]] for layer in range(last) for _ in range(2)
    ]
    assert numbers(table["gradient at its end"]) == at_end
    if "L2 penalty" in table:
        decays = [0.006 * expected["weights"][array][place] * (array % 2 == 0) for array, place in places]
        assert numbers(table["L2 penalty"]) == decays
    assert numbers(table["its gradient"]) == [
        expected["grad_weights"][array][place] for array, place in places
    ]
    app = stage(2 * last + 5)
    assert any(
        f"{sum(array.size for array in expected['weights']):,} weights" in shown for shown in texts(app)
    )
    table = app.table[0].value
    moves = [RATE * float(expected["grad_weights"][array][place]) for array, place in places]
    assert numbers(table["learning rate × gradient"]) == moves
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
    probabilities = expected["activations"][-1]
    rose = [Shown(cell.strip("%")) for cell in table[f"probability of {LABEL}"]]
    assert rose[0] == 100 * probabilities[LABEL]
    assert rose[1].value > rose[0].value
    assert table["prediction"].iloc[0] == str(probabilities.argmax())


def test_the_diagram_shows_what_each_stage_has_reached(taught: Any) -> None:
    last, expected, stage = taught
    for number in range(1, 2 * last + 6):
        traces = live(stage(number), "inside_step_flow")
        shown = [
            [value for row in traces[layer]["z"] for value in row if value is not None]
            for layer in range(last + 1)
        ]
        np.testing.assert_allclose(shown[0], expected["activations"][0], atol=1e-4)
        for layer in range(1, last + 1):
            if number <= last + 3:
                answers = (
                    expected["pre_activations"][-1] if number == last + 1 else expected["activations"][-1]
                )
                values, is_reached = expected["activations"][layer], layer < number
                values = answers if layer == last else values
            else:
                values, is_reached = (
                    expected["grad_pre_activations"][layer - 1],
                    layer >= 2 * last + 4 - number,
                )
            # What is not reached yet has no numbers.
            np.testing.assert_allclose(shown[layer], values if is_reached else [], atol=1e-4)


def test_where_nothing_is_picked_the_strongest_is_followed_from_the_right_digit_on(
    engine: LocalEngine,
) -> None:
    recipe = {"hidden_layers": (64, 32), "activation": "tanh"}
    config, test = TrainingConfig(**recipe), mnist.load("test")
    weights = weights_of(config)
    expected = engine.submit(tape, config, weights, ink_of(test.images[IMAGE]), LABEL).result(timeout=100)
    path = [LABEL]
    for layer in (2, 1, 0):
        parts = expected["activations"][layer] * weights[2 * layer][:, path[0]]
        path.insert(0, int(abs(parts).argmax()))
    names = [_name(layer, unit, 3) for layer, unit in enumerate(path)]
    table = open_view("training_step.step", recipe, IMAGE, inside_stage_12=10).table[0].value
    assert table["link"].tolist()[::2] == [f"{start} to {end}" for start, end in pairwise(names)]
