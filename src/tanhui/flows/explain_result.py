"""Explain one stored result: recompute it from the evidence and show every number on the way."""

from __future__ import annotations

from typing import Any

from tanhui.books import queries as books
from tanhui.core.errors import NotFound
from tanhui.core.ids import ResultId
from tanhui.core.period import day_of
from tanhui.engine.batch.status import CAP_DETAILS, OCCUPYING, Status
from tanhui.engine.explain import explain
from tanhui.engine.rendering import number_text
from tanhui.engine.terms import RECIPIENTS

from .platform import Platform
from .reading import show_record
from .receipts import short_receipt
from .records import StoredRecord, find_record


def explain_result(platform: Platform, result_id: ResultId) -> dict[str, Any]:
    """The record, the engine's explanation, caps, shares, points and batch; `matches` says
    whether the recomputed milligrams, and the shares, are the stored ones. Raises NotFound.
    """
    record = find_record(platform, result_id)
    method = record.methodology
    explanation = (
        None if method is None else explain(method, record.as_record(), cell=record.event["cell"])
    )
    recomputed = 0 if explanation is None else int(explanation["mg"])
    return {
        "id": str(record.id),
        "person": str(record.event["person"]),
        "record": show_record(platform, record),
        "explanation": explanation,
        "cap": _cap(record),
        "caps": _caps(record),
        "allocation": _allocation(record),
        "points": _points(platform, record),
        "batch": short_receipt(books.batch(result_id.batch)),
        "recomputed_mg": recomputed,
        "stored_mg": record.result["quantified"],
        "matches": recomputed == record.result["quantified"] and _credit_fits(record),
    }


def _credit_fits(record: StoredRecord) -> bool:
    """Whether the credited amount is one that this status and the quantified amount allow."""
    credited, quantified = record.result["mg"], record.result["quantified"]
    method = record.methodology
    if method is not None and record.shares != method.allocation.split(credited):
        return False
    if record.status is Status.CREDITED:
        return credited == quantified
    if record.status is Status.PARTLY_CAPPED:
        return 0 < credited < quantified
    return credited == 0


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


def _caps(record: StoredRecord) -> list[dict[str, Any]]:
    """Every cap of the methodology, where the row was credited; `decided` marks the one that cut
    it.
    """
    method = record.methodology
    if method is None or record.status not in OCCUPYING:
        return []
    detail = record.result["detail"]
    was_cut = record.status is not Status.CREDITED
    return [
        {
            "per": cap.per,
            "scenes": list(cap.scenes),
            "max_mg": cap.max_mg,
            "max_events": cap.max_events,
            "decided": was_cut and CAP_DETAILS[cap.per, cap.max_mg is None] == detail,
            "source": cap.source,
            "evidence": cap.evidence,
        }
        for cap in method.caps
    ]


def _allocation(record: StoredRecord) -> dict[str, Any] | None:
    """Who received what, where the methodology shares the reduction out."""
    method = record.methodology
    if method is None or method.allocation.is_whole_to_person:
        return None
    return {
        who: {"share": number_text(share * 100) + "%", "mg": mg}
        for who, share, mg in zip(RECIPIENTS, method.allocation.shares, record.shares, strict=True)
    }


def _points(platform: Platform, record: StoredRecord) -> dict[str, Any] | None:
    """The dated points rule that held on the record's day."""
    day = day_of(record.event["day"])
    try:
        earn = platform.rulesets.points_earn(region=platform.region, on=day)
    except NotFound:
        return None
    return {
        "per_mg": earn.per_mg,
        "points_per_step": earn.points,
        "credited_mg": record.shares[0],
        "points": record.result["points"],
        "valid_from": earn.rule.valid_from.isoformat(),
        "source": earn.rule.source,
        "evidence": earn.rule.tag,
    }
