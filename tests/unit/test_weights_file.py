"""Networks as files: ours come back as they were, and any other file is refused in plain words."""

import io
import json
import re
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.config import Activation, TrainingConfig
from model.export.npz_archive import MAX_BYTES, WeightsFileError
from model.export.weights_file import WeightsFile, from_npz, to_npz
from model.inference import Network, probabilities
from model.slices import initial_state
from testing import hostile_weights
from testing.hostile_weights import CONFIG, GOOD, MARK, NETWORK, Evil, archive, entries_of, npy, pickled

# Bytes; the largest network that is allowed has 5 MB as float32.
MAX_MEMORY = 40_000_000
LARGEST = TrainingConfig(hidden_layers=(512,) * 4)


def _refusal(content: bytes) -> str:
    with pytest.raises(WeightsFileError) as caught:
        from_npz(content)
    return str(caught.value)


def _same(network: Network, other: Network) -> bool:
    pairs = zip(network.weights, other.weights, strict=True)
    return network.activation == other.activation and all(a.tobytes() == b.tobytes() for a, b in pairs)


@pytest.mark.parametrize("hidden", [(), (8,), (100, 50), (512,) * 4], ids=str)
@pytest.mark.parametrize("activation", list(Activation))
def test_a_network_comes_back_to_the_last_bit(hidden: tuple[int, ...], activation: Activation) -> None:
    config = TrainingConfig(hidden_layers=hidden, activation=activation, dropout=0.2, l2=0.001, seed=5)
    network = Network.from_arrays(initial_state(config).weights, activation)
    back = from_npz(to_npz(network, config, 12))
    assert _same(back.network, network)
    assert back.config == config
    assert back.epoch == 12
    assert all(array.dtype == np.float32 for array in back.network.weights)
    assert not any(array.flags.writeable for array in back.network.weights)


def test_numpy_reads_the_file_without_pickle() -> None:
    with np.load(io.BytesIO(GOOD), allow_pickle=False) as file:
        assert set(file.files) == {"config", "epoch"} | {
            f"{p}_{i}" for p in ("kernel", "bias") for i in (1, 2, 3)
        }
        assert file["kernel_1"].shape == (784, 16)
        assert file["bias_3"].dtype == np.float32
        assert json.loads(str(file["config"]))["activation"] == "tanh"
        assert file["epoch"] == 7


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_a_deflated_file_of_another_precision_is_read_too(dtype: Any) -> None:
    arrays = [array.astype(dtype) for array in initial_state(LARGEST).weights]
    file = io.BytesIO()
    names = [f"{part}_{layer}" for layer in range(1, 6) for part in ("kernel", "bias")]
    layers: dict[str, Any] = dict(zip(names, arrays, strict=True))
    np.savez_compressed(file, config=LARGEST.to_json(), epoch=3, **layers)
    back = from_npz(file.getvalue())
    for array, expected in zip(back.network.weights, arrays, strict=True):
        np.testing.assert_array_equal(array, expected.astype(np.float32))


def test_the_largest_network_fits_as_float64_with_little_room() -> None:
    weights = tuple(array.astype(np.float64) for array in initial_state(LARGEST).weights)
    content = to_npz(Network.from_arrays(weights, LARGEST.activation), LARGEST, 100)  # type: ignore[arg-type]
    message, peak = _judged(content)
    assert message is None
    assert peak < MAX_MEMORY
    assert len(content) <= MAX_BYTES < 1.01 * len(content)


def test_an_array_in_fortrans_order_is_read_as_numpy_reads_it() -> None:
    kernel = np.asfortranarray(NETWORK.weights[0])
    back = from_npz(archive(entries_of(kernel_1=npy(kernel))))
    assert b"'fortran_order': True" in npy(kernel)
    assert _same(back.network, NETWORK)
    assert back.network.weights[0].flags.c_contiguous


