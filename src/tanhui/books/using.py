"""Marks of reductions that went into units, on a second account of their holder.

A reduction stays where it was credited, so a later correction can always take it back; beside it
stands how much of it is used (`used:<city>`), and what is free is the difference. The marks are
transfers like any other: from the scene's `pooled` account to the holder, and back again when a
row was taken back and others made it good (decision 0037).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Sum

from tanhui.core.period import day_number

from .accounts import ensure_holders, ensure_system
from .assets import ensure_assets, used_code
from .balances import apply_changes
from .copying import constant, copy_in, pg_days
from .locks import lock_posting
from .models import HOLDER_ROLE, MG_USED, PERSON, SHARE_ROLE, UNUSE, USE, Account, Balance
from .partitions import ensure_partitions
from .transfers import PLACE_BITS

POOLED = "pooled"  # system account the marks come from, one per scene


@dataclass(frozen=True)
class Other:
    """A mark of somebody who is no person: a partner or the operator."""

    owner_kind: str
    owner_id: int
    mg: int


def mark_used(
    connection: BaseDatabaseWrapper,
    journal: int,
    *,
    region: int,
    scene: str,
    day: date,
    people: pl.DataFrame,
    others: Sequence[Other] = (),
) -> int:
    """Mark mg as used under an act, in the caller's transaction; returns how many mg.

    `people` has person and mg, each person once; mg below zero takes a mark back.
    The act moves nothing else.
    """
    assert connection.in_atomic_block, "marks belong inside a transaction"
    lock_posting(connection)
    code = used_code(region)
    asset = ensure_assets([code])[code]
    system = ensure_system([(asset, f"{POOLED}:{scene}")])[asset, f"{POOLED}:{scene}"]
    people = people.filter(pl.col("mg") != 0)
    wanted = people.select("person", asset=pl.lit(asset, pl.Int32))
    holders = ensure_holders(connection, wanted)
    moved = people.join(holders, on="person").select("account", "is_new", "mg")
    moved = pl.concat([moved, _others(asset, others)]).sort("account")
    if moved.is_empty():
        return 0
    ensure_partitions(connection, [day])
    _write(connection, journal, moved, asset=asset, system=system, day=day)
    mg = pl.col("mg")
    changes = moved.select(
        "account",
        "is_new",
        debits=pl.when(mg < 0).then(-mg).otherwise(0),
        credits=pl.when(mg > 0).then(mg).otherwise(0),
    )
    apply_changes(connection, changes)
    return int(moved["mg"].sum())


def used_mg(person: int) -> int:
    """How much of a person's reductions stands in units."""
    return used_by([person]).get(person, 0)


def used_by(people: Iterable[int]) -> dict[int, int]:
    """Person -> how much of theirs stands in units; who has nothing there is left out."""
    rows = Balance.objects.filter(
        account__owner_kind=PERSON,
        account__owner_id__in=list(people),
        account__role=HOLDER_ROLE,
        account__asset__unit=MG_USED,
    )
    sums = rows.values_list("account__owner_id").annotate(mg=Sum(F("credits") - F("debits")))
    return {person: int(mg) for person, mg in sums}


def all_used_mg() -> int:
    """What is marked as used, of everybody."""
    rows = Balance.objects.filter(account__asset__unit=MG_USED)
    sums = rows.aggregate(credits=Sum("credits"), debits=Sum("debits"))
    return int(sums["credits"] or 0) - int(sums["debits"] or 0)


def _others(asset: int, others: Sequence[Other]) -> pl.DataFrame:
    """Accounts of partners and the operator, made when there are none."""
    rows = []
    for each in others:
        account, is_new = Account.objects.get_or_create(
            owner_id=each.owner_id,
            asset_id=asset,
            owner_kind=each.owner_kind,
            role=SHARE_ROLE,
            defaults={"floor_zero": True},
        )
        rows.append({"account": account.pk, "is_new": is_new, "mg": each.mg})
    schema = {"account": pl.Int64, "is_new": pl.Boolean, "mg": pl.Int64}
    return pl.DataFrame(rows, schema=schema).filter(pl.col("mg") != 0)


def _write(
    connection: BaseDatabaseWrapper,
    journal: int,
    moved: pl.DataFrame,
    *,
    asset: int,
    system: int,
    day: date,
) -> None:
    first = journal << PLACE_BITS
    for code, rows in (
        (USE, moved.filter(pl.col("mg") > 0)),
        (UNUSE, moved.filter(pl.col("mg") < 0)),
    ):
        count = len(rows)
        holder, source = rows["account"].to_numpy(), constant(system, count)
        columns = {
            "id": np.arange(first, first + count, dtype=np.int64),
            "journal_id": constant(journal, count),
            "debit_account_id": source if code == USE else holder,
            "credit_account_id": holder if code == USE else source,
            "amount": rows["mg"].abs().to_numpy(),
            "asset_id": np.full(count, asset, dtype=np.int32),
            "effective_day": pg_days(np.full(count, day_number(day), dtype=np.int64)),
            "n_events": np.zeros(count, dtype=np.int32),
            "code": constant(code, count),
        }
        copy_in(connection, "books_transfer", columns)
        first += count
