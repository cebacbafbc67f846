"""How long does a visitor wait, and how often does the curve move?

    python -m benchmarks.latency --json

In real Chromium, against a warm server on this machine. Every try has new visitors, each with an empty
cache and no run yet: one at Home, one who trains, one who draws. All times are taken inside the page
(``latency.js``). Milliseconds and seconds depend on the machine and its day; the ratios to a bare page,
measured in between, do not.

first_text_s                             Home, from the visit's beginning to the first text of ours,
                                         the navigation
first_canvas_and_chart_s                 the same visit, to the drawing canvas and the chart of the answer
click_to_first_point_s                   the seed recipe, from the click on Train to the first point
click_to_first_point_new_architecture_s  the same for layers that no worker has compiled yet
updates_per_s                            how often the training curve changed in the first ten epochs of the
                                         seed recipe, one value a try
pen_up_to_bars_ms                        on Draw, from the moment the pen lifts to the server's answer,
                                         with the starter: ``idle``, and ``training`` while a run goes on
bare_pen_up_to_text_ms                   the same from another server, on a page with nothing but the pad, a
                                         text and a button (``bare/pad.py``); the two pages take turns,
                                         stroke by stroke
pen_up_vs_bare                           ratios of the medians of these two: ``idle`` and ``training`` each
                                         by the bare strokes of the same minutes. Under ``training`` the
                                         bare page has the same busy machine but a server that does nothing
                                         else: the ratio is what our own server adds to a pen-up by
                                         training beside it. ``training_by_idle`` divides by the *idle*
                                         bare page instead, so that what the run takes from the machine counts
in_stroke_ms                             from a movement of the pen to bars that have changed, in the
                                         browser, with the seed recipe; all movements of all tries
"""

import argparse
import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from benchmarks.browser import chromium, new_visitor, serve_bare, waiting_for
from benchmarks.report import machine, percentiles, report
from model.config import TrainingConfig
from model.recipe_link import recipe_text
from testing.chromium import settle
from testing.hand import draw, wait_for_blank
from testing.server import serve

_visitor = partial(new_visitor, instrument=Path(__file__).with_name("latency.js"))
# Of one stroke each: what is between two strokes is no answer to a lifted pen.
_DIGITS = (7, 2, 3, 8, 0)
_BETWEEN_MOVES_MS = 16
_WARM_UP_MS = 120_000
# What Train says where no run goes on and the engine is warm.
_AT_REST = re.compile("Not started yet. Press Train.|Stopped after epoch")
_EPOCHS_OF_UPDATES = 10
# So long that the strokes fit in; anew where it has no more than so many epochs left.
_LONG = TrainingConfig(epochs=100)
_EPOCHS_LEFT = 10


def visit_home(page: Page) -> dict[str, float]:
    page.add_init_script("seen.watchFirst()")
    with waiting_for("the pad and the bars on Home"):
        page.goto("/")
        page.wait_for_function("seen.text !== null && seen.padAndBars !== null")
    seen = page.evaluate("seen")
    return {"first_text_s": seen["text"] / 1e3, "first_canvas_and_chart_s": seen["padAndBars"] / 1e3}


def visit_train(page: Page, config: TrainingConfig) -> None:
    """Wait until everything is at rest: the engine is warm, the empty plot is there."""
    with waiting_for("a warm engine and an empty plot on Train"):
        page.goto(f"/train?recipe={recipe_text(config)}")
        page.get_by_text(_AT_REST).wait_for(timeout=_WARM_UP_MS)
        page.locator(".st-key-curve_accuracy .js-plotly-plot").wait_for()
        settle(page)


def click_train(page: Page) -> float:
    """Seconds from the click to the first point."""
    page.evaluate("seen.watchCurve()")
    with waiting_for("the first point of a curve"):
        page.locator(".st-key-train button").click()
        page.wait_for_function("seen.curve.length > 0")
    return float(page.evaluate("seen.curve[0].at - seen.clicked")) / 1e3


def stop(page: Page) -> None:
    with waiting_for("the end of a run that was stopped"):
        page.locator(".st-key-stop button").click()
        page.locator(".st-key-stop button:enabled").wait_for(state="hidden")


def train_new_architecture(page: Page, more_units: int) -> dict[str, float]:
    """The seed recipe with so many units more in its first layer, stopped after its first point."""
    first, *others = TrainingConfig().hidden_layers
    visit_train(page, TrainingConfig(hidden_layers=(first + more_units, *others)))
    to_first_point = click_train(page)
    stop(page)
    return {"click_to_first_point_new_architecture_s": to_first_point}


def train_seed_recipe(page: Page) -> dict[str, float]:
    """A run that goes on when its first epochs have been timed."""
    to_first_point = click_train(page)
    with waiting_for(f"epoch {_EPOCHS_OF_UPDATES} of the seed recipe"):
        page.wait_for_function("epochs => seen.curve.at(-1).x >= epochs", arg=_EPOCHS_OF_UPDATES)
    return {
        "click_to_first_point_s": to_first_point,
        "updates_per_s": updates_per_s(page.evaluate("seen.curve")),
    }


def keep_training(page: Page) -> None:
    """Another run in place of one that would be over soon."""
    if page.evaluate("seen.curve.at(-1).x") >= _LONG.epochs - _EPOCHS_LEFT:
        stop(page)
        click_train(page)


def updates_per_s(curve: Sequence[dict[str, float]]) -> float:
    """From when (``at``, in ms) the curve changed."""
    return (len(curve) - 1) / (curve[-1]["at"] - curve[0]["at"]) * 1e3