def test_the_largest_weights_that_are_allowed_give_finite_sums() -> None:
    weights = tuple(np.full_like(array, 10_000) for array in initial_state(LARGEST).weights)
    network = from_npz(to_npz(Network.from_arrays(weights, LARGEST.activation), LARGEST, 1)).network
    assert np.isfinite(probabilities(network, np.ones((1, 784), np.float32))).all()


@pytest.mark.filterwarnings("ignore:Duplicate name", "ignore:Reading `.npy`")
def test_every_hostile_file_is_refused_with_one_sentence_in_bounded_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names = set()
    for name, content in hostile_weights.hostile():
        names.add(name)
        message, peak = _judged(content)
        assert message is not None, f"{name} was taken for a network"
        assert _is_one_clear_sentence(message), f"{name}: {message}"
        assert peak < MAX_MEMORY, f"{name} took {peak:,} bytes"
    assert len(names) >= 200
    assert not list(tmp_path.iterdir()), f"something was unpacked, or unpickled ({MARK})"


def test_a_file_with_damaged_bits_is_refused_or_harmless() -> None:
    verdicts = []
    for name, content in hostile_weights.flipped():
        message, peak = _judged(content)
        verdicts.append(message is None)
        if message is None:
            assert _same(from_npz(content).network, NETWORK), f"{name} changed the network"
            assert from_npz(content).config == CONFIG
        else:
            assert _is_one_clear_sentence(message), f"{name}: {message}"
        assert peak < MAX_MEMORY, name
    assert len(verdicts) > 500
    assert 0 < sum(verdicts) < len(verdicts) / 2


def test_the_evil_object_of_these_tests_would_leave_its_mark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    content = archive(entries_of(kernel_1=pickled(Evil())))
    _refusal(content)
    assert not (tmp_path / MARK).exists()
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        np.load(io.BytesIO(file.read("kernel_1.npy")), allow_pickle=True)
    assert (tmp_path / MARK).is_dir()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"kernel_2": npy(np.ones((16, 9)))}, r"“kernel_2”.* 16 × 8 numbers .*received 16 × 9 of type '<f8'"),
        ({"kernel_2": npy(np.ones((16, 8), ">f4"))}, r"“kernel_2”.* float32, float16 or float64.*'>f4'"),
        ({"bias_1": npy(np.full(16, np.nan))}, r"“bias_1”.* finite numbers.*received nan"),
        (
            {"bias_3": None},
            r"contain config.npy, epoch.npy, kernel_1.npy.*contains 'config.npy'.*'kernel_3.npy'\.",
        ),
        ({"readme": b""}, r"this one contains .*'readme.npy'"),
        (
            {"config": npy('{"epochs": 1000}')},
            r"“Epochs” must be a whole number from 1 to 100; received 1000",
        ),
        ({"epoch": npy(101)}, r"“epoch”.* a whole number from 0 to 100; received 101"),
    ],
    ids=["shape", "dtype", "NaN", "missing", "extra", "config", "epoch"],
)
def test_a_refusal_says_what_was_expected_and_what_was_received(
    changed: dict[str, bytes | None], said: str
) -> None:
    message = _refusal(archive(entries_of(**changed)))
    assert re.search(said, message), message
    assert "hoose" in message


def _judged(content: bytes) -> tuple[str | None, int]:
    """The refusal (``None`` for a network), and the most bytes that reading took."""
    result: WeightsFile | None = None
    message = None
    tracemalloc.start()
    try:
        result = from_npz(content)
    except WeightsFileError as error:
        message = str(error)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (result is None) != (message is None)
    return message, peak


def _is_one_clear_sentence(message: str) -> bool:
    """Of a length to read, printable, its placeholders filled, and says what to do."""
    return (
        60 < len(message) < 600
        and message.isprintable()
        and message.endswith(".")
        and not re.search(r"\{(most|size|name|expected|received|problem)\}|Message\(", message)
        and "hoose" in message
    )
