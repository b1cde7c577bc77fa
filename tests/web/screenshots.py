"""Photograph the pages of the demo city at phone and desk width: `make screenshots`.

    python -m tests.web.screenshots

Takes the demo city into TANHUI_HOME (default ./var; nothing is added when it is there), serves it
for the time of the pictures, and writes docs/screenshots/<page>-<width>-<language>.png.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from tests.web.browser import launch
from tests.web.serving import PROJECT, run, serving

from tanhui.interfaces.database import ensure_database
from tanhui.interfaces.demo.cast import METRO

FOLDER = PROJECT / "docs" / "screenshots"
WIDTHS = {390: 844, 1440: 900}
LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}
TALL_PX_MAX = 3_000  # a long list says no more further down
CITIZEN, PARTNER = "demo-citizen", METRO.code
DESK_MATTER = {  # officials of the demo, and the matter at the desk of each that is photographed
    "demo-authority": '.desk-list a[href*="/L-"]',
    "demo-owner": '.desk-list a[href*="/P-"]',
    "demo-verifier": '.desk-list a[href*="/M-"]',
}


def places(page: Page, username: str | None) -> Iterator[tuple[str, str]]:
    """Name and address of each page this visitor shows."""
    if username is None:
        yield from (("home", "/"), ("sign-in", "/sign-in"), ("api", "/api/v1/docs"))
        yield "not-found", "/nowhere"
        yield from (
            ("methodologies", "/methodologies"),
            ("methodologies-wrong", "/methodologies?region=1"),
            ("methodology", "/methodologies/shenzhen-ev-charging"),
            ("methodology-project", "/methodologies/ar-cm-001"),
            ("statistics", "/statistics"),
            ("register", "/register"),
            ("register-serial", "/register/serials/26"),
            ("register-open-data", "/register/open-data"),
            ("register-nothing", "/register?q=%23"),
            ("notices", "/notices"),
            ("rules", "/rules?region=420100"),
            ("log", "/log"),
            ("verify", "/verify"),
        )
        page.goto("/register?kind=project&state=project%3Aregistered")
        yield "register-project", _first(page, ".register-list a.record")
        page.goto("/notices")
        yield "register-notice", _first(page, ".register-list a.record")
        page.goto("/")
        yield "certificate", _first(page, 'a[href*="/certificates/"]')
        page.goto("/log?kind=books.batch.posted")
        yield "log-entry", _first(page, '.log-entries a[href*="/entries/"]')
    elif username == CITIZEN:
        yield from (("account", "/account"), ("records", "/account/records"))
        for status in ("credited", "partly_capped"):
            page.goto(f"/account/records?scene=metro&status={status}")
            yield f"record-{status.replace('_', '-')}", _first(page, "a.record")
    elif username == PARTNER:
        yield "batches", f"/partners/{PARTNER}/batches"
        page.goto(f"/partners/{PARTNER}/batches?status=rejected")
        yield "receipt", _first(page, ".batch-file a")
        yield "upload", f"/partners/{PARTNER}/upload"
    else:
        role = username.removeprefix("demo-")
        yield f"desk-{role}", "/desk"
        page.goto("/desk")
        yield f"desk-{role}-matter", _first(page, DESK_MATTER[username])


def photograph(browser: Browser, url: str, language: str) -> Iterator[Path]:
    """Every page in one language; yields each picture's path."""
    for username in (None, CITIZEN, PARTNER, *DESK_MATTER):
        context = browser.new_context(base_url=url, locale=LANGUAGES[language])
        page = context.new_page()
        if username is not None:
            page.goto("/sign-in")
            with page.expect_navigation(url=lambda place: "/sign-in" not in place):
                page.locator(f'button[value="{username}"]').click()
        for name, address in places(page, username):
            for width, height in WIDTHS.items():
                page.set_viewport_size({"width": width, "height": height})
                page.goto(address)
                path = FOLDER / f"{name}-{width}-{language}.png"
                tall = page.evaluate("document.documentElement.scrollHeight")
                shown = {"x": 0, "y": 0, "width": width, "height": min(tall, TALL_PX_MAX)}
                page.screenshot(path=path, full_page=True, clip=shown)
                yield path
        context.close()


def main() -> None:
    """Serve the demo city and take the pictures anew."""
    ensure_database()
    environment = dict(os.environ)
    for command in ("migrate", "demo"):
        run(["-m", "tanhui.interfaces.cli.main", command, "--json"], environment)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    with sync_playwright() as playwright, serving(environment) as url:
        browser = launch(playwright)
        for language in LANGUAGES:
            for path in photograph(browser, url, language):
                sys.stdout.write(f"{path.relative_to(PROJECT)}\n")
        browser.close()


def _first(page: Page, selector: str) -> str:
    address = page.locator(selector).first.get_attribute("href")
    assert address is not None
    return address


if __name__ == "__main__":
    main()
