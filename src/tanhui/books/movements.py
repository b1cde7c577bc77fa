"""From totals to movements: which account gives, which receives, how much, on which day."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from django.db.backends.base.base import BaseDatabaseWrapper

from .accounts import ensure_holders, ensure_system
from .assets import ensure_assets, points_code, reduction_code

MEASURED = "measured"  # system account a reduction comes from, one per scene
ISSUED = "issued"  # system account points come from, one per scene


@dataclass(frozen=True)
class Movements:
    """`rows`: holder, system, asset, day, reversal, amount, n_events, origin (sorted by holder).

    `holders`: account, is_new of every holder that appears; `points_asset` is the asset of the
    rows that make lots.
    """

    rows: pl.DataFrame
    holders: pl.DataFrame
    points_asset: int


def movements(
    connection: BaseDatabaseWrapper, totals: pl.DataFrame, *, programme: str
) -> Movements:
    """One movement per total and asset, zero amounts left out; accounts are found or made."""
    regions = totals["region"].unique().to_list()
    codes = {region: reduction_code(region) for region in regions}
    assets = ensure_assets([*codes.values(), points_code(programme)])
    points_asset = assets[points_code(programme)]
    asset_of = {region: assets[code] for region, code in codes.items()}

    base = totals.with_columns(pl.col("scene").cast(pl.String))
    reductions = base.filter(pl.col("mg") > 0).select(
        "person",
        pl.col("region").replace_strict(asset_of, return_dtype=pl.Int32).alias("asset"),
        role=pl.lit(f"{MEASURED}:") + pl.col("scene"),
        amount="mg",
        **_SHARED,
    )
    points = base.filter(pl.col("points") > 0).select(
        "person",
        pl.lit(points_asset, dtype=pl.Int32).alias("asset"),
        role=pl.lit(f"{ISSUED}:") + pl.col("scene"),
        amount="points",
        **_SHARED,
    )
    rows = pl.concat([reductions, points])
    holders = ensure_holders(connection, rows.select("person", "asset").unique())
    rows = rows.join(_system_accounts(rows), on=["asset", "role"], how="left").join(
        holders.select("person", "asset", holder="account"), on=["person", "asset"], how="left"
    )
    rows = rows.drop("person", "role").sort("holder", "day")
    return Movements(rows, holders.select("account", "is_new"), points_asset)


_SHARED = {name: pl.col(name) for name in ("day", "reversal", "n_events", "origin")}


def _system_accounts(rows: pl.DataFrame) -> pl.DataFrame:
    """asset, role -> system account id."""
    pairs = rows.select("asset", "role").unique().rows()
    accounts = ensure_system(pairs)
    return pl.DataFrame(
        [(asset, role, accounts[asset, role]) for asset, role in pairs],
        schema={"asset": pl.Int32, "role": pl.String, "system": pl.Int64},
        orient="row",
    )
