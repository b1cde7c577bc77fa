"""A person says no: from that moment every file leaves exactly their rows out, and adds up."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from tests.flows.deliveries import a_metro_ride, deliver
from tests.flows.test_cuts_and_replay import an_empty_platform, receipts

from tanhui.books import queries as books
from tanhui.books.models import Batch, Journal, LogEntry
from tanhui.core.errors import Conflict, InputRefused, NotFound
from tanhui.domain.citizens import queries as citizens
from tanhui.domain.citizens.models import Person
from tanhui.domain.consents.models import ConsentReceipt
from tanhui.domain.consents.queries import stands
from tanhui.domain.consents.services import Said
from tanhui.domain.partners import queries as partners
from tanhui.domain.partners import services as partner_services
from tanhui.flows import consents
from tanhui.flows.consent_gate import ConsentGate
from tanhui.flows.deliveries import replay
from tanhui.flows.prove import prove
from tanhui.flows.quarantine import rows_without_consent
from tanhui.flows.record_batch import record_batch
from tanhui.interfaces.platform import feed_of, platform

pytestmark = pytest.mark.django_db

VERSION = "account-1"


def person_of(ref: str) -> int:
    person = citizens.find(ref, key=platform().identity_key)
    assert person is not None
    return person


def say(ref: str, given: bool, **scope: str) -> None:
    consents.answer(platform(), person_of(ref), given=given, via="citizen:1", **scope)


def two_people(number: int, day: int) -> list[dict[str, str]]:
    start, end = f"2024-10-{day:02d}T08:00:00+08:00", f"2024-10-{day:02d}T08:30:00+08:00"
    return [
        a_metro_ride(
            external_id=f"r{number}-{who}", person=f"card:{who}", started_at=start, ended_at=end
        )
        for who in (1, 2)
    ]


def test_a_withdrawal_leaves_out_exactly_the_persons_rows(tmp_path: Path) -> None:
    deliver(tmp_path, two_people(1, 8))
    say("card:1", False)
    receipt = deliver(tmp_path, two_people(2, 9))
    assert receipt["counts"] == {"credited": 1, "no_consent": 1}
    assert [(one["status"], one["reason"], one["rows"]) for one in receipt["reasons"]] == [
        ("no_consent", "consent.withdrawn", 1)
    ]
    assert receipt["people"] == 1
    assert books.balance(person_of("card:1")).mg == 784_000  # what was counted stays
    assert books.balance(person_of("card:2")).mg == 2 * 784_000
    batch = platform().evidence / books.batch(receipt["batch"]).uri
    assert rows_without_consent(batch) == {1: "consent.withdrawn"}
    assert [proof for proof in prove(platform()) if not proof.ok] == []


def test_a_batch_of_nobody_who_agreed_is_still_a_batch(tmp_path: Path) -> None:
    deliver(tmp_path, [a_metro_ride()])
    say("card:1", False)
    receipt = deliver(tmp_path, [a_metro_ride(external_id="r2")])
    assert (receipt["rows"], receipt["counts"]) == (1, {"no_consent": 1})
    assert (receipt["people"], receipt["mg_credited"], receipt["first_day"]) == (0, 0, None)


@pytest.mark.parametrize(
    ("said", "counted"),
    [
        ([], True),
        ([(False, {})], False),
        ([(False, {"scene": "metro"})], False),
        ([(False, {"scene": "bus"})], True),
        ([(False, {"partner": "metro-co"})], False),
        ([(False, {"partner": "pay-co"})], True),
        ([(False, {}), (True, {"scene": "metro"})], True),
        ([(False, {"scene": "metro"}), (True, {})], True),
        ([(True, {"scene": "metro"}), (False, {})], False),
        ([(False, {"partner": "metro-co"}), (True, {"scene": "bus"})], False),
        (
            [(False, {"scene": "metro", "partner": "metro-co"}), (True, {"partner": "pay-co"})],
            False,
        ),
        ([(False, {}), (True, {"partner": "metro-co"}), (False, {"scene": "bus"})], True),
    ],
)
def test_the_last_answer_that_covers_a_row_holds(
    tmp_path: Path, said: list[tuple[bool, dict[str, str]]], counted: bool
) -> None:
    deliver(tmp_path, [a_metro_ride()])
    partner_services.register("pay-co", name_zh="测试", name_en="test")
    for given, scope in said:
        say("card:1", given, **scope)
    receipt = deliver(tmp_path, two_people(2, 9)[:1])
    assert receipt["counts"] == ({"credited": 1} if counted else {"no_consent": 1})
    metro = partners.get("metro-co").pk
    asked = {"scene": "metro", "partner_id": metro, "basis_gives": True}
    assert stands(person_of("card:1"), **asked) is counted


def test_with_receipts_only_those_who_gave_one_are_counted_or_known(tmp_path: Path) -> None:
    names = {"name_zh": "metro-co（测试）", "name_en": "metro-co (test)"}
    metro = partner_services.register("metro-co", **names)
    partner_services.rest_consent_on(metro, "receipt", actor="test")
    receipt = deliver(tmp_path, two_people(1, 8))
    assert receipt["counts"] == {"no_consent": 2}
    assert receipt["reasons"][0]["reason"] == "consent.missing"
    assert not Person.objects.exists()  # who never agreed is not even given a number
    said = Said(via="key:k1", at=datetime.now(UTC), key="one")
    told = {"given": True, "scene": "metro", "version": VERSION, "said": said}
    first = consents.forwarded(platform(), metro, "card:2", **told)
    assert consents.forwarded(platform(), metro, "card:2", **told) == first
    receipt = deliver(tmp_path, two_people(2, 9))
    assert receipt["counts"] == {"credited": 1, "no_consent": 1}
    assert citizens.find("card:1", key=platform().identity_key) is None


def test_a_withdrawal_after_the_moment_of_receipt_comes_too_late_for_that_file(
    tmp_path: Path,
) -> None:
    deliver(tmp_path, [a_metro_ride()])
    say("card:1", False)
    partner = partners.get("metro-co")
    rows = pl.DataFrame({"row": [1], "person": [person_of("card:1")], "scene": ["metro"]})
    for moment, refused in ((timedelta(), 1), (timedelta(hours=-1), 0)):
        gate = ConsentGate(partner, datetime.now(UTC) + moment)
        gate.learn([person_of("card:1")])
        assert len(gate.refused(rows)) == refused


def test_every_answer_is_an_act_and_none_is_in_the_public_log(tmp_path: Path) -> None:
    deliver(tmp_path, [a_metro_ride()])
    before = LogEntry.objects.count()
    say("card:1", False, scene="metro")
    act = Journal.objects.get(verb="consents.consent.withdrawn")
    assert act.detail == {
        "scene": "metro", "partner": "", "given": False,
        "purpose": "account", "text_version": VERSION,
    }  # fmt: skip
    assert LogEntry.objects.count() == before
    with pytest.raises(Conflict, match="withdrawn already"):
        say("card:1", False, scene="metro")
    assert Journal.objects.filter(verb="consents.consent.withdrawn").count() == 1


def test_what_cannot_be_answered_is_refused(tmp_path: Path) -> None:
    deliver(tmp_path, [a_metro_ride()])
    with pytest.raises(NotFound):
        say("card:1", False, scene="skiing")
    with pytest.raises(NotFound):
        say("card:1", False, partner="nobody")
    metro = partners.get("metro-co")
    told = {"given": True, "scene": "", "version": VERSION}
    late = Said(via="key:k1", at=datetime.now(UTC) + timedelta(hours=1), key="a")
    with pytest.raises(InputRefused, match="future"):
        consents.forwarded(platform(), metro, "card:1", said=late, **told)
    now = Said(via="key:k1", at=datetime.now(UTC), key="a")
    with pytest.raises(InputRefused, match="no consent text"):
        consents.forwarded(platform(), metro, "card:1", said=now, **(told | {"version": "x"}))
    consents.forwarded(platform(), metro, "card:1", said=now, **told)
    with pytest.raises(Conflict, match="another request"):
        consents.forwarded(platform(), metro, "card:1", said=now, **(told | {"given": False}))


def test_the_overview_says_what_stands_and_keeps_every_receipt(tmp_path: Path) -> None:
    deliver(tmp_path, [a_metro_ride()])
    say("card:1", False, partner="metro-co")
    say("card:1", True)
    say("card:1", False, scene="metro")
    found = consents.overview(platform(), person_of("card:1"))
    assert found["answer"] is True
    assert [(one["partner"], one["answer"], one["stands"]) for one in found["partners"]] == [
        ("metro-co", True, True)
    ]
    assert [(one["scene"], one["answer"]) for one in found["scenes"]] == [("metro", False)]
    told = [(one["given"], one["scene"], one["partner"], one["via"]) for one in found["receipts"]]
    assert told == [
        (False, "metro", None, "citizen"), (True, None, None, "citizen"),
        (False, None, "metro-co", "citizen"),
    ]  # fmt: skip
    assert found["text"]["version"] == VERSION
    assert found["receipts"][0]["text_sha256"] == found["text"]["sha256"]


def test_a_replay_leaves_out_the_same_rows(tmp_path: Path) -> None:
    """The consents of another platform are not there; what its batches were told is."""
    with an_empty_platform():
        deliver(tmp_path, [a_metro_ride()])
        say("card:1", False)
        deliver(tmp_path, two_people(2, 9), name="second.csv")
        before = receipts()
        recorded = [
            shutil.copytree(platform().evidence / batch.uri, tmp_path / batch.uri)
            for batch in Batch.objects.order_by("seq")
        ]
    assert before[1][2] == {"credited": 1, "no_consent": 1}
    with an_empty_platform():
        replay(platform(), recorded, feed_of, record_batch, keys=platform().people_keys)
        assert receipts() == before
        assert not ConsentReceipt.objects.exists()
