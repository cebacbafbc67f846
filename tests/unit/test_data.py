import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from model.data import build, mnist
from model.data.mnist import DataError


@pytest.fixture(scope="module")
def original() -> bytes:
    return (mnist.FOLDER / "test.npz").read_bytes()


def _error(folder: Path, name: str = "test") -> str:
    with pytest.raises(DataError) as caught:
        mnist.load(name, folder)
    return str(caught.value)


def _npz(**arrays: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    return file.getvalue()


@pytest.mark.parametrize(("name", "count"), [("train", 60_000), ("test", 10_000)])
def test_the_images_are_those_of_mnist(name: str, count: int) -> None:
    images = mnist.load(name)
    assert len(images) == count
    assert images.images.shape == (count, 784)
    assert images.labels.shape == (count,)
    assert images.images.dtype == images.labels.dtype == np.uint8
    assert images.images.max() == 255
    assert set(images.labels.tolist()) == set(range(10))
    for array in (images.images, images.labels):
        assert not array.flags.writeable
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_the_first_labels_are_those_everybody_knows() -> None:
    assert mnist.load("test").labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert mnist.load("train").labels[:5].tolist() == [5, 0, 4, 1, 9]


@pytest.mark.parametrize("name", ["train", "test"])
def test_a_missing_file_is_an_error_that_names_it_and_how_to_restore_it(name: str, tmp_path: Path) -> None:
    text = _error(tmp_path, name)
    assert f"model/data/{name}.npz is missing" in text
    assert f"git checkout -- model/data/{name}.npz" in text


def _flip(content: bytes, place: int, bits: int = 0x55) -> bytes:
    place %= len(content)
    return content[:place] + bytes([content[place] ^ bits]) + content[place + 1 :]


DAMAGED: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "a pointer of Git LFS": lambda _: b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
    "cut in half": lambda original: original[: len(original) // 2],
    "cut at its end": lambda original: original[:-10],
    "one byte other in the middle": lambda original: _flip(original, len(original) // 2),
    "one byte other in the first image": lambda original: _flip(original, 200),
    # In the zip directory: the flags say "encrypted", or an unknown method or version.
    "encrypted": lambda original: _flip(original, original.rindex(b"PK\1\2") + 8, 1),
    "another compression": lambda original: _flip(original, original.rindex(b"PK\1\2") + 10, 1),
    "another zip version": lambda original: _flip(original, original.rindex(b"PK\1\2") + 6, 0x40),
    "another name in the zip": lambda original: original.replace(b"labels.npy", b"lebals.npy"),
    "wrong values": lambda _: _npz(
        images=np.zeros((10_000, 784), np.uint8), labels=np.zeros(10_000, np.uint8)
    ),
    "wrong shape": lambda _: _npz(images=np.zeros((3, 3)), labels=np.zeros(3)),
    "no labels": lambda _: _npz(images=np.zeros((10_000, 784), np.uint8)),
    "a pickle inside": lambda _: _npz(images=np.array([{"a": 1}], object), labels=np.zeros(1)),
    "dates": lambda _: _npz(images=np.zeros(3, "datetime64[s]"), labels=np.zeros(3)),
    "a single array": lambda _: _single_array(),
    "a bare pickle": lambda _: b"\x80\x04K\x01.",
}


def _single_array() -> bytes:
    file = io.BytesIO()
    np.save(file, np.zeros(3))
    return file.getvalue()


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_file_is_an_error_that_names_it_and_how_to_restore_it(
    damage: str, original: bytes, tmp_path: Path
) -> None:
    content = DAMAGED[damage](original)
    assert content != original
    (tmp_path / "test.npz").write_bytes(content)
    text = _error(tmp_path)
    assert "model/data/test.npz is damaged" in text
    assert "git checkout -- model/data/test.npz" in text


def test_a_pickle_in_a_data_file_is_never_opened(tmp_path: Path) -> None:
    opened = tmp_path / "opened"

    class Trap:
        def __reduce__(self) -> tuple[object, ...]:
            return Path.touch, (opened,)

    (tmp_path / "test.npz").write_bytes(_npz(images=np.array([Trap()], object), labels=np.zeros(1)))
    _error(tmp_path)
    assert not opened.exists()


def test_the_test_file_in_the_place_of_the_training_file_is_refused(original: bytes, tmp_path: Path) -> None:
    (tmp_path / "train.npz").write_bytes(original)
    assert "train.npz is damaged" in _error(tmp_path, "train")


def test_building_refuses_a_file_whose_md5_differs(tmp_path: Path) -> None:
    path = tmp_path / "t10k-labels-idx1-ubyte"
    path.write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 2, 7, 2]))
    with pytest.raises(ValueError, match="not the original file") as caught:
        build.read_idx(path)
    assert str(path) in str(caught.value)
    assert "27ae3e4e09519cfbb04c329615203637" in str(caught.value)


def test_an_idx_file_is_read_as_its_header_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "t10k-images-idx3-ubyte"
    path.write_bytes(bytes([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, *range(6)]))
    monkeypatch.setitem(build._MD5, path.name, hashlib.md5(path.read_bytes()).hexdigest())
    np.testing.assert_array_equal(build.read_idx(path), [[[0, 1, 2]], [[3, 4, 5]]])


def test_the_shipped_files_are_what_building_from_idx_files_gives(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Back to IDX and forth again: the same arrays, and the md5 of the original labels."""
    test = mnist.load("test")
    labels = bytes([0, 0, 8, 1]) + (10_000).to_bytes(4, "big") + test.labels.tobytes()
    sizes = b"".join(n.to_bytes(4, "big") for n in (10_000, 28, 28))
    images = bytes([0, 0, 8, 3]) + sizes + test.images.tobytes()
    for name, content in (("labels-idx1", labels), ("images-idx3", images)):
        (tmp_path / f"t10k-{name}-ubyte").write_bytes(content)
    np.testing.assert_array_equal(build.read_idx(tmp_path / "t10k-labels-idx1-ubyte"), test.labels)
    np.testing.assert_array_equal(
        build.read_idx(tmp_path / "t10k-images-idx3-ubyte").reshape(-1, 784), test.images
    )


def test_the_licence_that_the_docstring_names_is_there() -> None:
    assert (mnist.FOLDER / "LICENCE.md").is_file()
