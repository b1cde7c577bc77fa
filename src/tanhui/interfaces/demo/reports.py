"""What each of the three partners reports of the month, as canonical rows of text.

The payment app sees part of the metro operator's rides under numbers of its own, its clocks off by
seconds and its distances by up to a hundred metres: one ride, two reports.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .draws import I64, draw, share
from .energy import RESPONSE_FROM_S, RESPONSE_UNTIL_S, Charges, Savings
from .month import DAY_S, DAYS, REGION, instant_text
from .people import People, person_ref
from .rides import BUS, METRO, SCENES, Rides

OTHER_BUSES_PER_MILLE = 120
"""Bus rides with a company that only the payment app reports."""
LATE_PER_MILLE = 4
WEEK_S = 7 * DAY_S


@dataclass(frozen=True, slots=True)
class Report:
    """One row, and the second of the month in which the partner sent it."""

    sent_s: int
    cells: dict[str, str]


def thousandths(value: int) -> str:
    """
    >>> thousandths(6825), thousandths(40)
    ('6.825', '0.040')
    """
    return f"{value // 1000}.{value % 1000:03d}"


def tenths(value: int) -> str:
    """A thousandth part, cut to one decimal.

    >>> tenths(6825)
    '6.8'
    """
    return f"{value // 1000}.{value % 1000 // 100}"


def metro_reports(rides: Rides) -> list[Report]:
    """The metro operator: its metro rides and those of its buses, exact to the metre."""
    index = np.arange(len(rides.person), dtype=np.int64)
    others = (rides.scene == BUS) & share("other buses", OTHER_BUSES_PER_MILLE, index)
    kept = np.flatnonzero(~others)
    start_s, end_s = rides.start_s[kept], rides.end_s[kept]
    sent_s = _sent("metro", end_s, kept)
    return [
        _report(
            sent_s=sent,
            number=f"DEMO-{'MB'[scene]}{number + 1:07d}",
            person=person,
            scene=SCENES[scene],
            span_s=(start, end),
            distance_km=thousandths(metres),
        )
        for sent, number, person, scene, start, end, metres in _rows(
            sent_s, kept, rides.person[kept], rides.scene[kept], start_s, end_s,
            rides.distance_m[kept],
        )
    ]  # fmt: skip


def pay_reports(city: People, rides: Rides) -> list[Report]:
    """The payment app: six of ten metro rides of its users, and their rides on other buses."""
    index = np.arange(len(rides.person), dtype=np.int64)
    others = (rides.scene == BUS) & share("other buses", OTHER_BUSES_PER_MILLE, index)
    paid = (rides.scene == METRO) & share("paid in the app", 600, index)
    kept = np.flatnonzero((others | paid) & city.has_app[rides.person])
    start_s = rides.start_s[kept] - 25 + draw("app starts", 75, kept)
    end_s = np.maximum(rides.end_s[kept] - 40 + draw("app ends", 110, kept), start_s + 60)
    sent_s = _sent("pay", end_s, kept)
    return [
        _report(
            sent_s=sent,
            number=f"DEMO-PAY-2024{number * 7 + 1_000_003:08d}",
            person=person,
            scene=SCENES[scene],
            span_s=(start, end),
            distance_km=tenths(metres),
        )
        for sent, number, person, scene, start, end, metres in _rows(
            sent_s, kept, rides.person[kept], rides.scene[kept], start_s, end_s,
            rides.distance_m[kept],
        )
    ]  # fmt: skip


def trip_reports(city: People) -> list[Report]:
    """The payment app also sends rides in hired electric cars; their methodology is disabled."""
    who, day = np.meshgrid(
        np.flatnonzero(city.has_app), np.arange(DAYS, dtype=np.int64), indexing="ij"
    )
    rode = share("hired car", 15, who, day)
    who, day = who[rode], day[rode]
    start_s = day * DAY_S + 9 * 3600 + draw("hired car start", 9 * 3600, who, day)
    end_s = start_s + 300 + draw("hired car time", 2_400, who, day)
    sent_s = _sent("hired car", end_s, who * DAYS + day)
    return [
        _report(
            sent_s=sent,
            number=f"DEMO-NEV-{start:07d}-{person + 1:05d}",
            person=person,
            scene="nev-trip",
            span_s=(start, end),
            distance_km=tenths((end - start) * 7),
        )
        for sent, person, start, end in _rows(sent_s, who, start_s, end_s)
    ]


def charge_reports(charges: Charges) -> list[Report]:
    """The power company: charging sessions, to the watt-hour."""
    index = np.arange(len(charges.person), dtype=np.int64)
    sent_s = _sent("charge", charges.end_s, index)
    return [
        _report(
            sent_s=sent,
            number=f"DEMO-EV{number + 1:06d}",
            person=person,
            scene="ev-charging",
            span_s=(start, end),
            energy_kwh=thousandths(energy_wh),
        )
        for sent, number, person, start, end, energy_wh in _rows(
            sent_s, index, charges.person, charges.start_s, charges.end_s, charges.energy_wh
        )
    ]


def saving_reports(savings: Savings) -> list[Report]:
    """The power company: households on response evenings, reported the next morning."""
    return [
        _report(
            sent_s=(day + 1) * DAY_S + 9 * 3600,
            number=f"DEMO-DR{day + 1:02d}-{person + 1:05d}",
            person=person,
            scene="home-electricity",
            span_s=(day * DAY_S + RESPONSE_FROM_S, day * DAY_S + RESPONSE_UNTIL_S),
            baseline_kwh=thousandths(baseline_wh),
            actual_kwh=thousandths(actual_wh),
        )
        for person, day, baseline_wh, actual_wh in _rows(
            savings.person, savings.day, savings.baseline_wh, savings.actual_wh
        )
    ]


def _sent(partner: str, end_s: I64, index: I64) -> I64:
    """Minutes after the end; now and then a week late."""
    late = share(f"{partner} late", LATE_PER_MILLE, index)
    return end_s + 60 + draw(f"{partner} sends", 900, index) + late * WEEK_S


def _rows(*columns: I64) -> Iterator[tuple[int, ...]]:
    return zip(*(column.tolist() for column in columns), strict=True)


def _report(
    *,
    sent_s: int,
    number: str,
    person: int,
    scene: str,
    span_s: tuple[int, int],
    **amounts: str,
) -> Report:
    cells = {
        "external_id": number,
        "person": person_ref(person),
        "scene": scene,
        "region": REGION,
        "started_at": instant_text(span_s[0]),
        "ended_at": instant_text(span_s[1]),
    }
    return Report(sent_s, cells | amounts)
