"""The terms of crediting through the public door: files in, exact integers, proofs, replay."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import connection, transaction
from django.template.loader import render_to_string
from django.utils import translation
from tests.flows.deliveries import Row, a_metro_ride
from tests.flows.deliveries import deliver as deliver_bytes
from tests.stories.lawgiver import CHARGING, HOME, TRIP, a_cap, metro, write_law

from tanhui.books import queries as books
from tanhui.books.models import OPERATOR, PARTNER, Balance, Batch
from tanhui.core.ids import ResultId
from tanhui.domain.citizens import queries as citizens
from tanhui.flows import reading
from tanhui.flows.deliveries import replay
from tanhui.flows.explain_result import explain_result
from tanhui.flows.prove import prove
from tanhui.flows.record_batch import record_batch
from tanhui.interfaces import intake
from tanhui.interfaces.cli import look
from tanhui.interfaces.platform import feed_of, installed, platform

pytestmark = pytest.mark.django_db

Under = Callable[..., None]


def deliver(folder: Path, rows: list[Row], **options: Any) -> dict[str, Any]:
    """Take the rows in as a file that has only the columns they use."""
    text = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(text, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return deliver_bytes(folder, text.getvalue().encode(), **options)


@pytest.fixture
def under(settings: Any, tmp_path: Path) -> Iterator[Under]:
    """Makes the given methodologies the law of the platform."""

    def set_law(*texts: str) -> None:
        settings.TANHUI_LIBRARY = write_law(tmp_path, *texts)
        installed.cache_clear()

    yield set_law
    installed.cache_clear()


def shown(result: str) -> dict[str, Any]:
    """The record as its person sees it, once its number was computed again."""
    explained = explain_result(platform(), ResultId.parse(result))
    assert explained["matches"], explained
    record: dict[str, Any] = explained["record"]
    return record


def told(result: str) -> tuple[str, str, int]:
    """Status, reason and mg of a record."""
    record = shown(result)
    return record["status"], record["reason"], record["mg"]


def told_points(result: str) -> int:
    """Points of a record."""
    points: int = shown(result)["points"]
    return points


def balance(ref: str) -> tuple[int, int]:
    """mg and points of a person."""
    person = citizens.find(ref, key=platform().identity_key)
    assert person is not None
    own = books.balance(person)
    return own.mg, own.points


def assert_books_hold() -> None:
    assert [proof for proof in prove(platform()) if not proof.ok] == []


def state() -> list[Any]:
    """Everything a replay must give again."""
    names = ("seq", "counts", "reasons", "mg_credited", "mg_reversed", "points_credited")
    return [*Batch.objects.order_by("seq").values_list(*names), *_balances()]


def _balances() -> list[tuple[int, int]]:
    return sorted(Balance.objects.values_list("credits", "debits"))


def assert_replay_gives_the_same(folder: Path) -> None:
    """The recorded deliveries, taken in again by an empty platform."""
    expected = state()
    recorded = [
        shutil.copytree(platform().evidence / batch.uri, folder / batch.uri)
        for batch in Batch.objects.order_by("seq")
    ]
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")  # without triggers
            for table in ("lot", "balance", "transfer", "batch", "journal", "account"):
                cursor.execute(f"DELETE FROM books_{table}")
            cursor.execute("SET LOCAL session_replication_role = DEFAULT")
        replay(platform(), recorded, feed_of, record_batch, keys=platform().people_keys)
        assert state() == expected
        transaction.set_rollback(True)


def a_reading(day: int, kwh: str, **changes: str) -> Row:
    """A day's electricity of October 2024."""
    row = a_metro_ride(
        external_id=f"e{day}",
        scene="home-electricity",
        started_at=f"2024-10-{day:02d}T00:00:00+08:00",
        ended_at=f"2024-10-{day:02d}T23:59:59+08:00",
        energy_kwh=kwh,
    )
    del row["distance_km"]
    return row | changes


