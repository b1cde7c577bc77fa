"""One file in: every row one status, one integer, one posting; the same file again, nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.flows.deliveries import a_metro_ride, deliver

from tanhui.books import queries as books
from tanhui.books.models import Batch
from tanhui.books.proofs import prove
from tanhui.core.errors import Conflict, InputRefused
from tanhui.core.ids import ResultId
from tanhui.domain.citizens import queries as citizens
from tanhui.flows import reading
from tanhui.flows.explain_result import explain_result
from tanhui.interfaces.platform import platform

pytestmark = pytest.mark.django_db


def mg_of(ref: str) -> int:
    person = citizens.find(ref, key=platform().identity_key)
    return 0 if person is None else books.balance(person).mg


def assert_books_hold() -> None:
    assert [proof for proof in prove() if not proof.ok] == []


def test_a_ride_is_credited_exactly(tmp_path: Path) -> None:
    receipt = deliver(tmp_path, [a_metro_ride()])
    assert receipt["rows"] == 1
    assert receipt["counts"] == {"credited": 1}
    assert receipt["mg_credited"] == 784_000
    assert receipt["points"] == 78
    assert mg_of("card:1") == 784_000
    assert_books_hold()


def test_every_status_is_counted_and_adds_up(tmp_path: Path) -> None:
    rows = [
        a_metro_ride(),
        a_metro_ride(),  # resent
        a_metro_ride(distance_km="11"),  # same number, other content
        a_metro_ride(external_id="r2", started_at="2024-10-08T08:10:00+08:00"),  # same body
        a_metro_ride(external_id="r3", region="650100", person="card:2"),  # no methodology there
        a_metro_ride(external_id="r4", distance_km="NaN", person="card:2"),
        a_metro_ride(external_id="r5", distance_km="-1", person="card:2"),
    ]
    receipt = deliver(tmp_path, rows)
    assert receipt["counts"] == {
        "credited": 1,
        "duplicate": 2,
        "overlapping": 1,
        "no_parameter": 1,
        "rejected": 2,
    }
    assert sum(receipt["counts"].values()) == receipt["rows"] == 7
    reasons = {(row["status"], row["reason"]): row["rows"] for row in receipt["reasons"]}
    assert reasons["duplicate", "duplicate.resent"] == 1
    assert reasons["duplicate", "duplicate.other_payload"] == 1
    quarantined = reading.quarantine(platform(), receipt["batch"])
    assert [item["row"] for item in quarantined["items"]] == [6, 7]
    assert "NaN" in quarantined["items"][0]["text"]
    assert mg_of("card:1") == 784_000
    assert_books_hold()


def test_the_same_file_again_changes_nothing_and_returns_the_same_receipt(tmp_path: Path) -> None:
    first = deliver(tmp_path, [a_metro_ride()])
    again = deliver(tmp_path, [a_metro_ride()])
    assert again == first | {"repeated": True}
    assert Batch.objects.count() == 1
    assert mg_of("card:1") == 784_000


def test_two_partners_reporting_one_ride_credit_it_once(tmp_path: Path) -> None:
    deliver(tmp_path, [a_metro_ride()])
    late = a_metro_ride(external_id="x9", started_at="2024-10-08T08:01:00+08:00")
    receipt = deliver(tmp_path, [late], partner="pay-co")
    assert receipt["counts"] == {"overlapping": 1}
    record = reading.records(platform(), citizens_person("card:1"))["items"]
    assert {row["related"] for row in record} == {None, "1-1"}
    assert mg_of("card:1") == 784_000
    assert_books_hold()


def citizens_person(ref: str) -> int:
    person = citizens.find(ref, key=platform().identity_key)
    assert person is not None
    return person


def test_a_correction_reverses_and_restates(tmp_path: Path) -> None:
    deliver(tmp_path, [a_metro_ride()])
    better = a_metro_ride(external_id="r1b", distance_km="7.5", corrects="r1")
    receipt = deliver(tmp_path, [better], name="later.csv")
    assert receipt["mg_credited"] == 588_000
    assert receipt["mg_reversed"] == 784_000
    assert mg_of("card:1") == 588_000
    person = citizens_person("card:1")
    shown = {r["id"]: r for r in reading.records(platform(), person)["items"]}
    assert shown["1-1"]["status"] == "corrected"
    assert (shown["1-1"]["mg"], shown["1-1"]["mg_before"]) == (0, 784_000)
    assert shown["1-1"]["related"] == "2-1"
    account = reading.account(platform(), person)
    assert sum(r["mg"] for r in shown.values()) == account["balance"]["mg"] == 588_000
    assert [(s["scene"], s["mg"], s["events"]) for s in account["scenes"]] == [
        ("metro", 588_000, 1)
    ]
    again = deliver(tmp_path, [better | {"external_id": "r1c"}], name="third.csv")
    assert again["counts"] == {"rejected": 1}
    assert again["reasons"][0]["reason"] == "correction.target_already_corrected"
    assert mg_of("card:1") == 588_000
    assert_books_hold()


def test_an_empty_corrects_corrects_nothing(tmp_path: Path) -> None:
    line = json.dumps(a_metro_ride() | {"corrects": ""}).encode() + b"\n"
    receipt = deliver(tmp_path, line, name="rides.ndjson")
    assert receipt["counts"] == {"credited": 1}


def test_a_key_used_for_another_file_is_refused_and_nothing_changes(tmp_path: Path) -> None:
    deliver(tmp_path, [a_metro_ride()], idempotency_key="k1")
    with pytest.raises(Conflict) as refused:
        deliver(tmp_path, [a_metro_ride(person="card:2")], idempotency_key="k1")
    assert refused.value.code == "batch.key.other_file"
    assert Batch.objects.count() == 1
    assert mg_of("card:2") == 0


def test_a_refused_file_changes_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputRefused):
        deliver(tmp_path, b"external_id,person\n1,2\n")
    assert Batch.objects.count() == 0
    staging = platform().evidence / "staging"
    assert list(staging.iterdir()) == []


def test_explain_recomputes_a_stored_result(tmp_path: Path) -> None:
    receipt = deliver(tmp_path, [a_metro_ride(distance_km="6.825")])
    document = explain_result(platform(), ResultId(receipt["batch"], 1))
    assert document["matches"]
    assert document["recomputed_mg"] == 535_080
    assert document["explanation"]["parameters"][0]["evidence"] == "seed"
    assert document["points"]["points"] == 53
