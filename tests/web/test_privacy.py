"""A person's rights through the public door: say no, take a copy, see who looked."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.web.asking import Answer, Caller
from tests.web.serving import Site, served
from tests.web.signed import a_request
from tests.web.small_city import (
    CITIZEN,
    KEY_ID,
    MEMBER,
    PARTNER,
    PASSWORD,
    STRANGER,
    csv_text,
    ride,
)

from tanhui.interfaces.api.client import sign

CONSENTS = "/api/v1/people/me/consents"
PAGE = "/account/privacy"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A city of its own: what is withdrawn here must not be missed elsewhere."""
    with served(tmp_path_factory.mktemp("privacy-home")) as running:
        yield running


@pytest.fixture(scope="module")
def citizen(site: Site) -> Caller:
    return Caller(site.url).sign_in(CITIZEN)


def send(site: Site, rows: list[dict[str, str]]) -> dict[str, object]:
    answer = a_request(site, csv_text(rows).encode()).send(site)
    assert answer.status == 201, answer.text
    found: dict[str, object] = answer.json
    return found


def press(citizen: Caller, given: str, **scope: str) -> Answer:
    return citizen.post_form(f"{PAGE}/answer", {"given": given, **scope}, page=PAGE)


def test_a_withdrawal_stops_the_same_days_file_and_can_be_taken_back(
    site: Site, citizen: Caller
) -> None:
    before = citizen.get("/api/v1/people/me/account").json["balance"]
    assert press(citizen, "0").status == 302
    assert "已撤回，从现在起不再计入。" in citizen.get(PAGE).text
    rows = [ride(50, 20), ride(51, 20, person="card:2"), ride(52, 21)]
    receipt = send(site, rows)
    assert receipt["counts"] == {"credited": 1, "no_consent": 2}
    assert sum(receipt["counts"].values()) == receipt["rows"] == 3  # type: ignore[attr-defined]
    assert receipt["people"] == 1
    assert citizen.get("/api/v1/people/me/account").json["balance"] == before
    assert press(citizen, "1").status == 302
    assert send(site, [ride(53, 22)])["counts"] == {"credited": 1}
    told = citizen.get(CONSENTS).json
    assert [one["given"] for one in told["receipts"]] == [True, False]


def test_the_page_says_what_stands_in_both_languages(citizen: Caller) -> None:
    press(citizen, "0", scene="metro")
    text = citizen.get(PAGE).text
    assert "按场景" in text
    assert "已撤回" in text
    assert press(citizen, "0", scene="metro").status == 302
    assert "已是这样，没有改动。" in citizen.get(PAGE).text
    press(citizen, "1", scene="metro")
    citizen.language = "en"
    text = citizen.get(PAGE).text
    citizen.language = "zh-CN"
    assert "The partner states your consent" in text or "Your choice" in text
    assert press(citizen, "maybe").status == 302


def test_the_mandate_is_given_and_withdrawn_apart_from_counting(citizen: Caller) -> None:
    told = citizen.get(CONSENTS).json
    assert (told["issuing"]["text"]["version"], told["issuing"]["answer"]) == ("issuing-1", None)
    counting = told["answer"]
    for given, said in (("0", "已撤回：尚未签发的不再使用"), ("1", "已授权：从现在起，签发单位")):
        assert press(citizen, given, purpose="issuing").status == 302
        assert said in citizen.get(PAGE).text
        told = citizen.get(CONSENTS).json
        assert (told["issuing"]["answer"], told["answer"]) == (given == "1", counting)
        stand = {one["partner"]: one["stands"] for one in told["issuing"]["partners"]}
        assert stand == dict.fromkeys(stand, given == "1")
        first = told["receipts"][0]
        assert (first["purpose"], first["given"], first["text_version"]) == (
            "issuing", given == "1", "issuing-1",
        )  # fmt: skip
    receipts = citizen.get(CONSENTS).json["receipts"]
    press(citizen, "1", purpose="issuing")
    assert "已是这样，没有改动。" in citizen.get(PAGE).text
    press(citizen, "0", purpose="advertising")
    assert "没有改动：请从本页的按钮操作。" in citizen.get(PAGE).text
    assert citizen.get(CONSENTS).json["receipts"] == receipts, "neither wrote anything"