def visit_pad(page: Page, path: str, answer: str) -> None:
    """``answer``: what of ``latency.js`` tells it on this page."""
    with waiting_for(f"the pad and its {answer} on {path}"):
        page.goto(path)
        page.locator("canvas.upper-canvas").wait_for()
        page.locator("[data-state], .st-key-strokes [data-testid=stText]").first.wait_for()
        settle(page)
    page.evaluate("answer => seen.watchPen(answer)", answer)


def draw_and_wipe(page: Page, digit: int) -> float:
    """Milliseconds from the pen's lift to the answer to ``digit``, drawn at a hand's pace."""
    answered = page.evaluate("seen.penUps.length")
    draw(page, digit, pause_ms=_BETWEEN_MOVES_MS)
    with waiting_for(f"the answer to a {digit} on {page.url}"):
        page.wait_for_function("count => seen.penUps.length > count", arg=answered)
    with waiting_for(f"a blank pad on {page.url}"):
        page.locator(".st-key-clear button:enabled").click()
        page.wait_for_function("seen.isWiped()")
        wait_for_blank(page)
        settle(page)
    return float(page.evaluate("seen.penUps.at(-1)"))


def draw_in_turns(app: Page, bare: Page, strokes: int, trainer: Page | None = None) -> dict[str, list[float]]:
    """So many strokes on either page; each begins every second time, so that none has the better half."""
    found: dict[str, list[float]] = {"app": [], "bare": []}
    pages = [("app", app), ("bare", bare)]
    for number in range(strokes):
        if trainer:
            keep_training(trainer)
        for name, page in pages:
            found[name].append(draw_and_wipe(page, _DIGITS[number % len(_DIGITS)]))
        pages.reverse()
    return found


def draw_with_lesson_network(page: Page, strokes: int) -> list[float]:
    """Milliseconds of all movements."""
    with waiting_for("the lesson's network on Draw"):
        page.get_by_role("combobox", name="Network").click()
        page.get_by_role("option", name="The lesson network").click()
        page.get_by_role("slider", name="After epoch").wait_for()
        settle(page)
    page.evaluate("seen.inStroke.length = 0")
    for number in range(strokes):
        draw_and_wipe(page, _DIGITS[number])
    return [float(value) for value in page.evaluate("seen.inStroke")]


def one_try(browser: Browser, app: str, bare: Page, number: int, strokes: int) -> dict[str, Any]:
    """All that the first lines of this module name; half of the ``strokes`` while a run trains."""
    found: dict[str, Any] = {}
    with _visitor(browser, app) as page:
        found |= visit_home(page)
    with _visitor(browser, app) as trainer, _visitor(browser, app) as drawer:
        found |= train_new_architecture(trainer, more_units=number)
        visit_train(trainer, _LONG)
        visit_pad(drawer, "/draw", "bars")
        idle = draw_in_turns(drawer, bare, strokes - strokes // 2)
        found |= train_seed_recipe(trainer)
        training = draw_in_turns(drawer, bare, strokes // 2, trainer)
        stop(trainer)
        found["in_stroke_ms"] = draw_with_lesson_network(drawer, strokes=1)
    for name, key in (("app", "pen_up_to_bars_ms"), ("bare", "bare_pen_up_to_text_ms")):
        found[key] = {"idle": idle[name], "training": training[name]}
    return found


def measure(tries: int, strokes: int) -> dict[str, Any]:
    with (
        chromium() as browser,
        serve() as app,
        serve_bare("pad") as bare_address,
        _visitor(browser, bare_address) as bare,
    ):
        with _visitor(browser, app) as page:
            visit_train(page, _LONG)
        visit_pad(bare, "/", "text")
        return summary([one_try(browser, app, bare, number, strokes) for number in range(1, tries + 1)])


def summary(tries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Percentiles over all ``tries`` of what each holds: a number, several, or several by name."""
    result: dict[str, Any] = {}
    for key, first in tries[0].items():
        of_tries = [found[key] for found in tries]
        if isinstance(first, dict):
            result[key] = {name: percentiles([v for of in of_tries for v in of[name]]) for name in first}
        elif isinstance(first, list):
            result[key] = percentiles([v for of in of_tries for v in of])
        else:
            result[key] = percentiles(of_tries)
    ratios = pen_up_vs_bare(result["pen_up_to_bars_ms"], result["bare_pen_up_to_text_ms"])
    return result | {"pen_up_vs_bare": ratios}


def pen_up_vs_bare(
    app: Mapping[str, Mapping[str, float]], bare: Mapping[str, Mapping[str, float]]
) -> dict[str, float]:
    """Of percentiles, ``idle`` and ``training``."""
    return {
        "idle": app["idle"]["p50"] / bare["idle"]["p50"],
        "training": app["training"]["p50"] / bare["training"]["p50"],
        "training_by_idle": app["training"]["p50"] / bare["idle"]["p50"],
    }


def rows(result: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """``result`` as a table: a ratio is its own median."""
    found = []
    for key, value in result.items():
        for name, of in ({"": value} if "p50" in value else value).items():
            p50, p95 = (of["p50"], f"{of['p95']:.2f}") if isinstance(of, dict) else (of, "")
            label = f"{key}, {name}" if name else key
            found.append((label, f"{p50:.2f}", p95))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="What a visitor waits for, in real Chromium.")
    parser.add_argument("--tries", type=int, default=4)
    parser.add_argument(
        "--strokes", type=int, default=10, help="on each page, half of them while a run trains"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    arguments = parser.parse_args()
    if arguments.tries < 1 or arguments.strokes < 2:
        parser.error("at least 1 try and 2 strokes")
    result = measure(arguments.tries, arguments.strokes)
    report(
        (f"{arguments.tries} tries of {arguments.strokes} strokes", "p50", "p95"),
        rows(result),
        {**result, "tries": arguments.tries, "strokes": arguments.strokes, "machine": machine()},
        arguments.json,
    )


if __name__ == "__main__":
    main()
