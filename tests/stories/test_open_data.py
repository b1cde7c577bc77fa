"""Real, uncleaned files through the whole platform, where they are at hand (../shared/data)."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tanhui.books.models import Batch, Transfer
from tanhui.books.proofs import prove
from tanhui.core.ids import ResultId
from tanhui.domain.partners import services as partners
from tanhui.flows import reading
from tanhui.flows.explain_result import explain_result
from tanhui.interfaces.intake import take_in
from tanhui.interfaces.platform import platform

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
TAPS = DATA / "shenzhen-transit" / "taps-2018-09-01.csv"
NETWORK = DATA / "shenzhen-transit" / "metro-network.json"
SESSIONS = DATA / "ev-workplace" / "sessions.csv"

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not DATA.is_dir(), reason="the open data is not beside this checkout"),
]


def taken(path: Path, feed: str, **config: str) -> dict[str, Any]:
    partners.register(feed, name_zh=f"{feed}（测试）", name_en=f"{feed} (test)")
    return take_in(
        path,
        name=path.name,
        partner=feed,
        feed=feed,
        config=config,
        actor="test",
        may_name_files=True,
    )


def assert_books_hold() -> None:
    assert [proof for proof in prove() if not proof.ok] == []


def test_every_tap_of_a_shenzhen_morning_is_accounted_for() -> None:
    receipt = taken(TAPS, "shenzhen-transit", network=str(NETWORK))
    assert receipt["rows"] == 37_000
    assert sum(receipt["counts"].values()) == 37_000
    assert receipt["counts"] == {
        "credited": 25_340,
        "duplicate": 1,
        "not_applicable": 2_003,
        "paired": 486,
        "rejected": 36,
        "waiting": 9_134,
    }
    taps = Transfer.objects.count()
    again = taken(TAPS, "shenzhen-transit", network=str(NETWORK))
    assert again == receipt | {"repeated": True}
    assert Batch.objects.count() == 1
    assert Transfer.objects.count() == taps
    assert reading.quarantine(platform(), 1)["total"] == 36
    assert_books_hold()


def test_a_tap_whose_partner_arrives_in_a_later_file_is_paired_then_and_once(
    tmp_path: Path,
) -> None:
    header, *lines = TAPS.read_bytes().splitlines(keepends=True)
    entry, exit_ = a_pair(lines)
    first, second, third = (tmp_path / f"{name}.csv" for name in ("first", "second", "third"))
    first.write_bytes(header + lines[entry])
    second.write_bytes(header + lines[exit_])
    third.write_bytes(header + lines[exit_] + lines[entry])
    assert taken(first, "shenzhen-transit", network=str(NETWORK))["counts"] == {"waiting": 1}
    ride = taken(second, "shenzhen-transit", network=str(NETWORK))
    assert ride["counts"] == {"credited": 1}
    assert explain_result(platform(), ResultId(2, 1))["matches"]
    again = taken(third, "shenzhen-transit", network=str(NETWORK))
    assert again["counts"] == {"duplicate": 2}, "both taps are known"
    assert again["mg_credited"] == 0
    assert_books_hold()


def a_pair(lines: list[bytes]) -> tuple[int, int]:
    """Positions of an entry and the exit that follows it, of a ride that cost 4 yuan or more."""
    open_entries: dict[str, tuple[str, int]] = {}
    taps = sorted(
        (row[1], row[0], row[2], int(row[4]), index)
        for index, row in enumerate(csv.reader(line.decode() for line in lines))
    )
    for at, card, kind, fare_fen, index in taps:
        if kind == "地铁入站":
            open_entries[card] = (at, index)
        elif kind == "地铁出站" and card in open_entries and fare_fen >= 400:
            return open_entries[card][1], index
    raise AssertionError("the file holds no pair")


def test_charging_sessions_add_up_to_what_ten_lines_compute() -> None:
    with SESSIONS.open(encoding="utf-8") as file:
        sessions = [Decimal(row["kwhTotal"]) for row in csv.DictReader(file)]
    expected_mg = sum(int(kwh * Decimal("409.4") * 1000) for kwh in sessions)
    assert all(kwh * Decimal("409400") % 1 == 0 for kwh in sessions), "no rounding in this data"

    receipt = taken(SESSIONS, "ev-sessions", year_offset="2000", utc_offset="-05:00")
    assert receipt["rows"] == len(sessions) == 3_395
    assert receipt["counts"] == {
        "credited": sum(kwh > 0 for kwh in sessions),
        "not_applicable": sum(kwh == 0 for kwh in sessions),
    }
    assert receipt["mg_credited"] == expected_mg == 8_074_878_686
    assert_books_hold()


def test_without_the_declared_offset_the_years_are_quarantined() -> None:
    receipt = taken(SESSIONS, "ev-sessions", utc_offset="-05:00")
    assert receipt["counts"] == {"rejected": 3_395}
    assert {row["reason"] for row in receipt["reasons"]} == {"time.year_implausible"}
    assert receipt["mg_credited"] == 0
    assert_books_hold()
