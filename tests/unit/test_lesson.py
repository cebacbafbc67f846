"""The numbers that Learn shows, the pictures that show them, and the code that it offers."""

import ast
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from model.config import Optimizer, TrainingConfig
from model.data import mnist
from model.explain.lesson import WeightLoss, busiest_link
from model.export.keras_code import keras_notebook, keras_script, keras_steps
from model.inference import logits
from model.starter import starter
from ui.figures.lesson import (
    above,
    anomaly_figure,
    descent_figure,
    drawn_units,
    loss_figure,
    network_figure,
    shares_figure,
)
from ui.learn.learning import Standing, standing


@pytest.fixture(scope="module")
def link() -> WeightLoss:
    test = mnist.load("test")
    return busiest_link(starter.load().network, test.images[:300], test.labels[:300])


def test_the_loss_at_the_trained_weight_is_the_networks_loss(link: WeightLoss) -> None:
    sums = logits(starter.load().network, mnist.load("test").images[:300]).astype(np.float64)
    log_likely = sums - np.log(np.exp(sums).sum(axis=1, keepdims=True))
    expected = -log_likely[np.arange(300), link.labels].mean()
    assert link.loss(link.trained) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("away", [-1.5, -0.2, 0.3, 1.5])
def test_the_gradient_is_the_slope_of_the_loss(link: WeightLoss, away: float) -> None:
    weight, small = link.trained + away, 1e-2
    slope = (link.loss(weight + small) - link.loss(weight - small)) / (2 * small)
    assert link.gradient(weight) == pytest.approx(slope, abs=2e-3)


def test_a_good_learning_rate_goes_downhill_and_a_large_one_jumps_over_the_valley(link: WeightLoss) -> None:
    start = link.trained + 1.5
    good = [link.loss(weight) for weight in link.descend(start, 0.3, 10)]
    assert good == sorted(good, reverse=True)
    large = link.descend(start, 20.0, 1)
    assert large[1] < link.trained - 1


def test_the_five_steps_together_are_one_program() -> None:
    config = TrainingConfig(hidden_layers=(64,), dropout=0.2, l2=0.001, held_out=1000, train_share=0.1)
    steps = keras_steps(config)
    assert [step.name for step in steps] == ["load", "prepare", "build", "train", "use"]
    script = keras_script(config)
    ast.parse(script)
    for part in ("Dense(64", "Dropout(0.2)", "L2(0.001)", "59000", ":5900]", "(x_val, y_val)"):
        assert part in script


def test_the_notebook_holds_the_five_steps_each_below_its_text() -> None:
    config = TrainingConfig(hidden_layers=(64,))
    steps = keras_steps(config)
    notebook = json.loads(keras_notebook(config, {step.name: f"About **{step.name}**" for step in steps}))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 4)
    cells = [(cell["cell_type"], "".join(cell["source"])) for cell in notebook["cells"]]
    assert cells[::2] == [("markdown", f"About **{step.name}**") for step in steps]
    assert cells[1::2] == [("code", step.code.strip()) for step in steps]
    assert all(cell["outputs"] == [] for cell in notebook["cells"][1::2])


