"""The augmentation in the engine's worker, held against SciPy as an independent oracle."""

from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from model.data import mnist
from runs.local_engine import LocalEngine

Images = NDArray[np.float32]

SEED = (3, 8)
# Right, down, rotation, wider, taller, shear, pen: how far each may go at strength 1.
RANGES = np.array([2, 2, np.radians(15), 0.15, 0.15, 0.2, 0.25])
CROSS = ndimage.generate_binary_structure(2, 1)


@pytest.fixture(scope="module")
def digits() -> Images:
    """Digits of MNIST, and noise and full ink, which reach the edges: float32 (128, 784)."""
    images = mnist.load("train").images[:128].astype(np.float32) / np.float32(255)
    images[:32] = np.random.default_rng(0).random((32, 784))
    images[32] = 1
    return images


def _in_worker(engine: LocalEngine, fn: Any, *args: Any) -> Any:
    return engine.submit(fn, *args).result(timeout=100)


def augmented(images: Images, seed: tuple[int, int], strength: float, xla: bool = True) -> Images:
    """``augment`` in the worker, in a graph that XLA compiles or does not."""
    result: Images = _program(xla)(images, np.array(seed, np.int32), np.float32(strength)).numpy()
    return result


@cache
def _program(xla: bool) -> Any:
    import tensorflow as tf

    from model.training.augmentation import augment

    return tf.function(augment, jit_compile=xla)


def drawn(count: int, seed: tuple[int, int], strength: float) -> NDArray[np.float32]:
    """``draw`` in the worker."""
    from model.training.augmentation import draw

    result: NDArray[np.float32] = draw(count, np.array(seed, np.int32), np.float32(strength)).numpy()
    return result


def _expected(image: Images, parameters: NDArray[np.float32]) -> Images:
    """One image by SciPy, from the way there; SciPy wants the way back, in (row, column)."""
    right, down, angle, wider, taller, shear, pen = parameters.astype(float)
    grid = image.reshape(28, 28)
    morphology = ndimage.grey_dilation if pen > 0 else ndimage.grey_erosion
    grid = grid + abs(pen) * (morphology(grid, footprint=CROSS, mode="constant") - grid)
    # In (x, y), y growing downwards: stretched, then slanted, then turned from x towards y.
    stretch = np.diag([1 + wider, 1 + taller])
    slant = np.array([[1, shear], [0, 1]])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    back = np.linalg.inv(turn @ slant @ stretch)[::-1, ::-1]
    offset = 13.5 - back @ (13.5 + np.array([down, right]))
    # "grid-constant": between an edge and the paper outside SciPy blends too, as it does inside.
    moved: Images = ndimage.affine_transform(grid, back, offset, order=1, mode="grid-constant")
    return moved.reshape(784)


@pytest.mark.parametrize("strength", [1.0, 0.4])
def test_each_image_is_moved_as_scipy_moves_it(engine: LocalEngine, digits: Images, strength: float) -> None:
    ours = _in_worker(engine, augmented, digits, SEED, strength)
    parameters = _in_worker(engine, drawn, len(digits), SEED, strength)
    expected = np.stack([_expected(*pair) for pair in zip(digits, parameters, strict=True)])
    np.testing.assert_allclose(ours, expected, atol=1e-4)
    assert np.abs(ours - digits).mean(axis=1).min() > 1e-3, "every image was meant to change"


def test_strength_0_gives_back_the_images_to_the_last_bit(engine: LocalEngine, digits: Images) -> None:
    for xla in (True, False):
        assert _in_worker(engine, augmented, digits, SEED, 0.0, xla).tobytes() == digits.tobytes()


def test_the_same_seed_gives_the_same_bits_and_another_seed_other_images(
    engine: LocalEngine, digits: Images
) -> None:
    first, again = (_in_worker(engine, augmented, digits, SEED, 1.0) for _ in range(2))
    assert first.tobytes() == again.tobytes()
    for seed in ((3, 9), (4, 8)):
        other = _in_worker(engine, augmented, digits, seed, 1.0)
        assert np.abs(other - first).max(axis=1).min() > 0.01


def test_xla_and_a_plain_graph_agree(engine: LocalEngine, digits: Images) -> None:
    compiled, plain = (_in_worker(engine, augmented, digits, SEED, 1.0, xla) for xla in (True, False))
    np.testing.assert_allclose(compiled, plain, atol=1e-5)


def test_ink_stays_between_0_and_1(engine: LocalEngine, digits: Images) -> None:
    ours = _in_worker(engine, augmented, digits, SEED, 1.0)
    assert ours.shape == digits.shape
    assert ours.dtype == np.float32
    assert ours.min() >= 0
    assert ours.max() <= 1
    assert ours[32].max() == 1, "full ink stays full in the middle"


def test_every_image_of_a_batch_gets_numbers_of_its_own(engine: LocalEngine, digits: Images) -> None:
    alike = np.tile(digits[40], (128, 1))
    ours = _in_worker(engine, augmented, alike, SEED, 1.0)
    assert len(np.unique(ours, axis=0)) == 128


def test_the_numbers_fill_their_ranges_evenly_and_do_not_depend_on_each_other(engine: LocalEngine) -> None:
    parameters = _in_worker(engine, drawn, 20_000, SEED, 1.0) / RANGES
    assert parameters.shape == (20_000, 7)
    assert np.abs(parameters).max() <= 1 + 1e-6
    expected = np.linspace(-1, 1, 11)
    np.testing.assert_allclose(
        np.quantile(parameters, expected / 2 + 0.5, axis=0).T, [expected] * 7, atol=0.05
    )
    np.testing.assert_allclose(np.corrcoef(parameters.T), np.eye(7), atol=0.05)


def test_the_strength_scales_all_ranges(engine: LocalEngine) -> None:
    whole, half = (_in_worker(engine, drawn, 100, SEED, strength) for strength in (1.0, 0.5))
    np.testing.assert_allclose(half, whole / 2, rtol=1e-6)
