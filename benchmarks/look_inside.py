"""How long does a visitor wait for a view of Look inside?

    python -m benchmarks.look_inside --json

In real Chromium, against a warm server on this machine. Times are taken inside the page
(``look_inside.js``): from the event of the click or key, as the browser stamps it, to the last change of
anything that ``VIEWS`` names for the view, when all of it is drawn with other values than before, the
server's script is over and nothing has changed for 0.6 s, which do not count.

seed_recipe_s          from the click on the link "Look inside" on Train to the view of the visitor's newest
                       network: a run of one epoch, of another seed in each try, that nobody has looked at.
                       The visitor was on Look inside before, and chose the view there
four_layers_of_512_s   the same for the largest network that can be built
epoch_step_ms          from an arrow key on the slider over the epochs to the view after the next epoch, for
                       the lesson's network: back to the first epoch and forth again, all steps
bare_step_ms           the same key on the slider of a page with nothing but this and a chart
                       (``bare/step.py``), of another server, in between the steps of all views
epoch_step_vs_bare     p50 of the slowest view's steps by p50 of these: it means the same on a slow day
epoch_step_of_four_layers_of_512_ms   as ``epoch_step_ms`` for a run of that size

Of the slowest view: seconds are the 95th percentile, milliseconds p50 and p95. ``views`` holds both of all.
"""

import argparse
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PageTimeout

from benchmarks.browser import chromium, new_visitor, serve_bare, waiting_for
from benchmarks.report import machine, percentiles, report
from model.config import MAX_HIDDEN_LAYERS, MAX_UNITS, TrainingConfig
from model.recipe_link import recipe_text
from testing.navigation import visit
from testing.server import serve

_visitor = partial(new_visitor, instrument=Path(__file__).with_name("look_inside.js"))
_WARM_UP_MS = 120_000
# What training costs is not the question.
_SHORT = {"epochs": 1, "train_share": 0.05}
_LARGEST = (MAX_UNITS,) * MAX_HIDDEN_LAYERS
_RECIPES = {
    "seed_recipe": TrainingConfig(**_SHORT),
    "four_layers_of_512": TrainingConfig(hidden_layers=_LARGEST, **_SHORT),
}
_EPOCHS_OF_LARGEST = 5
# One bare step after so many of a view.
_BARE_EVERY = 4


@dataclass(frozen=True)
class Watched:
    """A view by its button. ``parts``: what has to be drawn anew when the weights are others, each with how
    ``look_inside.js`` looks at it and the key of the element that holds it. ``to_end`` is a slider that is
    moved to its end first, where the view shows most."""

    button: str
    parts: Mapping[str, tuple[str, str]]
    to_end: str | None = None


VIEWS = {
    "network": Watched("The network", {"diagram": ("plot", "inside_flow")}),
    "weights": Watched(
        "Weights and activations",
        {"pictures": ("canvases", "inside_tiles"), "histograms": ("plot", "inside_weights")},
    ),
    "unit": Watched(
        "One unit", {"sums": ("text", "inside_unit"), "pictures": ("canvases", "inside_unit_pictures")}
    ),
    "step": Watched(
        "One training step",
        {"diagram": ("plot", "inside_step_flow"), "numbers": ("text", "inside_step")},
        to_end="Stage",
    ),
    "softmax": Watched(
        "Softmax",
        {
            "bars": ("plot", "inside_softmax"),
            "table": ("text", "inside_softmax_steps"),
            "way": ("text", "inside_softmax_way"),
        },
    ),
}


@dataclass(frozen=True)
class Steps:
    """Milliseconds of the steps in a view, and on the bare page."""

    view: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)


BARE = Watched("", {"bars": ("plot", "bars")})


def new_networks(page: Page, view: Watched, recipe: TrainingConfig, tries: int) -> list[float]:
    """Seconds to ``view`` of a new network, in each try."""
    _visit_train(page, recipe)
    _train(page, run=1)
    _open(page)
    _choose(page, view)
    seconds = []
    for number in range(2, tries + 2):
        with waiting_for("the seed's field on Train"):
            visit(page, "Train")
            page.get_by_text("More settings").click()
            seed = page.get_by_role("spinbutton", name="Seed")
            seed.fill(str(number))
            seed.press("Enter")
        _train(page, run=number)
        _watch(page, view)
        _open(page)
        seconds.append(_milliseconds(page) / 1e3)
        with waiting_for(f"run {number} in Look inside"):
            expect(page.get_by_role("combobox", name="Network")).to_have_value(
                re.compile(rf"^Your run {number}: [\d-]+$")
            )
    return seconds


def epoch_steps(page: Page, view: Watched, steps: int, bare: Page | None = None) -> Steps:
    """Milliseconds of ``steps`` steps back and as many forth, in ``view`` of the chosen network; and of
    those on the ``bare`` page in between."""
    _choose(page, view)
    found = Steps()
    for key in ("ArrowLeft", "ArrowRight"):
        for number in range(steps):
            found.view.append(_step(page, view, key))
            if bare and number % _BARE_EVERY == 0:
                found.bare.append(_step(bare, BARE, key))
    return found


def _step(page: Page, view: Watched, key: str) -> float:
    with waiting_for("the slider over the epochs"):
        page.get_by_role("slider", name="After epoch").focus()
    _watch(page, view)
    page.keyboard.press(key)
    return _milliseconds(page)


