"""Post a batch: its manifest, its movements, balances and lots, in the caller's transaction.

One path for one total and for a million: sets go in by COPY, nothing loops over rows in Python.
The batch happened or it did not; the caller commits.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q

from tanhui.core.errors import Conflict, ProofFailed
from tanhui.core.period import day_of

from .acts import Act, record
from .balances import apply_changes
from .copying import Column, constant, copy_in, pg_days
from .locks import lock_posting
from .lots import add_lots, take_back
from .manifest import FIRST_PREV_DIGEST, BatchManifest
from .models import CREDIT, EARN, REVERSE, Batch
from .movements import Movements, movements
from .partitions import ensure_partitions
from .shares import SHARED, no_shares
from .transfers import PLACE_BITS

TOTALS = {
    "person": pl.Int64,
    "region": pl.Int32,
    "scene": pl.String,
    "day": pl.Int32,
    "reversal": pl.Boolean,
    "mg": pl.Int64,
    "points": pl.Int64,
    "n_events": pl.Int64,
    "origin": pl.Int64,
}

WORK_MEM = "64MB"  # of one sort or hash while posting; a million changes fit


@dataclass(frozen=True)
class PointsRule:
    """What the rule set of a programme says about points already counted in the totals, and how
    few people a public figure may be about.
    """

    programme: str
    valid_years: int
    people_min: int


@dataclass(frozen=True)
class Head:
    """The last batch: what the next one follows."""

    seq: int
    digest: str


def head() -> Head:
    """The last batch posted, or zero; the next batch has `seq + 1` and names this digest."""
    last = Batch.objects.order_by("-seq").values_list("seq", "digest").first()
    return Head(*last) if last else Head(0, FIRST_PREV_DIGEST)


def post_batch(
    connection: BaseDatabaseWrapper,
    *,
    batch: BatchManifest,
    totals: pl.DataFrame,
    rules: PointsRule,
    actor: str,
    shares: pl.DataFrame | None = None,
) -> None:
    """Write the batch and everything it moves; must run inside a transaction, never commits.

    `totals`: the columns of TOTALS, one row per person, region, scene, day and direction: what
    persons receive; `shares`: SHARED, what platform and operator receive besides. Amounts >= 0;
    `origin` (a batch) exactly where `reversal`. Raises Conflict when another batch came first or
    the key or source is known, ProofFailed when the sums and the manifest differ.
    """
    assert connection.in_atomic_block, "post_batch belongs inside a transaction"
    totals = totals.select(pl.col(name).cast(kind) for name, kind in TOTALS.items())
    shared = (no_shares() if shares is None else shares).select(
        pl.col(name).cast(kind) for name, kind in SHARED.items()
    )
    _check_totals(batch, totals, shared)
    lock_posting(connection)
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL work_mem = '{WORK_MEM}'")
    _check_new(batch)
    _check_follows(batch)
    journal = _write_manifest(batch, actor, rules.people_min)
    totals = totals.filter((pl.col("mg") > 0) | (pl.col("points") > 0))
    if totals.is_empty() and shared.is_empty():
        return
    days = {*totals["day"].unique(), *shared["day"].unique()}
    ensure_partitions(connection, (day_of(day) for day in days))
    moved = movements(
        connection, totals, shared, programme=rules.programme, partner_id=batch.partner_id
    )
    _write_transfers(connection, moved, journal)
    apply_changes(connection, _changes(moved))
    back = pl.col("reversal")
    earned = moved.points.filter(~back)
    add_lots(connection, earned, journal=journal, valid_years=rules.valid_years)
    take_back(connection, moved.points.filter(back))


def _check_totals(batch: BatchManifest, totals: pl.DataFrame, shared: pl.DataFrame) -> None:
    """The manifest says what totals and shares say; a difference is a mistake of ours."""
    there, back = pl.col("reversal").not_(), pl.col("reversal")
    names = ["reversal", "mg", "points", "origin"]
    both = pl.concat(
        [totals.select(names), shared.with_columns(points=pl.lit(0, pl.Int64)).select(names)]
    )
    found = both.select(
        mg_credited=pl.col("mg").filter(there).sum(),
        mg_reversed=pl.col("mg").filter(back).sum(),
        points_credited=pl.col("points").filter(there).sum(),
        points_reversed=pl.col("points").filter(back).sum(),
        negative=((pl.col("mg") < 0) | (pl.col("points") < 0)).sum(),
        unnamed=(pl.col("origin").is_not_null() != back).sum(),
    ).row(0, named=True)
    expected = {name: getattr(batch, name) for name in list(found)[:4]}
    expected |= {"negative": 0, "unnamed": 0}
    if found != expected or sum(batch.counts.values()) != batch.n_rows:
        raise ProofFailed(
            "batch.totals.differ",
            zh=f"批次 {batch.seq} 的清单与合计不符：清单 {expected}，合计 {found}；未入账。",
            en=f"Batch {batch.seq}: the manifest says {expected}, the totals {found}; "
            "nothing was posted.",
            manifest=expected,
            totals=found,
        )


def _check_follows(batch: BatchManifest) -> None:
    last = head()
    if (batch.seq, batch.prev_digest) != (last.seq + 1, last.digest):
        raise Conflict(
            "batch.out_of_order",
            zh=f"批次 {batch.seq} 不能接在批次 {last.seq} 之后：已有别的批次先到，请重新入账。",
            en=f"Batch {batch.seq} does not follow batch {last.seq}: another came first; "
            "take the file in again.",
            seq=batch.seq,
            last=last.seq,
        )


def _check_new(batch: BatchManifest) -> None:
    """The posting lock is held, so nobody posts the same between this look and our write."""
    same = Q(
        feed=batch.feed,
        feed_config_sha256=batch.feed_config_sha256,
        source_sha256=batch.source_sha256,
    )
    if batch.idempotency_key is not None:
        same |= Q(idempotency_key=batch.idempotency_key)
    known = Batch.objects.filter(same, partner_id=batch.partner_id).values_list("seq").first()
    if known:
        raise Conflict(
            "batch.known",
            zh=f"这份文件或这个幂等键已作为批次 {known[0]} 入账；请取那份回执，不要重复入账。",
            en=f"This file or this key was already posted as batch {known[0]}; "
            "fetch that receipt instead of posting again.",
            seq=known[0],
        )


def _write_manifest(batch: BatchManifest, actor: str, people_min: int) -> int:
    """Journal and batch rows; returns the journal id."""
    request = batch.idempotency_key or batch.source_identity
    act = Act(
        verb="books.batch.posted",
        actor=actor,
        at=batch.received_at,
        key=f"batch/{batch.partner_id}/{request}",
        request=batch.canonical(),
        detail={"batch": batch.seq},
        public=_public(batch, people_min),
    )
    journal = record(act).journal
    values: dict[str, Any] = {name: getattr(batch, name) for name in batch.__dataclass_fields__}
    values["files"] = [asdict(file) for file in batch.files]
    values["methodologies"] = list(batch.methodologies)
    Batch.objects.create(
        journal_id=journal,
        feed_config_sha256=batch.feed_config_sha256,
        digest=batch.digest,
        **values,
    )
    return journal


def _public(batch: BatchManifest, people_min: int) -> dict[str, Any]:
    """What the log says of a batch; of few people only the digest, so that nobody stands out."""
    said: dict[str, Any] = {
        "batch": str(batch.seq),
        "digest": batch.digest,
        "prev": batch.prev_digest,
        "methodologies": list(batch.methodologies),
    }
    if batch.root:  # what every row's proof leads to; the leaves hide their rows
        said |= {"root": batch.root, "leaves": batch.leaves}
    people = batch.buckets.get("people", 0) if isinstance(batch.buckets, dict) else 0
    if people < people_min:
        return said
    amounts = ("mg_credited", "mg_reversed", "points_credited", "points_reversed")
    days = {name: getattr(batch, name) for name in ("first_day", "last_day")}
    return (
        said
        | {name: str(getattr(batch, name)) for name in amounts}
        | {name: day.isoformat() for name, day in days.items() if day}
        | {"people": people, "rows": batch.n_rows}
    )


def _write_transfers(connection: BaseDatabaseWrapper, moved: Movements, journal: int) -> None:
    """Reductions, points, then reversals, each sorted by the account its index leads with."""
    back = pl.col("reversal")
    parts = [
        (CREDIT, moved.reductions.filter(~back)),
        (EARN, moved.points.filter(~back)),
        (REVERSE, pl.concat([moved.reductions.filter(back), moved.points.filter(back)])),
    ]
    first_id = journal << PLACE_BITS
    for code, rows in parts:
        columns = _transfer_columns(rows, code)
        columns["id"] = np.arange(first_id, first_id + len(rows), dtype=np.int64)
        columns["journal_id"] = constant(journal, len(rows))
        copy_in(connection, "books_transfer", columns)
        first_id += len(rows)


def _transfer_columns(rows: pl.DataFrame, code: str) -> dict[str, Column]:
    holder, system = rows["holder"].to_numpy(), rows["system"].to_numpy()
    debit, credit = (holder, system) if code == REVERSE else (system, holder)
    origin = {"origin": rows["origin"].to_numpy()} if code == REVERSE else {}
    return {
        "debit_account_id": debit,
        "credit_account_id": credit,
        "amount": rows["amount"].to_numpy(),
        "asset_id": rows["asset"].to_numpy(),
        "effective_day": pg_days(rows["day"].to_numpy()),
        "n_events": rows["n_events"].to_numpy().astype(np.int32),
        "code": constant(code, len(rows)),
        **origin,
    }


def _changes(moved: Movements) -> pl.DataFrame:
    """account, debits, credits, is_new: what each holder's balance gains."""
    back = pl.col("reversal")
    sums = [
        part.group_by("holder").agg(
            debits=pl.col("amount").filter(back).sum(),
            credits=pl.col("amount").filter(~back).sum(),
        )
        for part in (moved.reductions, moved.points)
    ]
    named = pl.concat(sums).rename({"holder": "account"})
    return named.join(moved.holders.select("account", "is_new"), on="account")
