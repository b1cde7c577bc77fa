"""Pages: both languages complete, private, and nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from tests.web.asking import Caller
from tests.web.small_city import CITIZEN, HOSTILE, MEMBER, PARTNER, RIVAL

BATCHES = f"/partners/{PARTNER}/batches"
CITIZEN_PAGES = [
    "/account",
    "/account/records",
    "/account/records/1-1",
    "/account/records/3-2",
    "/account/privacy",
    "/account/privacy/erasure",
]
MEMBER_PAGES = [BATCHES, f"{BATCHES}/1", f"{BATCHES}/4", f"/partners/{PARTNER}/upload"]
OPEN_PAGES = [
    "/",
    "/sign-in",
    "/api/v1/docs",
    "/nowhere",
    "/methodologies",
    "/methodologies?q=no-such-name",
    "/methodologies/wuhan-metro",
    "/methodologies/shenzhen-ev-charging",
    "/methodologies/wuhan-nev-trip",
    "/rules?region=440300&on=2025-11-01",
    "/rules/diff?region=440000&on=2021-06-01&region2=310000",
    "/statistics",
    "/methodologies/ar-cm-001",
]
CHINESE = re.compile("[一-鿿]+")
EVERY_PAGE = (
    [(None, path) for path in OPEN_PAGES]
    + [(CITIZEN, path) for path in CITIZEN_PAGES]
    + [(MEMBER, path) for path in MEMBER_PAGES]
)


def visitor(
    name: str | None, caller: Caller, signed_in: Callable[[str], Caller], language: str
) -> Caller:
    found = signed_in(name) if name else caller
    found.language = language
    return found


@pytest.mark.parametrize(("name", "path"), EVERY_PAGE)
def test_the_english_page_is_english(
    caller: Caller, signed_in: Callable[[str], Caller], name: str | None, path: str
) -> None:
    text = visitor(name, caller, signed_in, "en").get(path).text
    assert '<html lang="en">' in text
    text = re.sub(r'<(\w+)[^>]* lang="zh-hans"[^>]*>.*?</\1>', "", text, flags=re.DOTALL)
    assert CHINESE.findall(text) == []


@pytest.mark.parametrize(("name", "path"), EVERY_PAGE)
def test_a_page_is_well_formed_and_sealed(
    caller: Caller, signed_in: Callable[[str], Caller], name: str | None, path: str
) -> None:
    answer = visitor(name, caller, signed_in, "zh-CN").get(path)
    text = answer.text
    assert answer.status == (404 if path == "/nowhere" else 200)
    assert '<html lang="zh-hans">' in text
    assert len(re.findall("<h1", text)) == 1
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-frame-options"] == "DENY"
    assert not re.findall(r'<(?:script|link|img|iframe)[^>]+"(?:https?:)?//', text)
    assert not re.search(r"<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=", text)
    assert "None" not in re.sub(r"<code.*?</code>", "", text, flags=re.DOTALL)
    for field in re.findall(r"<(?:input|select|textarea)(?![^>]*hidden)[^>]*>", text):
        place = re.search(r'id="([^"]+)"', field)
        assert place, field
        assert f'<label for="{place[1]}"' in text, field


@pytest.mark.parametrize("path", [*CITIZEN_PAGES, *MEMBER_PAGES, "/account/records.csv"])
def test_a_stranger_is_sent_to_sign_in(caller: Caller, path: str) -> None:
    answer = caller.get(path)
    assert answer.status == 302
    assert answer.headers["location"].startswith("/sign-in?next=")


@pytest.mark.parametrize("path", [*MEMBER_PAGES, f"{BATCHES}/1/quarantine.csv"])
def test_another_partners_pages_are_not_there(
    signed_in: Callable[[str], Caller], path: str
) -> None:
    assert signed_in(RIVAL).get(path).status == 404
    assert signed_in(CITIZEN).get(path).status == 404


def test_another_partners_batch_is_not_there_under_my_own_address(
    signed_in: Callable[[str], Caller],
) -> None:
    assert signed_in(MEMBER).get(f"{BATCHES}/2").status == 404


def test_a_receipt_adds_up_and_shows_the_original_line(
    signed_in: Callable[[str], Caller],
) -> None:
    text = signed_in(MEMBER).get(f"{BATCHES}/1").text
    assert "等于文件行数" in text
    assert HOSTILE not in text
    assert "&lt;script&gt;alert(" in text
    assert text.count('<code class="raw">') == 2


def test_hostile_text_in_a_filter_is_text(signed_in: Callable[[str], Caller]) -> None:
    member = signed_in(MEMBER)
    for query in ("q=%3Cscript%3E", "q=%27%20OR%201%3D1", "feed=nothing", "before=abc", "status=x"):
        answer = member.get(f"{BATCHES}?{query}")
        assert answer.status == 200
        assert "<script>" not in answer.text


@pytest.mark.parametrize(
    ("query", "batches"),
    [
        ("q=rides", ["#3", "#1"]),
        ("q=%233", ["#3"]),
        ("status=duplicate", ["#1"]),
        ("feed=ev-sessions", []),
    ],
)
def test_batches_are_found(
    signed_in: Callable[[str], Caller], query: str, batches: list[str]
) -> None:
    text = signed_in(MEMBER).get(f"{BATCHES}?{query}").text
    found = re.findall(r'batch-number figures"><a[^>]*>(#\d+)<', text)
    assert found == batches
    assert ("没有符合条件的批次" in text) is (not batches)


def test_the_language_is_kept(caller: Caller) -> None:
    page = caller.post_form("/language", {"language": "en", "next": "/sign-in"}, page="/sign-in")
    assert page.status == 302
    assert "Sign in" in caller.get("/sign-in").text


def test_sign_in_tells_only_that_it_failed_and_slows_down(caller: Caller) -> None:
    fields = {"username": "somebody-else", "password": "wrong"}
    for _ in range(10):
        answer = caller.post_form("/sign-in", fields, page="/sign-in")
        assert answer.status == 422
        assert "用户名或密码不正确" in answer.text
    assert caller.post_form("/sign-in", fields, page="/sign-in").status == 429


def test_a_form_without_its_token_is_refused(caller: Caller) -> None:
    answer = caller.ask("POST", "/sign-in", content=b"username=a&password=b")
    assert answer.status == 403
    assert "页面已过期" in answer.text


def test_there_are_no_demo_log_ins_without_a_demo_city(caller: Caller) -> None:
    assert "demo" not in re.sub(r'href="[^"]+"', "", caller.get("/sign-in").text)
    answer = caller.post_form("/sign-in/demo", {"username": CITIZEN}, page="/sign-in")
    assert answer.status == 404
    assert "sessionid" not in caller.cookies


def test_cookies_are_out_of_reach_of_scripts(signed_in: Callable[[str], Caller]) -> None:
    visitor_ = Caller(signed_in(CITIZEN).url)
    assert "HttpOnly" in visitor_.get("/sign-in").headers["set-cookie"]


def test_going_on_after_sign_in_stays_on_this_site(caller: Caller) -> None:
    from tests.web.small_city import PASSWORD

    for target, place in (
        ("/account/records", "/account/records"),
        ("https://elsewhere.example/", "/"),
        ("//elsewhere.example", "/"),
    ):
        fields = {"username": CITIZEN, "password": PASSWORD, "next": target}
        visitor_ = Caller(caller.url)
        answer = visitor_.post_form("/sign-in", fields, page="/sign-in")
        assert answer.headers["location"] == place
