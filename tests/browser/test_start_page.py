"""The page on wifi that drops connections."""

from playwright.sync_api import Page, Route, expect


def test_a_page_whose_main_script_did_not_arrive_comes_by_itself(page: Page) -> None:
    dropped: list[str] = []

    def drop_once(route: Route) -> None:
        if dropped:
            route.continue_()
        else:
            dropped.append(route.request.url)
            route.abort("connectionreset")

    page.route("**/static/js/index.*.js", drop_once)
    page.goto("/learn")
    expect(page.get_by_role("heading").first).to_be_visible()
    assert len(dropped) == 1


def test_a_page_that_streamlit_took_away_comes_by_itself(page: Page) -> None:
    page.goto("/learn")
    expect(page.get_by_role("heading").first).to_be_visible()
    # What React does after an error that nobody handles.
    page.evaluate("document.getElementById('root').replaceChildren()")
    expect(page.get_by_role("heading")).to_have_count(0)
    expect(page.get_by_role("heading").first).to_be_visible()
