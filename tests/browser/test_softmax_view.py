"""The softmax in Look inside, as a visitor moves its temperature: with the mouse, and with keys alone."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from testing.charts import read_chart, wait_for_chart

_ROW = ".st-key-inside_softmax_steps tbody tr:nth-child({place})"
# The lesson's network reads the first test image as a 7.
_SEVEN = _ROW.format(place=8)


@pytest.fixture
def softmax(page: Page) -> Page:
    page.goto("/look_inside")
    page.get_by_role("radio", name="Softmax").click()
    _wait_for_bars(page, 0.9972)
    expect(page.locator(_SEVEN)).to_contain_text("99.7%")
    return page


def _slider(page: Page) -> Locator:
    return page.get_by_role("slider", name="Temperature T")


def _bars(page: Page) -> list[float]:
    values: list[float] = read_chart(page, "inside_softmax", "plot => plot.data[0].y")
    return values


def _wait_for_bars(page: Page, seven: float) -> None:
    condition = "(plot, seven) => Math.abs(plot.data[0].y?.[7] - seven) < 0.0005"
    wait_for_chart(page, "inside_softmax", condition, seven)


def _table(page: Page) -> list[str]:
    return page.locator(".st-key-inside_softmax_steps tbody td").all_inner_texts()


def _is_at(page: Page, temperature: str) -> None:
    expect(_slider(page)).to_have_attribute("aria-valuetext", temperature)


def _drag(slider: Locator, page: Page, pixels: int) -> None:
    """Take its thumb, which lies around the range input, and move it."""
    thumb: Any = slider.locator("xpath=../..").bounding_box()
    x, y = thumb["x"] + thumb["width"] / 2, thumb["y"] + thumb["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + pixels, y, steps=5)
    page.mouse.up()


def test_the_mouse_moves_temperature_bars_and_table_and_a_button_brings_them_back(softmax: Page) -> None:
    page = softmax
    bars, table = _bars(page), _table(page)
    _drag(_slider(page), page, 400)
    _is_at(page, "10")
    expect(page.locator(_SEVEN)).not_to_contain_text("99.7%")
    shares = [float(cell.strip("<%")) / 100 for cell in _table(page)[5:60:6]]
    assert max(shares) < 0.4
    _wait_for_bars(page, shares[7])
    assert _bars(page) == pytest.approx(shares, abs=0.0006)
    page.get_by_role("button", name="1: standard").click()
    _is_at(page, "1")
    expect(page.locator(_SEVEN)).to_contain_text("99.7%")
    _wait_for_bars(page, 0.9972)
    assert (_bars(page), _table(page)) == (bars, table)


def test_keys_alone_do_the_same_and_pick_the_digit_whose_way_is_written_out(softmax: Page) -> None:
    page = softmax
    bars, table = _bars(page), _table(page)
    page.locator("body").focus()
    for _ in range(60):
        page.keyboard.press("Tab")
        if _slider(page).evaluate("slider => slider === document.activeElement"):
            break
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    _is_at(page, "2")
    expect(page.locator(_SEVEN)).not_to_contain_text("99.7%")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    _is_at(page, "1")
    expect(page.locator(_SEVEN)).to_contain_text("99.7%")
    _wait_for_bars(page, 0.9972)
    assert (_bars(page), _table(page)) == (bars, table)
    way = page.locator(".st-key-inside_softmax_way")
    expect(way).to_contain_text("99.7%")
    # One on to the button, one to the digits, of which the 7 is chosen.
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(way).not_to_contain_text("99.7%")


def test_on_a_phone_the_table_is_not_cut(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/look_inside")
    page.get_by_role("radio", name="Softmax").click()
    table = page.locator(".st-key-inside_softmax_steps table")
    expect(table.locator("tbody tr")).to_have_count(11)
    assert table.evaluate("table => table.getBoundingClientRect().right") <= 390
    assert table.evaluate("table => table.parentElement.scrollWidth <= table.parentElement.clientWidth")
    _slider(page).press("Home")
    _is_at(page, "0.1")
    expect(page.locator(_SEVEN)).to_contain_text("100.0%")
    assert table.evaluate("table => table.parentElement.scrollWidth <= table.parentElement.clientWidth")
