"""Which units hold a person's reductions, exactly: the trace the other way, for them alone.

A unit holds what of the person's rows lies in its stretch of the line. Where a row was shared out
among person, platform and operator, the person's part of it goes along the row, so the parts of all
units, with what made good a debt, add up to what the books have marked as used. A row that was
taken back holds nothing any more: others made it good.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tanhui.books.models import RETIRED, Batch
from tanhui.books.serials import issued_by, standing_of
from tanhui.domain.pools import queries
from tanhui.domain.pools.models import PoolIssue, Settled, Slice
from tanhui.engine.batch.events import BUCKETS, SHARE_TYPES
from tanhui.engine.batch.files import EVENTS_FILE, RESULTS_FILE, read_columns
from tanhui.engine.pooling.line import Cut, parts_of
from tanhui.flows.platform import Platform
from tanhui.flows.reading import scene_names
from tanhui.flows.records import group_of

from .pool_evidence import trace_of
from .pool_trace import cut_of
from .public_matters import public_matters
from .public_units import retirement_cards

Json = dict[str, Any]
Shares = dict[tuple[int, int], tuple[int, int, int]]
"""Batch and row -> what person, platform and operator were given of it, in mg."""


@dataclass(frozen=True)
class OwnUnits:
    """The units that hold something of a person, by serial, and what made good a debt instead."""

    units: list[Json]
    made_good_mg: int


def own_units(platform: Platform, person: int) -> OwnUnits:
    """Every unit with the person's mg in it, where it stands, and what it was retired for."""
    shares = _own_shares(platform, person)
    rows: dict[int, list[int]] = defaultdict(list)
    for batch, number in shares:
        rows[batch].append(number)
    wanted = {batch: np.array(sorted(found)) for batch, found in rows.items()}
    gone = set(Settled.objects.filter(batch__in=wanted).values_list("batch", "row"))
    found: list[Json] = []
    made_good = 0
    for issue in queries.issues_with(wanted):
        cut, held = cut_of(issue), defaultdict[int | None, int](int)
        for row in trace_of(platform, issue).of_rows(wanted):
            place = row.batch, row.row
            if place not in gone:
                for unit, mg in _parts(cut, row.begin, row.end, shares[place]):
                    held[unit] += mg
        made_good += held.pop(None, 0)
        found += _of_issue(
            platform, issue, {unit: mg for unit, mg in held.items() if mg and unit is not None}
        )
    return OwnUnits(_with_standing(sorted(found, key=lambda one: one["serial"])), made_good)


def _own_shares(platform: Platform, person: int) -> Shares:
    """The person's credited rows of batches that some pool issued from."""
    issued = Slice.objects.filter(released_by__isnull=True, pool__issue__isnull=False)
    found: Shares = {}
    for batch in Batch.objects.filter(seq__in=issued.values("batch")).order_by("seq"):
        group = group_of(platform, batch, person & (BUCKETS - 1))
        if group is None:
            continue
        events = read_columns(group.folder / EVENTS_FILE, ["row", "person"], group.number)
        own = np.flatnonzero(events["person"] == person)
        if not len(own):
            continue
        answers = read_columns(
            group.folder / RESULTS_FILE, ["mg"], group.number, where_present=[*SHARE_TYPES]
        )
        for at in own.tolist():
            mg = int(answers["mg"][at])
            first = int(answers["person_mg"][at]) if "person_mg" in answers else mg
            second = int(answers["platform_mg"][at]) if "platform_mg" in answers else 0
            if first:
                found[batch.seq, int(events["row"][at])] = first, second, mg - first - second
    return found


def _parts(
    cut: Cut, begin: int, end: int, shares: tuple[int, int, int]
) -> Iterator[tuple[int | None, int]]:
    """(unit, the person's mg in it) along a row; None is what made good a debt."""
    end = min(end, cut.spent)
    if end <= begin:
        return
    used = end - begin
    person, platform, operator = (np.array([mg]) for mg in shares)
    own = int(parts_of(np.array([used]), (person, platform, operator))[0][0])
    at = told = 0
    while at < used:
        unit = cut.unit_at(begin + at)
        stop = cut.made_good if unit is None else cut.first_of(unit) + cut.unit_mg
        at = min(stop, end) - begin
        yield unit, own * at // used - told
        told = own * at // used


def _of_issue(platform: Platform, issue: PoolIssue, held: Mapping[int, int]) -> list[Json]:
    """The units of an issue as they are shown, without where they stand."""
    first = issued_by(issue.journal_id).first
    pool = issue.pool
    zh, en = scene_names(platform, pool.scene)
    is_public = public_matters().filter(number=pool.matter).exists() if held else False
    return [
        {
            "serial": first + unit,
            "mg": mg,
            "unit_mg": issue.unit_mg,
            "pool": pool.matter,
            "is_pool_public": is_public,
            "scene": pool.scene,
            "name_zh": zh,
            "name_en": en,
            "first_month": pool.first_month,
            "last_month": pool.last_month,
        }
        for unit, mg in held.items()
    ]


def _with_standing(units: list[Json]) -> list[Json]:
    """With the state of each and, of the retired, for whom and what for."""
    standing = standing_of(one["serial"] for one in units)
    cards = retirement_cards({act for state, act in standing.values() if state == RETIRED})
    known = set(
        public_matters()
        .filter(number__in={card["matter"] for card in cards.values()})
        .values_list("number", flat=True)
    )
    shown = []
    for one in units:
        state, act = standing[one["serial"]]
        card = cards[act] if state == RETIRED else None
        retired: Json | None = None
        if card is not None:
            names = ("beneficiary", "purpose", "matter", "at", "log")
            retired = {name: card[name] for name in names}
            retired["is_public"] = card["matter"] in known
        shown.append(one | {"state": state, "retirement": retired})
    return shown
