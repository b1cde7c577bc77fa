"""A world in which histories are told: a city, firms, forests with periods to be credited, rides.

All of it is made up, and so a demo's: nothing real may be mixed in. It is built once, through the
registry's own doors, and many histories begin in it, each undone afterwards. Its metro law shares
every ride out to person, platform and operator.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.conserving.grams_model import Grams, Key, Row
from tests.flows.deliveries import Row as CsvRow
from tests.flows.deliveries import a_metro_ride, csv_of
from tests.flows.registry import crediting, holders
from tests.flows.registry.crediting import Cast
from tests.flows.registry.offices import Office, a_caller, an_organisation

from tanhui.domain.matters.models import Matter
from tanhui.domain.organisations.models import Organisation
from tanhui.domain.partners import services as partners
from tanhui.engine.batch.landing_file import SourceFile
from tanhui.flows.deliveries import Delivery
from tanhui.flows.record_batch import record_batch
from tanhui.flows.registry.callers import Caller
from tanhui.interfaces.platform import feed_of

UNIT_MG, PROJECT_UNIT_MG = 1_000_000, 10**9
PARTNERS = ("metro-a", "metro-b")
MONTHS = ("2024-10", "2024-11")
PEOPLE, PERIODS, BATCHES = 9, 5, 5
ABROAD = "230100"
TERMS = {"other_region": "420100", "recognised_product": "R", "factor": "0.9", "cap_units": 25}
AGREED_DAYS = 60


@dataclass
class Forest:
    """A registered project with a buffer, and its periods whose notice is over."""

    cast: Cast
    project: Matter
    owner: str
    periods: list[Matter]


@dataclass
class Rides:
    """What was delivered, so that the next delivery says something new."""

    count: int = 0
    batches: int = 0
    taken: set[tuple[str, str]] = field(default_factory=set)  # who rode on which day
    ids: dict[Key, CsvRow] = field(default_factory=dict)


@dataclass
class World:
    """Everything a history begins with. Owners are named as the models name them."""

    luck: random.Random
    folder: Path
    office: Office = field(init=False)
    firms: dict[str, Organisation] = field(default_factory=dict)
    owners: dict[str, Caller] = field(default_factory=dict)
    forests: list[Forest] = field(default_factory=list)
    grams: Grams = field(default_factory=Grams)
    rides: Rides = field(default_factory=Rides)

    def __post_init__(self) -> None:
        self.office = holders.an_office(issue__unit_mg=UNIT_MG)
        self.operator = a_caller("operator")
        self.here = a_caller("authority"), a_caller("authority")
        self.there = tuple(a_caller("authority", region=ABROAD) for _ in range(2))
        for number in range(3):
            self._firm(f"firm {number}", an_organisation(is_demo=True))
        self.verifier = crediting.a_verifier()
        for number in range(2):
            self.forests.append(self._forest(number))
        for name in PARTNERS:
            partners.register(
                name, name_zh=f"{name}（测试）", name_en=f"{name} (test)", is_demo=True
            )
        for number in range(BATCHES):
            deliver(self, self.grams, self.rides, self.luck, partner=PARTNERS[number % 2])
        self.agreement = self._agreement()

    def _firm(self, name: str, body: Organisation) -> None:
        self.firms[name] = body
        self.owners[name] = a_caller("owner", organisation=body)

    def _forest(self, number: int) -> Forest:
        """Periods of two years, some of which lose; the first always grows."""
        office, place = self.office, crediting.PLACE
        office.region = place
        body = an_organisation(region=place, is_demo=True)
        name = f"forester {number}"
        self._firm(name, body)
        officials = (a_caller("authority", region=place) for _ in range(2))
        cast = Cast(office, body, self.owners[name], *officials)
        project = crediting.a_forest(cast, f"小班 {number}")
        office.paper(cast.first, project, "disturbance_report")
        periods, last = [], Decimal(50)
        for turn in range(PERIODS):
            year = 2019 + turn
            grown = last + Decimal(self.luck.randint(-20 if turn else 10, 60)) / 1000
            data = crediting.forest_data(project, {year - 1: str(last), year: str(grown)})
            period = crediting.reported(cast, project, data, year, year)
            periods.append(crediting.noticed(cast, period, self.verifier))
            last = grown
        office.region = "420100"
        return Forest(cast, project, name, periods)

    def _agreement(self) -> Matter:
        """Abroad recognises the city's pooled units for a while."""
        office, today = self.office, self.office.now.date()
        terms = TERMS | {
            "product": office.platform.programme,
            "valid_from": str(today - timedelta(days=1)),
            "valid_to": str(today + timedelta(days=AGREED_DAYS)),
        }
        found = office.open(self.there[0], "agreement", region=ABROAD, data=terms)
        office.paper(self.there[0], found, "bilateral_agreement")
        office.step(self.here[0], found, "consent")
        return found


def a_ride(rides: Rides, luck: random.Random) -> CsvRow:
    """A ride of somebody on a day on which they have not ridden yet."""
    while True:
        person = f"card:{luck.randrange(PEOPLE)}"
        day = f"{luck.choice(MONTHS)}-{luck.randint(1, 28):02d}"
        if (person, day) not in rides.taken:
            break
    rides.taken.add((person, day))
    return a_metro_ride(
        person=person,
        started_at=f"{day}T08:00:00+08:00",
        ended_at=f"{day}T08:50:00+08:00",
        distance_km=a_distance(luck),
    )


def a_distance(luck: random.Random) -> str:
    """Kilometres to the metre: up to five units, now and then too short to count."""
    metres = luck.choice([luck.randint(500, 60_000), luck.randint(500, 9_000), 300])
    return str(Decimal(metres) / 1000)


def milligrams(ride: CsvRow) -> int:
    """78.4 g/km, half away from zero; nothing below half a kilometre.

    >>> milligrams({"distance_km": "6.825"}), milligrams({"distance_km": "0.499"})
    (535080, 0)
    """
    metres = int(Decimal(ride["distance_km"]) * 1000)
    return (metres * 784 + 5) // 10 if metres >= 500 else 0


def deliver(
    world: World,
    grams: Grams,
    rides: Rides,
    luck: random.Random,
    *,
    partner: str,
    corrected: tuple[Key, ...] = (),
) -> dict[str, Any]:
    """New rides and corrections of earlier ones as a file of the partner; returns the receipt."""
    fresh = [a_ride(rides, luck) for _ in range(luck.randint(1, 7))]
    changes = [
        rides.ids[key]
        | {"corrects": rides.ids[key]["external_id"], "distance_km": a_distance(luck)}
        for key in corrected
    ]
    lines = fresh + changes
    luck.shuffle(lines)
    rides.batches += 1
    for place, line in enumerate(lines, start=1):
        rides.count += 1
        key = Key(rides.batches, place)
        lines[place - 1] = line | {"external_id": f"r{rides.count}"}
        rides.ids[key] = lines[place - 1] | {"corrects": ""}
        if mg := milligrams(line):
            month = line["started_at"][:7]
            grams.rows[key] = Row(key, line["person"], partner, month, mg)
    grams.gone |= set(corrected)
    path = world.folder / f"rides-{rides.count}.csv"
    path.write_bytes(csv_of(lines))
    given = Delivery(
        source=SourceFile(path, path.name),
        feed=feed_of("canonical", {}),
        config={},
        partner=partner,
        actor="test",
    )
    return record_batch(world.office.platform, given)
