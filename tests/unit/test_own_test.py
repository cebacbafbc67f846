"""The visitor's own test: what is asked, what counts, and what can be taken away."""

import io
import threading
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from model.drawing.collection import (
    MAX_TRIALS,
    OwnTest,
    Pointer,
    images_of,
    label_at,
    sheet,
    skip,
    start_over,
    strokes_file,
    submit,
)
from model.drawing.strokes import Stroke, prepare
from storage.writer import Writer
from testing.strokes import SEVEN
from visitors.own_tests import OwnTests

LINE = [np.array([[60.0, 60.0], [70.0, 200.0]])]


def drawn(drawings: int, strokes: list[Stroke] = SEVEN, seed: int = 0) -> OwnTest:
    test = OwnTest(seed)
    for number in range(drawings):
        test = submit(test, number, strokes)
    return test


@given(st.integers(0, 2**32), st.integers(0, 40))
def test_every_ten_digits_ask_for_each_once_and_none_follows_itself(seed: int, block: int) -> None:
    labels = [label_at(seed, number) for number in range(10 * block, 10 * block + 20)]
    assert sorted(labels[:10]) == sorted(labels[10:]) == list(range(10))
    assert all(one != next_one for one, next_one in pairwise(labels))


def test_the_order_is_not_the_same_for_everybody() -> None:
    orders = {tuple(label_at(seed, number) for number in range(10)) for seed in range(20)}
    assert len(orders) > 15


def test_the_label_is_the_digit_that_was_asked_for_and_not_what_was_drawn() -> None:
    test = drawn(20)
    assert images_of(test).labels.tolist() == [label_at(0, number) for number in range(20)]


def test_the_first_submit_counts() -> None:
    first = submit(OwnTest(0), 0, SEVEN)
    assert submit(first, 0, LINE) is first


def test_a_blank_is_not_taken_for_a_drawing() -> None:
    test = OwnTest(0)
    assert submit(test, 0, []) is test


def test_a_skipped_digit_is_counted_and_is_no_drawing() -> None:
    test = submit(skip(OwnTest(0), 0), 1, SEVEN)
    assert (test.skipped, len(test.drawn), len(images_of(test))) == (1, 1, 1)
    assert skip(test, 0) is test


def test_the_ink_is_what_a_network_reads_in_the_same_strokes() -> None:
    ink = prepare(SEVEN)
    assert ink is not None
    kept_ink = drawn(1).trials[0].ink
    assert kept_ink is not None
    np.testing.assert_allclose(kept_ink, ink, atol=0.5 / 255 + 1e-6)
    np.testing.assert_allclose(images_of(drawn(1)).images[0] / 255, kept_ink.ravel(), atol=1e-6)


def test_a_drawing_does_not_change_after_it_was_submitted() -> None:
    strokes = [stroke.copy() for stroke in SEVEN]
    test = submit(OwnTest(0), 0, strokes)
    strokes[0][:] = 0
    np.testing.assert_array_equal(test.trials[0].strokes[0], SEVEN[0])
    with pytest.raises(ValueError, match="read-only"):
        test.trials[0].strokes[0][0] = 1


def test_a_long_scribble_is_thinned_out_and_a_test_has_an_end() -> None:
    scribble = [np.random.default_rng(0).uniform(0, 280, (500, 2)) for _ in range(300)]
    assert sum(map(len, scribble)) > 100_000
    [trial] = submit(OwnTest(0), 0, scribble).trials
    assert len(trial.strokes) <= 100
    assert sum(map(len, trial.strokes)) <= 4_300
    assert all((kept[-1] == drawn[-1]).all() for kept, drawn in zip(trial.strokes, scribble, strict=False))
    full = OwnTest(0)
    for number in range(MAX_TRIALS):
        full = skip(full, number)
    assert full.is_full
    assert submit(full, MAX_TRIALS, SEVEN) is full


def test_starting_over_forgets_the_drawings_and_asks_in_another_order() -> None:
    again = start_over(drawn(3))
    assert again.trials == ()
    assert [label_at(again.seed, n) for n in range(10)] != [label_at(0, n) for n in range(10)]


def test_each_drawing_notes_what_it_was_drawn_with_and_the_file_says_so() -> None:
    test = submit(submit(OwnTest(0), 0, SEVEN, Pointer.FINGER), 1, LINE, Pointer.TRACKPAD)
    test = submit(skip(test, 2), 3, LINE)
    assert test.pointers == {Pointer.FINGER: 1, Pointer.TRACKPAD: 1}
    with np.load(io.BytesIO(strokes_file(test)), allow_pickle=False) as file:
        assert file["pointers"].tolist() == ["finger", "trackpad", ""]


def test_a_test_without_drawings_has_files_too() -> None:
    empty = OwnTest(0)
    with np.load(io.BytesIO(strokes_file(empty)), allow_pickle=False) as file:
        assert file["labels"].shape == (0,)
        assert file["sample_offsets"].tolist() == [0]
    assert Image.open(io.BytesIO(sheet(images_of(empty), np.empty(0, np.int64)))).size[0] > 0


def test_the_sheet_shows_every_drawing_and_frames_what_was_read_wrongly() -> None:
    test = drawn(12)
    images = images_of(test)
    right = np.asarray(Image.open(io.BytesIO(sheet(images, images.labels.astype(np.int64)))))
    wrong = np.asarray(Image.open(io.BytesIO(sheet(images, (images.labels.astype(np.int64) + 1) % 10))))
    assert right.shape == wrong.shape

    def coloured(page: np.ndarray) -> int:
        return int((page[..., 0] != page[..., 2]).sum())

    assert coloured(right) == 0
    assert coloured(wrong) > 12 * 4 * 84
    ink = sum(int((image > 128).sum()) for image in images.images) * 9
    assert (right[..., 0] > 128).sum() >= ink


def test_each_visitor_has_a_test_and_an_order_of_their_own() -> None:
    tests = OwnTests(Writer())
    tests.change("a", lambda test: submit(test, 0, SEVEN))
    assert len(tests.of("a").drawn) == 1
    assert len(tests.of("b").drawn) == 0
    assert tests.of("a").seed != tests.of("b").seed


def _submit_line(number: int, test: OwnTest) -> OwnTest:
    return submit(test, number, LINE)


def test_submits_from_many_threads_are_all_kept() -> None:
    tests = OwnTests(Writer())

    def draw(visitor: str) -> None:
        for number in range(20):
            tests.change(visitor, partial(_submit_line, number))

    threads = [threading.Thread(target=draw, args=(str(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(tests.of(str(number)).drawn) for number in range(8)] == [20] * 8