def test_a_home_saves_against_its_own_week(under: Under, tmp_path: Path) -> None:
    under(HOME)
    first = deliver(tmp_path, [a_reading(1, "10"), a_reading(2, "12"), a_reading(3, "11")])
    assert first["counts"] == {"not_applicable": 3}
    assert [row["reason"] for row in first["reasons"]] == ["history.too_short"]
    other_meter = a_reading(4, "2", external_id="x4")
    deliver(tmp_path, [a_reading(4, "8"), other_meter], name="2.csv")
    assert told("2-1") == ("credited", "", 1_500_000)  # (33/3 - 8) kWh of 500 g
    assert told("2-2")[0] == "overlapping"
    deliver(tmp_path, [a_reading(5, "9")], name="3.csv")
    assert told("3-1") == ("credited", "", 625_000)  # ((33 + 8)/4 - 9)
    better = a_reading(4, "10", external_id="e4b", corrects="e4")
    deliver(tmp_path, [better], name="4.csv")
    assert told("4-1") == ("credited", "", 500_000)  # (33/3 - 10)
    assert told("2-1")[0] == "corrected"
    assert told("3-1") == ("credited", "", 625_000), "an earlier answer stands"
    deliver(tmp_path, [a_reading(6, "9"), a_reading(7, "20"), a_reading(8, "5")], name="5.csv")
    assert told("5-1") == ("credited", "", 700_000)  # ((33 + 10 + 9)/5 - 9)
    assert told("5-2") == ("not_applicable", "not_applicable.negative", 0)
    assert told("5-3") == ("credited", "", 3_285_714)  # (81/7 - 5), days 1 to 7
    whole = 625_000 + 500_000 + 700_000 + 3_285_714
    assert balance("card:1")[0] == whole
    assert_books_hold()
    assert_replay_gives_the_same(tmp_path)


def test_one_file_answers_like_many(under: Under, tmp_path: Path) -> None:
    under(HOME)
    rows = [a_reading(day, str(12 - day % 5)) for day in (1, 2, 3, 9, 4, 5, 6, 7, 8)]
    with transaction.atomic():
        deliver(tmp_path, rows)
        whole = [told(f"1-{row}") for row in range(1, 10)]
        transaction.set_rollback(True)
    for number, row in enumerate(rows):
        deliver(tmp_path, [row], name=f"{number}.csv")
    assert [told(f"{batch}-1") for batch in range(1, 10)] == whole
    assert {status for status, _, _ in whole} == {"credited", "not_applicable"}


def a_ride_on(day: str, **changes: str) -> Row:
    """784,000 mg of metro at eight in the morning."""
    return a_metro_ride(
        external_id=f"r{day}",
        started_at=f"{day}T08:00:00+08:00",
        ended_at=f"{day}T08:30:00+08:00",
        **changes,
    )


