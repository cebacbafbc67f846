"""The lesson as a visitor lives it, in real Chromium: train, draw, read."""

import re
from typing import Any

import psutil
from playwright.sync_api import Browser, Locator, Page, expect

from testing.charts import LABEL, read_chart, wait_for_chart
from testing.chromium import PHONE, settle, visitor
from testing.hand import draw
from testing.navigation import visit
from testing.server import serve
from testing.strokes import DIGITS

_ACCURACY = "curve_accuracy"
# Every 50 ms: how far the training curve reaches, and whether it is still the same plot.
_WATCH_CURVE = """() => {
    const plot = () => document.querySelector(".st-key-curve_accuracy .js-plotly-plot")
    const first = plot()
    window.seen = {lengths: [], mountedAnew: 0}
    setInterval(() => {
        const now = plot()
        if (now !== first) window.seen.mountedAnew += 1
        const length = now?.data?.[0]?.x?.at?.(-1) ?? -1
        if (length !== window.seen.lengths.at(-1)) window.seen.lengths.push(length)
    }, 50)
}"""


def slider(page: Page, label: str) -> Locator:
    return page.get_by_role("slider", name=label)


def network(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Network")


def answer(page: Page) -> Locator:
    return page.get_by_role("heading", name=re.compile("Read as"))


def start_long_run(page: Page) -> None:
    """Train a run that takes long enough to look at: 50 epochs or so of the seed recipe."""
    page.goto("/train")
    slider(page, "Epochs").press("End")
    expect(page.get_by_text("100", exact=True).first).to_be_visible()
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text(re.compile(r"Epoch \d+ of 100"))).to_be_visible(timeout=60_000)


def test_six_epochs_grow_a_curve_and_the_trained_network_reads_a_drawn_seven(page: Page) -> None:
    page.goto("/train")
    slider(page, "Epochs").press("Home")
    for _ in range(5):
        slider(page, "Epochs").press("ArrowRight")
    # The last change of a slider may still be on its way: once it is here, the axis ends after six epochs.
    wait_for_chart(page, _ACCURACY, "plot => Math.abs(plot.layout.xaxis.range[1] - 6) < 0.3")
    # A server's first run waits for its first worker, which starts slowly beside other tests.
    expect(page.get_by_text("Not started yet. Press Train.")).to_be_visible(timeout=120_000)
    settle(page)
    page.evaluate(_WATCH_CURVE)
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text("Finished: validation accuracy")).to_be_visible(timeout=90_000)

    seen: dict[str, Any] = page.evaluate("window.seen")
    grown = [x for x in seen["lengths"] if x >= 0]
    assert grown == sorted(grown)
    assert len(grown) >= 3
    assert seen["mountedAnew"] == 0
    visit(page, "Draw")
    expect(network(page)).to_have_value("Your run 1: 784-100-50-10")
    expect(page.get_by_role("heading", name="The canvas is blank")).to_be_visible()
    draw(page, 7)
    expect(answer(page)).to_contain_text("Read as 7")
    expect(page.get_by_role("heading", name="The canvas is blank")).to_be_hidden()


def test_the_starter_reads_all_ten_digits_drawn_with_the_mouse(page: Page) -> None:
    page.goto("/draw")
    for digit in DIGITS:
        draw(page, digit)
        expect(answer(page)).to_contain_text(f"Read as {digit}")
        page.locator(".st-key-clear button").click()
        expect(page.get_by_role("heading", name="The canvas is blank")).to_be_visible()


def test_a_drawing_survives_a_change_of_page_and_undo_takes_one_stroke_back(page: Page) -> None:
    page.goto("/draw")
    draw(page, 7)
    expect(answer(page)).to_contain_text("Read as 7")
    visit(page, "Evaluate")
    visit(page, "Draw")
    expect(answer(page)).to_contain_text("Read as 7")
    page.locator(".st-key-undo button").click()
    expect(page.get_by_role("heading", name="The canvas is blank")).to_be_visible()
    expect(answer(page)).to_be_hidden()


def test_a_run_goes_on_while_its_page_is_left_and_stops_on_request(page: Page) -> None:
    start_long_run(page)
    visit(page, "Evaluate")
    expect(network(page)).to_have_value("Your run 1: 784-100-50-10")
    visit(page, "Train")
    expect(page.get_by_text(re.compile(r"Epoch \d+ of 100"))).to_be_visible()
    page.locator(".st-key-stop button").click()
    expect(page.get_by_text("Stopped after epoch")).to_be_visible()
    expect(page.locator(".st-key-train button")).to_be_enabled()


