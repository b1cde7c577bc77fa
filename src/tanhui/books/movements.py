"""From totals to movements: which account gives, which receives, how much, on which day."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from django.db.backends.base.base import BaseDatabaseWrapper

from .accounts import ensure_holders, ensure_system
from .assets import ensure_assets, points_code, reduction_code
from .shares import MEASURED, MOVED, share_movements

ISSUED = "issued"  # system account points come from, one per scene


@dataclass(frozen=True)
class Movements:
    """Reductions and points apart; each has holder, system, day, reversal, amount, n_events,
    origin and asset, sorted by holder and day. `holders`: account, is_new of all that appear.
    """

    reductions: pl.DataFrame
    points: pl.DataFrame
    holders: pl.DataFrame


def movements(
    connection: BaseDatabaseWrapper,
    totals: pl.DataFrame,
    shares: pl.DataFrame,
    *,
    programme: str,
    partner_id: int,
) -> Movements:
    """One movement per total and asset and per share, zero amounts left out; accounts are found
    or made. Platform shares are those of the partner `partner_id`.
    """
    places = _places(totals.select("region", "scene").unique(), programme)
    base = totals.join(places, on=["region", "scene"], how="left")
    reductions = base.filter(pl.col("mg") > 0).select(
        *_SHARED, asset="reduction_asset", system="measured", amount="mg"
    )
    points = base.filter(pl.col("points") > 0).select(
        *_SHARED, asset="points_asset", system="issued", amount="points"
    )
    keys = [part.select("person", "asset").unique() for part in (reductions, points)]
    holders = ensure_holders(connection, pl.concat(keys))
    moved = _with_holder(reductions, holders), _with_holder(points, holders)
    if shares.is_empty():
        return Movements(*moved, holders.drop("person"))
    others, recipients = share_movements(shares, partner_id=partner_id)
    whole = pl.concat([moved[0].select(list(MOVED)), others]).sort("holder", "day")
    known = pl.concat([holders.select("account", "is_new"), recipients])
    return Movements(whole, moved[1], known)


_SHARED = ("person", "day", "reversal", "n_events", "origin")


def _with_holder(rows: pl.DataFrame, holders: pl.DataFrame) -> pl.DataFrame:
    """The rows with their holder's account; one asset, the usual case, is joined by person."""
    assets = rows["asset"].unique().to_list()
    mine = holders.filter(pl.col("asset").is_in(assets)).rename({"account": "holder"})
    on = ["person"] if len(assets) == 1 else ["person", "asset"]
    joined = rows.join(mine.select(*on, "holder"), on=on, how="left")
    return joined.drop("person").sort("holder", "day")


def _places(pairs: pl.DataFrame, programme: str) -> pl.DataFrame:
    """region, scene -> the two assets and the two system accounts they come from."""
    regions, scenes = pairs["region"].to_list(), pairs["scene"].to_list()
    codes = [reduction_code(region) for region in regions]
    assets = ensure_assets([*codes, points_code(programme)])
    points = assets[points_code(programme)]
    reductions = [assets[code] for code in codes]
    measured = [
        (asset, f"{MEASURED}:{scene}") for asset, scene in zip(reductions, scenes, strict=True)
    ]
    issued = [(points, f"{ISSUED}:{scene}") for scene in scenes]
    system = ensure_system([*measured, *issued])
    return pairs.with_columns(
        reduction_asset=pl.Series(reductions, dtype=pl.Int32),
        points_asset=pl.lit(points, dtype=pl.Int32),
        measured=pl.Series([system[role] for role in measured], dtype=pl.Int64),
        issued=pl.Series([system[role] for role in issued], dtype=pl.Int64),
    )