def test_a_claim_lapses_after_its_days(
    under: Under, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    under(metro("claim: {after_days: 2, within_days: 7}\n"))
    late = datetime(2024, 10, 19, 16, 0, tzinfo=UTC)  # 20 October in Wuhan
    at_that_time = replace(platform(), clock=lambda: late)
    monkeypatch.setattr(intake, "platform", lambda: at_that_time)
    receipt = deliver(tmp_path, [a_ride_on("2024-10-10"), a_ride_on("2024-10-11")])
    assert receipt["counts"] == {"credited": 1, "not_applicable": 1}
    assert told("1-1") == ("not_applicable", "claim.lapsed", 0)
    assert told("1-2") == ("credited", "", 784_000)
    assert shown("1-1")["claim"] == {"first_day": "2024-10-12", "last_day": "2024-10-19"}
    assert "申领" in shown("1-1")["reason_zh"]
    days = [("2024-10-10", [shown("1-1")])]
    with translation.override("zh-hans"):
        page = render_to_string("tanhui/_records.html", {"days": days})
    assert "申领期" in page, "the account says from when until when"
    assert_books_hold()
    assert_replay_gives_the_same(tmp_path)


def owned(kind: str) -> int:
    """What holders of that kind have, in mg."""
    rows = Balance.objects.filter(account__owner_kind=kind).values_list("credits", "debits")
    return sum(credits - debits for credits, debits in rows)


def test_the_platform_receives_its_share_and_gives_it_back(under: Under, tmp_path: Path) -> None:
    under(metro("", allocation="{person: 80%, platform: 20%, operator: 0%}"))
    tiny = a_ride_on("2024-10-09", distance_km="0.001")
    receipt = deliver(tmp_path, [a_ride_on("2024-10-08"), tiny])
    assert receipt["mg_credited"] == 784_078
    assert receipt["points"] == 62, "points follow the person's share"
    assert receipt["shares"] == {
        "person": {"credited": 627_262, "reversed": 0},
        "platform": {"credited": 156_816, "reversed": 0},
        "operator": {"credited": 0, "reversed": 0},
    }
    assert shown("1-2")["shares"] == {"person": 62, "platform": 16, "operator": 0}
    assert balance("card:1") == (627_262, 62)
    assert (owned(PARTNER), owned(OPERATOR)) == (156_816, 0)
    assert_books_hold()
    better = a_ride_on("2024-10-08", distance_km="5", corrects="r2024-10-08")
    receipt = deliver(tmp_path, [better | {"external_id": "c1"}], name="2.csv")
    assert (receipt["mg_credited"], receipt["mg_reversed"]) == (392_000, 784_000)
    assert receipt["shares"]["platform"] == {"credited": 78_400, "reversed": 156_800}
    assert balance("card:1") == (313_662, 31)
    assert owned(PARTNER) == 78_416
    assert told("2-1") == ("credited", "", 313_600)
    account = reading.account(platform(), books_person("card:1"))
    assert account["balance"]["mg"] == sum(scene["mg"] for scene in account["scenes"]) == 313_662
    assert_books_hold()
    assert_replay_gives_the_same(tmp_path)


def books_person(ref: str) -> int:
    person = citizens.find(ref, key=platform().identity_key)
    assert person is not None
    return person


def test_a_charge_and_a_trip_of_one_day_count_once(under: Under, tmp_path: Path) -> None:
    under(CHARGING, TRIP)
    charge, trip = {"scene": "ev-charging"}, {"scene": "nev-trip", "external_id": "t1"}
    deliver(tmp_path, [a_ride_on("2024-10-08", **charge)])
    deliver(tmp_path, [a_ride_on("2024-10-08") | trip], name="2.csv", partner="car-co")
    assert told("2-1") == ("overlapping", "overlapping.excluded", 0)
    assert shown("2-1")["related"] == "1-1"
    next_day = a_ride_on("2024-10-09") | {"scene": "nev-trip", "external_id": "t2"}
    deliver(tmp_path, [next_day], name="3.csv", partner="car-co")
    assert told("3-1") == ("credited", "", 784_000)
    deliver(tmp_path, [a_ride_on("2024-10-09", **charge)], name="4.csv")
    assert told("4-1")[:2] == ("overlapping", "overlapping.excluded"), "either may come first"
    assert shown("4-1")["related"] == "3-1"
    assert balance("card:1")[0] == 2 * 784_000
    assert_books_hold()
    assert_replay_gives_the_same(tmp_path)


def test_a_month_is_capped_over_files(under: Under, tmp_path: Path) -> None:
    under(metro("caps:\n" + a_cap("day", "0.9 kgCO2e") + a_cap("month", "1.5 kgCO2e")))
    days = ("2024-10-08", "2024-10-20", "2024-10-31", "2024-11-01")
    for number, day in enumerate(days):
        deliver(tmp_path, [a_ride_on(day)], name=f"{number}.csv")
    assert [told(f"{batch}-1") for batch in range(1, 5)] == [
        ("credited", "", 784_000),
        ("partly_capped", "capped.partly.month", 716_000),
        ("capped", "capped.fully.month", 0),
        ("credited", "", 784_000),
    ]
    back = a_ride_on("2024-10-08", distance_km="2", corrects="r2024-10-08")
    deliver(tmp_path, [back | {"external_id": "c1"}], name="5.csv")
    assert told("5-1") == ("credited", "", 156_800)
    again = a_ride_on("2024-10-31", distance_km="10") | {"external_id": "r9"}
    again |= {"started_at": "2024-10-31T18:00:00+08:00", "ended_at": "2024-10-31T18:20:00+08:00"}
    deliver(tmp_path, [again], name="6.csv")
    assert told("6-1") == ("partly_capped", "capped.partly.month", 627_200)
    explained = explain_result(platform(), ResultId(6, 1))
    assert [cap["decided"] for cap in explained["caps"]] == [False, True]
    day, month = explained["caps"]
    assert (day["first_day"], day["last_day"], day["used_by"]) == ("2024-10-31", "2024-10-31", [])
    assert (month["first_day"], month["last_day"]) == ("2024-10-01", "2024-10-31")
    assert [(each["id"], each["mg"]) for each in month["used_by"]] == [
        ("2-1", 716_000),  # 1-1 was taken back by 5-1 before this one came
        ("5-1", 156_800),
    ]
    assert (month["used"], month["left"]) == (872_800, 627_200)
    assert (month["before_mg"], month["allowed_mg"], month["cut_mg"]) == (784_000, 627_200, 156_800)
    points = explained["points"]
    assert points["points"] == points["steps"] * points["points_per_step"] == told_points("6-1")
    printed = CliRunner().invoke(look.explain, ["6-1"]).output
    assert "剩余 left 627,200 mg" in printed
    assert "5-1  2024-10-08  metro  156,800 mg" in printed
    assert_books_hold()
    assert_replay_gives_the_same(tmp_path)
