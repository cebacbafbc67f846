"""Draws with the mouse, as a visitor would."""

from playwright.sync_api import Page

from testing.strokes import DIGITS


def draw(page: Page, digit: int, pause_ms: int = 0) -> None:
    """Draw ``digit`` on the page's canvas, stroke by stroke, waiting ``pause_ms`` after each point."""
    for points in strokes_on_screen(page, digit):
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point, steps=5)
            page.wait_for_timeout(pause_ms)
        page.mouse.up()


def strokes_on_screen(page: Page, digit: int) -> list[list[tuple[float, float]]]:
    """The points of each stroke of ``digit`` in pixels of the window, once the canvas no longer moves."""
    canvas = page.locator("canvas.upper-canvas")
    # Playwright waits until it stands still, and scrolls until nothing lies on this point: below a page that
    # is scrolled down the header covers what stands at the upper edge.
    canvas.hover(position={"x": 2, "y": 2})
    box = canvas.bounding_box()
    assert box is not None
    return [
        [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        for stroke in DIGITS[digit]
    ]


def wait_for_blank(page: Page) -> None:
    """Wait until nothing is drawn on the canvas: what comes after Clear would wipe a new stroke too."""
    page.wait_for_function(
        """canvas => {
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
            return !data.some((value, index) => index % 4 === 0 && value > 0)
        }""",
        arg=page.locator("canvas.dc-canvas.lower-canvas").element_handle(),
    )