def test_nothing_is_issued_of_what_may_not_be_counted(citizen: Caller) -> None:
    press(citizen, "0", partner=PARTNER)
    told = citizen.get(CONSENTS).json["issuing"]
    stands = {one["partner"]: (one["answer"], one["stands"]) for one in told["partners"]}
    assert stands[PARTNER][1] is False
    press(citizen, "1", partner=PARTNER)
    citizen.language = "en"
    text = citizen.get(PAGE).text
    citizen.language = "zh-CN"
    assert "Version of the text: account-1" in text
    assert "Version of the text: issuing-1" in text
    assert "Versions account-1" not in text
    assert "Units issued before" in text


def test_the_api_asks_for_the_pages_token(site: Site, citizen: Caller) -> None:
    body = json.dumps({"given": False, "partner": PARTNER}).encode()
    kind = {"Content-Type": "application/json"}
    refused = citizen.ask("POST", CONSENTS, headers=kind, content=body)
    assert (refused.status, refused.json["code"]) == (403, "access.forbidden")
    assert Caller(site.url).ask("POST", CONSENTS, headers=kind, content=body).status == 401
    page = citizen.get(PAGE).text
    token = page.partition('csrfmiddlewaretoken" value="')[2].partition('"')[0]
    given = citizen.ask("POST", CONSENTS, headers=kind | {"X-CSRFToken": token}, content=body)
    assert given.status == 201
    assert (given.json["partner"], given.json["given"], given.json["via"]) == (
        PARTNER, False, "citizen",
    )  # fmt: skip
    again = citizen.ask("POST", CONSENTS, headers=kind | {"X-CSRFToken": token}, content=body)
    assert (again.status, again.json["code"]) == (409, "consent.unchanged")
    press(citizen, "1", partner=PARTNER)


def forward(site: Site, body: dict[str, object], *, again: str, partner: str = PARTNER) -> Answer:
    url = f"{site.url}/api/v1/partners/{partner}/consents"
    content = json.dumps(body).encode()
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    headers = sign(
        "POST", url, key_id=KEY_ID, key=site.key,
        content_digest=f"sha-256=:{digest}:", idempotency_key=again,
    )  # fmt: skip
    path = url.removeprefix(site.url)
    kind = {"Content-Type": "application/json"}
    return Caller(site.url).ask("POST", path, headers=headers | kind, content=content)


def test_a_partner_forwards_what_was_said_in_its_app(site: Site) -> None:
    said: dict[str, object] = {
        "person": "card:2", "given": False, "scene": "metro",
        "text_version": "account-1", "at": "2026-01-01T08:00:00+08:00",
    }  # fmt: skip
    first = forward(site, said, again="receipt-0001")
    assert (first.status, first.json["via"], first.json["partner"]) == (201, "key", PARTNER)
    assert forward(site, said, again="receipt-0001").json == first.json
    other = forward(site, said | {"given": True}, again="receipt-0001")
    assert (other.status, other.json["code"]) == (409, "act.key.reused")
    assert forward(site, said | {"at": "2026-01-01T08:00:00"}, again="receipt-0002").status == 422
    assert send(site, [ride(60, 23, person="card:2")])["counts"] == {"no_consent": 1}
    assert forward(site, said | {"given": True}, again="receipt-0003").status == 201
    assert send(site, [ride(61, 23, person="card:2")])["counts"] == {"credited": 1}


