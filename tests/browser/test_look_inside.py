"""Look inside by mouse and by keyboard: units opened, a step of learning gone through, links, epochs."""

import re

from playwright.sync_api import Locator, Page, expect

from testing.charts import chart, wait_for_chart
from testing.chromium import settle
from testing.navigation import visit
from ui.figures.places import blocks

LESSON = (784, 100, 50, 10)


def _look_inside(page: Page, view: str | None = None, address: str = "/look_inside") -> None:
    page.goto(address)
    expect(page.get_by_role("radio", name="The network", exact=True)).to_be_visible()
    if view:
        _view(page, view).click()
        expect(_view(page, view)).to_be_checked()


def _view(page: Page, name: str) -> Locator:
    return page.get_by_role("radio", name=name, exact=True)


def _lit(page: Page, key: str, layer: int) -> Locator:
    """A diagram, once units of ``layer`` are lit in it."""
    wait_for_chart(page, key, "(plot, layer) => plot.data[layer].z.flat().some(value => value)", layer)
    return chart(page, key)


def _click_unit(page: Page, key: str, layer: int, unit: int) -> None:
    """A click into the middle of a unit of the diagram of the lesson's network, once its layer is lit."""
    plot = _lit(page, key, layer)
    x, y = blocks(LESSON)[layer].centre(unit)
    left, top = plot.evaluate(
        """(plot, [x, y]) => {
             const { xaxis, yaxis } = plot._fullLayout
             return [xaxis._offset + xaxis.d2p(x), yaxis._offset + yaxis.d2p(y)]
           }""",
        [x, y],
    )
    # Playwright waits until the diagram stands still; plotly opens the unit that it has shown the pointer on.
    plot.hover(position={"x": left, "y": top})
    plot.click(position={"x": left, "y": top})


