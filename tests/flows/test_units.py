"""Units from batches: no more than was reduced, each batch once, retired once, certified once."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from tests.books.postings import a_total, post
from tests.books.translog.logs import a_key

from tanhui.books.certificates import Issuer
from tanhui.books.credentials import check
from tanhui.books.models import Certificate, Issue, Journal, LogEntry
from tanhui.books.proofs import prove
from tanhui.core.canonical import read_json
from tanhui.core.errors import Conflict, InputRefused, NotFound, TanhuiError
from tanhui.domain.organisations.models import ENTERPRISE, Organisation
from tanhui.engine.rulesets import Rulesets, RuleValue
from tanhui.flows.platform import Platform
from tanhui.flows.units import (
    IssueRequest,
    RetireRequest,
    holdings,
    issue_units,
    retire_units,
)
from tanhui.interfaces.platform import platform as installed

ISSUER = Issuer("https://carbon.example", "测试平台", "Test platform", a_key("registry"))
MOMENT = datetime(2025, 3, 1, 4, 5, 6, tzinfo=UTC)


def a_platform(unit_mg: int = 100_000) -> Platform:
    """The installed platform at one moment, with units of 100 g."""
    day = date(2014, 1, 1)
    rule = RuleValue(
        value=unit_mg,
        source="test",
        source_url=None,
        tag="template",
        valid_from=day,
        valid_to=None,
        region="100000",
        note=None,
    )
    return replace(
        installed(),
        clock=lambda: MOMENT,
        rulesets=Rulesets({("100000", "issue.unit_mg"): (rule,)}),
    )


def issued(units: int, *from_batches: int, **changes: Any) -> str:
    values = {"batch": "B1", "owner": 1, "actor": "test", "key": f"issue/{units}"} | changes
    return str(
        issue_units(a_platform(), IssueRequest(units=units, from_batches=from_batches, **values))
    )


def retired(units: int, **changes: Any) -> Certificate:
    values: dict[str, Any] = {
        "owner": 1,
        "beneficiary": "某会议",
        "purpose": "会议碳中和",
        "actor": "test",
        "key": f"retire/{units}",
    } | changes
    return retire_units(a_platform(), RetireRequest(units=units, **values), issuer=ISSUER)


def state() -> tuple[int, ...]:
    return Journal.objects.count(), Issue.objects.count(), Certificate.objects.count()


def an_owner() -> None:
    """The organisation that the tests issue to, number 1."""
    named = {"name_zh": "测试机构", "name_en": "Test body", "kind": ENTERPRISE, "region": "420100"}
    Organisation.objects.create(pk=1, created_at=MOMENT, **named)


@pytest.fixture
def batches(db: None) -> None:
    an_owner()
    post([a_total(mg=700_000)])
    post([a_total(mg=350_000)])


@pytest.mark.usefixtures("batches")
def test_units_follow_what_was_reduced() -> None:
    assert issued(10, 1, 2) == "1-10"
    before = state()
    assert issued(10, 1, 2) == "1-10", "the same key gives the same serials"
    assert state() == before
    said = read_json(bytes(LogEntry.objects.order_by("-id")[0].body))
    assert (said["units"], said["serials"], said["unit_mg"]) == (10, ["1-10"], "100000")
    assert [each.partition(":")[0] for each in said["from"]] == ["1", "2"]


@pytest.mark.usefixtures("batches")
@pytest.mark.parametrize(
    ("units", "from_batches", "message"),
    [
        (11, (1, 2), "less than 11 units"),
        (8, (1,), "less than 8 units"),
        (1, (1, 9), "do not"),
        (1, (), "Give 1 to"),
        (0, (1,), "cannot be issued"),
        (-1, (1,), "cannot be issued"),
    ],
)
def test_what_was_not_reduced_is_not_issued(
    units: int, from_batches: tuple[int, ...], message: str
) -> None:
    before = state()
    with pytest.raises(TanhuiError, match=message):
        issued(units, *from_batches)
    assert state() == before


@pytest.mark.usefixtures("batches")
def test_what_a_later_batch_took_back_is_not_issued() -> None:
    post([a_total(reversal=True, mg=300_000, points=0, origin=1)])
    before = state()
    with pytest.raises(Conflict, match="net 400000 mg, less than 5 units"):
        issued(5, 1)
    assert state() == before
    assert issued(4, 1) == "1-4"


@pytest.mark.usefixtures("batches")
def test_nobody_registered_holds_nothing() -> None:
    before = state()
    for act in (lambda: issued(1, 1, owner=2), lambda: retired(1, owner=2)):
        with pytest.raises(NotFound, match="No organisation has the number 2"):
            act()
    with pytest.raises(NotFound):
        holdings(a_platform(), 2)
    assert state() == before


@pytest.mark.usefixtures("batches")
def test_a_batch_serves_once() -> None:
    issued(3, 1)
    before = state()
    with pytest.raises(Conflict, match="were issued from before"):
        issued(4, 1, 2, batch="B2")
    with pytest.raises(Conflict, match="was issued before"):
        issued(2, 2)
    assert state() == before


@pytest.mark.usefixtures("batches")
def test_a_retirement_is_certified_once_and_for_good() -> None:
    issued(10, 1, 2)
    first = retired(4)
    assert retired(4).token == first.token
    check(first.credential, ISSUER.multikey)
    narrative = first.credential["credentialSubject"]["achievement"]["criteria"]["narrative"]
    assert "units=4\nmass_mg=400000\nserials=7-10" in narrative
    assert [(str(block.serials), block.state) for block in holdings(a_platform(), 1)] == [
        ("1-6", "held"),
        ("7-10", "retired"),
    ]
    said = read_json(bytes(LogEntry.objects.order_by("-id")[0].body))
    assert (said["serials"], said["beneficiary"]) == (["7-10"], "某会议")
    before = state()
    with pytest.raises(Conflict, match="has 6 units"):
        retired(7)
    with pytest.raises(Conflict, match="another request"):
        retired(2, key="retire/4")
    for wrong in ("", " ", "x\ny", "x" * 201):
        with pytest.raises(InputRefused, match="printable characters"):
            retired(1, beneficiary=wrong)
    assert state() == before
    assert all(proof.ok for proof in prove())


@pytest.mark.django_db(transaction=True)
def test_many_at_once_retire_no_unit_twice() -> None:
    an_owner()
    post([a_total(mg=1_000_000)])
    issued(10, 1)
    outcomes: list[str] = []

    def work(number: int) -> None:
        try:
            retired(3, key=f"retire/{number % 6}")  # every key twice
            outcomes.append("retired")
        except Conflict:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Certificate.objects.count() == 3
    assert outcomes.count("retired") >= 3
    units = [
        unit
        for block in holdings(a_platform(), 1)
        if block.state == "retired"
        for unit in range(block.serials.first, block.serials.last + 1)
    ]
    assert len(units) == len(set(units)) == 9
    assert all(proof.ok for proof in prove())
