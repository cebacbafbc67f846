"""The numbers that Learn shows."""

import ast

import numpy as np
import pytest

from model import data, starter
from model.config import Optimizer, TrainingConfig
from model.export import keras_script, keras_steps
from model.inference import activations
from model.lesson import WeightLoss, busiest_link, strongest_unit
from ui.figures.lesson import anomaly_figure, network_figure


@pytest.fixture(scope="module")
def link() -> WeightLoss:
    test = data.load("test")
    return busiest_link(starter.load().network, test.images[:300], test.labels[:300])


def test_the_strongest_units_sum_is_what_the_network_computes() -> None:
    network, image = starter.load().network, data.load("test").images[3]
    unit = strongest_unit(network, image)
    outputs = activations(network, image)[0][0]
    assert unit.output == outputs.max()
    assert unit.total == pytest.approx(float(outputs[unit.unit]), abs=1e-4)
    assert unit.weighted + unit.bias == pytest.approx(unit.total)


def test_the_loss_at_the_trained_weight_is_the_networks_loss(link: WeightLoss) -> None:
    sums = activations(starter.load().network, data.load("test").images[:300])[-1].astype(np.float64)
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


@pytest.mark.parametrize("optimizer", Optimizer)
def test_every_optimizer_has_its_line(optimizer: Optimizer) -> None:
    script = keras_script(TrainingConfig(optimizer=optimizer, learning_rate=0.02))
    assert script.count("optimizer=keras.optimizers.") == 1
    assert "(0.02" in script


def test_the_picture_of_a_network_has_a_column_for_every_layer() -> None:
    figure = network_figure((784, 8, 10), ("in", "8", "out"))
    assert sorted(set(figure.data[0].x)) == [0, 1, 2]
    assert [annotation.text for annotation in figure.layout.annotations] == ["in", "8", "out"]


def test_only_what_is_above_the_threshold_is_marked_as_an_anomaly() -> None:
    marked = anomaly_figure([0.1, 0.9, 0.3], 0.5).data[1]
    assert list(marked.x) == [1]
    assert list(marked.y) == [0.9]