def test_outside_of_the_repository_the_script_takes_the_images_from_keras(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keras itself would download them."""
    images = np.zeros((2, 28, 28), np.uint8), np.array([3, 4], np.uint8)
    keras: Any = ModuleType("keras")
    keras.datasets = SimpleNamespace(mnist=SimpleNamespace(load_data=lambda: (images, images)))
    monkeypatch.setitem(sys.modules, "keras", keras)
    monkeypatch.chdir(tmp_path)
    loaded: dict[str, Any] = {}
    exec(keras_steps(TrainingConfig())[0].code, loaded)
    assert loaded["x_train"].shape == (2, 28, 28)
    assert loaded["y_test"].tolist() == [3, 4]


@pytest.mark.parametrize("optimizer", Optimizer)
def test_every_optimizer_has_its_line(optimizer: Optimizer) -> None:
    script = keras_script(TrainingConfig(optimizer=optimizer, learning_rate=0.02))
    assert script.count("optimizer=keras.optimizers.") == 1
    assert "(0.02" in script


@pytest.mark.parametrize("hidden", [(), (512, 8, 8, 8)])
@pytest.mark.parametrize("held_out", [0, 1, 20_000])
@pytest.mark.parametrize("share", [1.0, 0.01, 0.3333])
def test_the_script_prepares_and_trains_on_as_many_images_as_the_run_does(
    hidden: tuple[int, ...], held_out: int, share: float
) -> None:
    config = TrainingConfig(hidden_layers=hidden, held_out=held_out, train_share=share, dropout=0.5)
    steps = {step.name: step.code for step in keras_steps(config)}
    # Everything after the flattening, on arrays that count images only.
    lines = [line for line in steps["prepare"].splitlines() if "reshape" not in line and "keras" not in line]
    images = {"x_train": np.arange(60_000), "y_train": np.arange(60_000)}
    exec("\n".join(lines), images)
    assert len(images["x_train"]) == len(images["y_train"]) == config.training_images
    if held_out:
        np.testing.assert_array_equal(images["x_val"], np.arange(60_000 - held_out, 60_000))
        assert "(x_val, y_val)" in steps["train"]
    else:
        assert "(x_test, y_test)" in steps["train"]
    assert steps["build"].count("Dense(") == len(hidden) + 1
    assert steps["build"].count("Dropout(") == len(hidden)


def test_making_the_script_does_not_import_tensorflow() -> None:
    code = (
        "import sys; from model.config import TrainingConfig; "
        "from model.export.keras_code import keras_script; "
        "keras_script(TrainingConfig()); print(sorted({'tensorflow', 'keras'} & set(sys.modules)))"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr


def test_pixels_that_add_and_pixels_that_take_away_are_two_kinds_of_marks() -> None:
    shares = np.zeros(784, np.float32)
    shares[28 * 5 + 7], shares[28 * 9 + 2] = 1.0, -0.25
    adds, takes = shares_figure(shares).data[:2]
    assert (list(adds.x), list(adds.y)) == ([7], [5])
    assert (list(takes.x), list(takes.y)) == ([2], [9])
    assert adds.marker.symbol != takes.marker.symbol
    assert takes.marker.size[0] == pytest.approx(adds.marker.size[0] / 2), "the area is the share"
    assert [len(trace.x) for trace in shares_figure(None).data[:2]] == [0, 0]


def test_the_picture_of_a_network_has_a_column_for_every_layer() -> None:
    figure = network_figure((784, 8, 10), ("in", "8", "out"))
    assert sorted(set(figure.data[0].x)) == [0, 1, 2]
    assert [a.text for a in figure.layout.annotations if a.text != "⋮"] == ["in", "8", "out"]


def test_a_layer_that_is_not_drawn_whole_has_a_gap_and_dots() -> None:
    assert len(drawn_units(10)) == 10
    few, many = drawn_units(3), drawn_units(784)
    assert few == pytest.approx([5 / 6, 3 / 6, 1 / 6])
    assert many == sorted(many, reverse=True)
    assert len(many) == 8
    assert not any(0.4 < y < 0.6 for y in many)
    figure = network_figure((784, 8, 10), ("in", "8", "out"))
    assert [a.x for a in figure.layout.annotations if a.text == "⋮"] == [0]


def test_every_drawn_link_is_drawn_once() -> None:
    figure = network_figure((784, 3, 10), ("", "", ""))
    drawn = [
        tuple(zip(trace.x[i : i + 2], trace.y[i : i + 2], strict=True))
        for trace in figure.data[1:]
        for i in range(0, len(trace.x), 3)
    ]
    assert len(drawn) == len(set(drawn)) == 8 * 3 + 3 * 10
    assert len(figure.data[1].x) == 3 * 8, "the marked ones lead into one unit"


def test_a_network_without_hidden_layers_can_be_drawn() -> None:
    assert len(network_figure((784, 10), ("in", "out")).data[0].x) == 8 + 10


def test_the_point_on_the_loss_curve_is_minus_the_logarithm() -> None:
    point = loss_figure(0.5, "p", "loss").data[1]
    assert list(point.y) == pytest.approx([np.log(2)])


def test_the_last_visited_weight_is_the_large_point() -> None:
    sizes = descent_figure([(0, 1), (1, 0)], [(0, 1), (0.5, 0.5), (1, 0)], "w", "loss").data[1].marker.size
    assert sizes[2] > sizes[0] == sizes[1]


@pytest.mark.parametrize(
    ("losses", "expected"),
    [
        ([0.8], Standing.START),
        ([0.8, 0.7, 0.6], Standing.DESCENDING),
        ([0.8, 0.3, 0.162], Standing.BOTTOM),
        ([0.8, 1.2, 0.162], Standing.BOTTOM),
        ([0.8, 1.2], Standing.OVERSHOT),
        ([0.8, 2.4, 0.7], Standing.OVERSHOT),
    ],
)
def test_a_descent_says_where_it_has_got_to(losses: list[float], expected: Standing) -> None:
    assert standing(losses, 0.16) == expected


def test_only_what_is_above_the_threshold_is_marked_as_an_anomaly() -> None:
    assert above([0.1, 0.9, 0.5], 0.5) == [(1, 0.9)]
    marked = anomaly_figure([0.1, 0.9, 0.3], 0.5).data[1]
    assert list(marked.x) == [1]
    assert list(marked.y) == [0.9]
