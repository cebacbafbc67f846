"""The softmax of an image step by step, every number of it held against SciPy's."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import special
from streamlit.testing.v1 import AppTest

from model.data import mnist
from testing.pages import OpenPage, texts
from ui.base import text
from ui.components import chart

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "relu": lambda x: np.maximum(x, 0),
    "tanh": np.tanh,
    "sigmoid": special.expit,
}
NETWORKS = [([], "relu"), ([8], "tanh"), ([16, 8, 8, 64], "sigmoid"), ([12, 12, 12, 12], "relu")]

Show = Callable[..., AppTest]


def _weights(hidden: list[int], activation: str, spread: float) -> list[NDArray[np.float32]]:
    """Untrained, with biases that are not zero; ``spread`` makes the logits large."""
    from model.config import TrainingConfig
    from model.slices import initial_state

    rng = np.random.default_rng(5)
    made = initial_state(TrainingConfig(hidden_layers=tuple(hidden), activation=activation)).weights
    weights = [array + np.float32(0.1) * rng.normal(size=array.shape).astype(np.float32) for array in made]
    with np.errstate(all="ignore"):
        return [*weights[:-2], weights[-2] * np.float32(spread), weights[-1] * np.float32(spread)]


def _page(hidden: list[int], activation: str, spread: float, temperature: float | None, name: str) -> None:
    """A page with nothing but the view, of the first test image."""
    import streamlit as st

    from model.config import TrainingConfig
    from model.data import mnist
    from model.inference import Network, ink_of
    from tests.pages.test_softmax_view import _weights
    from ui.look_inside.softmax import show_softmax
    from ui.look_inside.subject import Subject
    from ui.networks.selection import Choice

    config = TrainingConfig(hidden_layers=tuple(hidden), activation=activation)
    network = Network.from_arrays(tuple(_weights(hidden, activation, spread)), config.activation)
    image = ink_of(mnist.load("test").images[0]).reshape(28, 28)
    choice = Choice(name, config, network, temperature, 0)
    st.fragment(show_softmax)(Subject(choice, image, 7))


@pytest.fixture
def show() -> Show:
    def run(
        hidden: list[int] | None = None,
        activation: str = "relu",
        spread: float = 4,
        temperature: float | None = None,
        at: Any = None,
    ) -> AppTest:
        arguments = (hidden or [], activation, spread, temperature, "some")
        app = AppTest.from_function(_page, default_timeout=60, args=arguments).run()
        return _set_temperature(app, at) if at is not None else app

    return run


def _set_temperature(app: AppTest, value: Any) -> AppTest:
    app.select_slider[0].set_value(value).run()
    assert not app.exception
    return app


def _exact_logits(
    hidden: list[int] | None = None, activation: str = "relu", spread: float = 4
) -> NDArray[np.float64]:
    """In double precision, without the app's forward pass."""
    weights = [array.astype(np.float64) for array in _weights(hidden or [], activation, spread)]
    x = mnist.load("test").images[0].reshape(784) / 255
    for kernel, bias in zip(weights[:-2:2], weights[1:-2:2], strict=True):
        x = ACTIVATIONS[activation](x @ kernel + bias)
    result: NDArray[np.float64] = x @ weights[-2] + weights[-1]
    return result


def _table(app: AppTest) -> tuple[list[list[str]], list[str]]:
    """The ten rows, and the row of sums."""
    rows = app.table[0].value.astype(str).values.tolist()
    assert len(rows) == 11
    return rows[:10], rows[10]


def _column(rows: list[list[str]], place: int) -> NDArray[np.float64]:
    """A column's numbers; half of a least value for what is only said to be less."""
    found = []
    for row in rows:
        cell = row[place].strip("*").replace(",", "")
        value = float(cell.strip("<%")) * (0.5 if cell.startswith("<") else 1)
        found.append(value / 100 if cell.endswith("%") else value)
    return np.array(found)


def _way(app: AppTest) -> list[list[float]]:
    """The numbers of the lines in which a digit's way is written out, formulas only."""
    [shown] = [each.value for each in app.markdown if "$e^{" in each.value]
    formulas = re.findall(r"\$([^$]+)\$", shown.replace("{,}", ""))
    assert len(formulas) == 5
    return [_numbers(formula) for formula in formulas]


