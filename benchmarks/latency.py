"""How long does a visitor wait, and how often does the curve move?

    python -m benchmarks.latency --json

In real Chromium, against a warm server on this machine. Every try opens three new browser contexts,
each with an empty cache and no run yet. All times are taken inside the page (``latency.js``).

first_text_s                             Home, from the visit's beginning to the first text of ours,
                                         the navigation
first_canvas_and_chart_s                 the same visit, to the drawing canvas and the chart of the answer
click_to_first_point_s                   the seed recipe, from the click on Train to the first point
click_to_first_point_new_architecture_s  the same for layers that no worker has compiled yet
updates_per_s                            how often the training curve changed in the 20 epochs of the
                                         seed recipe, one value a try
pen_up_to_bars_ms                        on Draw, from the moment the pen lifts to the server's answer,
                                         with the starter: ``idle``, and ``training`` while a run goes on
in_stroke_ms                             from a movement of the pen to bars that have changed, in the
                                         browser, with the seed recipe; all movements of all tries
"""

import argparse
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.report import machine, report
from model.config import TrainingConfig
from testing.hand import draw
from testing.server import serve

_WATCH = Path(__file__).with_name("latency.js").read_text()
_TIMEOUT_MS = 120_000
# Of one stroke each: what is between two strokes is no answer to a lifted pen.
_DIGITS = (7, 2, 3, 8, 0)
_BETWEEN_MOVES_MS = 16
_PLOT = ".st-key-curve_accuracy .js-plotly-plot"


@contextmanager
def new_visitor(chromium: Browser, address: str) -> Iterator[Page]:
    """A page of somebody who has never been here."""
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, base_url=address, locale="en-US")
    context.set_default_timeout(_TIMEOUT_MS)
    context.add_init_script(_WATCH)
    yield context.new_page()
    context.close()


def visit_home(page: Page) -> dict[str, float]:
    page.goto("/")
    page.wait_for_function("seen.text !== null && seen.padAndBars !== null")
    seen = page.evaluate("seen")
    return {"first_text_s": seen["text"] / 1e3, "first_canvas_and_chart_s": seen["padAndBars"] / 1e3}


def visit_train(page: Page) -> None:
    """Wait until everything is at rest: the engine is warm, the empty plot is there."""
    page.goto("/train")
    page.get_by_text("Not started yet. Press Train.").wait_for()
    page.locator(_PLOT).wait_for()
    page.wait_for_load_state("networkidle")


def click_train(page: Page) -> float:
    """Seconds from the click to the first point."""
    page.locator(".st-key-train button").click()
    page.wait_for_function("seen.curve.length > 0")
    seen = page.evaluate("seen")
    return float(seen["curve"][0]["at"] - seen["clicked"]) / 1e3


def train_seed_recipe(page: Page) -> dict[str, float]:
    """To the end of the run."""
    visit_train(page)
    to_first_point = click_train(page)
    page.wait_for_function("epochs => seen.curve.at(-1).x >= epochs", arg=TrainingConfig().epochs)
    return {
        "click_to_first_point_s": to_first_point,
        "updates_per_s": updates_per_s(page.evaluate("seen.curve")),
    }


def updates_per_s(curve: Sequence[dict[str, float]]) -> float:
    """From when (``at``, in ms) the curve changed."""
    return (len(curve) - 1) / (curve[-1]["at"] - curve[0]["at"]) * 1e3


def train_new_architecture(page: Page, more_units: int) -> dict[str, float]:
    """The seed recipe with so many units more in its first layer, stopped after its first point."""
    first, *others = TrainingConfig().hidden_layers
    config = TrainingConfig(hidden_layers=(first + more_units, *others))
    visit_train(page)
    for _ in range(more_units):
        page.get_by_role("slider", name="Units in layer 1").press("ArrowRight")
    page.get_by_text(f"{config.parameter_count:,} parameters").wait_for()
    to_first_point = click_train(page)
    page.locator(".st-key-stop button").click()
    page.locator(".st-key-stop button:enabled").wait_for(state="hidden")
    return {"click_to_first_point_new_architecture_s": to_first_point}


