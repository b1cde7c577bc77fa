"""A person's units and gifts through the pages: exact figures, given once, refused at the field."""

from __future__ import annotations

import csv
import io
import json
import re
import threading
import uuid
import zipfile
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser
from tests.web.asking import Answer, Caller
from tests.web.giving_city import RETIRED_GIFT_MG
from tests.web.serving import Site, run, served
from tests.web.small_city import CITIZEN, MEMBER, STRANGER
from tests.web.test_accessibility import troubles, visit

from tanhui.core.mass import mass_text

UNITS, GIFTS = "/account/units", "/account/gifts"
CREDITED_MG, USED_MG = 7_352_000, 6_216_000
PARTS = [1_000_000, 568_000, 648_000, *[1_000_000] * 4]  # the stranger's ride fills the rest


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A city of its own: units of a kilogram, and grams that are given away."""
    with served(tmp_path_factory.mktemp("gifts-home")) as running:
        yield running


@pytest.fixture(scope="module")
def uses(site: Site, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Numbers of the uses by what they are."""
    folder = str(tmp_path_factory.mktemp("gifts"))
    found: dict[str, str] = json.loads(
        run(["-m", "tests.web.giving_city", folder], site.environment)
    )
    return found


@pytest.fixture(scope="module")
def citizen(site: Site, uses: dict[str, str]) -> Caller:
    return Caller(site.url).sign_in(CITIZEN)


@pytest.fixture(scope="module")
def stranger(site: Site, uses: dict[str, str]) -> Caller:
    return Caller(site.url).sign_in(STRANGER)


