"""Weights and activations of a network, as Look inside shows them."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import streamlit as st
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from model.config import Activation
from model.data import mnist
from model.explain.units import layer_statistics
from model.inference import Network, forward
from model.starter import recording
from testing.engines import TINY
from testing.look_inside import tiles as sent_tiles
from testing.networks import made_up
from testing.pages import FILES, OpenPage, texts
from testing.waiting import over
from ui.base import resources
from ui.components import chart, tiles
from ui.look_inside import subject
from ui.networks import measurements

View = Callable[..., AppTest]
HIDDEN = [(), (16,), (120, 16, 8, 12)]


def _view() -> None:
    """A page with nothing but the view: the network that the test put in place."""
    import streamlit as st

    from model.config import TrainingConfig
    from ui.base.resources import test_images
    from ui.look_inside.subject import Subject
    from ui.look_inside.weights import show_weights
    from ui.networks.selection import Choice

    network, key = st.session_state["shown"]
    config = TrainingConfig(hidden_layers=network.layer_sizes[1:-1], activation=network.activation)
    choice = Choice(key, config, network, None, 7)
    show_weights(Subject(choice, test_images().images[0].reshape(28, 28), 7))


@pytest.fixture
def view(monkeypatch: pytest.MonkeyPatch, use_engine: Any) -> View:
    """``view(network, untrained)``: the view on ``network``, beside its ``untrained`` self if given."""

    def show(network: Network, untrained: Network | None = None, **session: Any) -> AppTest:
        def other(shown: Any) -> Any:
            return untrained and replace(shown.choice, id="untrained", network=untrained, epoch=0)

        monkeypatch.setattr(subject.Subject, "untrained", property(other))
        monkeypatch.setattr(subject.Subject, "newest", property(lambda shown: shown.choice))
        st.cache_resource.clear()
        app = AppTest.from_function(_view, default_timeout=60)
        app.session_state["shown"] = (network, "key")
        for key, value in session.items():
            app.session_state[key] = value
        return app.run()

    return show


def _component(app: AppTest, name: str) -> Any:
    [found] = [one.proto for one in app.get("bidi_component") if one.proto.component_name.endswith(name)]
    return found


def _tiles(app: AppTest) -> tuple[dict[str, Any], NDArray[np.int8]]:
    """What the browser gets: the header, and the pictures int8 (n, 784)."""
    [sent] = sent_tiles(app)
    return sent


def _traces(app: AppTest) -> tuple[list[dict[str, Any]], list[str]]:
    """The histograms that move into the chart, and the titles."""
    sent = json.loads(_component(app, "digitlab_chart").json)
    assert sent["key"] in ("inside_weights", "inside_activations")
    titles = [one["text"] for one in sent["layout"]["annotations"]]
    return sent["traces"], titles


def _counts(bars: dict[str, Any]) -> NDArray[np.float64]:
    """What bars count, which are as high as square roots, and none where that is 0."""
    heights: NDArray[np.float64] = np.array([height or 0.0 for height in bars["y"]])
    return np.round(heights**2)


def _scale(header: dict[str, Any]) -> float:
    return float(header["ends"][1].split()[0])


@pytest.mark.parametrize("hidden", HIDDEN)
def test_pictures_are_the_weights_of_the_units_that_their_names_say(
    view: View, hidden: tuple[int, ...]
) -> None:
    network = made_up(hidden)
    app = view(network)
    header, pictures = _tiles(app)
    scale, kernel = _scale(header), network.layers[0].kernel
    assert (np.abs(kernel) > scale + 0.005).mean() <= 0.001
    units = [int(re.sub(r"\D", "", name)) - bool(hidden) for name in header["names"]]
    assert len(units) == len(pictures) == min(kernel.shape[1], 100)
    assert [name.split()[0] for name in header["names"]] == ["Unit" if hidden else "Digit"] * len(units)
    for unit, picture in zip(units, pictures, strict=True):
        expected = np.clip(kernel[:, unit].astype(np.float64) / scale, -1, 1) * 127
        assert np.abs(picture - expected).max() <= 0.501
    if hidden:
        lengths = (kernel.astype(np.float64) ** 2).sum(axis=0)
        assert units == sorted(range(len(lengths)), key=lambda unit: -lengths[unit])[:100]
    else:
        assert units == list(range(10))
        assert not app.get("button_group")[0].proto.options[0].content.startswith("Largest")


def test_more_than_a_hundred_pictures_come_by_the_hundred_and_a_smaller_network_has_all(view: View) -> None:
    app = view(made_up((120,)), inside_order="number")
    [box] = app.selectbox
    box.set_value(100).run()
    assert _tiles(app)[0]["names"] == [f"Unit {unit}" for unit in range(101, 121)]
    app.session_state["shown"] = (made_up((16,), Activation.TANH), "smaller")
    app.run()
    assert _tiles(app)[0]["names"] == [f"Unit {unit}" for unit in range(1, 17)]
    assert not app.selectbox


def test_what_training_changed_is_the_difference_to_the_untrained_weights(view: View) -> None:
    network, untrained = made_up((16,)), made_up((16,), seed=1)
    app = view(network, untrained, inside_part="learned", inside_order="number")
    header, pictures = _tiles(app)
    change = (network.layers[0].kernel - untrained.layers[0].kernel).T.astype(np.float64)
    expected = np.clip(change / _scale(header), -1, 1) * 127
    assert np.abs(pictures - expected).max() <= 0.501
    assert any("how training changed" in shown for shown in texts(app))


def _dying(activation: Activation, hidden: tuple[int, ...] = (16, 8)) -> Network:
    """Units 3 and 5 of layer 1 pass on the same for every image."""
    network = made_up(hidden, activation)
    first, *others = network.layers
    kernel, bias = first.kernel.copy(), first.bias.copy()
    kernel[:, [3, 5]] = 0
    bias[[3, 5]] = -1
    return Network((first._replace(kernel=kernel, bias=bias), *others))


@pytest.mark.parametrize("activation", Activation)
def test_dead_units_are_struck_through_named_and_counted(view: View, activation: Activation) -> None:
    network = _dying(activation)
    outputs = forward(network, mnist.load("test").images[: measurements.PROBE_IMAGES]).outputs[0]
    dead = [unit for unit in range(16) if np.ptp(outputs[:, unit]) < 1e-6]
    assert {3, 5} <= set(dead)
    app = view(network, inside_order="number", inside_counted="activations")
    header, _pictures = _tiles(app)
    assert header["marked"] == dead
    assert [name for name in header["names"] if "dead" in name] == [f"Unit {unit + 1}, dead" for unit in dead]
    assert any(f"{len(dead)} dead units" in shown for shown in texts(app))
    assert f"after epoch 7: {len(dead)} dead" in _traces(app)[1]
    alive = view(made_up((8,), activation, seed=1))
    assert _tiles(alive)[0]["marked"] == []
    assert not any("dead unit" in shown for shown in texts(alive))


@pytest.mark.parametrize("kind", ["weights", "activations"])
@pytest.mark.parametrize("activation", Activation)
@pytest.mark.parametrize("hidden", HIDDEN)
def test_bars_are_numpys_histograms_of_both_networks_in_the_same_bins(
    view: View, hidden: tuple[int, ...], activation: Activation, kind: str
) -> None:
    networks = [made_up(hidden, activation, seed) for seed in (1, 0)]
    app = view(networks[1], networks[0], inside_counted=kind)
    traces, titles = _traces(app)
    layers = len(hidden) + 1
    assert len(traces) == 2 * layers
    assert len([title for title in titles if title.startswith("before training")]) == layers
    assert len([title for title in titles if title.startswith("after epoch 7")]) == layers
    images = mnist.load("test").images[: measurements.PROBE_IMAGES]
    for column, network in enumerate(networks):
        kernels = [layer.kernel for layer in network.layers]
        values = kernels if kind == "weights" else forward(network, images).outputs
        for layer in range(layers):
            bars = traces[2 * layer + column]
            assert traces[2 * layer]["x"] == traces[2 * layer + 1]["x"]
            half = bars["width"] / 2
            edges = np.append(np.array(bars["x"]) - half, bars["x"][-1] + half)
            # NumPy closes the last bin on the right.
            expected = np.histogram(values[layer].astype(np.float64), [*edges, edges[-1] + half])[0][:-1]
            counts = _counts(bars)
            assert counts.sum() == values[layer].size
            assert np.abs(counts - expected).sum() <= 4
            assert [about[2] for about in bars["customdata"]] == counts.tolist()
            _check_dominant_units(values[layer], bars["customdata"], is_last=layer == layers - 1)


def _check_dominant_units(values: NDArray[np.float32], about: list[list[float]], is_last: bool) -> None:
    """The unit that a bar names has as many values in it as any other, give or take a rounding."""
    for low, high, count, named in about:
        if not count:
            continue
        of_units = ((values >= low) & (values < high)).sum(axis=0)
        assert of_units[int(named) - (not is_last)] >= of_units.max() - 1


def test_a_click_on_a_bar_opens_the_unit_that_has_most_and_one_on_a_picture_its_unit(
    view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    clicks: dict[str, Any] = {}
    show_live: Any = chart.show_live
    show_tiles: Any = tiles.show
    monkeypatch.setattr(
        chart,
        "show_live",
        lambda *given, on_click, **named: (
            clicks.update(bar=on_click),
            show_live(*given, on_click=on_click, **named),
        ),
    )
    monkeypatch.setattr(
        tiles,
        "show",
        lambda *given, on_click, **named: (
            clicks.update(tile=on_click),
            show_tiles(*given, on_click=on_click, **named),
        ),
    )
    opened: list[tuple[int, int, str]] = []
    monkeypatch.setattr(
        "ui.look_inside.inside.open_unit", lambda layer, unit, view: opened.append((layer, unit, view))
    )
    app = view(made_up((16, 8)), made_up((16, 8), seed=1))
    header, traces = _tiles(app)[0], _traces(app)[0]
    for trace in range(6):
        layer, about = trace // 2, traces[trace]["customdata"]
        place = int(np.argmax([count for _low, _high, count, _unit in about]))
        clicks["bar"](trace, place)
        assert opened.pop() == (layer + 1, about[place][3] - (layer < 2), "unit")
    for place, name in enumerate(header["names"]):
        clicks["tile"](place)
        assert opened.pop() == (1, int(re.sub(r"\D", "", name)) - 1, "unit")


def test_a_network_of_which_no_other_epoch_is_kept_stands_alone_and_the_page_says_so(view: View) -> None:
    app = view(made_up((16,)))
    assert any("No other epoch" in shown for shown in texts(app))
    traces, titles = _traces(app)
    assert len(traces) == 2
    assert not any("before training" in title for title in titles)
    assert len(app.segmented_control) == 2
    both = view(made_up((16,)), made_up((16,)))
    assert not any("No other epoch" in shown for shown in texts(both))
    assert len(both.segmented_control) == 3


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("kind", ["weights", "activations"])
@pytest.mark.parametrize("broken", ["some", "all"])
def test_a_network_that_exploded_is_shown_as_far_as_there_are_numbers(
    view: View, kind: str, broken: str
) -> None:
    network = made_up((16,))
    kernel = network.layers[0].kernel.copy()
    kernel[:, : 3 if broken == "some" else 16] = np.nan
    app = view(
        Network.from_arrays((kernel, *network.weights[1:]), Activation.RELU),
        made_up((16,)),
        inside_counted=kind,
    )
    header, pictures = _tiles(app)
    assert (pictures == 0).all(axis=1).sum() == (3 if broken == "some" else 16)
    assert _scale(header) > 0
    assert any("NaN or infinite" in shown for shown in texts(app))


@pytest.mark.parametrize("kind", ["weights", "activations"])
def test_the_lessons_network_is_shown_after_any_epoch_and_its_pictures_keep_places_and_scale(
    open_page: OpenPage, kind: str
) -> None:
    lesson = recording.load()
    app = open_page("look_inside", inside_view="weights", inside_counted=kind)
    kept = []
    for epoch in (20, 5, 0):
        [slider] = [one for one in app.select_slider if one.label == "After epoch"]
        slider.set_value(epoch).run()
        header, pictures = _tiles(app)
        kept.append((header["names"], header["ends"]))
        unit = int(header["names"][0].removeprefix("Unit ")) - 1
        expected = np.clip(lesson.weights[epoch][0][:, unit] / _scale(header), -1, 1) * 127
        assert np.abs(pictures[0] - expected).max() <= 0.501
        traces, titles = _traces(app)
        assert [title for title in titles if title.startswith(f"after epoch {epoch}")]
        assert (traces[0]["y"] == traces[1]["y"]) == (epoch == 0)
        images = mnist.load("test").images[: measurements.PROBE_IMAGES]
        found = layer_statistics(Network.from_arrays(lesson.weights[epoch], lesson.config.activation), images)
        dead = [int(layer.dead.sum()) for layer in found]
        said = [int(title.split()[-2]) for title in titles if title.endswith("dead") and "after" in title]
        assert said == ([count for count in dead if count] if kind == "activations" else [])
    assert kept[0] == kept[1] == kept[2]


def test_a_run_is_laid_beside_the_weights_that_it_began_with(open_page: OpenPage) -> None:
    app = open_page("train", config=TINY.to_json())
    app.button(key="train").click().run()
    run = over(resources.runner(), str(app.session_state["run_id"]))
    app.session_state["inside_view"] = "weights"
    app.switch_page(FILES["look_inside"]).run()
    traces, titles = _traces(app)
    assert {"before training", f"after epoch {TINY.epochs}"} <= set(titles)
    for column, epoch in enumerate((0, TINY.epochs)):
        kept = resources.runner().weights(run.id, epoch)
        assert kept is not None
        kernel = kept[0].astype(np.float64)
        middle = float(np.average(traces[column]["x"], weights=_counts(traces[column])))
        assert middle == pytest.approx(kernel.mean(), abs=traces[column]["width"])
    assert traces[0]["y"] != traces[1]["y"]


def test_only_the_chosen_kind_is_computed(view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(measurements, "weight_histograms")
    view(made_up((16,)), inside_counted="activations")
    with pytest.raises(AssertionError, match="crashed"):
        view(made_up((16,)))


@pytest.mark.parametrize("kind", ["weights", "activations"])
@pytest.mark.parametrize("part", ["all", "learned"])
def test_no_english_is_left_in_another_language(view: View, kind: str, part: str, esperanto: None) -> None:
    app = view(
        _dying(Activation.TANH, (120,)),
        made_up((120,), Activation.TANH),
        inside_counted=kind,
        inside_part=part,
    )
    header, (traces, titles) = _tiles(app)[0], _traces(app)
    shown = [*texts(app), *header["names"], *header["captions"], *header["ends"], header["alt"], *titles]
    shown += [trace["hovertemplate"] for trace in traces if "hovertemplate" in trace]
    shown += [box.label for box in app.selectbox] + [
        option for box in app.selectbox for option in box.options
    ]
    shown += [option.content for group in app.segmented_control for option in group.proto.options]
    shown += [group.label for group in app.segmented_control] + [one.label for one in app.expander]
    shown = [one for one in shown if not one.startswith("$$")]
    assert len(shown) > 60
    assert [one for one in shown if "⟨" not in one and re.search(r"[a-zA-Z]", one)] == []
