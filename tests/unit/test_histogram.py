"""Histograms in bins that can be shared, held against NumPy's and against plain loops."""

from itertools import pairwise

import numpy as np
import pytest

from model.explain.histogram import aligned, histogram

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


@pytest.mark.parametrize("name", SAMPLES)
def test_counts_are_numpys_in_the_same_bins_and_the_bins_as_narrow_as_64_allow(name: str) -> None:
    values = SAMPLES[name].astype(np.float32)
    found = histogram(values[:, None])
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


def test_two_side_by_side_share_their_bins_and_keep_their_counts() -> None:
    first, last = rng.normal(0, 0.05, 3_000).astype(np.float32), rng.normal(1, 2, 4_000).astype(np.float32)
    one, other = aligned([histogram(first[:, None]), histogram(last[:, None])])
    np.testing.assert_array_equal(one.edges, other.edges)
    assert len(one.counts) <= 64
    for found, values in ((one, first), (other, last)):
        assert found.counts.tolist() == np.histogram(values.astype(np.float64), found.edges)[0].tolist()


@pytest.mark.parametrize(("one", "other"), list(pairwise(SAMPLES)), ids=lambda name: name)
def test_bins_are_shared_whatever_the_range_of_each(one: str, other: str) -> None:
    samples = [SAMPLES[name].astype(np.float32) for name in (one, other)]
    both = aligned([histogram(values[:, None]) for values in samples])
    np.testing.assert_array_equal(both[0].edges, both[1].edges)
    assert len(both[0].counts) <= 64
    edges = both[0].edges
    for found, values in zip(both, samples, strict=True):
        counts = np.histogram(values.astype(np.float64), [*edges, edges[-1] + found.width])[0]
        assert found.counts.tolist() == counts[:-1].tolist()


def test_what_is_not_finite_is_counted_apart() -> None:
    found = histogram(np.array([[1, np.nan], [np.inf, -np.inf], [2, 2]], np.float32))
    assert found.not_finite == 3
    assert found.counts.sum() == 3
    assert found.by_unit.sum(axis=0).tolist() == [2, 1]
    nothing = histogram(np.full((2, 2), np.nan, np.float32))
    assert (nothing.counts.size, nothing.not_finite) == (0, 4)
    empty, same = aligned([nothing, found])
    assert empty.counts.tolist() == [0] * len(found.counts)
    assert (empty.not_finite, same.not_finite) == (4, 3)
    np.testing.assert_array_equal(same.by_unit, found.by_unit)
    assert [each.counts.size for each in aligned([nothing, nothing])] == [0, 0]


@pytest.mark.parametrize("name", ["relu", "signed", "not finite"])
def test_the_unit_with_most_values_in_a_bin_is_the_one_that_a_plain_loop_finds(name: str) -> None:
    values = np.random.default_rng(5).normal(0, 1, (300, 7)).astype(np.float32)
    if name == "relu":
        values = np.maximum(values, 0)
    if name == "not finite":
        values[:200, 2], values[5, 3], values[6, 3] = np.nan, np.inf, -np.inf
    narrow = histogram(values)
    wide = aligned([narrow, histogram(np.full((2, 7), [[-9], [9]], np.float32))])[0]
    assert wide.width > narrow.width
    for found in (narrow, wide):
        expected = []
        for low, high in pairwise(found.edges.tolist()):
            counts = [sum(low <= value < high for value in unit) for unit in values.T.tolist()]
            expected.append(counts.index(max(counts)) if max(counts) else -1)
        assert found.dominant_units.dtype == np.int64
        assert found.dominant_units.tolist() == expected
    assert -1 in wide.dominant_units
    assert len(set(wide.dominant_units.tolist())) > 3


def test_no_unit_dominates_where_there_are_no_bins_and_the_first_where_two_are_equal() -> None:
    assert histogram(np.full((4, 3), np.nan, np.float32)).dominant_units.tolist() == []
    assert histogram(np.array([[2.0, 1.0, 1.0]], np.float32)).dominant_units[0] == 1


def test_nobody_can_change_a_histogram() -> None:
    one = histogram(np.ones((3, 1), np.float32))
    assert not any(each.by_unit.flags.writeable for each in (one, *aligned([one])))
