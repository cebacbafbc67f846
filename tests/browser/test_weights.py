"""Weights as pictures and histograms, as a visitor opens units from them."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, Position, expect

from model.starter import recording
from testing.charts import LABEL, chart, wait_for_chart
from testing.chromium import NextVisitor, settle
from ui.figures.colours import AGAINST, FOR, rgb

# Red, green and blue of all 784 pixels.
_PIXELS = """tile => Array.from(tile.querySelector("canvas").getContext("2d").getImageData(0, 0, 28, 28).data)
    .filter((_, i) => i % 4 < 3)"""


@pytest.fixture(scope="module")
def tab(next_visitor: NextVisitor) -> Iterator[Page]:
    """Look inside, loaded once for all tests."""
    with next_visitor() as page:
        page.goto("/look_inside")
        yield page


@pytest.fixture
def weights(tab: Page) -> Page:
    """The view on the lesson's network after its last epoch, coming from another view."""
    tab.get_by_role("radio", name="The network", exact=True).click()
    expect(chart(tab, "inside_flow")).to_be_visible()
    slider = tab.get_by_role("slider", name="After epoch")
    slider.press("End")
    expect(slider).to_have_attribute("aria-valuetext", "20")
    return _open(tab)


def _open(page: Page) -> Page:
    page.get_by_role("radio", name="Weights and activations").click()
    expect(page.locator(".st-key-inside_tiles button")).to_have_count(100)
    settle(page)
    return page


def _tiles(page: Page) -> Locator:
    return page.locator(".st-key-inside_tiles").get_by_role("button")


# The histograms, which come after the pictures, are those of an epoch or a later one.
_IS_PAST = """(plot, epoch) =>
    plot.layout.annotations.some(({ text }) => text.match(/^after epoch (\\d+)$/)?.[1] >= epoch)"""


def _expect_one_unit(page: Page) -> None:
    expect(page.get_by_role("radio", name="One unit")).to_have_attribute("aria-checked", "true")
    expect(page.get_by_role("radio", name="Weights and activations")).to_have_attribute(
        "aria-checked", "false"
    )
    expect(_tiles(page)).to_have_count(0)


def test_a_picture_is_painted_in_the_colours_of_its_weights(weights: Page) -> None:
    for epoch in (20, 19):
        kernel = recording.load().weights[epoch][0].astype(float)
        found = np.array(weights.get_by_role("button", name="Unit 17", exact=True).evaluate(_PIXELS))
        shown = found.reshape(784, 3)
        scale = float(str(weights.locator(".st-key-inside_tiles .legend b").last.text_content()).split()[0])
        share = np.clip(kernel[:, 16:17] / scale, -1, 1)
        expected = np.where(share > 0, share * np.array(rgb(FOR)), -share * np.array(rgb(AGAINST)))
        # Weights come in 127 steps.
        assert np.abs(shown - expected).max() <= 2
        weights.get_by_role("slider", name="After epoch").press("ArrowLeft")
        wait_for_chart(weights, "inside_weights", LABEL, f"after epoch {epoch - 1}")


def test_a_click_on_a_picture_opens_its_unit(weights: Page) -> None:
    weights.get_by_role("button", name="Unit 27", exact=True).click()
    _expect_one_unit(weights)


def test_with_the_keyboard_alone_a_picture_is_found_and_its_unit_opened(weights: Page) -> None:
    weights.get_by_role("radio", name="Largest weights first").focus()
    for _ in range(4):
        weights.keyboard.press("Tab")
        if weights.evaluate("document.activeElement.shadowRoot !== null"):
            break
    tiles = _tiles(weights)
    expect(tiles.nth(0)).to_be_focused()
    weights.keyboard.press("ArrowRight")
    expect(tiles.nth(1)).to_be_focused()
    weights.keyboard.press("End")
    expect(tiles.nth(99)).to_be_focused()
    weights.keyboard.press("ArrowRight")
    expect(tiles.nth(99)).to_be_focused()
    weights.keyboard.press("ArrowUp")
    above = tiles.nth(99).bounding_box(), weights.locator("button:focus").bounding_box()
    assert above[0] is not None
    assert above[1] is not None
    assert above[0]["x"] == above[1]["x"]
    assert above[0]["y"] > above[1]["y"]
    weights.keyboard.press("Home")
    # One stop for Tab: the next one leaves the pictures.
    weights.keyboard.press("Tab")
    expect(weights.locator(".st-key-inside_tiles button:focus")).to_have_count(0)
    weights.keyboard.press("Shift+Tab")
    expect(tiles.nth(0)).to_be_focused()
    weights.keyboard.press("Enter")
    _expect_one_unit(weights)


def test_a_click_high_above_a_low_bar_opens_a_unit_and_one_beside_all_bars_does_not(weights: Page) -> None:
    plot = chart(weights, "inside_weights")
    expect(plot.locator(".bars path").first).to_be_attached()
    wait_for_chart(weights, "inside_weights", "plot => plot.data[1].x?.length > 9")
    panels = plot.locator(".nsewdrag")
    left, right = (panels.nth(index).bounding_box() for index in (0, 1))
    assert left is not None
    assert right is not None
    # Before training no weight was that large; after it few are.
    beside_all = Position(x=0.95 * left["width"], y=9)
    above_few = Position(x=0.8 * right["width"], y=9)
    panels.nth(0).click(position=beside_all)
    panels.nth(1).hover(position=above_few)
    hovered = weights.locator(".hoverlayer")
    expect(hovered).to_contain_text("Weights from 0.1")
    expect(hovered).to_contain_text("has the most")
    expect(_tiles(weights)).to_have_count(100)
    panels.nth(1).click(position=above_few)
    _expect_one_unit(weights)


def test_while_epochs_play_pictures_and_bars_stay_where_they_are_and_so_does_the_focus(weights: Page) -> None:
    tile = weights.get_by_role("button", name="Unit 27", exact=True)
    plot = chart(weights, "inside_weights")
    expect(plot).to_be_visible()
    weights.get_by_role("button", name="Play").click()
    expect(weights.get_by_role("button", name="Pause")).to_be_visible()
    tile.focus()
    nodes = weights.evaluate_handle(
        "([tile, plot]) => ({tile, plot})", arg=[tile.element_handle(), plot.element_handle()]
    )
    seen: list[Any] = []
    for epoch in (3, 6):
        wait_for_chart(weights, "inside_weights", _IS_PAST, epoch)
        assert nodes.evaluate("({tile, plot}) => tile.isConnected && plot.isConnected")
        expect(tile).to_be_focused()
        seen.append(tile.evaluate(_PIXELS))
    assert seen[0] != seen[1]
    weights.get_by_role("button", name="Pause").click()
    expect(weights.get_by_role("button", name="Play")).to_be_visible()


def test_on_a_phone_the_pictures_wrap_and_are_large_enough_for_a_finger(phone: Page) -> None:
    phone.goto("/look_inside")
    boxes = [tile.bounding_box() for tile in _tiles(_open(phone)).all()]
    found = [box for box in boxes if box is not None]
    assert len(found) == 100
    assert min(min(box["width"], box["height"]) for box in found) >= 40
    assert max(box["x"] + box["width"] for box in found) <= 390
    assert len({box["y"] for box in found}) < 21
    assert phone.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
    _tiles(phone).nth(40).tap()
    _expect_one_unit(phone)
