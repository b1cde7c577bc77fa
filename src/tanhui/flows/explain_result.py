"""Explain one stored result: recompute it from the evidence and show every number on the way."""

from __future__ import annotations

from typing import Any

from tanhui.books import queries as books
from tanhui.core.errors import NotFound
from tanhui.core.ids import ResultId
from tanhui.core.period import day_of
from tanhui.engine.batch.status import OCCUPYING, Status
from tanhui.engine.explain import explain

from .platform import Platform
from .reading import show_record
from .receipts import short_receipt
from .records import StoredRecord, find_record


def explain_result(platform: Platform, result_id: ResultId) -> dict[str, Any]:
    """The record, the engine's explanation, cap, points and batch; `matches` says whether the
    recomputed milligrams are the stored ones. Raises NotFound.
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
        "points": _points(platform, record),
        "batch": short_receipt(books.batch(result_id.batch)),
        "recomputed_mg": recomputed,
        "stored_mg": record.result["quantified"],
        "matches": recomputed == record.result["quantified"] and _credit_fits(record),
    }


def _credit_fits(record: StoredRecord) -> bool:
    """Whether the credited amount is one that this status and the quantified amount allow."""
    credited, quantified = record.result["mg"], record.result["quantified"]
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
        "credited_mg": record.result["mg"],
        "points": record.result["points"],
        "valid_from": earn.rule.valid_from.isoformat(),
        "source": earn.rule.source,
        "evidence": earn.rule.tag,
    }