def _network(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Network")


def _opened(page: Page) -> Locator:
    return page.locator(".st-key-inside_unit_place input")


def test_a_click_on_a_unit_of_the_diagram_opens_it(page: Page) -> None:
    _look_inside(page)
    _click_unit(page, "inside_flow", 2, 17)
    expect(_view(page, "One unit")).to_be_checked()
    expect(page.get_by_role("radio", name="Layer 2: 50 units")).to_be_checked()
    expect(_opened(page)).to_have_value("18")
    expect(page.get_by_role("heading", name="Pre-activation: the weighted sum")).to_be_visible()


def test_a_click_on_a_numbered_unit_highlights_its_link_and_another_click_opens_it(page: Page) -> None:
    _look_inside(page)
    row = page.locator("table tbody tr").first
    name = re.search(r"unit (\d+) of layer 2", row.inner_text())
    assert name
    _click_unit(page, "inside_flow", 2, int(name[1]) - 1)
    expect(row.locator("strong").filter(has_text=name[0])).to_be_visible()
    _click_unit(page, "inside_flow", 2, int(name[1]) - 1)
    expect(_view(page, "One unit")).to_be_checked()
    expect(_opened(page)).to_have_value(name[1])


def test_units_are_opened_one_from_another_by_keyboard_alone(page: Page) -> None:
    _look_inside(page)
    _view(page, "The network").focus()
    for key in ("ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    expect(_view(page, "One unit")).to_be_checked()
    onward = page.locator(".st-key-open_to_0 button")
    name = re.fullmatch(r"unit (\d+) of layer 2", onward.inner_text())
    assert name
    onward.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("radio", name="Layer 2: 50 units")).to_be_checked()
    expect(_opened(page)).to_have_value(name[1])
    _opened(page).focus()
    page.keyboard.press("ArrowUp")
    expect(_opened(page)).to_have_value(str(int(name[1]) + 1))


def test_a_click_on_an_image_that_excites_a_unit_sends_it_through_the_network(page: Page) -> None:
    _look_inside(page, "One unit")
    tile = page.locator(".st-key-inside_exciting button.tile").nth(3)
    found = re.match(r"Test image ([\d,]+), digit", str(tile.get_attribute("aria-label")))
    assert found
    tile.click()
    chosen = page.get_by_role("spinbutton", name="Test image, 1 to 10,000")
    expect(chosen).to_have_value(found[1].replace(",", ""))


def _step(page: Page, button: str) -> None:
    page.locator(f".st-key-inside_{button} button").click()


STAGES = [
    "Input: the image",
    "Forward pass: layer 1",
    "Forward pass: layer 2",
    "Forward pass: the logits",
    "Softmax: from logits to probabilities",
    "The loss: how wrong is the prediction?",
    "Backward pass: the gradient at the logits",
    "Backward pass: layer 2",
    "Backward pass: layer 1",
    "The gradient of every weight",
    "Update: every weight takes a step",
    "After the step",
]


def test_a_step_of_learning_is_gone_through_by_keyboard_alone_and_by_button(page: Page) -> None:
    _look_inside(page)
    _view(page, "The network").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    for stage in STAGES:
        expect(page.get_by_role("heading", name=stage)).to_be_visible()
        page.keyboard.press("n")
    for stage in STAGES[-2::-1]:
        page.keyboard.press("b")
        expect(page.get_by_role("heading", name=stage)).to_be_visible()
    slider = page.get_by_role("slider", name=re.compile(r"^Stage \d+ of 12"))
    slider.press("ArrowRight")
    expect(page.get_by_role("heading", name=STAGES[1])).to_be_visible()
    expect(_view(page, "One training step")).to_be_checked()
    for button, place in (("forward", 2), ("forward", 3), ("back", 2), ("back", 1), ("back", 0)):
        _step(page, button)
        expect(page.get_by_role("heading", name=STAGES[place])).to_be_visible()
    expect(page.locator(".st-key-inside_back button")).to_be_disabled()
    slider.press("End")
    expect(page.get_by_role("heading", name=STAGES[-1])).to_be_visible()
    expect(page.locator(".st-key-inside_forward button")).to_be_disabled()


def test_the_unit_that_is_clicked_is_followed_through_the_step(page: Page) -> None:
    _look_inside(page, "One training step")
    _step(page, "forward")
    expect(page.get_by_role("heading", name=STAGES[1])).to_be_visible()
    _click_unit(page, "inside_step_flow", 1, 41)
    expect(page.get_by_text("Here unit 42 of layer 1 computes its weighted sum")).to_be_visible()
    # What stands below that text may still be mounted anew, and swallow a click.
    settle(page)
    page.get_by_text("Follow other pixels, units or digits").click()
    settle(page)
    page.get_by_role("button", name="Follow the strongest links").click()
    expect(page.get_by_text("Here unit 42 of layer 1 computes its weighted sum")).to_have_count(0)


# What the units of the first hidden layer pass on, as the diagram shows it.
_UNITS = "plot.data[1].z.flat().join()"


def test_the_diagram_moves_with_the_epoch_and_while_epochs_play_and_is_never_mounted_anew(
    page: Page,
) -> None:
    _look_inside(page)
    plot = _lit(page, "inside_flow", 1)
    plot.evaluate("plot => { plot.dataset.mounted = 'once' }")
    slider = page.get_by_role("slider", name="After epoch")
    newest = plot.evaluate(f"plot => {_UNITS}")
    slider.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", "19")
    wait_for_chart(page, "inside_flow", f"(plot, newest) => {_UNITS} !== newest", newest)
    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    expect(slider).to_have_attribute("aria-valuetext", "20")
    wait_for_chart(page, "inside_flow", f"(plot, newest) => {_UNITS} === newest", newest)
    expect(plot).to_have_attribute("data-mounted", "once")


def test_whoever_gets_the_link_sees_the_same_unit_of_the_same_network(page: Page, neighbour: Page) -> None:
    page.goto("/train?recipe=epochs:2,train_share:0.1")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text("Finished: validation accuracy")).to_be_visible()
    visit(page, "Look inside")
    _view(page, "One unit").click()
    expect(_network(page)).to_have_value("Your run 1: 784-100-50-10")
    _opened(page).fill("21")
    _opened(page).press("Enter")
    page.get_by_role("slider", name="After epoch").press("ArrowLeft")
    expect(page.get_by_role("slider", name="After epoch")).to_have_attribute("aria-valuetext", "1")
    total = page.get_by_role("cell", name="weighted sum").locator("xpath=following-sibling::*[3]")
    page.get_by_role("button", name="Share this view").click()
    link = page.locator("[data-testid=stCode] code")
    expect(link).to_contain_text("unit=1-21")
    expect(link).to_contain_text("epoch=1")
    _look_inside(neighbour, address=link.inner_text())
    expect(_view(neighbour, "One unit")).to_be_checked()
    expect(_opened(neighbour)).to_have_value("21")
    expect(neighbour.get_by_role("slider", name="After epoch")).to_have_attribute("aria-valuetext", "1")
    expect(_network(neighbour)).to_have_value("From a link: 784-100-50-10")
    theirs = neighbour.get_by_role("cell", name="weighted sum").locator("xpath=following-sibling::*[3]")
    expect(theirs).to_have_text(total.inner_text())


def test_a_link_that_says_nothing_is_told_and_the_page_goes_on(page: Page) -> None:
    _look_inside(page, address="/look_inside?network=gone&view=everything&unit=x&image=0&epoch=two")
    for sentence in (
        "The network in this link was not found. It may have been deleted.",
        "The link has an unknown view, “everything”.",
        "The link has an invalid unit, “x”.",
        "The link has “0” where a number from 1 to 10,000 was expected.",
        "The link has “two” where a number from 0 to 10,000 was expected.",
    ):
        expect(page.get_by_text(sentence)).to_be_visible()
    expect(chart(page, "inside_flow")).to_be_visible()
