"""What the pages and the API read: accounts, records, batches, quarantine."""

from __future__ import annotations

import base64
import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from django.db.models import Q, QuerySet, Sum

from tanhui.books import queries as books
from tanhui.books.models import PERSON, Batch, Lot
from tanhui.books.sealed_source import SOURCE_FILE, SealedSource
from tanhui.core.errors import InputRefused
from tanhui.core.ids import ResultId
from tanhui.core.period import day_of
from tanhui.domain.citizens import queries as citizens
from tanhui.domain.partners import queries as partners
from tanhui.engine.batch.limits import RAW_BYTES_MAX
from tanhui.engine.names import name_of
from tanhui.engine.rendering import number_text
from tanhui.engine.terms import RECIPIENTS

from .platform import Platform
from .quarantine import QUARANTINE_FILE
from .reasons import words
from .receipts import receipt as one_receipt
from .receipts import short_receipt
from .records import StoredRecord, instant, local_date, person_records
from .sealed_law import find_law

PAGE_MAX = 200
ERASED = "（密钥已销毁，原文不可读 the key was destroyed; the text is gone）"
CORRECTED = "corrected"
CORRECTED_REASON = "corrected.taken_back"
ACTIVE_DAYS_SHOWN = 30
EXPIRY_WARNING_DAYS = 90
_CURSOR = re.compile(r"(-?[0-9]{1,19})\.(.+)")


def receipt(platform: Platform, seq: int) -> dict[str, Any]:
    """The receipt with every reason in words. Raises NotFound."""
    document = one_receipt(seq)
    add_words(platform, document)
    return document


def add_words(platform: Platform, document: dict[str, Any]) -> None:
    """Put Chinese and English next to each reason code, titles next to each methodology."""
    clauses: dict[str, list[str]] = {}
    for entry in document["methodologies"]:
        method = find_law(platform, entry, batch=document["batch"])
        clauses[method.code] = [clause.source for clause in method.clauses]
        entry |= {
            "title_zh": method.title.zh,
            "title_en": method.title.en,
            "evidence": method.status.equations,
            "inclusion_only": method.inclusion_only,
        }
    for row in document["reasons"]:
        row["zh"], row["en"] = words(row["reason"], clauses)


def batches(
    partner: str,
    *,
    before: int | None = None,
    limit: int = 20,
    q: str = "",
    feed: str = "",
    status: str = "",
) -> dict[str, Any]:
    """A partner's batches, newest first; `next` continues with `before`.

    `q` is part of a file's name, or a batch number; `status` keeps batches with such a row.
    """
    found = books.batches(partners.get(partner).pk)
    if before is not None:
        found = found.filter(seq__lt=before)
    if q:
        named = Q(source_name__icontains=q) | Q(public_id__startswith=q.lower())
        found = found.filter(named | Q(seq=int(q)) if q.isdecimal() else named)
    if feed:
        found = found.filter(feed=feed)
    if status:
        found = found.filter(counts__has_key=status)
    limit = min(limit, PAGE_MAX)
    page = list(found[: limit + 1])
    return {
        "items": [short_receipt(batch) for batch in page[:limit]],
        "next": page[limit - 1].seq if len(page) > limit else None,
    }


def quarantine(
    platform: Platform, seq: int, *, after_row: int = 0, limit: int = 50, reason: str | None = None
) -> dict[str, Any]:
    """A page of rejected rows with their original bytes, in row order.

    `total` counts every row with this `reason` (all rows without one). The bytes are opened for
    the page alone; a row whose key was destroyed has none (`line` is None).
    """
    batch = books.batch(seq)
    file = platform.evidence / batch.uri / QUARANTINE_FILE
    wanted: list[tuple[str, str, Any]] = [("reason", "==", reason)] if reason else []
    rows = np.sort(pq.read_table(file, columns=["row"], filters=wanted or None)["row"].to_numpy())
    following = rows[rows > after_row]
    page = following[: min(limit, PAGE_MAX)].tolist()
    if not page:
        return {"items": [], "total": len(rows), "next": None}
    wanted += [("row", ">=", page[0]), ("row", "<=", page[-1])]
    shown = pq.read_table(file, filters=wanted).sort_by("row").to_pylist()
    return {
        "items": list(_with_lines(platform, batch, shown)),
        "total": len(rows),
        "next": page[-1] if len(following) > len(page) else None,
    }


