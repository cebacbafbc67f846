"""Learn, opened by a visitor: what it says is true of the starter and of the current recipe."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from model.config import TrainingConfig
from model.data import mnist
from model.export.keras_code import keras_script
from model.inference import probabilities
from model.starter import recording
from testing.pages import OpenPage, says, texts
from ui.learn.steps import Step
from ui.learn.uses import shaking


def _code(app: AppTest) -> str:
    return "\n".join(code.value for code in app.code if code.language == "python")


def _number(text: str) -> float:
    return float(text.replace("*", "").replace(",", ""))


def test_the_seed_recipes_84060_parameters_are_counted_out_layer_by_layer(open_page: OpenPage) -> None:
    counting = open_page("learn").table[0].value
    assert counting["weights"].tolist()[:3] == ["784 × 100 = 78,400", "100 × 50 = 5,000", "50 × 10 = 500"]
    assert counting["biases"].tolist()[:3] == ["100", "50", "10"]
    *layers, total = map(_number, counting["parameters"])
    assert sum(layers) == total == 84_060


@pytest.mark.parametrize("hidden", [(), (8,), (512, 256, 128, 64)])
def test_the_count_adds_up_for_every_number_of_layers(open_page: OpenPage, hidden: tuple[int, ...]) -> None:
    config = TrainingConfig(hidden_layers=hidden)
    app = open_page("learn", config=config.to_json())
    *layers, total = map(_number, app.table[0].value["parameters"])
    assert len(layers) == len(hidden) + 1
    assert sum(layers) == total == config.parameter_count


def test_the_code_and_its_download_are_those_of_the_recipe_after_it_changed(open_page: OpenPage) -> None:
    app = open_page("learn", learn_step=Step.KERAS)
    assert 'Dense(100, activation="relu")' in _code(app)
    config = TrainingConfig(hidden_layers=(24,), activation="tanh", optimizer="adam", epochs=3)
    app.session_state["config"] = config.to_json()
    app.run()
    assert 'Dense(24, activation="tanh")' in _code(app)
    assert "Dense(100" not in _code(app)
    assert "epochs=3" in _code(app)
    head, _, steps = keras_script(config).partition("\n")
    assert head.startswith("#")
    assert _code(app).split() == steps.split()


@pytest.mark.parametrize("number", [1, 9, 50])
def test_the_sum_that_is_written_out_adds_up(open_page: OpenPage, number: int) -> None:
    app = open_page("learn", learn_step=Step.FORWARD)
    app.slider(key="learn_image").set_value(number).run()
    table = app.table[0].value
    *parts, total, output = map(_number, table["product"])
    assert sum(parts) == pytest.approx(total, abs=0.005 * len(table["product"]))
    assert output == max(0, total)
    assert re.fullmatch(r"row \d+, column \d+", table["from"][0])
    assert _number(table["ink"][0]) * _number(table["weight"][0]) == pytest.approx(parts[0], abs=0.015)


def test_the_picture_that_learn_calls_a_mistake_is_one(open_page: OpenPage) -> None:
    app = open_page("learn", learn_step=Step.FORWARD)
    [hint] = [re.search(r"misclassifies image (\d+)", text) for text in texts(app) if "misclassifies" in text]
    assert hint
    chosen = int(hint[1]) - 1
    test = mnist.load("test")
    answers = probabilities(recording.load().network, test.images[: chosen + 1]).argmax(axis=1)
    assert answers[chosen] != test.labels[chosen]
    assert (answers[:chosen] == test.labels[:chosen]).all()
    app.slider(key="learn_image").set_value(chosen + 1).run()
    assert says(app, f"Prediction: **{answers[chosen]}**. Label: **{test.labels[chosen]}**.")


@pytest.mark.parametrize(
    ("rate", "steps", "comment"),
    [
        (0.1, 0, "Take some steps"),
        (0.1, 3, "still falling"),
        (1.0, 5, "Minimum reached"),
        (5.0, 2, "jumps across the valley"),
        (20.0, 1, "has left the chart"),
    ],
)
def test_the_descent_says_what_a_learning_rate_does(
    open_page: OpenPage, rate: float, steps: int, comment: str
) -> None:
    app = open_page("learn", learn_step=Step.GRADIENT)
    app.select_slider(key="learn_rate").set_value(rate).run()
    app.slider(key="learn_steps").set_value(steps).run()
    said = [text for text in texts(app) if text.startswith("Weight **")]
    assert len(said) == 1
    assert comment in said[0]


@pytest.mark.parametrize(
    ("threshold", "sentence"),
    [(1.0, "No alarm"), (0.75, "1 alarm: the fault"), (0.0, "60 alarms: one is the fault")],
)
def test_the_alarm_is_counted(open_page: OpenPage, threshold: float, sentence: str) -> None:
    app = open_page("learn", learn_step=Step.USES)
    app.slider(key="learn_threshold").set_value(threshold).run()
    assert says(app, sentence)


def test_the_fault_is_the_largest_value_so_that_one_alarm_is_always_the_fault() -> None:
    values = sorted(shaking())
    assert values[-1] > values[-2] + 0.2


def test_learn_names_the_libraries_and_the_four_applications(open_page: OpenPage) -> None:
    app = open_page("learn", learn_step=Step.KERAS)
    for name in ("TensorFlow", "Keras", "PyTorch"):
        assert says(app, f"**{name}**")
    app = open_page("learn", learn_step=Step.USES)
    for use in ("Pattern recognition", "Language", "Anomaly detection", "Time series"):
        assert says(app, f"**{use}**")


def test_next_leads_from_step_to_step_and_at_the_end_to_train(open_page: OpenPage) -> None:
    app = open_page("learn")
    headings = []
    for step in Step:
        headings += [heading.value for heading in app.subheader]
        app.button(key="next" if step is list(Step)[-1] else "next_step").click().run()
    assert len(set(headings)) == len(headings) == len(Step)
    assert [header.value for header in app.header] == ["Train"]
