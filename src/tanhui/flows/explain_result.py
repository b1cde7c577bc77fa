"""Explain one stored result: recompute it from the evidence and show every number on the way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tanhui.books import queries as books
from tanhui.core.errors import NotFound
from tanhui.core.ids import ResultId
from tanhui.core.period import day_of
from tanhui.engine.batch.cap_steps import credited_by
from tanhui.engine.batch.sequential import Event
from tanhui.engine.batch.status import OCCUPYING
from tanhui.engine.explain import explain
from tanhui.engine.rendering import number_text
from tanhui.engine.terms import RECIPIENTS

from .explain_settling import Settling, law_of_batch, settle_again
from .platform import Platform
from .reading import show_record
from .reasons import settled_reason
from .receipts import short_receipt
from .records import StoredRecord, find_record

USERS_SHOWN_MAX = 100
"""Earlier records listed under one cap; their number is always told."""


def explain_result(platform: Platform, result_id: ResultId) -> dict[str, Any]:
    """The record, the engine's explanation, caps, shares, points and batch; `matches` says
    whether everything recomputed is what is stored, `differences` what is not. Raises NotFound.
    """
    record = find_record(platform, result_id)
    method = record.methodology
    explanation = (
        None if method is None else explain(method, record.as_record(), cell=record.event["cell"])
    )
    settled = settle_again(platform, record, explanation)
    recomputed, stored = _recomputed(record, settled, explanation), _stored(record)
    differences = [
        {"of": name, "stored": stored[name], "recomputed": recomputed[name]}
        for name in stored
        if stored[name] != recomputed[name]
    ]
    return {
        "id": str(record.id),
        "person": str(record.event["person"]),
        "record": show_record(platform, record),
        "explanation": explanation,
        "cap": _cap(record),
        "caps": _cap_steps(settled),
        "allocation": _allocation(record),
        "points": _points(platform, record, settled),
        "batch": short_receipt(books.batch(result_id.batch)),
        "recomputed_mg": recomputed["before_caps_mg"],
        "stored_mg": stored["before_caps_mg"],
        "recomputed": recomputed,
        "stored": stored,
        "differences": differences,
        "matches": not differences,
    }


def _stored(record: StoredRecord) -> dict[str, Any]:
    """The answer as the evidence holds it; `after_caps_mg` is what was credited in all."""
    mg = record.result["mg"]
    return _answer(
        status=record.status.label,
        reason=record.reason,
        related=record.related,
        quantities=record.quantities,
        shares=record.shares,
        before_caps_mg=record.result["quantified"],
        after_caps_mg=mg,
        caps_one_by_one_mg=mg,
        points=record.result["points"],
    )


def _recomputed(
    record: StoredRecord, settled: Settling, explanation: dict[str, Any] | None
) -> dict[str, Any]:
    """The same answer from the rules: the amount by the formula's exact steps wherever the record
    was asked for one, the credit once by the rules and once by the listed caps.
    """
    event, method = settled.event, record.methodology
    is_asked = explanation is not None and (not event.law.observes or event.stands)
    before_caps = explanation["mg"] if explanation and is_asked else event.quantified
    is_credited = event.status in OCCUPYING
    return _answer(
        status=event.status.label,
        reason=settled_reason(event.status, event.detail, method),
        related=None if event.other is None else ResultId(event.other.batch, event.other.row),
        quantities=event.counts[: len(record.quantities)],
        shares=event.shares,
        before_caps_mg=before_caps,
        after_caps_mg=event.mg,
        caps_one_by_one_mg=credited_by(settled.caps, before_caps) if is_credited else 0,
        points=event.points,
    )


def _answer(
    *,
    related: ResultId | None,
    quantities: Sequence[int],
    shares: tuple[int, int, int],
    **plain: Any,
) -> dict[str, Any]:
    """Ready for JSON; quantities are counts of each field's step."""
    split = {f"{who}_mg": mg for who, mg in zip(RECIPIENTS, shares, strict=True)}
    return (
        plain
        | split
        | {
            "related": None if related is None else str(related),
            "quantities": list(quantities),
        }
    )


def _cap_steps(settled: Settling) -> list[dict[str, Any]]:
    """Every cap that the record met, from the narrowest to the widest: who had used what of it
    before in its period, what was left, and what it cut; `decided` marks the one that cut.
    """
    return [
        {
            "per": step.cap.per,
            "scenes": list(step.cap.scenes),
            "max_mg": step.cap.max_mg,
            "max_events": step.cap.max_events,
            "first_day": day_of(step.days[0]).isoformat(),
            "last_day": day_of(step.days[1]).isoformat(),
            "used": step.used,
            "used_records": len(step.users),
            "used_by": [_user(each, settled) for each in step.users[-USERS_SHOWN_MAX:]],
            "left": step.left,
            "before_mg": settled.event.quantified,
            "allowed_mg": step.allowed_mg,
            "cut_mg": settled.event.quantified - step.allowed_mg,
            "decided": step.decided,
            "source": step.cap.source,
            "evidence": step.cap.evidence,
        }
        for step in settled.caps
    ]


def _user(event: Event, settled: Settling) -> dict[str, Any]:
    """An earlier record that counts against a cap: its id, day, scene and credited mg."""
    return {
        "id": str(ResultId(event.batch, event.row)),
        "day": day_of(event.day).isoformat(),
        "scene": settled.scenes[event.scene],
        "mg": event.mg,
    }


def _cap(record: StoredRecord) -> dict[str, Any] | None:
    """The daily cap and what it left, where the methodology has one and the row was credited."""
    method = record.methodology
    if method is None or method.cap is None or record.status not in OCCUPYING:
        return None
    credited, quantified = record.result["mg"], record.result["quantified"]
    return {
        "max_mg": method.cap.max_mg,
        "quantified_mg": quantified,
        "credited_mg": credited,
        "cut_mg": quantified - credited,
        "source": method.cap.source,
        "evidence": method.cap.evidence,
    }


def _allocation(record: StoredRecord) -> dict[str, Any] | None:
    """Who received what, where the methodology shares the reduction out."""
    method = record.methodology
    if method is None or method.allocation.is_whole_to_person:
        return None
    return {
        who: {"share": number_text(share * 100) + "%", "mg": mg}
        for who, share, mg in zip(RECIPIENTS, method.allocation.shares, record.shares, strict=True)
    }


def _points(platform: Platform, record: StoredRecord, settled: Settling) -> dict[str, Any] | None:
    """The dated points rule that held on the record's day, sealed with its batch: whole steps of
    what the person received after caps, and what is left over.
    """
    day = day_of(record.event["day"])
    event = settled.event
    try:
        earn = law_of_batch(platform, record.batch).rulesets.points_earn(
            region=platform.region, on=day
        )
    except NotFound:
        return None
    return {
        "per_mg": earn.per_mg,
        "points_per_step": earn.points,
        "credited_mg": event.shares[0],
        "steps": event.shares[0] // earn.per_mg,
        "left_over_mg": event.shares[0] % earn.per_mg,
        "points": event.points,
        "valid_from": earn.rule.valid_from.isoformat(),
        "source": earn.rule.source,
        "evidence": earn.rule.tag,
    }
