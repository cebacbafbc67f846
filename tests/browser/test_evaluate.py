"""Evaluate, the epochs of a run and links, as a visitor works with them."""

import re
import zipfile

from playwright.sync_api import Locator, Page, expect

from testing.charts import LABEL, wait_for_chart
from testing.chromium import settle
from testing.hand import draw
from testing.navigation import visit


def test_a_click_on_a_cell_of_the_matrix_shows_the_images_of_that_pair_only(page: Page) -> None:
    page.goto("/evaluate")
    cells = page.locator(".st-key-confusion_test .nsewdrag")
    box = cells.bounding_box()
    assert box is not None
    # The row of the 9s, the column of the 4s.
    cells.click(position={"x": 0.45 * box["width"], "y": 0.95 * box["height"]})
    expect(page.get_by_role("heading", name="9 read as 4: 6")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^9 read as 4, "))).to_have_count(6)
    expect(page.get_by_text(re.compile(r"^\d read as \d, "))).to_have_count(6)


def test_a_run_is_looked_at_as_it_was_after_its_first_epoch_and_as_it_is_now(page: Page) -> None:
    page.goto("/train?recipe=epochs:2,train_share:0.1")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text("Finished: validation accuracy")).to_be_visible()
    visit(page, "Draw")
    draw(page, 7)
    expect(page.get_by_role("heading", name="The canvas is blank")).to_have_count(0)
    slider = page.get_by_role("slider", name="After epoch")
    bar = page.locator(".st-key-lens [data-digit='7']")
    # The server's answer, and neither that to the blank canvas nor the lens' own.
    expect(bar).not_to_have_attribute("data-value", "0")
    expect(page.locator(".st-key-lens [data-state]")).to_have_attribute("data-state", "server")
    newest = str(bar.get_attribute("data-value"))
    slider.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuetext", "1")
    expect(bar).not_to_have_attribute("data-value", newest)
    slider.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "2")
    expect(bar).to_have_attribute("data-value", newest)


def test_a_link_opens_its_recipe_and_hides_its_controls_on_every_page(page: Page) -> None:
    page.goto("/train?recipe=hidden_layers:32&hide=learning_rate,more_settings,steps")
    expect(page.get_by_text("25,450 parameters")).to_be_visible()
    expect(page.get_by_role("slider", name="Epochs")).to_be_visible()
    expect(page.get_by_role("slider", name="Learning rate")).to_have_count(0)
    expect(page.get_by_text("More settings")).to_have_count(0)
    visit(page, "Draw")
    expect(page.get_by_text("Explain this prediction")).to_be_visible()
    expect(page.get_by_text("Preprocessing")).to_have_count(0)
    page.reload()
    expect(page.get_by_text("Explain this prediction")).to_be_visible()
    expect(page.get_by_text("Preprocessing")).to_have_count(0)


def test_a_network_is_taken_away_as_a_keras_file(page: Page) -> None:
    page.goto("/evaluate")
    page.get_by_text("Export or import", exact=True).click()
    page.get_by_role("button", name="Create a Keras file").click()
    keras_file = page.get_by_role("button", name="Keras file", exact=True)
    keras_file.wait_for(timeout=90_000)
    settle(page)
    with page.expect_download() as download:
        keras_file.click()
    assert download.value.suggested_filename.endswith(".keras")
    # That Keras opens such a file and predicts the same is shown in tests/integration/test_keras_file.py.
    with zipfile.ZipFile(download.value.path()) as file:
        assert {"config.json", "metadata.json", "model.weights.h5"} == set(file.namelist())


def test_two_runs_lie_over_each_other(page: Page) -> None:
    page.goto("/train?recipe=epochs:3,train_share:0.2")
    finished = page.get_by_text("Finished: validation accuracy")
    train = page.locator(".st-key-train button")
    train.click()
    expect(finished).to_be_visible()
    for layer in ("Units in layer 1", "Units in layer 2"):
        page.get_by_role("slider", name=layer).press("Home")
    expect(page.get_by_text("6,442 parameters")).to_be_visible()
    train.click()
    # This architecture has to be compiled first.
    expect(finished).to_be_hidden()
    expect(finished).to_be_visible()
    visit(page, "Compare")
    for run in ("Run 1", "Run 2"):
        wait_for_chart(page, "compare_curves", LABEL, run)
    expect(page.get_by_role("columnheader", name="Hidden layers")).to_be_visible()


def test_a_setting_that_was_changed_is_kept_when_its_fold_is_closed(page: Page) -> None:
    page.goto("/train")
    fold = page.get_by_text("More settings")
    fold.click()
    seed = page.get_by_role("spinbutton", name="Seed")
    seed.fill("7")
    seed.press("Enter")
    page.get_by_role("slider", name="Epochs").press("ArrowRight")
    settle(page)
    fold.click()
    expect(seed).to_have_count(0)
    expect(page.get_by_role("slider", name="Epochs")).to_have_attribute("aria-valuetext", "21")
    fold.click()
    expect(seed).to_have_value("7")


def _top(element: Locator) -> float:
    box = element.bounding_box()
    assert box is not None
    return box["y"]


def test_on_a_phone_the_recipe_is_one_line_above_the_curves_that_unfolds(phone: Page) -> None:
    phone.goto("/train")
    line = phone.get_by_text("Recipe: 784-100-50-10, 20 epochs, batch size 128, learning rate 0.01")
    expect(line).to_be_visible()
    sliders = phone.get_by_role("slider", name="Learning rate")
    expect(sliders).to_be_hidden()
    train = phone.locator(".st-key-train button")
    assert _top(line) < _top(train)
    line.click()
    expect(sliders).to_be_attached()
    epochs = phone.get_by_role("slider", name="Epochs")
    epochs.press("ArrowRight")
    expect(phone.get_by_text("Recipe: 784-100-50-10, 21 epochs")).to_be_visible()


def test_on_a_desk_the_sliders_are_in_view_and_nothing_folds_them(page: Page) -> None:
    page.goto("/train")
    expect(page.locator("[class*='st-key-recipe_'][class*='_learning_rate']")).to_be_in_viewport(ratio=1)
    expect(page.locator(".st-key-show_recipe")).to_be_hidden()
