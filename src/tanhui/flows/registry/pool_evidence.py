"""What pools read of the evidence: slices, rows to take, rows carried, rows taken back since.

Only sealed files are read, up to the last batch that the caller names; what later batches take
back is a debt of the next pool, never a change of this one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

import numpy as np

from tanhui.books.assets import city_codes
from tanhui.books.models import Batch
from tanhui.core.period import day_number
from tanhui.domain.citizens import queries as citizens
from tanhui.domain.consents.models import ACCOUNT, ISSUING
from tanhui.domain.consents.queries import people_who_said
from tanhui.domain.partners import queries as partners
from tanhui.domain.partners.models import RECEIPT
from tanhui.domain.pools.models import Pool, PoolIssue, Slice
from tanhui.domain.pools.services import Debt, Piece, Scope
from tanhui.engine.batch.cut import folders_of, groups_of
from tanhui.engine.batch.events import SHARE_TYPES, Column, Columns, concatenate, length, take
from tanhui.engine.batch.files import EVENTS_FILE, RESULTS_FILE, REVERSALS_FILE, read_columns
from tanhui.engine.batch.past import rows_taken_back
from tanhui.engine.pooling.gather import Figures, Left, Mask, Wanted, gather, months_in
from tanhui.engine.pooling.line import parts_of
from tanhui.engine.pooling.trace import Trace
from tanhui.flows.platform import Platform
from tanhui.flows.sealed_law import find_law

_REVERSED = dict.fromkeys(("origin_batch", "origin_row", "person", "mg"), "i8")
Shares = tuple[Column, Column, Column]
"""What of each row is the person's, the platform's and the operator's."""


@dataclass
class Laws:
    """The methodologies of a pool, numbered as they are met; what its trace's `method` names."""

    named: list[dict[str, str]] = field(default_factory=list)

    def numbers(self, methodologies: Sequence[Mapping[str, str]]) -> Column:
        """The pool's number of each of a batch's methodologies."""
        found = []
        for each in methodologies:
            law = {name: each[name] for name in ("code", "version", "digest")}
            if law not in self.named:
                self.named.append(law)
            found.append(self.named.index(law))
        return np.array([*found, 0xFFFF], dtype=np.uint16)


@dataclass(frozen=True)
class Back:
    """A row that was taken back, and what of its mark person, platform and operator get back."""

    debt: Debt
    person: int
    parts: tuple[int, int, int]


def first_day(month: str) -> date:
    """The first day of `2024-10`."""
    return date.fromisoformat(f"{month}-01")


