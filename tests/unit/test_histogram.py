"""Histograms that can be added up, held against NumPy's of all values at once."""

import numpy as np
import pytest

from model.explain.histogram import Histogram, added, aligned, histogram

rng = np.random.default_rng(0)
SAMPLES = {
    "around 0": rng.normal(0, 0.05, 5_000),
    "from 0 up": np.maximum(rng.normal(-1, 3, 5_000), 0),
    "far from 0": rng.normal(-300, 0.5, 5_000),
    "on the edges": rng.integers(-3, 60, 5_000),
    "huge": rng.normal(0, 1e37, 5_000),
    "tiny": rng.normal(0, 1e-30, 5_000),
    "one value": np.full(7, 0.3),
    "one huge value": np.full(7, -3e38),
    "only 0": np.zeros(3),
}


def same(one: Histogram, other: Histogram) -> bool:
    return (
        (one.first, one.exponent, one.not_finite) == (other.first, other.exponent, other.not_finite)
    ) and one.counts.tolist() == other.counts.tolist()


@pytest.mark.parametrize("name", SAMPLES)
def test_counts_are_numpys_in_the_same_bins_and_the_bins_as_narrow_as_64_allow(name: str) -> None:
    values = SAMPLES[name].astype(np.float32)
    found = histogram(values)
    edges = found.edges
    # NumPy closes the last bin on the right: one more keeps it from doing so where it matters.
    counts = np.histogram(values.astype(np.float64), [*edges, edges[-1] + found.width])[0]
    assert found.counts.tolist() == counts[:-1].tolist()
    assert found.counts.sum() == len(values)
    assert np.diff(edges) == pytest.approx(found.width)
    assert found.counts[0] > 0 < found.counts[-1]
    assert len(found.counts) <= 64
    if np.ptp(values) > 1e-3:
        halved = np.floor(values.astype(np.float64) / (found.width / 2))
        assert np.ptp(halved) + 1 > 64


@pytest.mark.parametrize("name", SAMPLES)
def test_parts_add_up_to_the_whole(name: str) -> None:
    values = SAMPLES[name].astype(np.float32)
    parts = [histogram(part) for part in np.array_split(values, 3)]
    assert same(added(parts), histogram(values))
    assert same(added(parts[:1]), parts[0])


def test_parts_of_very_different_size_add_up() -> None:
    small, large, below = (
        np.array([1e-6, 2e-6], np.float32),
        np.array([3e38], np.float32),
        np.array([-1e-6], np.float32),
    )
    found = added([histogram(part) for part in (small, large, below)])
    assert same(found, histogram(np.concatenate([small, large, below])))
    assert found.counts[:2].tolist() == [1, 2]


def test_two_side_by_side_share_their_bins_and_keep_their_counts() -> None:
    first, last = rng.normal(0, 0.05, 3_000).astype(np.float32), rng.normal(1, 2, 4_000).astype(np.float32)
    one, other = aligned([histogram(first), histogram(last)])
    np.testing.assert_array_equal(one.edges, other.edges)
    assert len(one.counts) <= 64
    for found, values in ((one, first), (other, last)):
        assert found.counts.tolist() == np.histogram(values.astype(np.float64), found.edges)[0].tolist()


def test_what_is_not_finite_is_counted_apart() -> None:
    found = histogram(np.array([1, np.nan, np.inf, -np.inf, 2], np.float32))
    assert found.not_finite == 3
    assert found.counts.sum() == 2
    nothing = histogram(np.full(4, np.nan, np.float32))
    assert (nothing.counts.size, nothing.not_finite) == (0, 4)
    both = added([nothing, found, nothing])
    assert (both.counts.tolist(), both.not_finite) == (found.counts.tolist(), 11)
    assert added([nothing, nothing]).not_finite == 8
    assert aligned([nothing, found])[0].counts.tolist() == [0] * len(found.counts)


def test_nobody_can_change_a_histogram() -> None:
    one = histogram(np.ones(3, np.float32))
    assert not any(each.counts.flags.writeable for each in (one, added([one, one]), *aligned([one])))
