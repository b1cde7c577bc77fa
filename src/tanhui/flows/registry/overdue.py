"""Orders of damage cases that are due or overdue: the list, and the nightly alert.

An order that is overdue is told once: an act of its own, in the public log with the party masked.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import transaction

from tanhui.books.acts import Act, record
from tanhui.domain.matters import queries, services
from tanhui.domain.matters.models import Matter
from tanhui.flows.platform import Platform

from .callers import Caller, may_see
from .damages import masked
from .matters import today

OVERDUE = "registry.damage.overdue"


def due(platform: Platform, *, region: str = "") -> list[dict[str, Any]]:
    """Orders that are not carried out and whose deadline is past or near, by deadline."""
    found, now = [], today(platform)
    for matter in queries.search(kind="damage", state="ordered", region=region):
        deadline = date.fromisoformat(matter.data["deadline"])
        rules = platform.rulesets.at(region=matter.region, on=now)
        if now >= deadline - timedelta(days=rules.damage_alert_days()):
            found.append(
                {
                    "matter": matter.number,
                    "region": matter.region,
                    "deadline": deadline.isoformat(),
                    "is_overdue": now > deadline,
                    "party": masked_party(matter),
                    "units": matter.data["ordered_units"],
                }
            )
    return sorted(found, key=lambda one: (one["deadline"], one["matter"]))


def due_for(platform: Platform, caller: Caller) -> list[dict[str, Any]]:
    """The same, of the cases in which the caller may act."""
    return [one for one in due(platform) if may_see(caller, queries.get(one["matter"]))]


def tell_overdue(platform: Platform, *, actor: str) -> list[str]:
    """Write an act for every order that became overdue and was not told yet; their numbers."""
    told = []
    for one in due(platform):
        if not one["is_overdue"]:
            continue
        with transaction.atomic():
            matter = services.lock(one["matter"])
            if matter.state != "ordered" or "overdue_since" in matter.data:
                continue
            said = {"matter": matter.number, "deadline": one["deadline"]}
            record(
                Act(
                    verb=OVERDUE,
                    actor=actor,
                    at=platform.clock(),
                    key=f"overdue/{matter.number}/{one['deadline']}",
                    request=said,
                    detail=said,
                    public=said | {"region": matter.region, "party": one["party"]},
                )
            )
            services.keep(matter, {"overdue_since": today(platform).isoformat()})
        told.append(matter.number)
    return told


def masked_party(matter: Matter) -> str:
    """The liable party of a case as the public sees it."""
    return masked(matter.data["party"], matter.data["party_kind"])
