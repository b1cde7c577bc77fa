"""Units for a case: made-up people charge cars, the reductions are pooled, assessed and issued.

One line of a case (`supply: seller`) stands for the whole way through the public interfaces: a
signed delivery, the pool, its assessment, its public notice, and two approvals. The people and
their records are made up; the methodology and every rule are the platform's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from .deliveries import csv_of
from .stage import Answer, Stage

REGION = "420100"  # the methodology of Wuhan may be issued from
PARTNER = "charging"
KWH, MG_PER_KWH = 900, 409_400  # of one made-up session of a bus
UNIT_MG = 10**9
SESSIONS_A_DAY_MAX, DAYS = 4, 28
NOTICE_DAYS = 30  # longer than the notice, whatever holidays lie in it


class NotSupplied(Exception):
    """A request on the way was refused."""


def supply(stage: Stage, given: Mapping[str, Any]) -> Answer:
    """Issue `units` to the organisation named, from charging in `first_day`'s month."""
    units = int(given["units"])
    first = date.fromisoformat(given["first_day"])
    _staff(stage)
    rows = -(-units * UNIT_MG // (KWH * MG_PER_KWH))
    partner = f"{PARTNER}-{stage.turn}"
    receipt = _checked(_deliver(stage, partner, first, rows))
    if receipt["counts"].get("credited", 0) != rows:
        raise NotSupplied(f"{receipt['counts']} {receipt['reasons']}")
    month = f"{first:%Y-%m}"
    opened = _checked(
        stage.ask(
            "pool-operator",
            "POST",
            "/api/v1/matters",
            {
                "kind": "pool",
                "region": REGION,
                "title": f"{month} 充电减排量汇集（演示）",
                "organisation": stage.organisations[given["supply"]],
                "data": {
                    "scene": "ev-charging",
                    "partner": f"{stage.case}-{partner}".lower(),
                    "first_month": month,
                    "last_month": month,
                },
            },
        )
    )
    number = opened["number"]
    _checked(stage.paper("pool-first", number, "assessment_opinion", b"made up for a case"))
    assessed = {"discount_percent": "0", "grounds": "演示：无折减"}
    _step(stage, "pool-first", number, "assess", assessed)
    _step(stage, "pool-first", number, "give_notice", {})
    stage.now += timedelta(days=NOTICE_DAYS)
    _step(stage, "pool-first", number, "issue", {})
    issued = _step(stage, "pool-second", number, "issue", {})
    return Answer(201, issued | {"people": f"case:{stage.case}-{partner}".lower()})


def _deliver(stage: Stage, partner: str, first: date, rows: int) -> Answer:
    people = -(-rows // (SESSIONS_A_DAY_MAX * DAYS))
    content = csv_of(
        {
            "scene": "ev-charging",
            "region": REGION,
            "first_day": first.isoformat(),
            "days": str(DAYS),
            "people": str(people),
            "count": str(rows),
            "quantity": "energy_kwh",
            "value": str(KWH),
            "minutes": "180",
        },
        mark=f"{stage.case}-{partner}".lower(),
    )
    return stage.deliver(partner, f"{partner}.csv", content)


def _staff(stage: Stage) -> None:
    """The operator and the two officials who issue, once a case."""
    for name, role in (
        ("pool-operator", "operator"),
        ("pool-first", "authority"),
        ("pool-second", "authority"),
    ):
        if name not in stage.clients:
            stage.person(name, {"role": role, "region": REGION})


def _step(stage: Stage, who: str, number: str, verb: str, data: Mapping[str, Any]) -> Any:
    path = f"/api/v1/matters/{number}/steps"
    return _checked(stage.ask(who, "POST", path, {"verb": verb, "data": dict(data)}))


def _checked(answer: Answer) -> Any:
    if answer.status >= 400:
        document = answer.document
        told = document.get("code") if isinstance(document, dict) else str(document)[:200]
        raise NotSupplied(f"{answer.status} {told}")
    return answer.document