def _numbers(formula: str) -> list[float]:
    plain = re.sub(r" \\cdot 10\^\{(-?\d+)\}", r"e\1", formula).replace(" - ", " minus ")
    plain = re.sub(r"z_\d", "z", plain)
    return [float(found) for found in re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", plain.replace("e^{", "exp {"))]


@pytest.mark.parametrize(("hidden", "activation"), NETWORKS)
def test_every_number_of_the_table_is_scipys(show: Show, hidden: list[int], activation: str) -> None:
    app = show(hidden, activation)
    z = _exact_logits(hidden, activation)
    for at in (None, 0.1, 0.7, 3.0, 10.0):
        rows, sums = _table(_set_temperature(app, at) if at else app)
        scaled = z / (at or 1)
        probabilities = special.softmax(scaled)
        np.testing.assert_array_equal(_column(rows, 0), np.arange(10))
        np.testing.assert_allclose(_column(rows, 1), z, atol=0.0051)
        np.testing.assert_allclose(_column(rows, 2), scaled, atol=0.0051)
        np.testing.assert_allclose(_column(rows, 3), scaled - scaled.max(), atol=0.0051)
        np.testing.assert_allclose(_column(rows, 4), np.exp(scaled - scaled.max()), atol=0.000051)
        np.testing.assert_allclose(_column(rows, 5), probabilities, atol=0.00051)
        assert float(sums[4]) == pytest.approx(np.exp(scaled - scaled.max()).sum(), abs=0.000051)
        assert [row[0] for row in rows if row[0].startswith("**")] == [f"**{probabilities.argmax()}**"]


@pytest.mark.parametrize(("hidden", "activation"), NETWORKS)
def test_the_way_of_a_digit_is_written_out_with_its_numbers(
    show: Show, hidden: list[int], activation: str
) -> None:
    app = show(hidden, activation)
    z = _exact_logits(hidden, activation)
    assert app.button_group[0].value == z.argmax()
    for j in (int(z.argmax()), 2, 9):
        if app.button_group[0].value != j:
            app.button_group[0].set_value(j).run()
        for temperature in (1.0, 0.3, 5.0):
            if app.select_slider[0].value != temperature:
                _set_temperature(app, temperature)
            assert app.button_group[0].value == j
            scaled = z / temperature
            shifted = scaled - scaled.max()
            powers = np.exp(shifted)
            logit, over, minus, power, share = _way(app)
            assert logit == pytest.approx([z[j]], abs=0.00051)
            assert over == pytest.approx([z[j], temperature, scaled[j]], abs=0.00051)
            assert minus == pytest.approx([scaled[j], scaled.max(), shifted[j]], abs=0.00051)
            assert power[0] == pytest.approx(shifted[j], abs=0.00051)
            assert power[1] == pytest.approx(powers[j], rel=0.006)
            assert share[:2] == pytest.approx([powers[j], powers.sum()], rel=0.006)
            assert share[2] == pytest.approx(special.softmax(scaled)[j], rel=0.006)


def test_the_bars_are_the_probabilities_of_the_table(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Any] = []
    monkeypatch.setattr(chart, "show_live", lambda frame, figure, key, alt: drawn.append(figure))
    app = show([8])
    _set_temperature(app, 5.0)
    own, warm = (figure["data"][0]["y"] for figure in drawn)
    z = _exact_logits([8])
    np.testing.assert_allclose(own, special.softmax(z), rtol=1e-4)
    np.testing.assert_allclose(warm, special.softmax(z / 5), rtol=1e-4)


def test_a_power_that_is_tiny_is_told_by_its_zeros_and_one_that_is_lost_as_0(show: Show) -> None:
    z = _exact_logits(spread=40)
    order = np.argsort(z)
    app = show(spread=40)
    app.button_group[0].set_value(int(order[0])).run()
    power = np.exp(z[order[0]] - z.max())
    assert 0 < power < 1e-6
    [told] = [shown.value for shown in app.caption if "zeros" in shown.value]
    assert f"start with {int(-np.log10(power))} zeros" in told
    _set_temperature(app, 0.1)
    assert _way(app)[3][1] == 0
    assert any("so it becomes 0" in shown.value for shown in app.caption)
    assert not any("zeros" in shown.value for shown in app.caption)


def test_the_buttons_lead_to_the_networks_own_temperature_and_to_the_calibrated_one(show: Show) -> None:
    app = show(temperature=1.3721)
    assert app.select_slider[0].value == 1
    own = _table(app)[0]
    labels = [button.label for button in app.button]
    assert labels == ["1: standard", "1.37: calibrated"]
    app.button[1].click().run()
    probabilities = special.softmax(_exact_logits() / 1.3721)
    np.testing.assert_allclose(_column(_table(app)[0], 5), probabilities, atol=0.00051)
    assert _way(app)[1][1] == 1.3721
    assert any("about 90% are correct" in shown.value for shown in app.caption)
    app.button[0].click().run()
    assert _table(app)[0] == own


def test_without_a_calibrated_temperature_none_is_offered(show: Show) -> None:
    app = show()
    assert [button.label for button in app.button] == ["1: standard"]
    assert "calibrated" not in app.select_slider[0].options


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
@pytest.mark.parametrize("spread", [1e9, np.inf, np.nan])
def test_a_network_that_exploded_gets_a_sentence_and_no_view(show: Show, spread: float) -> None:
    app = show(spread=spread)
    [info] = app.info
    assert "This network diverged" in info.value
    assert not app.table
    assert not app.select_slider


def test_the_temperature_stays_from_epoch_to_epoch_and_the_numbers_are_those_of_the_epoch(
    open_page: OpenPage,
) -> None:
    app = open_page("look_inside", inside_view="softmax")
    epoch, temperature = app.select_slider
    temperature.set_value(3.0).run()
    newest = _table(app)[0]
    epoch.set_value(2).run()
    assert app.select_slider[1].value == 3
    then = _table(app)[0]
    assert then != newest
    np.testing.assert_allclose(_column(then, 5), special.softmax(_column(then, 1) / 3), atol=0.005)


def test_no_english_is_left_in_another_language(show: Show, esperanto: None) -> None:
    app = show(temperature=1.3)
    shown = [*texts(app), *(button.label for button in app.button), app.select_slider[0].label]
    shown += [*app.select_slider[0].options, *app.table[0].value.columns, _table(app)[1][0]]
    shown += [app.expander[0].label, app.button_group[0].label]
    assert len(shown) > 25
    assert [one for one in shown if "⟨" not in one and re.search(r"[a-zA-Z]{2}", one)] == []


def test_decimals_are_separated_as_in_the_visitors_language(
    show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text, "language", lambda: "de")
    app = show([8])
    z = _exact_logits([8])
    assert f"{z[0]:.2f}".replace(".", ",") in _table(app)[0][0][1]
    [way] = [shown.value for shown in app.markdown if "$e^{" in shown.value]
    assert f"{z.max():.3f}".replace(".", "{,}") in way
    assert not re.search(r"\d\.\d", way.replace("2.718", ""))
