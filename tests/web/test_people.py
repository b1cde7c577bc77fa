"""A person through the API: exact figures, own records only, every number explained."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from tests.web.asking import Caller
from tests.web.small_city import CITIZEN, MEMBER, RIDE_MG, STRANGER

RECORDS = "/api/v1/people/me/records"
# id, day, status, mg, points: newest first
ALL = [
    ("4-1", "2024-10-15", "not_applicable", 0, 0),
    ("3-2", "2024-10-14", "partly_capped", 296_000, 29),
    ("3-1", "2024-10-14", "credited", 4_704_000, 470),
    ("2-2", "2024-10-12", "credited", RIDE_MG, 78),
    ("1-3", "2024-10-09", "duplicate", 0, 0),
    ("1-2", "2024-10-09", "credited", RIDE_MG, 78),
    ("2-1", "2024-10-08", "overlapping", 0, 0),
    ("1-1", "2024-10-08", "credited", RIDE_MG, 78),
]


@pytest.fixture
def citizen(signed_in: Callable[[str], Caller]) -> Caller:
    return signed_in(CITIZEN)


def test_the_account_adds_up(citizen: Caller) -> None:
    account = citizen.get("/api/v1/people/me/account").json
    assert account["balance"] == {"mg": 7_352_000, "points": 733}
    assert account["is_demo"] is False
    assert [(one["scene"], one["mg"], one["points"]) for one in account["scenes"]] == [
        ("metro", 7_352_000, 733)
    ]
    assert sum(day["mg"] for day in account["days"]) == 7_352_000
    assert (account["first_day"], account["last_day"]) == ("2024-10-08", "2024-10-14")
    assert isinstance(account["person"], str)


def test_every_record_is_listed_newest_first(citizen: Caller) -> None:
    items = citizen.get(RECORDS).json["items"]
    listed = [(one["id"], one["day"], one["status"], one["mg"], one["points"]) for one in items]
    assert listed == ALL
    overlap = next(one for one in items if one["status"] == "overlapping")
    assert overlap["related"] == "1-1"
    assert overlap["partner_name_zh"] == "测试支付"
    assert overlap["reason_en"]


@pytest.mark.parametrize("limit", [1, 3, 8])
def test_pages_give_each_record_once(citizen: Caller, limit: int) -> None:
    found, before = [], ""
    for _ in range(20):
        page = citizen.get(f"{RECORDS}?limit={limit}{before}").json
        found += [one["id"] for one in page["items"]]
        if page["next"] is None:
            break
        before = f"&before={page['next']}"
    assert found == [record[0] for record in ALL]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("status=credited", ["3-1", "2-2", "1-2", "1-1"]),
        ("status=duplicate", ["1-3"]),
        ("scene=bus", []),
        ("scene=metro&status=partly_capped", ["3-2"]),
        ("day_from=2024-10-12&day_to=2024-10-14", ["3-2", "3-1", "2-2"]),
        ("day_to=2024-10-08", ["2-1", "1-1"]),
    ],
)
def test_filters(citizen: Caller, query: str, ids: list[str]) -> None:
    assert [one["id"] for one in citizen.get(f"{RECORDS}?{query}").json["items"]] == ids


def test_a_result_is_explained_and_computed_again(citizen: Caller) -> None:
    answer = citizen.get("/api/v1/results/1-1")
    assert answer.status == 200, answer.text
    explained = answer.json
    assert explained["matches"] is True
    assert explained["recomputed_mg"] == explained["record"]["mg"] == RIDE_MG
    assert explained["points"]["points"] == 78
    assert explained["batch"]["source"]["name"] == "rides-1.csv"
    explanation = explained["explanation"]
    assert explanation["inputs"][0]["value"] == "10"
    factor = next(one for one in explanation["parameters"] if one["value"] == "78.4")
    assert (factor["unit"], factor["evidence"]) == ("gCO2e/km", "seed")
    assert factor["source"]
    assert explanation["rounding"]["mg"] == RIDE_MG
    assert "person" not in explained


def test_the_cap_is_explained(citizen: Caller) -> None:
    cap = citizen.get("/api/v1/results/3-2").json["cap"]
    assert (cap["max_mg"], cap["quantified_mg"], cap["credited_mg"], cap["cut_mg"]) == (
        5_000_000, 784_000, 296_000, 488_000,
    )  # fmt: skip
    [step] = citizen.get("/api/v1/results/3-2").json["caps"]
    assert (step["used"], step["left"], step["cut_mg"]) == (4_704_000, 296_000, 488_000)
    assert step["used"] == sum(each["mg"] for each in step["used_by"])
    page = " ".join(citizen.get("/account/records/3-2").text.split())
    assert "剩余 0.296 kg" in page
    assert "此上限削减 0.488 kg，至多计入 <strong>0.296</strong> kg" in page


# another's record, a row that became no record, a row, a batch and a number that are not there
ABSENT = ["1-5", "1-4", "1-99", "99-1", "0-0", f"1-{2**63 - 1}"]


@pytest.mark.parametrize("result", ABSENT)
def test_what_is_not_mine_does_not_exist(citizen: Caller, result: str) -> None:
    """The same answer for all of them, so it does not tell which."""
    answer = citizen.get(f"/api/v1/results/{result}")
    assert (answer.status, answer.json["code"]) == (404, "result.unknown")
    assert answer.json["zh"] == f"没有记录 {result}，或不属于您。"
    assert answer.json["en"] == f"There is no result {result}, or it is not yours."
    assert answer.json["values"] == {}
    page = citizen.get(f"/account/records/{result}")
    assert page.status == 404
    assert f"没有记录 {result}，或不属于您。" in page.text


def test_a_stranger_sees_only_their_own(signed_in: Callable[[str], Caller]) -> None:
    stranger = signed_in(STRANGER)
    assert [one["id"] for one in stranger.get(RECORDS).json["items"]] == ["1-5"]
    assert stranger.get("/api/v1/results/1-1").status == 404
    assert stranger.get("/account/records/1-1").status == 404


def test_a_partners_member_has_no_account(signed_in: Callable[[str], Caller]) -> None:
    member = signed_in(MEMBER)
    assert member.get("/api/v1/people/me/account").status == 401
    assert member.get("/account").status == 404


@pytest.mark.parametrize("path", [RECORDS + ".csv", "/account/records.csv"])
def test_the_export_holds_every_record(citizen: Caller, path: str) -> None:
    answer = citizen.get(path)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="tanhui-records.csv"'
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == [record[0] for record in ALL]
    mass = rows[0].index("减排量 mg_co2e")
    assert sum(int(row[mass]) for row in rows[1:]) == 7_352_000


def test_the_pages_export_keeps_the_filter(citizen: Caller) -> None:
    text = citizen.get("/account/records.csv?status=duplicate").content.decode("utf-8-sig")
    assert [row.split(",")[0] for row in text.splitlines()[1:]] == ["1-3"]
