"""The ``.keras`` file, opened by Keras alone in a process that knows nothing of ours."""

import json
import re
import subprocess
import sys
import zipfile
from concurrent.futures import Future
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.config import Activation, TrainingConfig
from model.data import mnist
from model.export.keras_code import npz_code
from model.export.weights_file import to_npz
from model.inference import Network, probabilities
from model.slices import Arrays
from model.starter import recording, starter
from runs.keras_file import KerasFileError
from runs.local_engine import LocalEngine
from runs.runner import Runner
from testing.engines import Shared
from testing.waiting import over, wait_until
from tests.integration import workers

_OPEN_ALL = """
import json, sys
from pathlib import Path
import keras
import numpy as np

found = {}
for path in sorted(Path().glob("*.keras")):
    model = keras.models.load_model(path)
    np.save(path.with_suffix(".npy"), model.predict(np.load("images.npz")["images"], verbose=0))
    found[path.stem] = [
        (type(layer).__name__, getattr(layer, "rate", None), bool(getattr(layer, "kernel_regularizer", None)))
        for layer in model.layers
    ]
    assert "model" not in sys.modules
print(json.dumps(found))
"""

_CONFIGS = {
    **{
        f"{activation}": TrainingConfig(hidden_layers=(24, 16), activation=activation)
        for activation in Activation
    },
    "no hidden layer": TrainingConfig(hidden_layers=()),
    "four hidden layers": TrainingConfig(hidden_layers=(512, 64, 8, 32), activation="tanh"),
    "dropout": TrainingConfig(hidden_layers=(24, 16), dropout=0.5),
    "L2": TrainingConfig(hidden_layers=(24, 16), l2=0.01, activation="sigmoid"),
    "everything": TrainingConfig(
        hidden_layers=(24, 16), dropout=0.3, l2=0.001, augmentation=1.0, optimizer="adam"
    ),
}


def _random_weights(config: TrainingConfig) -> Arrays:
    rng = np.random.default_rng(7)
    arrays: list[np.ndarray] = []
    for fan_in, fan_out in pairwise(config.layer_sizes):
        arrays.append(rng.normal(0, 1.5 / np.sqrt(fan_in), (fan_in, fan_out)).astype(np.float32))
        arrays.append(rng.normal(0, 0.5, fan_out).astype(np.float32))
    return tuple(arrays)


def _starter() -> tuple[TrainingConfig, Arrays]:
    network = starter.load().network
    return TrainingConfig(
        hidden_layers=network.layer_sizes[1:-1], activation=network.activation
    ), network.weights


def test_the_file_opens_in_plain_keras_and_predicts_the_same(runner: Runner, tmp_path: Path) -> None:
    networks = {name: (config, _random_weights(config)) for name, config in _CONFIGS.items()}
    networks["starter"] = _starter()
    images = mnist.load("test").images[:300].astype(np.float32) / np.float32(255)
    np.savez(tmp_path / "images.npz", images=images)
    for name, (config, weights) in networks.items():
        (tmp_path / f"{name}.keras").write_bytes(runner.keras_file(config, weights).result(timeout=60))
    done = subprocess.run(
        [sys.executable, "-c", _OPEN_ALL], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    layers = json.loads(done.stdout)
    for name, (config, weights) in networks.items():
        theirs = np.load(tmp_path / f"{name}.npy")
        ours = probabilities(Network.from_arrays(weights, config.activation), images)
        assert np.abs(theirs - ours).max() < 1e-5, name
        assert theirs.std(axis=0).max() > 1e-3, "it should not answer the same to every picture"
    kinds = [kind for kind, _rate, _penalty in layers["everything"]]
    assert kinds == ["Dense", "Dropout", "Dense", "Dropout", "Dense"]
    assert [rate for kind, rate, _penalty in layers["everything"] if kind == "Dropout"] == [0.3, 0.3]
    assert layers["L2"][0][2] is True
    # Earlier versions of Keras 3 refuse what they do not know; testing.keras_versions tries them.
    with zipfile.ZipFile(tmp_path / "everything.keras") as file:
        configuration = file.read("config.json").decode()
    assert "kernel_initializer" in configuration
    assert not re.search(
        "quantization_config|input_axes|output_axes|optional|ragged|DTypePolicy", configuration
    )
    assert layers["relu"][0][2] is False


def _has_reached(runner: Runner, run_id: str, epoch: int) -> bool:
    return _epoch(runner, run_id) >= epoch


def test_making_files_changes_no_bit_of_a_run(runner: Runner) -> None:
    config = TrainingConfig(train_share=0.03, epochs=5, seed=21, dropout=0.2)
    alone = over(runner, runner.submit(config, "alone"))
    run_id = runner.submit(config, "disturbed")
    files = []
    for epoch in range(1, 5):
        wait_until(partial(_has_reached, runner, run_id, epoch), 60, "the next epoch")
        weights = runner.weights(run_id, 0)
        assert weights is not None
        files.append(runner.keras_file(config, weights))
    assert over(runner, run_id).history == alone.history
    assert all(file.result(timeout=60)[:2] == b"PK" for file in files)


def test_a_worker_that_dies_over_a_file_gives_one_sentence() -> None:
    engine = LocalEngine(workers=1)
    try:
        runner = Runner(_Deadly(engine))
        file = runner.keras_file(TrainingConfig(), ())
        with pytest.raises(KerasFileError, match=r"before the \.keras file was finished\. Try again"):
            file.result(timeout=60)
    finally:
        engine.shutdown()


def test_weights_that_do_not_fit_give_one_sentence(runner: Runner) -> None:
    file = runner.keras_file(TrainingConfig(), _random_weights(TrainingConfig(hidden_layers=(8,))))
    with pytest.raises(KerasFileError, match=r"^The \.keras file could not be created: "):
        file.result(timeout=60)


class _Deadly(Shared):
    """Kills its worker whatever it is asked for."""

    def submit(self, fn: Any, /, *args: Any, **how: Any) -> Future[Any]:
        return self._engine.submit(workers.dies_always, None, None, None)


def _epoch(runner: Runner, run_id: str) -> int:
    snapshot = runner.snapshot(run_id)
    assert snapshot is not None
    return snapshot.epoch


def test_the_six_lines_beside_the_npz_rebuild_the_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lesson = recording.load()
    (tmp_path / "network.npz").write_bytes(to_npz(lesson.network, lesson.config, lesson.config.epochs))
    code = npz_code(lesson.config)
    assert len(code.splitlines()) == 6
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(code, names)
    images = mnist.load("test").images[:200].reshape(-1, 784).astype(np.float32) / np.float32(255)
    np.testing.assert_allclose(
        np.asarray(names["model"](images)), probabilities(lesson.network, images), atol=1e-5
    )
