"""Factories of the pool tests: rides that are recorded, and a pool on its way to its issue."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.flows.deliveries import Row, a_metro_ride, deliver
from tests.flows.registry.offices import Office, a_caller, a_key, an_organisation

from tanhui.domain.matters.models import Matter, Step
from tanhui.domain.organisations.models import Organisation
from tanhui.engine.rulesets import Rulesets
from tanhui.flows.registry.callers import Caller

RIDE_MG = 784_000  # ten kilometres at 78.4 g/km
UNIT_MG = 1_000_000


def rides(first: int, count: int, *, day: int = 8, **changes: str) -> list[Row]:
    """Rides of ten kilometres, one person each, on one day of October 2024."""
    at = f"2024-10-{day:02d}T08"
    return [
        a_metro_ride(
            external_id=f"r{number}",
            person=f"card:{number}",
            started_at=f"{at}:00:00+08:00",
            ended_at=f"{at}:30:00+08:00",
            **changes,
        )
        for number in range(first, first + count)
    ]


class PoolOffice:
    """An office with everybody whom a pool needs, and units of a kilogram."""

    def __init__(self, folder: Path) -> None:
        self.office = Office()
        platform = self.office.platform
        rules = dict(platform.rulesets.rules)
        key = "100000", "issue.unit_mg"
        rules[key] = tuple(replace(one, value=UNIT_MG) for one in rules[key])
        self.office.platform = replace(platform, rulesets=Rulesets(rules))
        self.folder = folder
        self.owner: Organisation = an_organisation("platform")
        self.operator = a_caller("operator")
        self.authorities = a_caller("authority"), a_caller("authority")

    def deliver(self, rows: list[Row], **options: Any) -> dict[str, Any]:
        """A file of the metro company."""
        return deliver(self.folder, rows, **options)

    def gather(self, **changes: Any) -> Matter:
        """A pool of October 2024, gathered."""
        data = {
            "scene": "metro",
            "partner": "metro-co",
            "first_month": "2024-10",
            "last_month": "2024-10",
        } | changes
        owner = data.pop("organisation", self.owner.pk)
        return self.office.open(self.operator, "pool", organisation=owner, data=data)

    def ready(self, *, discount: str = "0", **changes: Any) -> Matter:
        """The same, assessed, its notice over."""
        pool = self.gather(**changes)
        first = self.authorities[0]
        self.office.paper(first, pool, "assessment_opinion")
        data = {"discount_percent": discount, "grounds": "抽样比对"}
        self.office.step(first, pool, "assess", data=data)
        self.office.step(first, pool, "give_notice")
        self.office.wait(30)
        return pool

    def propose(self, pool: Matter) -> Step:
        """The first approval."""
        return self.office.step(self.authorities[0], pool, "issue")

    def approve(self, pool: Matter, *, by: Caller | None = None, key: str = "") -> Step:
        """The second approval, which issues."""
        return self.office.step(by or self.authorities[1], pool, "issue", key=key or a_key())

    def issued(self, *, discount: str = "0", **changes: Any) -> Matter:
        """A pool from nothing to its units."""
        pool = self.ready(discount=discount, **changes)
        self.propose(pool)
        self.approve(pool)
        return pool
