"""What the benchmarks calculate themselves."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.request import urlopen

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import TimeoutError as PageTimeout

from benchmarks import (
    by_hand,
    cold_start,
    drawn,
    evaluate,
    latency,
    look_inside,
    many_runs,
    numbers,
    training,
    unknown,
)
from benchmarks.browser import waiting_for
from benchmarks.contenders import Trial
from model.config import TrainingConfig
from model.data.mnist import LabelledImages
from model.drawing.collection import OwnTest, skip, strokes_file, submit
from model.drawing.preprocessing import Switches, pictures
from model.inference import Network
from model.slices import initial_state
from testing.slow_link import SlowLink
from testing.strokes import DIGITS, SEVEN
from testing.waiting import wait_until
from ui.look_inside.views import View

_SMALL = TrainingConfig(hidden_layers=(9, 8), batch_size=16)


@pytest.fixture
def weights() -> list[by_hand.Floats]:
    """In double precision, with biases that are not zero."""
    rng = np.random.default_rng(1)
    return [
        array + rng.normal(0, 0.1, array.shape) for array in map(np.float64, initial_state(_SMALL).weights)
    ]


@pytest.fixture
def batch() -> tuple[by_hand.Floats, NDArray[np.uint8]]:
    rng = np.random.default_rng(2)
    return rng.random((12, 784)), rng.integers(0, 10, 12, np.uint8)


def test_the_gradient_by_hand_is_the_slope_of_the_loss(
    weights: list[by_hand.Floats], batch: tuple[by_hand.Floats, NDArray[np.uint8]]
) -> None:
    rng = np.random.default_rng(3)
    small = 1e-6
    for array, gradient in zip(weights, by_hand.gradients(weights, *batch), strict=True):
        for place in rng.choice(array.size, min(8, array.size), replace=False):
            value = array.flat[place]
            losses = []
            for change in (-small, small):
                array.flat[place] = value + change
                losses.append(by_hand.score(weights, *batch)[0])
            array.flat[place] = value
            assert gradient.flat[place] == pytest.approx((losses[1] - losses[0]) / (2 * small), abs=1e-7)


def test_everything_by_hand_stays_in_single_precision(
    batch: tuple[by_hand.Floats, NDArray[np.uint8]],
) -> None:
    x, labels = batch
    single = [array.copy() for array in initial_state(_SMALL).weights]
    update = by_hand.adam(0.001)
    found = by_hand.gradients(single, x.astype(np.float32), labels)
    update(single, found)
    assert {array.dtype for array in (*single, *found)} == {np.dtype(np.float32)}


def test_adam_goes_against_an_unchanging_gradient_by_its_rate_whatever_its_size() -> None:
    weights, update = [np.zeros(3)], by_hand.adam(0.01)
    for _ in range(5):
        update(weights, [np.array([1e-2, -1.0, 50.0])])
    assert weights[0] == pytest.approx([-0.05, 0.05, -0.05], rel=1e-3)


def test_the_products_of_the_seed_recipe_are_counted_once_each() -> None:
    config = TrainingConfig()
    first, rest = 784 * 100, 100 * 50 + 50 * 10
    expected = 60_000 * 2 * (2 * first + 3 * rest) + 10_000 * 2 * (first + rest)
    assert training.products_flop(config) == expected


def test_ratios_above_one_mean_that_digitlab_is_faster_and_the_limit_counts_the_other_way() -> None:
    trials = {
        "digitlab": [Trial([0.4, 0.2], 0.95), Trial([0.3], 0.94)],
        "keras_fit": [Trial([0.6, 0.9], 0.90)],
    }
    result = training.summary(trials, [0.1, 0.1, 0.7])
    assert result["epoch_seconds"] == pytest.approx({"digitlab": 0.3, "keras_fit": 0.75, "blas_limit": 0.1})
    assert result["vs_keras_fit"] == pytest.approx(2.5)
    assert result["vs_blas_limit"] == pytest.approx(3)
    assert "vs_digitlab" not in result
    assert result["test_accuracy"] == pytest.approx(0.945)


def test_a_crowd_is_timed_from_its_first_submission_but_a_first_point_from_its_own() -> None:
    crowd = [many_runs.Times(10, 11, 18), many_runs.Times(11, 14, 20)]
    alone = [many_runs.Times(0, 1, end) for end in (4, 5, 90)]
    result = many_runs.summary(crowd, alone, epochs=2, limits=[0.5, 1, 7])
    assert result["first_point_max_s"] == 3
    assert (result["finish_first_s"], result["finish_last_s"]) == (8, 10)
    assert result["spread"] == pytest.approx(0.2)
    assert result["total_vs_sequential"] == pytest.approx(1.0)
    assert result["crowd_epoch_seconds"] == result["vs_blas_limit"] == pytest.approx(10 / 4)
    assert result["alone_epoch_seconds"] == result["alone_vs_blas_limit"] == pytest.approx((5 - 1) / 2)


def test_updates_are_counted_between_the_first_and_the_last_point() -> None:
    curve = [{"at": 1_000.0 + 250 * i} for i in range(9)]
    assert latency.updates_per_s(curve) == pytest.approx(4)


def _try(app: list[float], bare: list[float], app_training: list[float], bare_training: list[float]) -> Any:
    return {
        "first_text_s": app[0],
        "pen_up_to_bars_ms": {"idle": app, "training": app_training},
        "bare_pen_up_to_text_ms": {"idle": bare, "training": bare_training},
        "in_stroke_ms": bare,
    }


def test_a_pen_up_is_held_against_the_bare_page_by_the_medians_of_all_tries() -> None:
    # Were it the mean, or the median of each try's ratio, the stroke of 9,000 ms would tell.
    tries = [
        _try([300, 9_000], [200, 200], [500, 500], [400, 400]),
        _try([300, 300], [200, 100], [500, 600], [400, 300]),
    ]
    result = latency.summary(tries)
    assert result["pen_up_vs_bare"] == {"idle": 1.5, "training": 1.25, "training_by_idle": 2.5}
    assert result["first_text_s"] == {"p50": 300, "p95": 300}
    assert result["in_stroke_ms"]["p50"] == 200


def test_the_table_of_latency_names_every_figure_of_its_result() -> None:
    rows = latency.rows(latency.summary([_try([300], [200], [500], [400])]))
    assert rows == [
        ("first_text_s", "300.00", "300.00"),
        ("pen_up_to_bars_ms, idle", "300.00", "300.00"),
        ("pen_up_to_bars_ms, training", "500.00", "500.00"),
        ("bare_pen_up_to_text_ms, idle", "200.00", "200.00"),
        ("bare_pen_up_to_text_ms, training", "400.00", "400.00"),
        ("in_stroke_ms", "200.00", "200.00"),
        ("pen_up_vs_bare, idle", "1.50", ""),
        ("pen_up_vs_bare, training", "1.25", ""),
        ("pen_up_vs_bare, training_by_idle", "2.50", ""),
    ]


def test_a_page_that_does_not_get_there_ends_a_benchmark_in_plain_words() -> None:
    with (
        pytest.raises(SystemExit, match=r"^waited in vain for the bars: Timeout 30000ms exceeded\.$"),
        waiting_for("the bars"),
    ):
        raise PageTimeout("Timeout 30000ms exceeded.\nCall log: and so on")


def test_the_evaluate_page_is_timed_without_the_training_images_and_the_very_first_network() -> None:
    def of(seconds: float) -> dict[str, float]:
        return {"evaluate": seconds, "interval": 0.25, "training images": 10 * seconds}

    result = evaluate.summary(
        {"seed_recipe": [of(9), of(1), of(2), of(3)], "four_layers_of_512": [of(6), of(4), of(5)]}
    )
    assert result["first_in_process_s"] == 9.25
    assert (result["seed_recipe_s"], result["training_images_s"]) == (2.25, 20)
    assert result["four_layers_of_512_s"] == 5.25
    assert result["training_images_of_four_layers_of_512_s"] == 50
    assert result["seconds"]["seed_recipe"] == of(2) | {"interval": 0.25}


def test_every_part_of_the_evaluate_page_takes_a_time_of_its_own() -> None:
    rng = np.random.default_rng(4)
    few = LabelledImages(rng.integers(0, 256, (30, 784), np.uint8), rng.integers(0, 10, 30, np.uint8))
    parts = evaluate.seconds(Network.from_arrays(initial_state(_SMALL).weights, _SMALL.activation), few, few)
    assert {"evaluate", "reliability", "coverage", "training images"} < parts.keys()
    assert min(parts.values()) > 0
    assert evaluate.of_the_page(parts) == pytest.approx(sum(parts.values()) - parts["training images"])


def test_of_the_views_of_look_inside_the_slowest_counts_at_each_share() -> None:
    steady, moody = [30.0] * 21, [10.0] * 19 + [90.0] * 2
    result = look_inside.summary({"epoch_step_ms": {"network": steady, "unit": moody}})
    assert result["epoch_step_ms"] == {"p50": 30, "p95": 90}
    assert result["views"]["epoch_step_ms"]["unit"] == {"p50": 10, "p95": 90}
    seconds = look_inside.summary({"seed_recipe_s": {"network": steady, "unit": moody}})
    assert seconds["seed_recipe_s"] == 90


def test_the_slowest_view_of_look_inside_is_held_against_the_bare_step_by_medians() -> None:
    result = look_inside.compared({"p50": 300.0, "p95": 900.0}, [90.0, 100.0, 5_000.0])
    assert result["epoch_step_vs_bare"] == 3
    assert result["bare_step_ms"]["p50"] == 100


def test_every_view_of_look_inside_is_timed() -> None:
    assert list(look_inside.VIEWS) == list(View)


def test_the_strokes_of_a_visitors_own_test_are_read_as_they_were_drawn(tmp_path: Path) -> None:
    line = [np.array([[60.0, 60.0], [70.0, 200.0]])]
    test = submit(skip(submit(OwnTest(0), 0, SEVEN), 1), 2, line)
    (tmp_path / "own.npz").write_bytes(strokes_file(test))
    again = drawn.read(tmp_path / "own.npz")
    assert again.labels.tolist() == [trial.label for trial in test.drawn]
    assert len(again.strokes) == 2
    for ours, theirs in zip(test.drawn, again.strokes, strict=True):
        for stroke, other in zip(ours.strokes, theirs, strict=True):
            np.testing.assert_allclose(stroke, other, atol=1e-4)


def test_the_digits_of_strangers_are_shown_to_the_check_as_ink(tmp_path: Path) -> None:
    line = [np.array([[60.0, 60.0], [70.0, 200.0]])]
    test = submit(skip(submit(OwnTest(0), 0, SEVEN), 1), 2, line)
    (tmp_path / "own.npz").write_bytes(strokes_file(test))
    inks = unknown.drawn_digits(tmp_path / "own.npz")
    assert inks.shape == (2, 28, 28)
    assert (inks.max(axis=(1, 2)) > 0.5).all()


@pytest.mark.parametrize("touching", [False, True])
def test_digits_of_one_writer_stand_beside_each_other_and_touch_only_where_they_shall(touching: bool) -> None:
    """Four digits by two writers: a number has those of one of them."""
    strokes = [[np.array(stroke) for stroke in DIGITS[digit]] for digit in (2, 7, 4, 0, 1, 3, 5, 8)]
    writers = np.array(["ada"] * 4 + ["bob"] * 4)
    drawings = drawn.Drawings(strokes, np.array([2, 7, 4, 0, 1, 3, 5, 8], np.uint8), writers)
    for digits, number in numbers.numbers(drawings, touching, np.random.default_rng(0), 40):
        assert set(number) <= set("2740") or set(number) <= set("1358")
        assert len(digits) == len(number) in {2, 3, 4}
        for before, after in pairwise(digits):
            gap = np.concatenate(after)[:, 0].min() - np.concatenate(before)[:, 0].max()
            assert (gap < 0.1) if touching else (0.05 < gap < 0.5)


@pytest.mark.parametrize("digit", DIGITS)
def test_a_shrunk_canvas_is_the_apps_own_preparation_with_every_step_switched_off(digit: int) -> None:
    strokes = [0.6 * 280 * np.array(stroke) + (30, 70) for stroke in DIGITS[digit]]
    for picture in pictures(strokes, 280, [18] * len(strokes), Switches(False, False, False, False)).values():
        assert np.abs(picture - drawn.shrink(strokes)).mean() < 0.02


def test_a_cold_start_is_told_by_its_median_and_the_log_by_the_newcomers_own() -> None:
    def start(epochs: float, lines: int) -> dict[str, float]:
        return {"first_canvas_s": 2.0, "engine_ready_s": 9.0, "epochs20_s": epochs, "log_lines": lines}

    result = cold_start.summary(
        {
            "default": [start(12, 9), start(11, 8), start(99, 400)],
            "bare": [start(10, 3), start(9, 3), start(50, 3)],
        }
    )
    assert result["epochs20_s"] == {"default": 12, "bare": 10}
    assert result["default"]["epochs20_s"] == 12
    assert result["ratio"] == pytest.approx(1.2)
    assert result["log_lines"] == result["default"]["log_lines"] == 9


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(bytes(50_000))

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def answering() -> Iterator[str]:
    """The address of a server that answers everything with 50,000 bytes."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def _get(address: str) -> int:
    with urlopen(address, timeout=30) as response:
        return len(response.read())


