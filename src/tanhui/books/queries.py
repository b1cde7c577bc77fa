"""Reads of the books: what a person has and why, what a partner's batches became."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from tanhui.core.errors import NotFound

from .manifest import config_digest
from .models import HOLDER_ROLE, MG, PERSON, POINTS, REVERSE, Balance, Batch

STATEMENT_LINES_MAX = 1_000


@dataclass(frozen=True)
class AssetBalance:
    """What a person has of one asset; `free` is what is neither spent nor held."""

    asset: str
    unit: str
    credited: int
    debited: int
    held: int

    @property
    def amount(self) -> int:
        """Credits minus debits."""
        return self.credited - self.debited

    @property
    def free(self) -> int:
        """What may be spent now."""
        return self.amount - self.held


@dataclass(frozen=True)
class PersonBalance:
    """All assets of a person, and the two sums that a citizen asks for."""

    person: int
    mg: int
    points: int
    assets: tuple[AssetBalance, ...]


@dataclass(frozen=True)
class StatementLine:
    """What one scene did for a person on one day, reversals already taken off."""

    day: date
    scene: str
    mg: int
    points: int
    n_events: int
    batches: tuple[int, ...]


@dataclass(frozen=True)
class SceneTotal:
    """What one scene did for a person over a period, reversals already taken off."""

    scene: str
    mg: int
    points: int
    n_events: int
    first_day: date
    last_day: date


@dataclass(frozen=True)
class DayTotal:
    """One day of a person's series."""

    day: date
    mg: int
    points: int


# What batches gave a holder (earned points through their lots) and took back; the scene is the
# second half of the role of the system account on the other side (`measured:metro`). What a
# person spends, and all the rest, is in `statements`.
_MOVES = f"""
WITH mine AS (
    SELECT a.id, s.unit FROM books_account a JOIN books_asset s ON s.id = a.asset_id
    WHERE a.owner_id = %(person)s AND a.owner_kind = '{PERSON}' AND a.role = '{HOLDER_ROLE}'
), moves AS (
    SELECT t.effective_day AS day, t.debit_account_id AS other, m.unit, t.amount, t.n_events,
           t.journal_id
    FROM mine m JOIN books_transfer t ON t.credit_account_id = m.id AND t.code = 'credit'
    WHERE t.effective_day BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT l.earned_on, l.source_id, m.unit, l.amount, 0, l.journal_id
    FROM mine m JOIN books_lot l ON l.account_id = m.id
    JOIN books_account i ON i.id = l.source_id AND i.role LIKE 'issued:%%'
    WHERE l.earned_on BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT t.effective_day, t.credit_account_id, m.unit, -t.amount, -t.n_events, t.journal_id
    FROM mine m JOIN books_transfer t
      ON t.debit_account_id = m.id AND t.code = 'reverse'
    WHERE t.effective_day BETWEEN %(first)s AND %(last)s
)
"""

_SUMS = f"""
    coalesce(sum(amount) FILTER (WHERE unit = '{MG}'), 0)::bigint,
    coalesce(sum(amount) FILTER (WHERE unit = '{POINTS}'), 0)::bigint
"""

_STATEMENT = f"""{_MOVES}
SELECT v.day, split_part(o.role, ':', 2) AS scene, {_SUMS},
       coalesce(sum(v.n_events) FILTER (WHERE unit = '{MG}'), 0)::bigint,
       array_agg(DISTINCT b.seq) FILTER (WHERE b.seq IS NOT NULL)
FROM moves v JOIN books_account o ON o.id = v.other
LEFT JOIN books_batch b ON b.journal_id = v.journal_id
GROUP BY 1, 2 ORDER BY 1 DESC, 2 LIMIT %(limit)s
"""

_SCENES = f"""{_MOVES}
SELECT split_part(o.role, ':', 2), {_SUMS},
       coalesce(sum(v.n_events) FILTER (WHERE unit = '{MG}'), 0)::bigint, min(v.day), max(v.day)
FROM moves v JOIN books_account o ON o.id = v.other GROUP BY 1 ORDER BY 2 DESC, 1
"""

_SERIES = f"{_MOVES} SELECT day, {_SUMS} FROM moves GROUP BY 1 ORDER BY 1"


