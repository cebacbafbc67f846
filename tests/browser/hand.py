"""Draws with the mouse, as a visitor would."""

from playwright.sync_api import Page

# Strokes in shares of the canvas' side.
DIGITS = {
    0: [
        [
            (0.5, 0.2),
            (0.33, 0.3),
            (0.28, 0.5),
            (0.33, 0.72),
            (0.5, 0.82),
            (0.67, 0.72),
            (0.72, 0.5),
            (0.67, 0.3),
            (0.5, 0.2),
        ]
    ],
    1: [[(0.52, 0.2), (0.5, 0.5), (0.48, 0.82)]],
    2: [
        [
            (0.3, 0.32),
            (0.42, 0.2),
            (0.6, 0.22),
            (0.68, 0.36),
            (0.55, 0.56),
            (0.3, 0.8),
            (0.5, 0.78),
            (0.74, 0.8),
        ]
    ],
    3: [
        [
            (0.32, 0.24),
            (0.52, 0.18),
            (0.66, 0.3),
            (0.58, 0.44),
            (0.46, 0.49),
            (0.62, 0.54),
            (0.68, 0.68),
            (0.54, 0.82),
            (0.32, 0.78),
        ]
    ],
    4: [[(0.38, 0.2), (0.3, 0.52), (0.7, 0.52)], [(0.64, 0.22), (0.62, 0.5), (0.58, 0.84)]],
    5: [
        [(0.38, 0.2), (0.35, 0.46), (0.52, 0.44), (0.66, 0.56), (0.64, 0.72), (0.5, 0.82), (0.32, 0.78)],
        [(0.38, 0.2), (0.68, 0.19)],
    ],
    6: [
        [
            (0.6, 0.18),
            (0.44, 0.36),
            (0.35, 0.6),
            (0.4, 0.78),
            (0.55, 0.82),
            (0.66, 0.7),
            (0.6, 0.57),
            (0.46, 0.58),
            (0.37, 0.68),
        ]
    ],
    7: [[(0.28, 0.24), (0.7, 0.22), (0.58, 0.5), (0.46, 0.84)]],
    8: [
        [
            (0.6, 0.26),
            (0.48, 0.19),
            (0.37, 0.28),
            (0.42, 0.42),
            (0.58, 0.55),
            (0.64, 0.7),
            (0.52, 0.82),
            (0.38, 0.72),
            (0.42, 0.57),
            (0.58, 0.42),
            (0.64, 0.3),
            (0.6, 0.26),
        ]
    ],
    9: [
        [
            (0.64, 0.32),
            (0.52, 0.2),
            (0.37, 0.28),
            (0.36, 0.44),
            (0.5, 0.5),
            (0.62, 0.42),
            (0.64, 0.3),
            (0.62, 0.56),
            (0.56, 0.84),
        ]
    ],
}


def draw(page: Page, digit: int, pause_ms: int = 0) -> None:
    """Draw ``digit`` on the page's canvas, stroke by stroke, waiting ``pause_ms`` after each point."""
    canvas = page.locator("canvas.upper-canvas")
    canvas.wait_for()
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    for stroke in DIGITS[digit]:
        points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in stroke]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point, steps=5)
            page.wait_for_timeout(pause_ms)
        page.mouse.up()


def wait_for_blank(page: Page) -> None:
    """Wait until nothing is drawn on the canvas: what comes after Clear would wipe a new stroke too."""
    page.locator("canvas.dc-canvas.lower-canvas").evaluate(
        """canvas => new Promise(resolve => {
            const look = () => {
                const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
                if (data.some((value, place) => place % 4 === 0 && value > 0)) requestAnimationFrame(look)
                else resolve()
            }
            look()
        })"""
    )