def draw_digits(page: Page, network: str) -> dict[str, list[float]]:
    """Milliseconds of every stroke of some digits, drawn at a hand's pace and each time cleared."""
    page.goto("/draw")
    page.locator("canvas.upper-canvas").wait_for()
    page.get_by_role("combobox", name="Network").click()
    page.get_by_role("option", name=network).click()
    page.wait_for_load_state("networkidle")
    page.evaluate("seen.watchBars()")
    for number, digit in enumerate(_DIGITS, start=1):
        draw(page, digit, pause_ms=_BETWEEN_MOVES_MS)
        page.wait_for_function("count => seen.penUps.length >= count", arg=number)
        page.locator(".st-key-clear button:enabled").click()
        page.locator(".st-key-clear button:disabled").wait_for()
    found = page.evaluate("({penUps: seen.penUps, inStroke: seen.inStroke})")
    return {"pen_up": found["penUps"], "in_stroke": found["inStroke"]}


def pen_latency(chromium: Browser, address: str, tries: int) -> dict[str, Any]:
    """``pen_up_to_bars_ms`` and ``in_stroke_ms``."""
    pen_up: dict[str, list[float]] = {"idle": [], "training": []}
    in_stroke: list[float] = []
    for _ in range(tries):
        with new_visitor(chromium, address) as page:
            pen_up["idle"] += draw_digits(page, "The starter")["pen_up"]
        with new_visitor(chromium, address) as page:
            in_stroke += draw_digits(page, "The lesson's network")["in_stroke"]
        with new_visitor(chromium, address) as trainer, new_visitor(chromium, address) as page:
            visit_train(trainer)
            trainer.get_by_role("slider", name="Epochs").press("End")
            click_train(trainer)
            pen_up["training"] += draw_digits(page, "The starter")["pen_up"]
            trainer.locator(".st-key-stop button").click()
            trainer.locator(".st-key-stop button:enabled").wait_for(state="hidden")
    return {
        "pen_up_to_bars_ms": {name: percentiles(values) for name, values in pen_up.items()},
        "in_stroke_ms": percentiles(in_stroke),
    }


def measure(tries: int) -> dict[str, Any]:
    path = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chromium-browser")
    if path is None:
        raise SystemExit("there is no Chromium on this machine (Debian: apt-get install chromium)")
    found: list[dict[str, float]] = []
    with serve() as address, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--disable-gpu"])
        with new_visitor(chromium, address) as page:
            visit_train(page)
        for number in range(tries):
            values: dict[str, float] = {}
            with new_visitor(chromium, address) as page:
                values |= visit_home(page)
            with new_visitor(chromium, address) as page:
                values |= train_seed_recipe(page)
            with new_visitor(chromium, address) as page:
                values |= train_new_architecture(page, more_units=number + 1)
            found.append(values)
        pen = pen_latency(chromium, address, tries)
        chromium.close()
    return {name: percentiles([values[name] for values in found]) for name in found[0]} | pen


def percentiles(values: Sequence[float]) -> dict[str, float]:
    return {name: float(np.percentile(values, share)) for name, share in (("p50", 50), ("p95", 95))}


def main() -> None:
    parser = argparse.ArgumentParser(description="What a visitor waits for, in real Chromium.")
    parser.add_argument("--tries", type=int, default=10)
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    arguments = parser.parse_args()
    if arguments.tries < 1:
        parser.error("at least 1 try")
    result = measure(arguments.tries)
    up = result["pen_up_to_bars_ms"]
    shown = {name: value for name, value in result.items() if value is not up}
    shown |= {f"pen_up_to_bars_ms, {name}": value for name, value in up.items()}
    table = [(name, f"{value['p50']:.2f}", f"{value['p95']:.2f}") for name, value in shown.items()]
    report(
        (f"{arguments.tries} tries", "p50", "p95"),
        table,
        {**result, "tries": arguments.tries, "machine": machine()},
        arguments.json,
    )


if __name__ == "__main__":
    main()