def balance(person: int) -> PersonBalance:
    """What the person has; a person without any record has zero."""
    rows = (
        Balance.objects.filter(account__owner_kind=PERSON, account__owner_id=person)
        .order_by("account__asset__code")
        .values_list("account__asset__code", "account__asset__unit", "credits", "debits", "held")
    )
    assets = tuple(AssetBalance(*row) for row in rows)
    sums = {
        unit: sum(asset.amount for asset in assets if asset.unit == unit) for unit in (MG, POINTS)
    }
    return PersonBalance(person, sums[MG], sums[POINTS], assets)


def statement(
    person: int,
    *,
    first: date = date.min,
    last: date = date.max,
    limit: int = STATEMENT_LINES_MAX,
) -> list[StatementLine]:
    """Lines per day and scene, newest first, at most `limit`."""
    values = {"limit": min(limit, STATEMENT_LINES_MAX)} | _window(person, first, last)
    return [
        StatementLine(day, scene, mg, points, n_events, tuple(batches or ()))
        for day, scene, mg, points, n_events, batches in _fetch(_STATEMENT, values)
    ]


def scene_totals(person: int, *, first: date = date.min, last: date = date.max) -> list[SceneTotal]:
    """One line per scene the person has anything from, largest reduction first."""
    return [SceneTotal(*row) for row in _fetch(_SCENES, _window(person, first, last))]


def daily_series(person: int, *, first: date = date.min, last: date = date.max) -> list[DayTotal]:
    """Sums per day with any movement, oldest first."""
    return [DayTotal(*row) for row in _fetch(_SERIES, _window(person, first, last))]


def batches(partner_id: int | None = None) -> QuerySet[Batch]:
    """Batches newest first, of one partner or of all; slice it."""
    found = Batch.objects.order_by("-seq")
    return found if partner_id is None else found.filter(partner_id=partner_id)


def batch(seq: int) -> Batch:
    """The manifest of one batch; raises NotFound."""
    found = Batch.objects.filter(seq=seq).first()
    if found is None:
        raise NotFound(
            "batch.unknown",
            zh=f"没有批次 {seq}；批次号从 1 开始连续编号。",
            en=f"There is no batch {seq}; batches count from 1 without gaps.",
            seq=seq,
        )
    return found


def batch_by_public_id(public_id: str) -> Batch | None:
    """The batch whose evidence folder has this name."""
    return Batch.objects.filter(public_id=public_id).first()


def batch_of_source(
    partner_id: int, *, feed: str, feed_config: dict[str, str], source_sha256: str
) -> Batch | None:
    """The batch that already took this very file in, if any."""
    return Batch.objects.filter(
        partner_id=partner_id,
        feed=feed,
        feed_config_sha256=config_digest(feed_config),
        source_sha256=source_sha256,
    ).first()


def batch_of_key(partner_id: int, idempotency_key: str) -> Batch | None:
    """The batch posted under this key of this partner, if any."""
    return Batch.objects.filter(partner_id=partner_id, idempotency_key=idempotency_key).first()


def _window(person: int, first: date, last: date) -> dict[str, Any]:
    return {"person": person, "first": first, "last": last}


def _fetch(sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


@dataclass(frozen=True)
class UsedMethodology:
    """A version with the digest it had when `batch`, the first to do so, used it."""

    code: str
    version: str
    digest: str
    batch: int


def methodologies_used(codes: set[str]) -> list[UsedMethodology]:
    """Every version of these codes that some batch used, by digest, with the first such batch."""
    if not codes:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT used->>'code', used->>'version', used->>'digest', min(seq)"
            " FROM books_batch, jsonb_array_elements(methodologies) AS used"
            " WHERE used->>'code' = ANY(%s) GROUP BY 1, 2, 3 ORDER BY 4, 1, 2",
            [sorted(codes)],
        )
        return [UsedMethodology(*row) for row in cursor.fetchall()]


def taken_back_mg(batches: list[int]) -> int:
    """Milligrams of these batches that corrections took back, in whichever batch they came."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(t.amount), 0)::bigint FROM books_transfer t"
            " JOIN books_asset s ON s.id = t.asset_id"
            f" WHERE t.code = '{REVERSE}' AND s.unit = '{MG}' AND t.origin = ANY(%s)",
            [batches],
        )
        (mg,) = cursor.fetchone() or (0,)
    return int(mg)
