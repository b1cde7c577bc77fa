"""Changed rules at work: over HTTP, approved twice at once, old batches under their old rules."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from tests.flows.deliveries import a_metro_ride, deliver
from tests.flows.registry.offices import Office, a_caller, a_key

from tanhui.books.models import LogEntry
from tanhui.core.errors import TanhuiError
from tanhui.core.ids import ResultId
from tanhui.domain.matters.models import Matter
from tanhui.domain.rules.models import Change
from tanhui.flows.explain_result import explain_result
from tanhui.flows.prove import prove
from tanhui.flows.registry.callers import Caller
from tanhui.flows.rules_in_force import in_force
from tanhui.interfaces import platform as installation
from tanhui.interfaces.platform import platform

EARN = {
    "rule": "points.earn",
    "from": "2025-04-01",
    "value": "{per_mg: 20000, points: 1}",
    "source": "运营机构决定（测试）",
    "tag": "official",
}


def noticed(office: Office, caller: Caller, **changes: Any) -> Matter:
    """A change that may be approved by somebody else."""
    matter = office.open(caller, "rule_change", data=EARN | changes)
    office.step(caller, matter, "give_notice")
    office.wait(8)
    return matter


@pytest.mark.django_db
def test_old_batches_keep_the_rules_they_were_settled_under(tmp_path: Path) -> None:
    ride = a_metro_ride(
        started_at="2025-04-08T08:00:00+08:00", ended_at="2025-04-08T08:30:00+08:00"
    )
    first = deliver(tmp_path, [ride])
    office = Office(region="100000")
    one, two = (a_caller("operator", region="100000") for _ in range(2))
    matter = noticed(office, one)
    office.step(two, matter, "approve")
    second = deliver(tmp_path, [ride | {"external_id": "r2", "person": "card:2"}], name="b.csv")
    told = [
        explain_result(platform(), ResultId(receipt["batch"], 1))["points"]
        for receipt in (first, second)
    ]
    assert [(each["per_mg"], each["points"]) for each in told] == [(10_000, 78), (20_000, 39)]
    assert told[1]["source"] == EARN["source"]
    assert all(finding.ok for finding in prove(platform()))


@pytest.mark.django_db
def test_a_rule_is_changed_over_http(monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office()
    base = replace(office.platform)
    monkeypatch.setattr(installation, "installed", lambda: base)
    doors = [Client(), Client()]
    for door in doors:
        caller = a_caller("authority")
        door.force_login(get_user_model().objects.get(pk=caller.user))

    def send(door: Client, address: str, said: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        answer = door.post(
            f"/api/v1/matters{address}",
            json.dumps(said),
            content_type="application/json",
            headers={"idempotency-key": a_key()},
        )
        return answer.status_code, json.loads(answer.content)

    data = EARN | {"rule": "offset.cap", "value": "{ratio: 0.08, base: quota}"}
    asked = {"kind": "rule_change", "region": "420100", "title": "抵销上限", "data": data}
    status, refusal = send(doors[0], "", asked | {"data": data | {"value": "8 %"}})
    assert (status, refusal["code"]) == (422, "rule_change.malformed")
    status, opened = send(doors[0], "", asked)
    assert status == 201
    number = Matter.objects.get().number
    assert number in json.dumps(opened)
    assert send(doors[0], f"/{number}/steps", {"verb": "give_notice"})[0] == 201
    office.wait(8)
    status, refusal = send(doors[0], f"/{number}/steps", {"verb": "approve"})
    assert (status, refusal["code"]) == (409, "matter.approval.same_person")
    assert send(doors[1], f"/{number}/steps", {"verb": "approve"})[0] == 201

    shown = Client().get("/rules.json", {"region": "420106", "on": "2025-04-01"}).content
    cap = next(one for one in json.loads(shown)["items"] if one["key"] == "offset.cap")
    assert (cap["value"], cap["change"]) == ({"ratio": "0.08", "base": "quota"}, number)


def at_once(acts: list[Callable[[], object]]) -> list[str]:
    """How each act ended, all begun together."""
    ends: list[str] = []
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        start.wait()
        try:
            act()
            ends.append("done")
        except TanhuiError as error:
            ends.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(ends)


@pytest.mark.django_db(transaction=True)
def test_two_approvals_at_once_enact_one_change() -> None:
    office = Office()
    matter = noticed(office, a_caller("authority"))
    approvers = [a_caller("authority"), a_caller("authority")]
    acts = [lambda who=who: office.step(who, matter, "approve") for who in approvers]
    assert at_once(acts) == ["done", "matter.step.forbidden"]
    assert Change.objects.count() == 1
    bodies = [bytes(body) for body in LogEntry.objects.values_list("body", flat=True)]
    assert sum(b"rule_change.approve" in body for body in bodies) == 1


@pytest.mark.django_db(transaction=True)
def test_two_changes_of_one_rule_at_once_do_not_overlap() -> None:
    office = Office()
    proposer, approver = a_caller("authority"), a_caller("authority")
    numbers = ("20000", "40000")
    matters = [
        office.open(
            proposer,
            "rule_change",
            data=EARN | {"from": "2025-05-01", "value": f"{{per_mg: {per_mg}, points: 1}}"},
        )
        for per_mg in numbers
    ]
    earlier = office.open(proposer, "rule_change", data=EARN)
    for matter in (*matters, earlier):
        office.step(proposer, matter, "give_notice")
    office.wait(8)
    acts = [lambda one=one: office.step(approver, one, "approve") for one in matters]
    assert at_once(acts) == ["done", "done"]  # the second replaces what is still to come
    assert at_once([lambda: office.step(approver, earlier, "approve")]) == ["rule_change.overlaps"]
    rules = in_force(office.platform).rulesets
    last = Change.objects.order_by("-pk").first()
    assert last is not None
    earn = rules.points_earn(region="420100", on=date(2025, 5, 2))
    assert earn.rule.change == last.matter
    entries = rules.rules["420100", "points.earn"]
    assert [entry.valid_from for entry in entries] == [date(2025, 5, 1)]
