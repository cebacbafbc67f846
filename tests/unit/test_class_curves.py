"""A class's curves as a band, and its digits as a wall."""

import numpy as np

from ui.figures.class_curves import Band, CurvesTexts, band_figure, band_of
from ui.figures.digits import as_bytes, wall

TEXTS = CurvesTexts("epoch", "accuracy")


def test_a_band_is_of_the_runs_that_have_come_so_far() -> None:
    band = band_of([(0.1, 0.5, 0.9), (0.2, 0.7), (0.3, 0.6)])
    assert band == Band((0.1, 0.5, 0.9), (0.2, 0.6, 0.9), (0.3, 0.7, 0.9))
    assert band_of([]) == Band()


def test_the_figure_has_the_same_traces_whatever_it_shows() -> None:
    full = band_figure(band_of([[0.1] * 9, [0.2] * 9]), TEXTS, 300, lines=[(0.1, 0.2)])
    empty = band_figure(Band(), TEXTS, 300)
    assert len(full.data) == len(empty.data)
    assert list(full.layout.xaxis.range) == [0, 8]
    assert list(empty.layout.xaxis.range) == [0, 5]
    assert list(full.data[3].x) == [0, 1]


def test_a_wall_has_a_place_for_each_digit() -> None:
    ink = np.zeros((28, 28), np.float32)
    ink[0, 0] = 1
    picture = np.array(wall([ink] * 5, columns=2, side=28))
    assert picture.shape == (90, 60)
    assert (picture == 255).sum() == 5
    assert np.frombuffer(as_bytes(ink), np.uint8).tolist() == [255, *[0] * 783]