def _with_lines(
    platform: Platform, batch: Batch, rows: list[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """The rows with their original bytes, or with the word that those are erased."""
    folder = platform.evidence / batch.uri
    if rows and "line" in rows[0]:  # evidence of the first release
        lines = {row["row"]: row["line"] for row in rows}
    else:
        kept = SealedSource(folder / SOURCE_FILE, batch.seq, platform.people_keys)
        lines = kept.rows([row["row"] for row in rows])
    for row in rows:
        line = lines.get(row["row"])
        zh, en = words(row["reason"], {})
        known = {"row": row["row"], "reason": row["reason"], "zh": zh, "en": en}
        if line is None:
            yield known | {"line": None, "text": ERASED}
        else:
            line = line[:RAW_BYTES_MAX]
            encoded = base64.b64encode(line).decode()
            yield known | {"line": encoded, "text": line.decode("utf-8", "replace")}


def quarantine_file(platform: Platform, seq: int) -> Iterator[bytes]:
    """The quarantine as CSV: row, reason, both languages, the original bytes in base64."""
    batch = books.batch(seq)
    header = ["row", "reason", "reason_zh", "reason_en", "line_base64"]
    yield "\ufeff".encode() + _csv_line(header)
    with pq.ParquetFile(platform.evidence / batch.uri / QUARANTINE_FILE) as file:
        for part in file.iter_batches(4096):
            for one in _with_lines(platform, batch, part.to_pylist()):
                yield _csv_line([one["row"], one["reason"], one["zh"], one["en"], one["line"]])


def _csv_line(values: list[Any]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow(values)
    return line.getvalue().encode()


def account(platform: Platform, person: int) -> dict[str, Any]:
    """A person's carbon account. A person without records has zero."""
    balance = books.balance(person)
    lapsed = _lapsed_points(platform, person)
    totals = books.scene_totals(person)
    scenes_shown = []
    for total in totals:
        zh, en = scene_names(platform, total.scene)
        scenes_shown.append(
            {
                "scene": total.scene,
                "name_zh": zh,
                "name_en": en,
                "mg": total.mg,
                "events": total.n_events,
                "points": total.points,
            }
        )
    days = books.daily_series(person)[-ACTIVE_DAYS_SHOWN:]
    return {
        "person": str(person),
        "is_demo": citizens.is_demo(person),
        "programme": platform.programme,
        "balance": {"mg": balance.mg, "points": balance.points - lapsed, "points_lapsed": lapsed},
        "points_expiring": _expiring(platform, person),
        "scenes": scenes_shown,
        "days": [{"day": day.day.isoformat(), "mg": day.mg} for day in days],
        "first_day": min(t.first_day for t in totals).isoformat() if totals else None,
        "last_day": max(t.last_day for t in totals).isoformat() if totals else None,
    }


def scene_names(platform: Platform, scene: str) -> tuple[str, str]:
    """Chinese and English name of a scene."""
    title = name_of(scene, platform.library_path, "scenes")
    return title.zh, title.en


def _lots(person: int) -> QuerySet[Lot]:
    """The person's lots that still hold points."""
    return Lot.objects.filter(account__owner_id=person, account__owner_kind=PERSON, left__gt=0)


def _lapsed_points(platform: Platform, person: int) -> int:
    """Points past their day: still in the ledger, but nobody can spend them."""
    lapsed = _lots(person).filter(expires_on__lte=platform.today)
    return int(lapsed.aggregate(points=Sum("left"))["points"] or 0)


def _expiring(platform: Platform, person: int) -> list[dict[str, Any]]:
    """Points that expire soon, by day."""
    today = platform.today
    soon = today + timedelta(days=EXPIRY_WARNING_DAYS)
    lots = (
        _lots(person)
        .filter(expires_on__gt=today, expires_on__lte=soon)
        .order_by("expires_on")
        .values_list("expires_on", "left")
    )
    by_day: dict[str, int] = {}
    for day, left in lots:
        by_day[day.isoformat()] = by_day.get(day.isoformat(), 0) + left
    return [{"on": day, "points": points} for day, points in by_day.items()]


def records(
    platform: Platform,
    person: int,
    *,
    scene: str | None = None,
    status: str | None = None,
    day_from: str | None = None,
    day_to: str | None = None,
    before: str | None = None,
    limit: int = 20,
) -> dict[str, Any]:
    """A page of the person's records, latest start first; `next` continues with `before`.

    Reads only the batches that can hold rows of the page.
    """
    limit = min(limit, PAGE_MAX)
    bound = _cursor(before)
    found: list[StoredRecord] = []
    for batch, rows in person_records(platform, person):
        last = batch.last_day.isoformat() if batch.last_day else ""
        if len(found) > limit and local_date(found[limit]) > last:
            break
        found += [
            row
            for row in rows
            if scene in (None, "", row.scene)
            and status in (None, "", shown_status(row))
            and (not day_from or local_date(row) >= day_from)
            and (not day_to or local_date(row) <= day_to)
            and (bound is None or _place(row) < bound)
        ]
        found.sort(key=_place, reverse=True)
    shown = found[:limit]
    following = _cursor_text(shown[-1]) if len(found) > limit else None
    return {"items": [show_record(platform, row) for row in shown], "next": following}


def _place(record: StoredRecord) -> tuple[int, int, int]:
    return record.event["start"], record.batch.seq, record.event["row"]


def _cursor_text(record: StoredRecord) -> str:
    return f"{record.event['start']}.{record.id}"


def _cursor(text: str | None) -> tuple[int, int, int] | None:
    if not text:
        return None
    parts = _CURSOR.fullmatch(text)
    if parts is None:
        raise InputRefused(
            "records.cursor.malformed",
            zh="翻页参数 before 无效；请使用上一页返回的 next。",
            en="The paging parameter `before` is not one; use `next` of the last page.",
        )
    place = ResultId.parse(parts[2])
    return int(parts[1]), place.batch, place.row


def shown_status(record: StoredRecord) -> str:
    """The row's status, or `corrected` once a correction has taken the record back."""
    return CORRECTED if record.reversed_by else record.status.label


def show_record(platform: Platform, record: StoredRecord) -> dict[str, Any]:
    """One record as the API shows it; amounts are whole milligrams.

    `mg` is what the person received, `shares` how the credited whole was split. A corrected
    record counts nothing any more: `mg` is 0 and `mg_before` what it had.
    """
    zh, en = scene_names(platform, record.scene)
    method = record.methodology
    reason_zh, reason_en = ("", "")
    reason = CORRECTED_REASON if record.reversed_by else record.reason
    if reason:
        clauses = {} if method is None else {method.code: [c.source for c in method.clauses]}
        reason_zh, reason_en = words(reason, clauses)
    partner = partners.by_id(record.batch.partner_id)
    related = record.reversed_by or record.related
    counts = 0 if record.reversed_by else 1
    return {
        "id": str(record.id),
        "batch": record.batch.seq,
        "row": record.event["row"],
        "scene": record.scene,
        "name_zh": zh,
        "name_en": en,
        "day": local_date(record),
        "started_at": instant(record.event["start"]),
        "ended_at": instant(record.event["end"]),
        "quantities": quantities(record),
        "status": shown_status(record),
        "reason": reason,
        "reason_zh": reason_zh,
        "reason_en": reason_en,
        "related": None if related is None else str(related),
        "mg": record.shares[0] * counts,
        "mg_before": record.shares[0],
        "shares": dict(zip(RECIPIENTS, (mg * counts for mg in record.shares), strict=True)),
        "claim": _claim(record),
        "points": record.result["points"] * counts,
        "methodology": None if method is None else method.code,
        "evidence": None if method is None else method.status.equations,
        "inclusion_only": None if method is None else method.inclusion_only,
        "partner": partner.code,
        "partner_name_zh": partner.name_zh,
        "partner_name_en": partner.name_en,
    }


def _claim(record: StoredRecord) -> dict[str, str] | None:
    """From when until when (both days belong) the record could be claimed."""
    if record.claim is None:
        return None
    first, last = record.claim
    return {"first_day": day_of(first).isoformat(), "last_day": day_of(last).isoformat()}


def quantities(record: StoredRecord) -> list[dict[str, str]]:
    """What the record measured, in the units of its methodology."""
    fields = () if record.methodology is None else record.methodology.fields
    return [
        {
            "name_zh": field.title.zh,
            "name_en": field.title.en,
            "value": number_text(count * field.step),
            "unit": field.unit.text,
        }
        for field, count in zip(fields, record.quantities, strict=True)
    ]