def _visit_train(page: Page, recipe: TrainingConfig) -> None:
    with waiting_for("a warm engine on Train"):
        page.goto(f"/train?recipe={recipe_text(recipe)}")
        page.get_by_text("Not started yet. Press Train.").wait_for(timeout=_WARM_UP_MS)


def _train(page: Page, run: int) -> None:
    """Train the recipe on Train, as this visitor's ``run``, and wait for its end and for rest."""
    with waiting_for(f"the end of run {run}"):
        _rest(page)
        page.locator(".st-key-train button").click()
        if run > 1:
            # Only then the page is the new run's, whose end is not that of the one before.
            page.locator(f"[class*='st-key-run_{run}_']").wait_for()
            _rest(page)
        page.get_by_text("Finished: validation accuracy").wait_for()
        _rest(page)


def _open(page: Page) -> None:
    with waiting_for("the views of Look inside"):
        page.get_by_role("link", name="Look inside").click()
        page.get_by_role("radio", name="Softmax").wait_for()


def _choose(page: Page, view: Watched) -> None:
    with waiting_for(f"the view {view.button}"):
        page.get_by_role("radio", name=view.button).click()
        _wait_for_parts(page, view)
        if view.to_end:
            page.get_by_role("slider", name=view.to_end).press("End")
        _rest(page)


def _wait_for_parts(page: Page, view: Watched) -> None:
    for how, key in view.parts.values():
        page.wait_for_function("([how, key]) => seen.look[how](key) !== null", arg=[how, key])


def _rest(page: Page) -> None:
    """Wait until the server has nothing to say any more."""
    page.wait_for_function("document.querySelector('.stApp')?.dataset.testScriptState === 'notRunning'")
    page.wait_for_timeout(500)


def _watch(page: Page, view: Watched) -> None:
    page.evaluate("parts => seen.watch(parts)", {name: list(part) for name, part in view.parts.items()})


def _milliseconds(page: Page) -> float:
    try:
        page.wait_for_function("seen.isOver")
    except PageTimeout as error:
        missing = ", ".join(page.evaluate("seen.missing()"))
        raise SystemExit(f"not drawn with other values: {missing or 'nothing, but no rest'}") from error
    return float(page.evaluate("seen.lastChange - seen.started"))


def slowest(views: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Of all ``views``, given with what was measured in each, the largest p50 and the largest p95."""
    found = [percentiles(values) for values in views.values()]
    return {share: max(values[share] for values in found) for share in ("p50", "p95")}


def compared(slowest_view: Mapping[str, float], bare: Sequence[float]) -> dict[str, Any]:
    """The slowest view's step beside the steps on the ``bare`` page."""
    step = percentiles(bare)
    return {"bare_step_ms": step, "epoch_step_vs_bare": slowest_view["p50"] / step["p50"]}


def summary(measured: Mapping[str, Mapping[str, Sequence[float]]]) -> dict[str, Any]:
    """``measured`` holds, for each question, the values of each view."""
    return {
        **{
            question: slowest(views)["p95"] if question.endswith("_s") else slowest(views)
            for question, views in measured.items()
        },
        "views": {
            question: {view: percentiles(values) for view, values in views.items()}
            for question, views in measured.items()
        },
    }


def measure(names: Sequence[str], tries: int) -> dict[str, Any]:
    views = {name: VIEWS[name] for name in names}
    measured: dict[str, dict[str, list[float]]] = {}
    with chromium() as browser, serve() as address, serve_bare("step") as bare_address:
        for recipe_name, recipe in _RECIPES.items():
            of_recipe = measured.setdefault(f"{recipe_name}_s", {})
            for name, view in views.items():
                with _visitor(browser, address) as page:
                    of_recipe[name] = new_networks(page, view, recipe, tries)
        with _visitor(browser, address) as page, _visitor(browser, bare_address) as bare:
            with waiting_for("the bare page and Look inside"):
                page.goto("/look_inside")
                bare.goto("/")
                _wait_for_parts(bare, BARE)
            epochs = TrainingConfig().epochs
            steps = {name: epoch_steps(page, view, epochs, bare) for name, view in views.items()}
            measured["epoch_step_ms"] = {name: found.view for name, found in steps.items()}
        with _visitor(browser, address) as page:
            largest = _RECIPES["four_layers_of_512"].with_changes(epochs=_EPOCHS_OF_LARGEST)
            _visit_train(page, largest)
            _train(page, run=1)
            _open(page)
            measured["epoch_step_of_four_layers_of_512_ms"] = {
                name: epoch_steps(page, view, _EPOCHS_OF_LARGEST).view for name, view in views.items()
            }
    result = summary(measured)
    return result | compared(result["epoch_step_ms"], [ms for found in steps.values() for ms in found.bare])


def main() -> None:
    parser = argparse.ArgumentParser(description="What a visitor of Look inside waits for, in real Chromium.")
    parser.add_argument("--tries", type=int, default=10, help="new networks for each recipe and view")
    parser.add_argument("--views", nargs="+", choices=VIEWS, default=list(VIEWS), metavar="VIEW")
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    arguments = parser.parse_args()
    if arguments.tries < 1:
        parser.error("at least 1 try")
    result = measure(arguments.views, arguments.tries)
    table = [
        (question, name, f"{value['p50']:.2f}", f"{value['p95']:.2f}")
        for question, views in result["views"].items()
        for name, value in views.items()
    ]
    report(
        (f"{arguments.tries} tries", "view", "p50", "p95"),
        table,
        {**result, "tries": arguments.tries, "machine": machine()},
        arguments.json,
    )


if __name__ == "__main__":
    main()