def test_two_visitors_train_at_once_and_a_reload_finds_the_own_run_and_nobody_elses(
    page: Page, neighbour: Page
) -> None:
    start_long_run(page)
    page.reload()
    expect(page.get_by_text(re.compile(r"Epoch \d+ of 100"))).to_be_visible()
    neighbour.goto("/train")
    expect(neighbour.get_by_text("No run yet")).to_be_visible()
    slider(neighbour, "Epochs").press("Home")
    neighbour.get_by_role("button", name="Train", exact=True).click()
    expect(neighbour.get_by_text("Finished: validation accuracy")).to_be_visible(timeout=60_000)
    expect(page.get_by_text(re.compile(r"Epoch \d+ of 100"))).to_be_visible()
    page.locator(".st-key-stop button").click()
    expect(page.get_by_text("Stopped after epoch")).to_be_visible()


def test_a_run_pauses_changes_its_learning_rate_and_goes_on_and_the_curve_shows_where(page: Page) -> None:
    start_long_run(page)
    page.locator(".st-key-pause button").click()
    expect(page.get_by_text("Paused after epoch")).to_be_visible()
    wait_for_chart(page, _ACCURACY, LABEL, "paused")
    page.get_by_role("button", name="More", exact=True).click()
    slider(page, "Learning rate from now on").press("ArrowRight")
    wait_for_chart(page, _ACCURACY, LABEL, "learning rate 0.02")
    page.keyboard.press("Escape")
    page.locator(".st-key-pause button").click()
    expect(page.get_by_text(re.compile(r"Epoch \d+ of 100"))).to_be_visible()
    page.locator(".st-key-stop button").click()
    expect(page.get_by_text("Stopped after epoch")).to_be_visible()


def test_the_recorded_run_plays_and_says_that_it_is_not_live(page: Page) -> None:
    page.goto("/train")
    page.get_by_role("button", name="Play the recorded run").click()
    expect(page.get_by_text("Recorded, not live")).to_be_visible()
    expect(page.get_by_text("epoch 20 of 20")).to_be_visible()


def test_home_fits_on_one_screen_of_a_phone(phone: Page) -> None:
    size = PHONE["viewport"]
    phone.goto("/")
    phone.locator(".st-key-lens [data-digit]").first.wait_for()
    for part in (
        phone.locator("canvas.upper-canvas"),
        phone.get_by_role("heading", name="The canvas is blank"),
        phone.locator(".st-key-lens"),
        phone.get_by_role("button", name="Train your own"),
    ):
        box = part.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= size["height"]
        assert box["x"] + box["width"] <= size["width"]


def test_nothing_that_a_page_loads_comes_from_another_machine(page: Page, server: str) -> None:
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    for path in (
        "/",
        "/learn",
        "/train",
        "/draw",
        "/own_test",
        "/evaluate",
        "/compare",
        "/guess",
        "/look_inside",
    ):
        page.goto(path)
        page.get_by_role("button").last.wait_for()
        page.wait_for_load_state("networkidle")
    foreign = [url for url in requested if not url.startswith((server, "data:", "blob:"))]
    assert requested
    assert not foreign


def test_the_app_goes_on_where_tensorflow_cannot_be_imported(chromium: Browser, tmp_path: Any) -> None:
    (tmp_path / "tensorflow").mkdir()
    (tmp_path / "tensorflow" / "__init__.py").write_text("raise ImportError('no such processor')")
    with (
        serve({"PYTHONPATH": str(tmp_path), "DIGITLAB_WORKERS": "1"}) as address,
        visitor(chromium, address) as page,
    ):
        page.goto("/train")
        expect(page.get_by_text("TensorFlow cannot be imported: no such processor")).to_be_visible(
            timeout=60_000
        )
        page.locator(".st-key-replay_instead button").click()
        expect(page.get_by_text("Recorded, not live")).to_be_visible()
        visit(page, "Draw")
        draw(page, 7)
        expect(answer(page)).to_contain_text("Read as 7")


def test_a_run_survives_the_death_of_its_worker_in_front_of_the_visitor(page: Page, app: serve) -> None:
    start_long_run(page)
    [worker] = [
        process
        for process in psutil.Process(app.process_id).children(recursive=True)
        if process.memory_info().rss > 300e6
    ]
    worker.kill()
    points = read_chart(page, _ACCURACY, "plot => plot.data[0].x.length")
    grown = "(plot, points) => plot.data[0].x.length > points + 2"
    wait_for_chart(page, _ACCURACY, grown, points, timeout=120_000)
    expect(page.get_by_text(re.compile(r"Epoch \d+ of 100"))).to_be_visible()
    page.locator(".st-key-stop button").click()
    expect(page.get_by_text("Stopped after epoch")).to_be_visible()


def test_the_next_step_of_the_lesson_begins_at_its_top_on_a_phone(phone: Page) -> None:
    phone.goto("/learn")
    following = phone.locator(".st-key-next_step button")
    for title in ("Forward pass: how does it read an image?", "Loss: how wrong is a prediction?"):
        following.click()
        heading = phone.get_by_role("heading", name=title)
        expect(heading).to_be_in_viewport()
