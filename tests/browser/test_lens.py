"""The lens: the same ink and the same answer as the server's, in the browser, while the pen moves."""

import base64
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from model.config import Activation, TrainingConfig
from model.drawing.strokes import Ink, Stroke, prepare
from model.inference import Network, forward, probabilities
from model.slices import initial_state
from model.starter import starter
from model.starter.recording import load
from testing.hand import draw, strokes_on_screen
from testing.networks import dequantize
from testing.strokes import DIGITS
from testing.waiting import wait_until
from ui.components.lens import as_sent, packed
from ui.components.script import script

SIDE = 280
_DRAWINGS = 200
_SOURCE = script(Path(__file__).parents[2] / "ui/components/lens/lens.js")
_LOAD = """async source => {
    const address = URL.createObjectURL(new Blob([source], {type: "text/javascript"}))
    window.lens = await import(address)
    window.bytesOf = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0))
}"""
# The ink of each drawing, and each network's answer.
_READ = """async ([networks, drawings]) => {
    const decoded = await Promise.all(networks.map(network => lens.decodeNetwork(bytesOf(network))))
    return drawings.map(strokes => {
        const ink = lens.prepareStrokes(strokes, decoded[0].preparation)
        const probabilities = decoded.map(network => lens.forward(network, ink).probabilities)
        return {ink: Array.from(ink), probabilities}
    })
}"""
_FORWARD = """async ([network, ink]) => {
    const answer = lens.forward(await lens.decodeNetwork(bytesOf(network)), Float32Array.from(ink))
    return {...answer, hidden: answer.hidden && Array.from(answer.hidden)}
}"""


def _drawings() -> list[list[Stroke]]:
    """Digits by hand, each a little different, as large and as far from the middle as people draw them, and a
    quarter of them small in a corner."""
    rng = np.random.default_rng(7)
    made = []
    for number in range(_DRAWINGS):
        in_a_corner = number % 4 == 0
        turn, size = rng.normal(0, 0.12), rng.uniform(0.2, 0.35) if in_a_corner else rng.uniform(0.7, 1.2)
        matrix = size * np.array([[rng.uniform(0.8, 1.1), rng.normal(0, 0.1) - turn], [turn, 1]])
        middle = rng.choice([50, SIDE - 50], 2) if in_a_corner else SIDE / 2
        shift = middle + rng.uniform(-15, 15, 2)
        strokes = [np.array(stroke) - 0.5 for stroke in DIGITS[number % 10]]
        tremble = [stroke + rng.normal(0, 0.008, stroke.shape) for stroke in strokes]
        made.append([(stroke * SIDE) @ matrix.T + shift for stroke in tremble])
    return made


@pytest.fixture
def bare(chromium: Browser) -> Iterator[Page]:
    """An empty page with the lens' functions as ``lens``."""
    page = chromium.new_page()
    page.evaluate(_LOAD, _SOURCE)
    yield page
    page.close()


def _bytes(network: Network) -> str:
    packed.clear()
    return base64.b64encode(packed("a network", network)).decode()


def _in_browser(page: Page, networks: list[Network], drawings: list[list[Stroke]]) -> list[dict[str, Any]]:
    encoded = [_bytes(network) for network in networks]
    as_lists = [[stroke.tolist() for stroke in strokes] for strokes in drawings]
    found: list[dict[str, Any]] = []
    for first in range(0, len(drawings), 20):
        found += page.evaluate(_READ, [encoded, as_lists[first : first + 20]])
    return found


def _drawn(ink: Ink | None) -> Ink:
    assert ink is not None
    return ink


def test_the_lens_prepares_and_answers_as_the_server_does(bare: Page) -> None:
    networks = [starter.load().network, load().network]
    drawings = _drawings()
    found = _in_browser(bare, networks, drawings)
    inks = np.array([one["ink"] for one in found]).reshape(-1, 28, 28)
    servers = np.stack([_drawn(prepare(strokes)) for strokes in drawings])
    assert np.abs(inks - servers).mean(axis=(1, 2)).max() < 0.02
    for place, network in enumerate(networks):
        answers = np.array([one["probabilities"][place] for one in found]).argmax(axis=1)
        assert (answers == probabilities(network, servers).argmax(axis=1)).mean() >= 0.99


@pytest.mark.parametrize("activation", Activation)
@pytest.mark.parametrize("hidden_layers", [(), (16,), (32, 8, 24)])
def test_the_forward_pass_is_the_servers(
    bare: Page, activation: Activation, hidden_layers: tuple[int, ...]
) -> None:
    config = TrainingConfig(hidden_layers=hidden_layers, activation=activation)
    network = Network.from_arrays(initial_state(config).weights, activation)
    sent = Network.from_arrays(dequantize(as_sent(network)), activation)
    ink = np.random.default_rng(3).random((1, 784)).astype(np.float32)
    found = bare.evaluate(_FORWARD, [_bytes(network), ink[0].tolist()])
    hidden = forward(sent, ink).hidden
    np.testing.assert_allclose(found["probabilities"], probabilities(sent, ink)[0], atol=1e-5)
    if hidden:
        np.testing.assert_allclose(found["hidden"], hidden[-1][0], atol=1e-4)
    else:
        assert found["hidden"] is None


