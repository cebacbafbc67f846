"""Charts as a visitor sees them: looked at until they show what they are to show."""

from typing import Any

from playwright.sync_api import Locator, Page

# For ``wait_for_chart``: it holds where one of the chart's labels is the argument.
LABEL = "(plot, text) => plot.layout.annotations.some(label => label.text === text)"


def chart(page: Page, key: str) -> Locator:
    """The chart that a page shows under ``key``."""
    return page.locator(_selector(key))


def wait_for_chart(page: Page, key: str, condition: str, arg: Any = None, timeout: float = 30_000) -> None:
    """Until the chart under ``key`` is drawn and ``condition`` holds: JavaScript, ``(plot, arg) => …``.

    A chart that is only just mounted has neither ``data`` nor ``layout`` yet.
    """
    page.wait_for_function(
        f"""([selector, arg]) => {{
            const plot = document.querySelector(selector)
            return plot?.data && plot.layout && ({condition})(plot, arg)
        }}""",
        arg=[_selector(key), arg],
        timeout=timeout,
    )


def read_chart(page: Page, key: str, expression: str) -> Any:
    """What ``expression`` gives of the chart under ``key``, once it is drawn: JavaScript, ``plot => …``."""
    wait_for_chart(page, key, "() => true")
    return chart(page, key).evaluate(expression)


def _selector(key: str) -> str:
    return f".st-key-{key} .js-plotly-plot"
