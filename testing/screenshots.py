"""The pictures of the README and of docs/teaching.md: the real app, a real training, real strokes.

    python -m testing.screenshots

Beside each picture lies the text of the navigation that it shows: a test compares it with today's.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from testing.charts import wait_for_chart
from testing.chromium import LAPTOP, launched, settle, visitor
from testing.hand import draw, strokes_on_screen, wait_for_blank
from testing.navigation import entries, visit
from testing.server import serve

FOLDER = Path(__file__).parents[1] / "docs/images"
_COLOURS = 200
# Of the animation, which many load over a slow network.
_SIDES, _MILLISECONDS = (820, 461), 120
_LAST_MILLISECONDS = 1_500
_MAX_FRAMES = 200
_DONE = "Finished: validation accuracy"


class Film:
    """Frames of a page, one after the other."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._frames: list[Image.Image] = []
        self._milliseconds: list[int] = []

    def take(self, milliseconds: int = _MILLISECONDS) -> None:
        """One more frame, shown for so long."""
        self._frames.append(_picture(self._page).resize(_SIDES, Image.Resampling.LANCZOS))
        self._milliseconds.append(milliseconds)

    def __len__(self) -> int:
        return len(self._frames)

    def save(self, path: Path) -> None:
        """As an animation that begins anew at its end."""
        # One palette for all, from a strip of them: a colour that changes from frame to frame would flicker.
        some = self._frames[:: max(1, len(self._frames) // 8)]
        strip = Image.new("RGB", (_SIDES[0], _SIDES[1] * len(some)))
        for index, frame in enumerate(some):
            strip.paste(frame, (0, _SIDES[1] * index))
        palette = strip.quantize(_COLOURS)
        first, *rest = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in self._frames]
        first.save(path, save_all=True, append_images=rest, duration=self._milliseconds, loop=0)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with _page() as page:
        film = Film(page)
        page.goto("/")
        _draw_slowly(page, 7, film)
        _wait_for_answer(page)
        film.take(_LAST_MILLISECONDS)
        _save(page, "home")
        _train(page, film)
        _save(page, "train")
        page.locator(".st-key-next button").click()
        page.get_by_role("button", name="Clear").click()
        wait_for_blank(page)
        _draw_slowly(page, 3, film)
        _wait_for_answer(page)
        film.take(_LAST_MILLISECONDS)
        film.save(FOLDER / "tour.gif")
        _save(page, "draw")
        _other_pages(page)
        _lesson(page)


def _train(page: Page, film: Film) -> None:
    """The seed recipe, from the first press to the last epoch."""
    page.locator(".st-key-next button").click()
    expect(page.get_by_text("Not started yet. Press Train.")).to_be_visible(timeout=150_000)
    settle(page)
    film.take(_LAST_MILLISECONDS)
    page.get_by_role("button", name="Train", exact=True).click()
    page.mouse.move(1, 1)
    while not page.get_by_text(_DONE).is_visible() and len(film) < _MAX_FRAMES:
        film.take()
        page.wait_for_timeout(500)
    expect(page.get_by_text(_DONE)).to_be_visible()
    settle(page)
    film.take(_LAST_MILLISECONDS)


def _other_pages(page: Page) -> None:
    visit(page, "Learn")
    _save(page, "learn")
    visit(page, "My handwriting")
    asked_for = page.get_by_role("heading", name="Draw the digit").inner_text()
    draw(page, int(asked_for.split()[-1]))
    expect(page.locator(".st-key-submit button")).to_be_enabled()
    _save(page, "own_test")
    visit(page, "Evaluate")
    expect(page.get_by_text("Most common error")).to_be_visible()
    _save(page, "evaluate")
    visit(page, "Guess first")
    _save(page, "guess")
    visit(page, "Look inside")
    wait_for_chart(page, "inside_flow", "plot => plot.data.some(trace => trace.z?.length)")
    _save(page, "look_inside")
    # A second recipe, to compare with.
    page.goto("/train?recipe=learning_rate:0.1")
    page.get_by_role("button", name="Train again").click()
    expect(page.get_by_text("Your run 2")).to_be_visible()
    expect(page.get_by_text(_DONE)).to_be_visible(timeout=120_000)
    visit(page, "Compare")
    expect(page.get_by_role("columnheader", name="test accuracy")).to_be_visible()
    _save(page, "compare")
    page.goto("/my_work")
    expect(page.get_by_text("Choose runs")).to_be_visible()
    _save(page, "my_work")


def _lesson(page: Page) -> None:
    """A rehearsal: desk and projector while the class guesses, then the handwriting on the projector."""
    # Who opens a room is at the machine itself, by its name.
    page.goto("/teach")
    page.goto(page.url.replace("127.0.0.1", "localhost"))
    page.get_by_role("button", name="Rehearse with").click()
    page.get_by_role("link", name="Open the desk").first.click()
    expect(page.locator(".st-key-tiles").get_by_text("10 of 10")).to_have_count(8, timeout=120_000)
    page.locator(".st-key-step_guess button").click()
    page.locator(".st-key-let_guess button").click()
    # The others take longer, or never do.
    expect(page.locator(".st-key-tiles").get_by_text("guessed")).to_have_count(8, timeout=60_000)
    page.locator(".st-key-tile_1 button").click()
    expect(page.get_by_text("A made-up pupil wrote this.")).to_be_visible()
    _save(page, "desk")
    desk, projector = page.url, page.url.replace("/desk", "/projector")
    page.goto(projector)
    page.locator(".st-key-projector .barlayer path").first.wait_for()
    _save(page, "projector")
    page.goto(desk)
    page.locator(".st-key-step_our_handwriting button").click()
    page.locator(".st-key-step_our_handwriting").get_by_test_id("stBaseButton-primary").wait_for()
    page.goto(projector)
    page.locator(".st-key-projector img").first.wait_for()
    _save(page, "our_handwriting")


@contextmanager
def _page() -> Iterator[Page]:
    with (
        serve({"DIGITLAB_WORKERS": "1"}) as address,
        launched() as browser,
        visitor(browser, address, {**LAPTOP, "reduced_motion": "reduce"}) as page,
    ):
        yield page


def _draw_slowly(page: Page, digit: int, film: Film) -> None:
    """As ``testing.hand.draw``, with a frame after every few movements of the pen."""
    page.locator("canvas.upper-canvas").wait_for()
    settle(page)
    for points in strokes_on_screen(page, digit):
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point, steps=8)
            film.take()
        page.mouse.up()


def _wait_for_answer(page: Page) -> None:
    expect(page.get_by_role("heading", name="Read as")).to_be_visible()
    settle(page)


def _save(page: Page, name: str) -> None:
    """The page as it stands, the pointer out of the way, and the text of its navigation beside it."""
    page.mouse.move(1, 1)
    settle(page)
    _picture(page).quantize(_COLOURS, dither=Image.Dither.NONE).save(FOLDER / f"{name}.png", optimize=True)
    (FOLDER / f"{name}.txt").write_text("\n".join(entries(page)) + "\n", encoding="utf-8")


def _picture(page: Page) -> Image.Image:
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


if __name__ == "__main__":
    main()
