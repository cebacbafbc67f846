"""A network as a file, and back."""

import io
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from model.config import TrainingConfig
from model.export.weights_file import to_npz
from model.inference import Network
from model.slices import initial_state
from storage.writer import Writer
from testing.engines import INSTANT, TINY, InlineEngine, finished
from testing.pages import FILES, OpenPage, says
from testing.strokes import seven
from visitors import imported_networks
from visitors.imported_networks import ImportedNetworks, TooManyNetworksError

CONFIG = TrainingConfig(hidden_layers=(16,), activation="tanh")
NETWORK = Network.from_arrays(initial_state(CONFIG).weights, CONFIG.activation)


@pytest.fixture
def import_weights(open_page: OpenPage) -> Any:
    def upload(content: bytes) -> AppTest:
        app = open_page("evaluate", export_open=True, **seven("canvas_2"))
        return app.file_uploader(key="import_weights").upload("network.npz", content).run()

    return upload


def test_a_network_comes_back_from_its_file_into_every_list(import_weights: Any) -> None:
    app = import_weights(to_npz(NETWORK, CONFIG, 3))
    assert not app.error
    assert "Imported 1: 784-16-10, epoch 3" in app.selectbox[0].options
    app.switch_page(FILES["draw"]).run()
    assert any("Uncalibrated" in str(caption.help) for caption in app.caption)


def _damaged() -> dict[str, bytes]:
    pickled = io.BytesIO()
    np.savez(pickled, kernel_1=np.array([{"a": 1}], dtype=object))
    whole = to_npz(NETWORK, CONFIG, 3)
    return {
        "nothing": b"",
        "a text": b"seven",
        "half of it": whole[: len(whole) // 2],
        "a pickle": pickled.getvalue(),
    }


@pytest.mark.parametrize("name", _damaged())
def test_a_file_that_is_no_network_is_a_sentence_and_the_page_stays(import_weights: Any, name: str) -> None:
    app = import_weights(_damaged()[name])
    assert len(app.error) == 1
    assert not [option for option in app.selectbox[0].options if option.startswith("Imported")]
    assert app.button(key="next")


def test_the_sentence_on_a_file_says_what_was_expected_and_belongs_to_the_file_that_is_there(
    import_weights: Any,
) -> None:
    app = import_weights(b"seven")
    assert "cannot be read as a network" in app.error[0].value
    uploader = app.file_uploader(key="import_weights")
    assert not uploader.proto.type, "a browser would refuse it, and say nothing of it to the server"
    app = uploader.set_value(("t10k-images-idx3-ubyte", b"\0\0\x08\x03", "")).run()
    [error] = app.error
    assert "received “t10k\\-images\\-idx3\\-ubyte”" in error.value
    app = (
        app.file_uploader(key="import_weights")
        .set_value(("network.bin", to_npz(NETWORK, CONFIG, 3), ""))
        .run()
    )
    assert not app.error
    assert says(app, "Imported. It is now in the list")


def test_what_does_not_fit_is_refused_and_the_networks_that_are_kept_stay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(imported_networks, "MAX_NETWORKS", 3)
    networks = ImportedNetworks(Writer())
    names = [networks.add("a", to_npz(NETWORK, CONFIG, number)) for number in range(3)]
    with pytest.raises(TooManyNetworksError, match="3 imported networks"):
        networks.add("a", to_npz(NETWORK, CONFIG, 4))
    assert networks.add("a", to_npz(NETWORK, CONFIG, 0)) == names[0], "it is there already"
    assert networks.of("a") == names[::-1]
    assert networks.add("b", to_npz(NETWORK, CONFIG, 0)) == names[0]
    assert networks.of("b") == names[:1]


def _files(app: AppTest) -> list[str]:
    return [button.proto.label for button in app.get("download_button")]


def test_a_run_can_be_taken_away_with_its_curves_and_as_a_script(open_page: OpenPage) -> None:
    assert _files(open_page("evaluate", export_open=True)) == ["Weights (NPZ)", "Model card"]
    app = open_page("train", config=TINY.to_json())
    app.button(key="train").click().run()
    app.session_state["export_open"] = True
    app.switch_page(FILES["evaluate"]).run()
    assert _files(app) == ["Weights (NPZ)", "Model card", "Curves (CSV)", "Script (Python)"]


def test_an_engine_that_cannot_make_the_keras_file_is_a_sentence(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page("evaluate", export_open=True)
    monkeypatch.setattr(InlineEngine, "submit", lambda *_: finished(error=INSTANT))
    app.button(key="make_keras").click().run()
    assert ["file was finished" in error.value for error in app.error] == [True]
    assert app.button(key="next")


def test_a_keras_file_is_made_when_it_is_asked_for(open_page: OpenPage) -> None:
    app = open_page("evaluate", export_open=True)
    app.button(key="make_keras").click().run()
    assert "Keras file" in _files(app)
