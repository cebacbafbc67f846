"""The navigation, as a visitor uses it."""

from playwright.sync_api import Page, expect

_ENTRIES = {
    "Draw": "Test",
    "My handwriting": "Test",
    "Evaluate": "Test",
    "Guess first": "Experiment",
    "Compare": "Experiment",
}


def visit(page: Page, name: str) -> None:
    """Go to the page called ``name``, through its group where it stands in one, and wait for its title."""
    link = page.locator(".st-key-navigation, .st-key-group").get_by_role("link", name=name, exact=True)
    if not link.count():
        page.locator(".st-key-navigation").get_by_role("link", name=_ENTRIES[name], exact=True).click()
    link.click()
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()


def entries(page: Page) -> list[str]:
    """What the navigation of ``page`` says, link by link."""
    links = page.locator(".st-key-navigation, .st-key-group").get_by_role("link")
    # An icon is a word of its own, in front of the text.
    return [text.splitlines()[-1] for text in links.all_inner_texts()]
