"""The desk: the one way from HTTP and pages to the flows, with this installation's platform.

Both doors say the same, because both ask here. Reads are dicts ready for JSON; masses are whole
mg, times ISO 8601.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.cache import cache

from tanhui.books.posting import head
from tanhui.core.ids import ResultId
from tanhui.domain.viewings.services import Viewer
from tanhui.flows import lawbook, reading, shown_rows
from tanhui.flows import statistics as counting
from tanhui.flows.explain_result import explain_result
from tanhui.flows.ride_proof import ride_proof
from tanhui.interfaces.intake import take_in
from tanhui.interfaces.log import public_log
from tanhui.interfaces.platform import platform

from .limits import LOCK_WAIT_S, PAGE_ROWS_MAX, SEARCHED_BATCHES_MAX, STATISTICS_KEPT_S

Json = dict[str, Any]


def record(path: Path, **delivery: Any) -> Json:
    """Record a file (see `take_in`); returns the receipt with its reasons in words."""
    return take_in(path, lock_wait_s=LOCK_WAIT_S, **delivery)


def receipt(batch: int) -> Json:
    """The receipt of a batch; raises NotFound."""
    return reading.receipt(platform(), batch)


def batches(
    partner: str,
    *,
    before: int | None,
    limit: int,
    q: str | None = None,
    feed: str | None = None,
    status: str | None = None,
) -> Json:
    """A page of a partner's receipts, newest first: {items, next}.

    `q` is part of the file name, the public id, or the batch number. A search looks through
    `SEARCHED_BATCHES_MAX` batches at a time; `next` goes on where it stopped.
    """
    found: list[Json] = []
    for _ in range(SEARCHED_BATCHES_MAX // PAGE_ROWS_MAX):
        page = reading.batches(partner, before=before, limit=PAGE_ROWS_MAX)
        for one in page["items"]:
            if len(found) == limit:
                return {"items": found, "next": found[-1]["batch"]}
            if _fits(one, q, feed, status):
                found.append(one)
        before = page["next"]
        if before is None:
            break
    return {"items": found, "next": before}


def quarantine(
    batch: int, *, viewer: Viewer, after_row: int, limit: int, reason: str | None
) -> Json:
    """A page of the rows set aside: {items, total, next}, `total` of that reason."""
    wanted: Json = {"after_row": after_row, "limit": limit, "reason": reason}
    return shown_rows.quarantine(platform(), batch, viewer=viewer, **wanted)


def quarantine_file(batch: int, *, viewer: Viewer) -> Iterator[bytes]:
    """The rows set aside as CSV."""
    return shown_rows.quarantine_file(platform(), batch, viewer=viewer)


def account(person: int) -> Json:
    """A person's account."""
    return reading.account(platform(), person)


def records(
    person: int,
    *,
    limit: int,
    scene: str | None = None,
    status: str | None = None,
    day_from: str | None = None,
    day_to: str | None = None,
    before: str | None = None,
) -> Json:
    """A page of a person's records, newest first: {items, next}."""
    return reading.records(
        platform(),
        person,
        scene=scene,
        status=status,
        day_from=day_from,
        day_to=day_to,
        before=before,
        limit=limit,
    )


def explanation(result: str) -> Json:
    """Everything behind one result, computed again just now; raises NotFound."""
    return explain_result(platform(), ResultId.parse(result))


def proof(result: str, person: int) -> Json:
    """The person's own proof of a record, to be checked offline; raises NotFound, Gone."""
    return ride_proof(platform(), public_log(), ResultId.parse(result), person=person)


def methodologies(
    *,
    q: str | None = None,
    region: str | None = None,
    scene: str | None = None,
    status: str | None = None,
    kind: str | None = None,
    standing: str | None = None,
    after: str | None = None,
    limit: int,
) -> Json:
    """A page of the law this platform applies: {items, next, total, status}."""
    wanted = {"region": region, "scene": scene, "status": status, "kind": kind}
    return lawbook.methodologies(
        platform(), q=q, after=after, limit=limit, wanted=wanted, standing=standing
    )


def methodology(code: str, version: str | None = None) -> Json:
    """One methodology, its newest version or the one asked for; raises NotFound."""
    return lawbook.methodology(platform(), code, version)


def _fits(one: Json, q: str | None, feed: str | None, status: str | None) -> bool:
    if q and not (
        q.lower() in one["source"]["name"].lower()
        or one["public_id"].startswith(q.lower())
        or q.removeprefix("#") == str(one["batch"])
    ):
        return False
    return feed in (None, one["feed"]) and (status is None or one["counts"].get(status, 0) > 0)


def statistics(question: counting.Question) -> Json:
    """Public statistics, counted once for every state of the books and every question."""
    question = question.checked(is_public=True)
    asked = (*question.by, question.first, question.last)
    key = "statistics:" + ":".join(map(str, (head().digest, *asked)))
    found: Json | None = cache.get(key)
    if found is None:
        found = counting.statistics(platform(), question, is_public=True)
        cache.set(key, found, STATISTICS_KEPT_S)
    return found
