"""Changing a rule in operation: proposed by one, noticed, approved by another, never backwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from tests.flows.registry.holders import units_for
from tests.flows.registry.offices import Office, a_caller, an_organisation

from tanhui.books.models import Journal, LogEntry
from tanhui.core.errors import Conflict, Denied, InputRefused, TanhuiError
from tanhui.domain.matters.models import Matter
from tanhui.domain.rules.models import Change
from tanhui.engine.rulesets import Rulesets
from tanhui.flows.registry.callers import Caller
from tanhui.flows.rules_in_force import in_force

pytestmark = pytest.mark.django_db

CAP = {
    "rule": "offset.cap",
    "from": "2025-04-01",
    "value": "{ratio: 0.08, base: quota}",
    "source": "武汉市 2025 年度抵销公告（测试）",
    "tag": "official",
}


@pytest.fixture
def office() -> Office:
    return Office()


def propose(office: Office, caller: Caller, **changes: Any) -> Matter:
    data = {name: value for name, value in (CAP | changes).items() if value is not None}
    return office.open(caller, "rule_change", data=data)


def pass_notice(office: Office, caller: Caller, matter: Matter) -> None:
    """Give notice and let its days go by."""
    office.step(caller, matter, "give_notice")
    office.wait(8)


def enacted(office: Office, **changes: Any) -> Matter:
    """A change that went the whole way."""
    one, two = a_caller("authority"), a_caller("authority")
    matter = propose(office, one, **changes)
    pass_notice(office, one, matter)
    office.step(two, matter, "approve")
    return matter


def refused(what: type[TanhuiError], code: str, act: Any) -> TanhuiError:
    """The act is refused with that code, and nothing changed."""
    before = Journal.objects.count(), Change.objects.count(), LogEntry.objects.count()
    with pytest.raises(what) as caught, transaction.atomic():
        act()
    assert caught.value.code == code
    assert (Journal.objects.count(), Change.objects.count(), LogEntry.objects.count()) == before
    return caught.value


def test_two_people_change_a_rule_and_the_log_says_before_and_after(office: Office) -> None:
    matter = enacted(office)
    now = in_force(office.platform).rulesets
    cap = now.at(region="420100", on=date(2025, 4, 1)).offset_cap()
    assert (str(cap.ratio), cap.base, cap.rule.change) == ("2/25", "quota", matter.number)
    before = now.at(region="420100", on=date(2025, 3, 31)).offset_cap()
    assert (str(before.ratio), before.base, before.rule.region) == (
        "1/10",
        "initial_quota",
        "420000",
    )
    entry = LogEntry.objects.order_by("-pk").first()
    assert entry is not None
    said = bytes(entry.body).decode()
    for words in ("{ratio: 0.1, base: initial_quota}", "{ratio: 0.08, base: quota}", matter.number):
        assert words in said


def test_the_same_person_cannot_approve(office: Office) -> None:
    one = a_caller("authority")
    matter = propose(office, one)
    pass_notice(office, one, matter)
    refused(Conflict, "matter.approval.same_person", lambda: office.step(one, matter, "approve"))


def test_approval_waits_for_the_notice_and_its_objections(office: Office) -> None:
    one, two = a_caller("authority"), a_caller("operator")
    matter = propose(office, one)
    refused(Conflict, "matter.step.forbidden", lambda: office.step(two, matter, "approve"))
    office.step(one, matter, "give_notice")
    notice = matter.notices.get()
    assert (notice.opened_on, notice.last_day, notice.workdays) == (
        date(2025, 3, 3),
        date(2025, 3, 10),
        5,
    )
    refused(Conflict, "matter.notice.open", lambda: office.step(two, matter, "approve"))


def test_only_the_regions_own_people_change_its_rules(office: Office) -> None:
    elsewhere = a_caller("authority", region="440000")
    refused(Denied, "matter.step.not_yours", lambda: propose(office, elsewhere))


BROKEN = {
    "unknown rule": ({"rule": "offset.cup"}, "did you mean 'offset.cap'"),
    "no form": ({"value": "8 %"}, "must be a mapping"),
    "no base": ({"value": "{ratio: 0.08}"}, "lacks 'base'"),
    "too much": ({"value": "{ratio: 8, base: quota}"}, "0.10"),
    "unknown": ({"value": "unknown"}, "says a value"),
    "not yaml": ({"value": "{ratio: 0.08"}, "brace"),
    "no product": ({"product": "中文"}, "code of a product"),
    "shares": (
        {"rule": "sharing.default", "value": "[{party: owner, ratio: 0.5}]"},
        "add up to 1/2",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_could_never_hold_is_refused_when_proposed(office: Office, case: str) -> None:
    changes, words = BROKEN[case]
    caller = a_caller("authority")
    error = refused(
        InputRefused, "rule_change.malformed", lambda: propose(office, caller, **changes)
    )
    assert words in error.en


def test_days_gone_by_keep_their_rule_but_may_learn_an_unknown_one(office: Office) -> None:
    caller = a_caller("authority")
    for first in ("2025-01-01", "2025-03-03"):
        error = refused(
            Conflict,
            "rule_change.days_used",
            lambda first=first: propose(office, caller, **{"from": first}),
        )
        assert error.values["earliest"] == "2025-03-04"
    reversed_days = {"to": "2025-04-01"}
    refused(
        InputRefused, "rule_change.days_reversed", lambda: propose(office, caller, **reversed_days)
    )
    enacted(
        office,
        **{"rule": "offset.own_boundary", "from": "2022-01-01", "value": "forbidden"},
    )
    rules = in_force(office.platform).rulesets
    assert rules.at(region="420100", on=date(2023, 1, 1)).own_boundary_forbidden()


def test_a_change_does_not_cover_the_beginning_of_another(office: Office) -> None:
    enacted(office, **{"from": "2025-06-01"})
    caller = a_caller("authority")
    error = refused(
        Conflict,
        "rule_change.overlaps",
        lambda: propose(office, caller, **{"from": "2025-05-01"}),
    )
    assert error.values["begins"] == "2025-06-01"
    refused(
        Conflict,
        "rule_change.unchanged",
        lambda: propose(office, caller, **{"from": "2025-06-01"}),
    )
    enacted(
        office, **{"from": "2025-05-01", "to": "2025-06-01", "value": "{ratio: 0.05, base: quota}"}
    )
    enacted(office, **{"from": "2025-06-01", "value": "{ratio: 0.06, base: quota}"})  # in its stead
    rules = in_force(office.platform).rulesets
    got = [
        str(rules.at(region="420100", on=date(2025, month, 15)).offset_cap().ratio)
        for month in (4, 5, 6)
    ]
    assert got == ["1/10", "1/20", "3/50"]


def test_what_was_proposed_is_looked_over_again_when_approved(office: Office) -> None:
    one, two = a_caller("authority"), a_caller("authority")
    first = propose(office, one, **{"from": "2025-04-01"})
    second = propose(office, one, **{"from": "2025-04-01", "value": "{ratio: 0.07, base: quota}"})
    office.step(one, first, "give_notice")
    office.step(one, second, "give_notice")
    office.wait(8)
    office.step(two, first, "approve")
    office.wait(30)
    refused(Conflict, "rule_change.days_used", lambda: office.step(two, second, "approve"))


def test_an_approved_change_is_never_changed_or_removed(office: Office) -> None:
    enacted(office)
    for sql in ("UPDATE rules_change SET value = 'x'", "DELETE FROM rules_change"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    assert Change.objects.count() == 1


def test_the_state_of_the_rules_is_sealed_as_text_and_read_again(
    office: Office, tmp_path: Any
) -> None:
    matter = enacted(office)
    rules = in_force(office.platform).rulesets
    folder = tmp_path / "rulesets"
    folder.mkdir()
    for name, data in rules.texts:
        (tmp_path / name).write_bytes(data)
    again = Rulesets.load(folder)
    assert again.rules == rules.rules
    assert again.value("offset.cap", region="420100", on=date(2025, 4, 1)).change == matter.number
    assert in_force(replace(office.platform)).rulesets == rules


def test_a_unit_stays_as_large_as_those_that_were_issued(office: Office) -> None:
    one, unit = a_caller("authority"), {"rule": "issue.unit_mg", "value": "1000000"}
    propose(office, one, **unit)
    units_for(office, an_organisation(), 1)
    refused(Conflict, "rule_change.unit_fixed", lambda: propose(office, one, **unit))
    propose(office, one, **(unit | {"value": "1000000000"}))
