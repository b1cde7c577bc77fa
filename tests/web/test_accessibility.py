"""What a machine can tell about accessibility (WCAG 2.2 AA by axe-core), page by page.

It finds labels, contrast, headings, landmarks and languages; it does not replace a person with a
screen reader.
"""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from tests.web.serving import Site
from tests.web.small_city import CITIZEN, MEMBER, PARTNER, PASSWORD

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
PUBLIC = (
    "/",
    "/sign-in",
    "/methodologies",
    "/methodologies?region=1&standing=creditable",
    "/methodologies?q=no-such-name",
    "/methodologies/wuhan-metro",
    "/methodologies/shenzhen-ev-charging",
    "/methodologies/seoul-eco-mileage-building",
    "/methodologies/ar-cm-001",
    "/methodologies/shanghai-pv",
    "/rules?region=440300&on=2025-11-01",
    "/rules/diff?region=440000&on=2021-06-01&region2=310000",
    "/statistics",
    "/register",
    "/register?region=1",
    "/register?q=no-such-name",
    "/register/serials/1",
    "/register/open-data",
    "/notices",
    "/log",
    "/verify",
    "/statistics?first=2024-13",
    "/api/v1/docs",
    "/nowhere",
)
VISITS = (("zh-CN", 390), ("en-GB", 1280))


def troubles(page: Page, address: str) -> list[str]:
    """What axe finds on a page with everything that opens opened."""
    page.goto(address)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    found = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{address}: {one['id']} ({one['impact']}) {node['html'][:160]}"
        for one in found
        for node in one["nodes"][:3]
    ]


def visit(browser: Browser, site: Site, language: str, width: int) -> Page:
    """A fresh visitor."""
    viewport = {"width": width, "height": 900}
    context = browser.new_context(base_url=site.url, locale=language, viewport=viewport)
    return context.new_page()


@pytest.mark.parametrize(("language", "width"), VISITS)
def test_public_pages(browser: Browser, site: Site, language: str, width: int) -> None:
    page = visit(browser, site, language, width)
    found = [trouble for address in PUBLIC for trouble in troubles(page, address)]
    page.context.close()
    assert found == []


@pytest.mark.parametrize(("language", "width"), VISITS)
@pytest.mark.parametrize(
    ("username", "first", "link"),
    [
        (CITIZEN, "/account", "a.record"),
        (MEMBER, f"/partners/{PARTNER}/batches", ".batch-file a"),
    ],
)
def test_pages_behind_the_log_in(
    browser: Browser, site: Site, *, language: str, width: int, username: str, first: str, link: str
) -> None:
    page = visit(browser, site, language, width)
    page.goto("/sign-in")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", PASSWORD)
    with page.expect_navigation(url=lambda place: "/sign-in" not in place):
        page.locator("main form button").first.click()
    page.goto(first)
    further = page.locator(link).first.get_attribute("href")
    assert further is not None
    others = (
        ("/account/records", "/account/privacy", "/account/privacy/erasure")
        if username == CITIZEN
        else (f"/partners/{PARTNER}/upload",)
    )
    found = [
        trouble for address in (first, further, *others) for trouble in troubles(page, address)
    ]
    page.context.close()
    assert found == []
