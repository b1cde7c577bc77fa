"""Shares of a reduction that are not the person's: the partner's platform and the operator.

One movement per recipient, region, scene, day and direction, not one per person: each row of the
evidence tells its own split, and the books tell what each recipient has. Their accounts are
holders like any other, moved once per batch under the posting lock, so no row of them is hot.
"""

from __future__ import annotations

import polars as pl

from .accounts import SYSTEM_OWNER, ensure_system
from .assets import ensure_assets, reduction_code
from .models import OPERATOR, PARTNER, SHARE_ROLE, Account

MEASURED = "measured"  # system account a reduction comes from, one per scene

PLATFORM_SHARE, OPERATOR_SHARE = "platform", "operator"

SHARED = {
    "recipient": pl.String,
    "region": pl.Int32,
    "scene": pl.String,
    "day": pl.Int32,
    "reversal": pl.Boolean,
    "mg": pl.Int64,
    "n_events": pl.Int64,
    "origin": pl.Int64,
}
"""`recipient` is `platform` or `operator`; `origin` (a batch) exactly where `reversal`."""


def no_shares() -> pl.DataFrame:
    """Of a batch whose reductions are all the persons'."""
    return pl.DataFrame(schema=SHARED)


def share_movements(shares: pl.DataFrame, *, partner_id: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Movements of the shares in the shape of `movements.Movements.reductions`, and the accounts
    (account, is_new) they reach.
    """
    rows = shares.filter(pl.col("mg") > 0).rows(named=True)
    codes = {row["region"]: reduction_code(row["region"]) for row in rows}
    assets = ensure_assets(codes.values())
    places = {(assets[codes[row["region"]]], f"{MEASURED}:{row['scene']}") for row in rows}
    system = ensure_system(places)
    owners = {PLATFORM_SHARE: (PARTNER, partner_id), OPERATOR_SHARE: (OPERATOR, SYSTEM_OWNER)}
    accounts: dict[int, bool] = {}
    moved = []
    for row in rows:
        asset = assets[codes[row["region"]]]
        kind, owner = owners[row["recipient"]]
        account, made = Account.objects.get_or_create(
            owner_id=owner,
            asset_id=asset,
            owner_kind=kind,
            role=SHARE_ROLE,
            defaults={"floor_zero": True},
        )
        accounts[account.pk] = accounts.get(account.pk, False) or made
        moved.append(
            {
                "day": row["day"],
                "reversal": row["reversal"],
                "n_events": row["n_events"],
                "origin": row["origin"],
                "asset": asset,
                "system": system[asset, f"{MEASURED}:{row['scene']}"],
                "amount": row["mg"],
                "holder": account.pk,
            }
        )
    return pl.DataFrame(moved, schema=MOVED), pl.DataFrame(
        {"account": list(accounts), "is_new": list(accounts.values())},
        schema={"account": pl.Int64, "is_new": pl.Boolean},
    )


MOVED = {
    "day": pl.Int32,
    "reversal": pl.Boolean,
    "n_events": pl.Int64,
    "origin": pl.Int64,
    "asset": pl.Int32,
    "system": pl.Int64,
    "amount": pl.Int64,
    "holder": pl.Int64,
}
