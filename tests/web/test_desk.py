"""The desk: a project from its form to its registration by two people, in a browser."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from tests.web.asking import Caller
from tests.web.serving import Site


@dataclass
class Person:
    """A log-in with one role, signed in."""

    login: str
    password: str
    number: int

    def page(self, browser: Browser, site: Site, **options: Any) -> Page:
        given = {"base_url": site.url, "locale": "zh-CN"} | options
        page = browser.new_context(**given).new_page()
        page.goto("/sign-in")
        page.fill("input[name=username]", self.login)
        page.fill("input[name=password]", self.password)
        page.click("form:has(input[name=password]) button")
        page.wait_for_url("**/desk")
        return page


def appointed(site: Site, login: str, role: str, *place: str, number: int = 0) -> Person:
    made = json.loads(site.command("organisation", "login", login, "--json"))
    site.command("organisation", "appoint", login, role, *place, "--json")
    return Person(login, made["password"], number)


@pytest.fixture(scope="module")
def owner(site: Site) -> Person:
    words = ("--name-zh", "测试光伏公司", "--name-en", "Test solar firm", "--demo")
    added = site.command(
        "organisation", "add", *words, "--kind", "enterprise", "--region", "420100", "--json"
    )
    number = json.loads(added)["organisation"]
    return appointed(site, "desk-owner", "owner", "--organisation", str(number), number=number)


@pytest.fixture(scope="module")
def authority(site: Site) -> Person:
    return appointed(site, "desk-bureau", "authority", "--region", "420000")


def a_project(page: Page, title: str) -> str:
    """A project opened through the form; its number."""
    page.goto("/desk/new/project")
    page.fill("input[name=title]", title)
    page.fill("input[name=region]", "420100")
    page.fill("[name=methodology]", "wuhan-pv")
    page.fill("[name=summary]", "厂房屋顶分布式光伏，装机 420 kW。")
    page.fill("input[name=started_on]", "2024-01-01")
    page.click("main form button")
    page.wait_for_url("**/desk/matters/P-*")
    return page.url.rsplit("/", 1)[1]


def hand_in(page: Page, kind: str) -> None:
    page.click("summary:has-text('上传材料')")
    page.select_option("#paper-kind", kind)
    file = {"name": f"{kind}.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 test"}
    page.set_input_files("#paper-file", files=[file])
    page.click("form:has(#paper-file) button")
    page.wait_for_selector(f".desk-papers a:has-text('{kind}.pdf')")


def test_a_project_begins_at_the_desk(browser: Browser, site: Site, owner: Person) -> None:
    page = owner.page(browser, site, viewport={"width": 390, "height": 844})
    number = a_project(page, "测试屋顶光伏一")
    assert page.locator(".desk-state").inner_text() == "起草中"
    page.click("summary:has-text('公示咨询服务')")
    page.click("button:has-text('公示咨询服务')")
    assert (
        "还缺材料：业主权属证明（owner_authority）" in page.locator(".refusal").first.inner_text()
    )
    page.goto(f"/desk/matters/{number}")
    hand_in(page, "owner_authority")
    page.click("summary:has-text('公示咨询服务')")
    page.fill("input[name=shares-0-party]", str(owner.number))
    page.fill("input[name=shares-0-percent]", "1OO")
    page.click("button:has-text('公示咨询服务')")
    assert "shares[1].percent" in page.locator(".refusal").first.inner_text()
    assert page.input_value("input[name=shares-0-party]") == str(owner.number), "nothing is lost"
    page.fill("input[name=shares-0-percent]", "100")
    page.click("button:has-text('公示咨询服务')")
    page.wait_for_selector(".said")
    assert page.locator(".desk-state").inner_text() == "利益分配公示中"
    assert "7 个工作日" in page.inner_text("main")
    page.context.close()


def test_each_sees_what_is_theirs(
    browser: Browser, site: Site, owner: Person, authority: Person
) -> None:
    page = owner.page(browser, site)
    number = a_project(page, "测试屋顶光伏二")
    page.context.close()
    theirs = authority.page(browser, site, viewport={"width": 1280, "height": 900})
    assert "测试屋顶光伏二" in theirs.inner_text("main")
    theirs.goto(f"/desk/matters/{number}")
    assert "现在没有您可办的步骤" in theirs.inner_text("main")
    theirs.goto("/desk?q=没有这个名称")
    assert "没有符合条件的事项" in theirs.inner_text("main")
    theirs.goto("/desk?region=42")
    assert "六位数字" in theirs.inner_text("main")
    theirs.context.close()
    elsewhere = appointed(site, "desk-elsewhere", "authority", "--region", "440000")
    page = elsewhere.page(browser, site)
    assert "现在没有待您办理的事项" in page.inner_text("main")
    answer = page.goto(f"/desk/matters/{number}")
    assert answer is not None
    assert answer.status == 404
    page.context.close()


def test_the_desk_is_for_the_appointed(caller: Caller) -> None:
    answer = caller.get("/desk")
    assert (answer.status, answer.headers["location"]) == (302, "/sign-in?next=/desk")