def test_a_link_carries_everything_and_counts_what_arrives(answering: str) -> None:
    with SlowLink(answering, None, 0.0) as link:
        assert _get(link.address) == 50_000
        wait_until(lambda: link.received > 50_000, what="all that was counted")
        assert link.received < 51_000


def test_a_slow_link_takes_its_time_which_two_share(answering: str) -> None:
    with SlowLink(answering, bits_per_second=1_000_000, round_trip_seconds=0.1) as link:
        began = time.monotonic()
        with ThreadPoolExecutor() as two:
            assert list(two.map(_get, [link.address] * 2)) == [50_000] * 2
        # Twice 0.4 s for the bytes, and there and back for the connection and for the request.
        assert time.monotonic() - began > 1.0


def test_a_bad_link_breaks_what_goes_through_it(answering: str) -> None:
    with SlowLink(answering, None, 0.0, drops_per_second=50) as link:
        host, port = link.address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as waiting, suppress(ConnectionResetError):
            assert waiting.recv(1) == b""
        wait_until(lambda: link.dropped == 1, what="the count of what broke")


def test_whoever_leaves_a_link_does_not_stop_the_others(answering: str) -> None:
    with SlowLink(answering, None, 0.0) as link:
        host, port = link.address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as rude:
            rude.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert _get(link.address) == 50_000