def _press(page: Page, digit: int, points: int) -> tuple[float, float]:
    """Begin to draw ``digit`` and keep the pen down after some points of its first stroke; returns where
    that stroke would end."""
    places = strokes_on_screen(page, digit)[0]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:points]:
        page.mouse.move(*place, steps=5)
    return places[-1]


def _value(page: Page, digit: int) -> float:
    return float(page.locator(f"[data-digit='{digit}']").get_attribute("data-value") or "nan")


def test_bars_follow_the_pen_and_the_servers_answer_takes_over_when_it_lifts(page: Page) -> None:
    page.goto("/draw")
    panel = page.locator(".st-key-lens [data-state]")
    expect(panel).to_have_attribute("data-state", "server")
    assert _value(page, 7) == 0
    end = _press(page, 7, points=3)
    expect(panel).to_have_attribute("data-state", "live")
    page.wait_for_function(
        "bar => bar.dataset.value > 0.05", arg=page.locator("[data-digit='7']").element_handle()
    )
    while_drawn = _value(page, 7)
    expect(page.get_by_role("heading", name="The canvas is blank")).to_be_visible()
    page.mouse.move(*end, steps=5)
    page.mouse.up()
    expect(panel).to_have_attribute("data-state", "server")
    expect(page.get_by_role("heading", name="Read as 7")).to_be_visible()
    settled = _value(page, 7)
    assert settled != while_drawn
    page.mouse.move(300, 700, steps=5)
    expect(panel).to_have_attribute("data-state", "server")
    assert _value(page, 7) == settled


def test_a_pad_that_the_lens_does_not_find_is_answered_when_the_pen_lifts(page: Page) -> None:
    page.goto("/draw")
    page.locator("canvas.upper-canvas").wait_for()
    page.evaluate("document.querySelector('.st-key-pad').classList.remove('st-key-pad')")
    panel = page.locator(".st-key-lens [data-state]")
    end = _press(page, 7, points=3)
    expect(panel).to_have_attribute("data-state", "server")
    page.mouse.move(*end, steps=5)
    page.mouse.up()
    expect(page.get_by_role("heading", name="Read as 7")).to_be_visible()
    page.wait_for_function(
        "bar => bar.dataset.value > 0.5", arg=page.locator("[data-digit='7']").element_handle()
    )


def test_weights_travel_when_the_network_changes_and_not_with_a_stroke(page: Page) -> None:
    received: list[int] = []

    def wait_for_more_than(size: int) -> None:
        def has_come() -> bool:
            # Playwright tells of messages while it waits.
            page.wait_for_timeout(20)
            return max(received, default=0) > size

        wait_until(has_come, 30, f"a message of more than {size} bytes")

    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(len(frame))))
    page.goto("/draw")
    weights_of_starter = len(packed("starter", starter.load().network))
    wait_for_more_than(weights_of_starter)
    expect(page.locator(".st-key-lens [data-state]")).to_be_visible()
    received.clear()
    draw(page, 7)
    expect(page.get_by_role("heading", name="Read as 7")).to_be_visible()
    assert sum(received) < 100_000
    page.get_by_role("combobox", name="Network").click()
    page.get_by_role("option", name="The lesson network").click()
    wait_for_more_than(len(packed("lesson", load().network)))
    expect(page.get_by_text("50 units of the last hidden layer")).to_be_visible()
    assert max(received) < weights_of_starter


def test_a_finger_draws_without_scrolling_the_page_and_sees_the_answer(phone: Page) -> None:
    phone.goto("/draw")
    [stroke, *_rest] = strokes_on_screen(phone, 7)
    box = phone.locator("canvas.upper-canvas").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    finger = phone.context.new_cdp_session(phone)
    places = [
        {"x": x + (to_x - x) * k / 6, "y": y + (to_y - y) * k / 6}
        for (x, y), (to_x, to_y) in pairwise(stroke)
        for k in range(6)
    ]
    before = phone.evaluate("document.querySelector('[data-testid=stMain]').scrollTop")
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": places[:1]})
    for place in places[1:]:
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [place]})
    expect(phone.locator(".st-key-lens [data-state]")).to_have_attribute("data-state", "live")
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    heading = phone.get_by_role("heading", name="Read as 7")
    expect(heading).to_be_visible()
    expect(heading).to_be_in_viewport()
    assert phone.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == before
    for key in ("undo", "clear"):
        button = phone.locator(f".st-key-{key} button").bounding_box()
        assert button is not None
        assert min(button["width"], button["height"]) >= 38