def rows(answer: Answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def given_mg(caller: Caller) -> int:
    return sum(int(row["捐出 mg_co2e"]) for row in rows(caller.get(f"{GIFTS}.csv")))


def at_once(caller: Caller, acts: list[Callable[[Caller], Answer]]) -> list[Answer]:
    """The answers to acts of one person that begin together, each in a window of its own."""
    start = threading.Barrier(len(acts))
    ends: list[Answer] = []

    def run_one(act: Callable[[Caller], Answer]) -> None:
        own = Caller(caller.url, dict(caller.cookies))
        start.wait()
        ends.append(act(own))

    threads = [threading.Thread(target=run_one, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


def press(caller: Caller, use: str, amount: str, **changes: str) -> Answer:
    """The form, or with `confirmed` its second page."""
    page = f"{GIFTS}/to/{use}"
    fields = {"amount": amount, "unit": "gCO2e", "key": uuid.uuid4().hex} | changes
    return caller.post_form(page, fields, page="/account/privacy")


def test_the_list_holds_each_unit_with_the_exact_part(citizen: Caller) -> None:
    found = rows(citizen.get(f"{UNITS}.csv"))
    assert [int(row["我的部分 mg_co2e"]) for row in found] == PARTS
    assert sum(PARTS) == USED_MG
    assert [row["占比 share"] for row in found[:3]] == ["100%", "56.8%", "64.8%"]
    assert {row["状态 state"] for row in found} == {"held", "retired"}
    retired = [row for row in found if row["状态 state"] == "retired"]
    assert [row["受益人 beneficiary"] for row in retired] == ["测试植树节"] * 2
    assert {row["受益人 beneficiary"] for row in found[:5]} == {""}, "held ones served nobody yet"
    text = citizen.get(UNITS).text
    assert "7 个单位" in text
    assert "6.216 kg CO₂e" in text
    for row in found:
        assert f"/register/serials/{row['序列号 serial']}" in text
    serial = found[1]["序列号 serial"]
    assert citizen.get(f"/register/serials/{serial}").status == 200
    filtered = rows(citizen.get(f"{UNITS}.csv?serial={serial}"))
    assert [row["我的部分 mg_co2e"] for row in filtered] == ["568000"]
    assert len(rows(citizen.get(f"{UNITS}.csv?state=retired"))) == 2
    assert "没有符合条件的单位" in citizen.get(f"{UNITS}?state=pledged").text
    assert "序列号是一个整数" in citizen.get(f"{UNITS}?serial=x").text
    assert citizen.get(f"{UNITS}.csv?serial=x").status == 302


def test_each_sees_their_own_part_of_a_unit(citizen: Caller, stranger: Caller) -> None:
    mine, theirs = (
        {
            row["序列号 serial"]: int(row["我的部分 mg_co2e"])
            for row in rows(caller.get(f"{UNITS}.csv"))
        }
        for caller in (citizen, stranger)
    )
    assert sorted(theirs.values()) == [352_000, 432_000]
    assert [mine[serial] + mg for serial, mg in theirs.items()] == [1_000_000] * 2


def test_the_account_tells_where_the_reductions_went(citizen: Caller) -> None:
    given = given_mg(citizen)
    text = citizen.get("/account").text
    assert given >= RETIRED_GIFT_MG
    for mg in (CREDITED_MG, USED_MG, given, CREDITED_MG - given):
        assert f"{mass_text(mg)} CO₂e" in text


def test_a_gift_is_confirmed_once_and_given_once(citizen: Caller, uses: dict[str, str]) -> None:
    before = given_mg(citizen)
    asked = press(citizen, uses["open"], "250.5")
    assert asked.status == 200
    assert "250.5 g CO₂e" in asked.text
    assert given_mg(citizen) == before, "nothing is given before it is confirmed"
    key = re.search(r'name="key" value="([0-9a-f]{32})"', asked.text)
    assert key is not None
    first = press(citizen, uses["open"], "250.5", key=key[1], confirmed="1")
    again = press(citizen, uses["open"], "250.5", key=key[1], confirmed="1")
    assert (first.status, again.status) == (302, 302)
    assert first.headers["location"] == again.headers["location"]
    assert given_mg(citizen) == before + 250_500
    receipt = citizen.get(first.headers["location"]).text
    assert "250.5 g CO₂e" in receipt
    assert "测试马拉松" in receipt
    assert "事项注销单位后，证书会出现在这里。" in receipt


@pytest.mark.parametrize(
    ("amount", "changes", "said"),
    [
        ("", {}, "请填写要捐出的数量。"),
        ("many", {}, "请填写数字，如 1.5。"),
        ("0", {}, "请捐出大于 0 的数量。"),
        ("-3", {}, "请捐出大于 0 的数量。"),
        ("0.0001", {}, "最细到 1 毫克"),
        ("100", {"unit": "kgCO2e"}, "最多可捐"),
        ("1", {"unit": "pounds"}, "refusal"),
        ("1", {"organisation": "999999"}, "refusal"),
    ],
)
def test_what_is_wrong_stands_at_its_field(
    citizen: Caller, uses: dict[str, str], amount: str, changes: dict[str, str], said: str
) -> None:
    before = given_mg(citizen)
    for confirmed in ({}, {"confirmed": "1"}):
        answer = press(citizen, uses["open"], amount, **changes, **confirmed)
        assert answer.status == 422
        assert said in answer.text
    assert given_mg(citizen) == before


def test_only_uses_that_ask_take_gifts(citizen: Caller, uses: dict[str, str]) -> None:
    before = given_mg(citizen)
    for use, status in ((uses["silent"], 409), (uses["retired"], 409), ("U-000000-1999-1", 404)):
        assert citizen.get(f"{GIFTS}/to/{use}").status == status
        assert press(citizen, use, "1", confirmed="1").status == status
    assert given_mg(citizen) == before
    listed = citizen.get(GIFTS).text
    assert f"{GIFTS}/to/{uses['open']}" in listed
    for use in (uses["silent"], uses["retired"]):
        assert f"{GIFTS}/to/{use}" not in listed
    assert "没有找到可捐赠的事项" in citizen.get(f"{GIFTS}?q=nothing").text
    assert citizen.get(f"/register/matters/{uses['silent']}").status == 404


def test_the_form_asks_for_the_pages_token(citizen: Caller, uses: dict[str, str]) -> None:
    before = given_mg(citizen)
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    content = f"amount=1&unit=gCO2e&key={uuid.uuid4().hex}&confirmed=1".encode()
    path = f"{GIFTS}/to/{uses['open']}"
    assert citizen.ask("POST", path, headers=kind, content=content).status == 403
    assert given_mg(citizen) == before


def test_the_interface_tells_the_same(citizen: Caller, uses: dict[str, str]) -> None:
    told = citizen.get("/api/v1/people/me/units?limit=3").json
    assert (told["credited_mg"], told["used_mg"], told["total"]) == (
        str(CREDITED_MG),
        str(USED_MG),
        len(PARTS),
    )
    assert [one["mg"] for one in told["units"]] == [str(mg) for mg in PARTS[:3]]
    gifts = citizen.get("/api/v1/people/me/donations?limit=200").json
    assert gifts["total"] == len(gifts["items"])
    assert sum(int(one["mg"]) for one in gifts["items"]) == int(told["given_mg"])
    assert gifts["items"][-1]["use"] == uses["retired"]
    with zipfile.ZipFile(io.BytesIO(citizen.get("/account/privacy/data.zip").content)) as copy:
        units, given = (json.loads(copy.read(f"{name}.json")) for name in ("units", "gifts"))
    assert [one["mg"] for one in units["units"]] == PARTS
    assert [one["receipt"] for one in given["gifts"]] == [one["receipt"] for one in gifts["items"]]


@pytest.mark.parametrize(("language", "width"), [("zh-CN", 390), ("en-GB", 1280)])
def test_what_a_machine_can_tell_of_accessibility(
    browser: Browser,
    site: Site,
    uses: dict[str, str],
    citizen: Caller,
    *,
    language: str,
    width: int,
) -> None:
    page = visit(browser, site, language, width)
    page.context.add_cookies(
        [{"name": name, "value": text, "url": site.url} for name, text in citizen.cookies.items()]
    )
    receipt = rows(citizen.get(f"{GIFTS}.csv"))[0]["回执 receipt"]
    own = (UNITS, f"{UNITS}?serial=x", GIFTS, f"{GIFTS}/to/{uses['open']}", f"{GIFTS}/{receipt}")
    addresses = ("/account", *own, f"/register/matters/{uses['open']}")
    found = [trouble for address in addresses for trouble in troubles(page, address)]
    page.context.close()
    assert found == []


def test_receipts_and_lists_are_ones_own(
    site: Site, citizen: Caller, stranger: Caller, uses: dict[str, str]
) -> None:
    receipts = [row["回执 receipt"] for row in rows(citizen.get(f"{GIFTS}.csv"))]
    for caller in (stranger, Caller(site.url).sign_in(MEMBER)):
        assert caller.get(f"{GIFTS}/{receipts[0]}").status == 404
    assert Caller(site.url).get(GIFTS).status == 302
    theirs = {row["回执 receipt"] for row in rows(stranger.get(f"{GIFTS}.csv"))}
    assert theirs.isdisjoint(receipts)
    done = rows(citizen.get(f"{GIFTS}.csv?use={uses['retired']}"))
    assert [(row["捐出 mg_co2e"], row["状态 state"]) for row in done] == [
        (str(RETIRED_GIFT_MG), "retired")
    ]
    text = citizen.get(f"{GIFTS}/{done[0]['回执 receipt']}").text
    certificate = f"/certificates/{done[0]['证书 certificate']}"
    assert certificate in text
    assert Caller(site.url).get(certificate).status == 200


def test_the_uses_page_tells_nothing_of_few_givers(site: Site, uses: dict[str, str]) -> None:
    visitor = Caller(site.url)
    text = visitor.get(f"/register/matters/{uses['open']}").text
    assert "不足 20 人，暂不公布" in text
    assert "250.5" not in text
    told = visitor.get(f"/api/v1/uses/{uses['open']}/donations").json
    assert (told["mg"], told["donors"], told["is_open"]) == (None, None, True)


def test_two_gifts_of_the_last_grams_give_them_once(
    site: Site, stranger: Caller, uses: dict[str, str]
) -> None:
    assert "您还没有捐赠过" in stranger.get(GIFTS).text
    key = uuid.uuid4().hex
    pressed = at_once(
        stranger, [lambda one: press(one, uses["open"], "84", confirmed="1", key=key)] * 3
    )
    assert [answer.status for answer in pressed] == [302] * 3
    assert len({answer.headers["location"] for answer in pressed}) == 1
    assert given_mg(stranger) == 84_000, "one button, pressed three times at once"
    ends = at_once(stranger, [lambda one: press(one, uses["open"], "700", confirmed="1")] * 4)
    assert [answer.status for answer in ends].count(302) == 1
    assert {answer.status for answer in ends} <= {302, 409, 422}
    assert given_mg(stranger) == 784_000
    refused = press(stranger, uses["open"], "0.001", confirmed="1")
    assert "最多可捐 0 g。" in refused.text


@pytest.mark.parametrize("width", [390, 1280])
def test_a_gift_without_scripts(
    browser: Browser, site: Site, uses: dict[str, str], citizen: Caller, width: int
) -> None:
    context = browser.new_context(
        base_url=site.url,
        locale="zh-CN",
        viewport={"width": width, "height": 844},
        java_script_enabled=False,
    )
    context.add_cookies(
        [{"name": name, "value": text, "url": site.url} for name, text in citizen.cookies.items()]
    )
    page = context.new_page()
    before = given_mg(citizen)
    page.goto(GIFTS)
    page.click(f"a[href='{GIFTS}/to/{uses['open']}']")
    page.fill("input[name=amount]", "2")
    page.select_option("select[name=unit]", "gCO2e")
    page.click("main form button")
    page.click("button[name=change]")
    assert page.input_value("input[name=amount]") == "2"
    page.fill("input[name=amount]", "3")
    page.click("main form button")
    page.click("button[name=confirmed]")
    assert "3 g CO₂e" in page.inner_text("main")
    assert given_mg(citizen) == before + 3_000
    for path in (UNITS, GIFTS, "/account/privacy", f"/register/matters/{uses['open']}"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    context.close()