def last_day(month: str) -> date:
    """Its last day."""
    return (first_day(month) + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def trace_of(platform: Platform, issue: PoolIssue) -> Trace:
    """The trace file of an issue."""
    return Trace(platform.home / issue.trace)


def pieces_of(platform: Platform, scope: Scope) -> list[Piece]:
    """Every batch and month in which something was credited in the scope."""
    found = []
    first, last = first_day(scope.first_month), last_day(scope.last_month)
    rows = Batch.objects.filter(
        partner_id=scope.partner_id, first_day__lte=last, last_day__gte=first
    )
    for batch in rows.order_by("seq"):
        wanted = _wanted(scope, batch, first, last)
        if wanted is None:
            continue
        months = months_in(platform.evidence / batch.uri, batch.buckets, wanted)
        for number, (count, mg) in sorted(months.items()):
            month = f"{1970 + number // 12:04d}-{number % 12 + 1:02d}"
            found.append(Piece(batch.seq, month, count, mg))
    return found


def own_rows(
    platform: Platform,
    pool: Pool,
    slices: Sequence[Slice],
    *,
    as_of: int,
    laws: Laws,
    left: Left | None,
    claimed: Mapping[int, Column] = MappingProxyType({}),
) -> tuple[list[Columns], Figures]:
    """The rows of a pool batch by batch, those left out only counted; corrections up to `as_of`.

    `left` tells who gave no mandate, `claimed` (batch -> rows) what another register claims; None
    and nothing take everybody and everything.
    """
    taken_back = corrections(platform, after=0, upto=as_of)
    scope = scope_of(pool)
    figures = Figures()
    found = []
    for batch in Batch.objects.filter(seq__in={one.batch for one in slices}).order_by("seq"):
        months = [one.month for one in slices if one.batch == batch.seq]
        wanted = _wanted(
            scope,
            batch,
            first_day(min(months)),
            last_day(max(months)),
            taken_back=taken_back.get(batch.seq),
            templates=_templates(platform, batch),
            left=left,
            claimed=claimed.get(batch.seq),
        )
        assert wanted is not None, "a slice names the batch's scene"
        rows = gather(platform.evidence / batch.uri, batch.buckets, wanted, figures)
        found.append(_placed(rows, batch, laws))
    return found, figures


def carried_rows(
    platform: Platform, issue: PoolIssue, dropped: Iterable[tuple[int, int]], laws: Laws
) -> Columns:
    """What an issue carried, in its order, with people and shares, without the `dropped` rows."""
    tail = trace_of(platform, issue).tail(issue.made_good + issue.units * issue.unit_mg)
    numbers = laws.numbers(issue.methodologies)
    out = set(dropped)
    if out:
        pairs = zip(tail["batch"].tolist(), tail["row"].tolist(), strict=True)
        tail = take(tail, np.array([pair not in out for pair in pairs], dtype=np.bool_))
    tail["method"] = numbers[np.minimum(tail["method"], len(numbers) - 1)]
    del tail["end"]
    people = np.zeros(length(tail), dtype=np.int64)
    shares: dict[str, Column] = {}
    for batch in Batch.objects.filter(seq__in=np.unique(tail["batch"]).tolist()):
        at = np.flatnonzero(tail["batch"] == batch.seq)
        known = _whose(platform, batch, tail["row"][at])
        people[at] = known["person"]
        for name in (*SHARE_TYPES, "whole_mg"):
            if name in known:
                shares.setdefault(name, _unshared(name, tail["mg"]))[at] = known[name]
    return tail | {"person": people} | shares


def corrections(platform: Platform, *, after: int, upto: int) -> dict[int, Column]:
    """Batch -> its rows that were taken back by batches behind `after`, up to `upto`."""
    return rows_taken_back(_corrected(platform, after, upto))


def taken_back_since(platform: Platform, issues: Sequence[PoolIssue], *, upto: int) -> list[Back]:
    """The rows of a chain's lines that batches after its last issue took back."""
    if not issues:
        return []
    folders = _corrected(platform, issues[-1].as_of, upto)
    parts = [read_columns(folder / REVERSALS_FILE, list(_REVERSED)) for folder in folders]
    gone = concatenate(parts, _REVERSED)
    pooled = Slice.objects.filter(pool__issue__in=issues, released_by__isnull=True)
    batches = np.array([*set(pooled.values_list("batch", flat=True))], dtype=np.int64)
    gone = take(gone, np.isin(gone["origin_batch"], batches))
    split = _split(platform, gone)
    lines = [(issue, trace_of(platform, issue)) for issue in issues]
    found = []
    for at in range(length(gone)):
        row = {name: int(column[at]) for name, column in gone.items()}
        shares = split[0][at : at + 1], split[1][at : at + 1], split[2][at : at + 1]
        if (back := _back(row, shares, lines)) is not None:
            found.append(back)
    return sorted(found, key=lambda one: (one.debt.batch, one.debt.row))


def without_mandate(pool: Pool) -> Left:
    """Who of some people gave no mandate, now: withdrew, left, or never said yes where a partner's
    people each must (PIPL articles 15 and 47; decision on pools).
    """

    def said(given: bool, purpose: str) -> set[int]:
        return set(
            people_who_said(given, scene=pool.scene, partner_id=pool.partner_id, purpose=purpose)
        )

    no = said(False, ISSUING) | said(False, ACCOUNT) | set(citizens.erased())
    refused = np.array(sorted(no), dtype=np.int64)
    agreed: Column | None = None
    if partners.by_id(pool.partner_id).consent_basis == RECEIPT:
        agreed = np.array(sorted(said(True, ISSUING)), dtype=np.int64)

    def left(people: Column) -> Mask:
        out = np.isin(people, refused) if len(refused) else np.zeros(len(people), dtype=np.bool_)
        return out if agreed is None else out | ~np.isin(people, agreed)

    return left


def scope_of(pool: Pool) -> Scope:
    """What a pool gathers, as a value."""
    return Scope(
        region=pool.region,
        scene=pool.scene,
        partner_id=pool.partner_id,
        owner=pool.owner,
        first_month=pool.first_month,
        last_month=pool.last_month,
    )


def _wanted(scope: Scope, batch: Batch, first: date, last: date, **left_out: Any) -> Wanted | None:
    """What to take of a batch, None when it never saw the scene."""
    scenes = batch.buckets["scenes"]
    if scope.scene not in scenes:
        return None
    low, high = city_codes(int(scope.region))
    given = {name: value for name, value in left_out.items() if value is not None}
    return Wanted(
        scene=scenes.index(scope.scene),
        first_day=day_number(first),
        last_day=day_number(last),
        first_region=low,
        last_region=high,
        **given,
    )


def _templates(platform: Platform, batch: Batch) -> frozenset[int]:
    """The batch's methodologies that only count (decision 0013)."""
    laws = [find_law(platform, named, batch=batch.seq) for named in batch.methodologies]
    return frozenset(number for number, law in enumerate(laws) if law.inclusion_only)


def _placed(rows: Columns, batch: Batch, laws: Laws) -> Columns:
    """The rows as the line takes them: with their batch, and methods as the pool numbers them."""
    numbers = laws.numbers(batch.methodologies)
    del rows["day"]
    rows["method"] = numbers[np.minimum(rows["method"], len(numbers) - 1)]
    rows["batch"] = np.full(length(rows), batch.seq, dtype=np.int64)
    if "person_mg" in rows:
        rows["whole_mg"] = rows["mg"].copy()
    return rows


def _whose(platform: Platform, batch: Batch, rows: Column) -> Columns:
    """Person, whole mg and shares of some rows of a batch, in their order."""
    parts = []
    for group in groups_of(platform.evidence / batch.uri, batch.buckets):
        events = read_columns(group.folder / EVENTS_FILE, ["row", "person"], group.number)
        here = np.isin(events["row"], rows)
        if here.any():
            answers = read_columns(
                group.folder / RESULTS_FILE, ["mg"], group.number, where_present=[*SHARE_TYPES]
            )
            parts.append(take(events | answers, here))
    shared = SHARE_TYPES if parts and "person_mg" in parts[0] else {}
    found = concatenate(parts, {"row": "i8", "person": "i8", "mg": "i8"} | shared)
    order = np.argsort(found["row"], kind="stable")
    at = order[np.searchsorted(found["row"], rows, sorter=order)]
    found = take(found, at)
    whole = found.pop("mg")
    return found | ({"whole_mg": whole} if shared else {})


def _unshared(name: str, mg: Column) -> Column:
    """Where nothing is shared, all is the person's."""
    return np.zeros(len(mg), dtype=np.int64) if name == "platform_mg" else mg.copy()


def _corrected(platform: Platform, after: int, upto: int) -> list[Any]:
    rows = Batch.objects.filter(seq__gt=after, seq__lte=upto, buckets__reversals__gt=0)
    return [
        folder
        for batch in rows.order_by("seq")
        for folder in folders_of(platform.evidence / batch.uri, batch.buckets)
    ]


def _split(platform: Platform, gone: Columns) -> Shares:
    """What of rows that were taken back was each holder's, as their own batches tell."""
    person, platforms = gone["mg"].copy(), np.zeros(length(gone), dtype=np.int64)
    for batch in Batch.objects.filter(seq__in=np.unique(gone["origin_batch"]).tolist()):
        if batch.buckets.get("shares"):
            at = np.flatnonzero(gone["origin_batch"] == batch.seq)
            known = _whose(platform, batch, gone["origin_row"][at])
            person[at], platforms[at] = known["person_mg"], known["platform_mg"]
    return person, platforms, gone["mg"] - person - platforms


def _back(
    row: Mapping[str, int], shares: Shares, lines: Iterable[tuple[PoolIssue, Trace]]
) -> Back | None:
    """What a row that was taken back had on the lines of its chain, None for nothing."""
    used, carried, parts = 0, 0, [0, 0, 0]
    for issue, trace in lines:
        spent = issue.made_good + issue.units * issue.unit_mg
        carried = 0  # what an earlier line carried stands on the next one
        for each in trace.of_row(row["origin_batch"], row["origin_row"]):
            inside = max(min(each.end, spent) - each.begin, 0)
            used, carried = used + inside, each.mg - inside
            split = parts_of(np.array([inside]), shares)
            parts = [one + int(more[0]) for one, more in zip(parts, split, strict=True)]
    if not used and not carried:
        return None
    debt = Debt(row["origin_batch"], row["origin_row"], used, carried)
    return Back(debt, row["person"], (parts[0], parts[1], parts[2]))
