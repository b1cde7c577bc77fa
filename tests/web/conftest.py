"""One served platform and one browser for all tests of this folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from tests.web.asking import Caller
from tests.web.browser import launch
from tests.web.serving import Site, served


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The platform with the small city; tests that upload look at their own batches only."""
    with served(tmp_path_factory.mktemp("web-home")) as running:
        yield running


@pytest.fixture
def caller(site: Site) -> Caller:
    """A visitor who is not signed in."""
    return Caller(site.url)


@pytest.fixture(scope="session")
def signed_in(site: Site) -> Callable[[str], Caller]:
    """A visitor who is; each name signs in once, because checking a password is slow by design."""
    cookies: dict[str, dict[str, str]] = {}

    def visitor(username: str) -> Caller:
        if username not in cookies:
            cookies[username] = Caller(site.url).sign_in(username).cookies
        return Caller(site.url, dict(cookies[username]))

    return visitor


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium of the system; without it the tests fail and say what to install."""
    with sync_playwright() as playwright:
        running = launch(playwright)
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    """A fresh phone-sized profile in Chinese; a script error or blocked resource fails the test."""
    context = browser.new_context(
        base_url=site.url, locale="zh-CN", viewport={"width": 390, "height": 844}
    )
    opened = context.new_page()
    troubles: list[str] = []
    opened.on("pageerror", lambda error: troubles.append(str(error)))
    opened.on(
        "console",
        lambda line: troubles.append(line.text) if "Content Security" in line.text else None,
    )
    yield opened
    context.close()
    assert troubles == []


@pytest.fixture
def upload_file(tmp_path: Path) -> Callable[[str, str], Path]:
    """A file of that name and text."""

    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write
