"""What a visitor sees by looking until it is there: pages that stand still, charts with their values."""

from typing import Any

from playwright.sync_api import Locator, Page, expect

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


def settle(page: Page) -> None:
    """Until no script of the page runs, so that nothing is about to be mounted anew."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")


def _selector(key: str) -> str:
    return f".st-key-{key} .js-plotly-plot"
