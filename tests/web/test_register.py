"""The public register and the notices: pages, files and feeds for everybody, a form to comment."""

from __future__ import annotations

import io
import json
import xml.etree.ElementTree as ET
import zipfile
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser
from tests.web.asking import Caller
from tests.web.serving import Site
from tests.web.test_accessibility import VISITS, troubles, visit
from tests.web.test_desk import Person, a_project, appointed, hand_in

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(scope="module")
def disclosed(browser: Browser, site: Site) -> str:
    """The number of a project whose first notice is open."""
    words = ("--name-zh", "登记测试公司", "--name-en", "Register test firm", "--demo")
    added = site.command(
        "organisation", "add", *words, "--kind", "enterprise", "--region", "420100", "--json"
    )
    number = json.loads(added)["organisation"]
    owner: Person = appointed(
        site, "register-owner", "owner", "--organisation", str(number), number=number
    )
    page = owner.page(browser, site)
    project = a_project(page, "登记测试屋顶光伏")
    hand_in(page, "owner_authority")
    page.goto(f"/desk/matters/{project}")
    page.click("summary:has-text('公示咨询服务')")
    page.fill("input[name=shares-0-party]", str(number))
    page.fill("input[name=shares-0-percent]", "100")
    page.click("button:has-text('公示咨询服务')")
    page.wait_for_selector(".said")
    page.context.close()
    return project


def test_pages_that_find_nothing_are_kind(caller: Caller) -> None:
    for address, status, words in (
        (f"/register?q={quote('没有这个名称')}", 200, "没有符合条件的内容"),
        ("/register?region=1", 200, "六位数字"),
        ("/register?kind=nothing", 200, "筛选条件有误"),
        ("/register?page=x", 200, "登记簿"),
        ("/register/serials/99999999", 404, "没有签发过序列号 99999999"),
        ("/register/serials/abc", 404, "不是序列号"),
        ("/register/serials/%00", 404, "不是序列号"),
        ("/register/matters/P-0-1", 404, "没有编号为"),
        ("/notices?region=4", 200, "六位数字"),
        ("/notices?region=990000", 200, "现在没有正在公示的事项"),
    ):
        answer = caller.get(address)
        assert (answer.status, words in answer.text) == (status, True), address
    assert caller.get("/register.csv?region=1").status == 302
    assert (
        "No unit with the serial"
        in Caller(caller.url, language="en").get("/register/serials/99999999").text
    )


def test_a_notice_is_found_everywhere(caller: Caller, disclosed: str) -> None:
    for address in ("/register", "/notices", f"/register?q={disclosed}&kind=project"):
        assert disclosed in caller.get(address).text, address
    page = caller.get(f"/register/matters/{disclosed}").text
    assert "登记测试公司" in page
    assert "owner_authority" not in page, "a document is public only when its giver says so"
    feed = ET.fromstring(caller.get("/notices.atom").text)
    links = [entry.find(f"{ATOM}link").get("href", "") for entry in feed.iter(f"{ATOM}entry")]  # type: ignore[union-attr]
    assert any(disclosed in link for link in links)
    items = caller.get("/notices.json").json["items"]
    assert any(one["_tanhui"]["matter"] == disclosed for one in items)


def test_the_files_say_what_the_page_says(caller: Caller, disclosed: str) -> None:
    query = f"?q={disclosed}"
    items = caller.get(f"/register.json{query}").json["items"]
    assert {one["what"] for one in items} == {"matter", "notice"}
    lines = caller.get(f"/register.csv{query}").text.splitlines()
    assert len(lines) == 1 + len(items)
    assert all(disclosed in line for line in lines[1:])


def test_somebody_comments_on_a_notice(browser: Browser, site: Site, disclosed: str) -> None:
    context = browser.new_context(
        base_url=site.url, locale="zh-CN", viewport={"width": 390, "height": 844}
    )
    page = context.new_page()
    page.goto("/notices")
    page.click(f"a[href*='{disclosed}']")
    page.click("summary:has-text('提意见')")
    page.fill("textarea[name$=text]", "占用了消防通道，请核实。")
    page.click("button:has-text('提交意见')")
    assert "请填写" in page.locator(".comment-form .refusal").inner_text()
    assert page.input_value("textarea[name$=text]") == "占用了消防通道，请核实。", "nothing is lost"
    page.fill("input[name$=author]", "附近居民")
    page.fill("input[name$=contact]", "not-shown@example.org")
    page.check("input[name$=is_objection]")
    page.click("button:has-text('提交意见')")
    page.wait_for_selector(".said")
    shown = page.inner_text("main")
    assert "占用了消防通道" in shown
    assert "异议" in shown
    assert "not-shown" not in page.content()
    context.close()


def test_open_data_are_whole(caller: Caller, disclosed: str) -> None:
    page = caller.get("/register/open-data").text
    for table in ("projects", "issues", "blocks", "retirements"):
        assert f"/register/open-data/{table}.csv" in page
        rows = caller.get(f"/register/open-data/{table}.json").json
        lines = caller.get(f"/register/open-data/{table}.csv").text.splitlines()
        assert len(lines) == 1 + len(rows), table
    assert any(
        one["number"] == disclosed for one in caller.get("/register/open-data/projects.json").json
    )
    assert caller.get("/register/open-data/people.csv").status == 404


def test_exchange_records_are_one_archive(caller: Caller, disclosed: str) -> None:
    archive = zipfile.ZipFile(io.BytesIO(caller.get("/register/cadt.zip?demo=1").content))
    names = archive.namelist()
    assert names[0] == "01-program.json"
    assert names[-1] == "11-left_out.json"
    (table,) = [name for name in names if name.endswith("-project.json")]
    projects = json.loads(archive.read(table))
    assert projects == caller.get("/register/cadt/project.json?demo=1").json
    assert any(one["projectId"] == disclosed for one in projects)
    left_out = caller.get("/register/cadt/left_out.json").json
    assert {"table": "project", "what": disclosed, "reason": "demo data"} in left_out
    assert caller.get("/register/cadt/secrets.json").status == 404


@pytest.mark.parametrize(("language", "width"), VISITS)
def test_the_page_of_a_project_is_accessible(
    browser: Browser, site: Site, disclosed: str, *, language: str, width: int
) -> None:
    page = visit(browser, site, language, width)
    found = troubles(page, f"/register/matters/{disclosed}")
    page.context.close()
    assert found == []
