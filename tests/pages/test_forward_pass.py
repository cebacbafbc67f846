"""One picture goes through a network once, however much of that is shown."""

from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from model.data import mnist
from model.inference import Layer, ink_of
from model.slices import Values
from testing.look_inside import open_view

IMAGE = 3
Count = Callable[[], int]


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> Count:
    """How often the picture has gone into the first layer of a network; asked again, from 0."""
    ink, seen = ink_of(mnist.load("test").images[IMAGE]), []
    pre_activations = Layer.pre_activations

    def counted(layer: Layer, inputs: Values) -> Values:
        if np.array_equal(inputs, ink):
            seen.append(id(layer.kernel))
        return pre_activations(layer, inputs)

    monkeypatch.setattr(Layer, "pre_activations", counted)

    def count() -> int:
        found = len(seen)
        seen.clear()
        return found

    return count


@pytest.mark.parametrize("view", ["diagram", "unit", "softmax"])
def test_a_view_of_look_inside_needs_one_forward_pass(passes: Count, view: str) -> None:
    open_view(view, {"hidden_layers": [16, 8]}, IMAGE)
    assert passes() == 1


def test_a_training_step_goes_through_the_network_before_it_and_the_one_after_it(passes: Count) -> None:
    open_view("training_step.step", {"hidden_layers": [16, 8]}, IMAGE)
    assert passes() == 2


def _prediction_and_explanation(network: str, image: int) -> None:
    from model.inference import ink_of
    from ui.base import resources
    from ui.draw.explanation import show_dependence
    from ui.networks import selection
    from ui.reading.prediction import show_prediction

    choice = selection.chosen(network)
    seen = choice.forward(ink_of(resources.test_images().images[image]).reshape(28, 28))
    show_prediction(choice, seen)
    show_dependence(choice, seen, None)


@pytest.mark.parametrize(
    # Another network's prediction is checked by the starter, which reads the picture too.
    ("network", "expected"),
    [("starter", 1), ("lesson", 2)],
)
@pytest.mark.parametrize("view", ["strokes", "pixels", "layers"])
def test_a_prediction_and_its_explanation_need_one_forward_pass_a_network(
    passes: Count, view: str, network: str, expected: int
) -> None:
    app = AppTest.from_function(_prediction_and_explanation, default_timeout=60, args=(network, IMAGE))
    app.session_state["depends_view"] = view
    app.run()
    assert passes() == expected