def test_the_copy_holds_everything_and_explains_itself(citizen: Caller) -> None:
    answer = citizen.get("/api/v1/people/me/data.zip")
    assert answer.headers["content-type"] == "application/zip"
    assert citizen.get(f"{PAGE}/data.zip").status == 200
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        documents = {
            name: json.loads(archive.read(name)) for name in names if name.endswith(".json")
        }
        rows = list(csv.DictReader(io.StringIO(archive.read("records.csv").decode("utf-8-sig"))))
        readme = archive.read("README.txt").decode()
    assert all(name in readme for name in names if name != "README.txt")
    account = citizen.get("/api/v1/people/me/account").json
    del documents["account.json"]["balance"]["points_lapsed"]
    assert documents["account.json"] == account
    records = documents["records.json"]["records"]
    assert sum(one["mg"] for one in records) == account["balance"]["mg"]
    assert [row["id"] for row in rows] == [one["id"] for one in records]
    assert documents["consents.json"] == citizen.get(CONSENTS).json


def test_others_see_nothing(site: Site) -> None:
    for path in (PAGE, f"{PAGE}/data.zip"):
        assert Caller(site.url).get(path).status == 302
        assert Caller(site.url).sign_in(MEMBER).get(path).status == 404
    assert Caller(site.url).get("/api/v1/people/me/viewings").status == 401


def test_who_looked_is_told_with_the_reason(site: Site, citizen: Caller, tmp_path: Path) -> None:
    assert citizen.get("/api/v1/people/me/viewings").json == {"viewings": []}
    site.command("account", "card:1", "--why", "来电核对 call back")
    site.command("explain", "1-1")
    told = citizen.get("/api/v1/people/me/viewings").json["viewings"]
    assert [(one["viewer"], one["what"], one["why"]) for one in told] == [
        ("operator", "explanation", None), ("operator", "account", "来电核对 call back"),
    ]  # fmt: skip
    assert "来电核对" in citizen.get(PAGE).text
    assert Caller(site.url).sign_in(STRANGER).get("/api/v1/people/me/viewings").json == {
        "viewings": []
    }


def test_leaving_asks_once_and_ends_the_session(site: Site) -> None:
    stranger = Caller(site.url).sign_in(STRANGER)
    page = f"{PAGE}/erasure"
    assert "无法恢复" in stranger.get(page).text
    unticked = stranger.post_form(page, {}, page=page)
    assert (unticked.status, "请先勾选" in unticked.text) == (422, True)
    assert stranger.get("/account").status == 200
    done = stranger.post_form(page, {"confirm": "on"}, page=page)
    assert (done.status, "已注销" in done.text) == (200, True)
    assert stranger.get("/account").status == 302
    again = Caller(site.url).post_form(
        "/sign-in", {"username": STRANGER, "password": PASSWORD}, page="/sign-in"
    )
    assert again.status == 422
    assert send(site, [ride(70, 24, person="card:2")])["counts"] == {"no_consent": 1}
    assert json.loads(site.command("prove", "--json"))["ok"] is True
    said: dict[str, object] = {
        "person": "card:2", "given": True, "scene": "",
        "text_version": "account-1", "at": "2026-01-01T08:00:00+08:00",
    }  # fmt: skip
    assert forward(site, said, again="receipt-anew-1").status == 201
    assert send(site, [ride(71, 24, person="card:2")])["counts"] == {"credited": 1}


def test_the_counter_hands_out_a_copy_and_erases(site: Site, tmp_path: Path) -> None:
    file = tmp_path / "mine.zip"
    told = json.loads(site.command("person", "data", "card:1", str(file), "--json"))
    assert told["bytes"] == file.stat().st_size
    done = json.loads(site.command("person", "erase", "card:1", "--confirm", "--json"))
    assert done["points_lapsed"] > 0
    with pytest.raises(AssertionError, match=r"person\.erased"):
        site.command("person", "erase", told["person"], "--confirm")
    assert json.loads(site.command("person", "finish-erasures", "--json")) == {
        "people": 0,
        "links": 0,
    }
    assert json.loads(site.command("prove", "--json"))["ok"] is True
