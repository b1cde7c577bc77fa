"""Incidents at the desk: for the operator of the whole programme, answered by name, once."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser
from tests.web.asking import Answer, Caller
from tests.web.serving import Site, run
from tests.web.small_city import CITIZEN
from tests.web.test_accessibility import troubles
from tests.web.test_desk import Person, appointed

LIST = "/desk/incidents"
REASON = "测试脚本手工改了一行余额"
OPENS = """
import sys
from datetime import UTC, datetime
from tanhui.interfaces.database import ensure_database
ensure_database()
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "tanhui.interfaces.settings"
import django
django.setup()
from tanhui.books.incidents import open_for
from tanhui.books.proofs import Proof
name = sys.argv[1]
proof = Proof("核验" + name, "proof " + name, ok=False, figure_left=12000, figure_right=5000,
              detail="account " + name)
(found,) = open_for([proof], at=datetime.now(UTC), actor="job", run=name)
print(found.pk)
"""


@pytest.fixture(scope="module")
def operator(site: Site) -> Person:
    return appointed(site, "desk-operator", "operator", "--region", "100000")


@pytest.fixture(scope="module")
def desk(site: Site, operator: Person) -> Caller:
    return signed(site, operator)


@pytest.fixture(scope="module")
def opened(site: Site) -> Callable[[], tuple[str, str]]:
    """A new incident: its number, and the word by which it is found."""

    def one() -> tuple[str, str]:
        word = uuid.uuid4().hex
        return run(["-c", OPENS, word], site.environment).strip(), word

    return one


def signed(site: Site, person: Person) -> Caller:
    caller = Caller(site.url)
    fields = {"username": person.login, "password": person.password}
    assert caller.post_form("/sign-in", fields, page="/sign-in").status == 302
    return caller


def answer(desk: Caller, number: str, verb: str, **said: str) -> Answer:
    given = {"person": "李明", "reason": REASON} | said
    fields = {"verb": verb} | {f"{verb}-{name}": text for name, text in given.items()}
    return desk.post_form(f"{LIST}/{number}", fields, page="/desk")


def rows(desk: Caller, query: str) -> list[dict[str, Any]]:
    text = desk.get(f"{LIST}.csv?{query}").content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_an_incident_is_acknowledged_then_closed_by_name(
    desk: Caller, opened: Callable[[], tuple[str, str]]
) -> None:
    number, word = opened()
    page = desk.get(f"{LIST}/{number}").text
    assert "7,000" in page, "the difference"
    assert f"account {word}" in page
    assert answer(desk, number, "acknowledge").status == 302
    (row,) = rows(desk, f"q={word}&state=acknowledged")
    assert (row["incident"], row["acknowledged_person"], row["person"]) == (number, "李明", "")
    again = answer(desk, number, "acknowledge", person="王芳")
    assert again.status == 409
    assert "已由 李明 确认处理" in again.text
    assert answer(desk, number, "close", person="王芳").status == 302
    (row,) = rows(desk, f"q={word}")
    assert (row["state"], row["person"], row["reason"]) == ("closed", "王芳", REASON)
    late = answer(desk, number, "close")
    assert late.status == 409
    assert rows(desk, f"q={word}") == [row], "neither repetition changed anything"
    page = desk.get(f"{LIST}/{number}").text
    assert "李明 确认处理" in page
    assert "王芳 关闭" in page


@pytest.mark.parametrize(
    ("verb", "said", "told"),
    [
        ("close", {"person": ""}, "请写明责任人。"),
        ("close", {"reason": "短"}, "至少 10 个字"),
        ("acknowledge", {"reason": ""}, "至少 10 个字"),
        ("acknowledge", {"person": "李" * 121}, "refusal"),
        ("repair", {}, "核验发现"),
    ],
)
def test_what_is_missing_stands_at_its_field(
    desk: Caller,
    opened: Callable[[], tuple[str, str]],
    verb: str,
    said: dict[str, str],
    told: str,
) -> None:
    number, word = opened()
    refused = answer(desk, number, verb, **said)
    assert refused.status == 422
    assert told in refused.text
    assert [row["state"] for row in rows(desk, f"q={word}")] == ["open"]


def test_the_list_is_found_by_words_and_state(
    desk: Caller, opened: Callable[[], tuple[str, str]]
) -> None:
    number, word = opened()
    assert f"{LIST}/{number}" in desk.get(f"{LIST}?q={word}").text
    assert f"{LIST}/{number}" not in desk.get(f"{LIST}?q={word}&state=closed").text
    assert "没有符合条件的事件" in desk.get(f"{LIST}?q=nothing-{word}").text
    assert "筛选条件有误" in desk.get(f"{LIST}?state=mended").text
    assert desk.get(f"{LIST}.csv?state=mended").status == 302
    assert f'href="{LIST}"' in desk.get("/desk").text
    assert desk.get(f"{LIST}/{2**63}").status == 404
    desk.language = "en"
    page = desk.get(f"{LIST}/{number}").text
    desk.language = "zh-CN"
    assert f"proof {word}" in page
    assert "What the proof found" in page


def test_only_who_operates_the_whole_programme_sees_incidents(
    site: Site, signed_in: Callable[[str], Caller], opened: Callable[[], tuple[str, str]]
) -> None:
    number, _word = opened()
    others = [
        signed(site, appointed(site, "desk-city-operator", "operator", "--region", "420100")),
        signed(site, appointed(site, "desk-ministry", "authority", "--region", "100000")),
        signed_in(CITIZEN),
    ]
    for caller in others:
        for path in (LIST, f"{LIST}.csv", f"{LIST}/{number}"):
            assert caller.get(path).status == 404
    assert "/desk/incidents" not in others[0].get("/desk").text
    refused = answer(others[0], number, "close")
    assert refused.status == 404
    assert Caller(site.url).get(LIST).status == 302


def test_the_pages_fit_a_phone(
    browser: Browser,
    site: Site,
    operator: Person,
    desk: Caller,
    opened: Callable[[], tuple[str, str]],
) -> None:
    number, _word = opened()
    page = operator.page(browser, site, viewport={"width": 390, "height": 844})
    for path in ("/desk", LIST, f"{LIST}/{number}"):
        assert troubles(page, path) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path
    page.fill("[name=acknowledge-person]", "李明")
    page.fill("[name=acknowledge-reason]", REASON)
    page.click("section[aria-labelledby=t-acknowledge] button")
    page.wait_for_selector(".said")
    assert page.locator(".desk-state").inner_text() == "处理中"
    page.context.close()
