"""Pairs metro entries with exits, card by card in time order, once, across files.

A ride is an entry followed directly by an exit of the same card within the written time. What is
known are the taps of this file and those of earlier files that still wait:

    entry    an entry without exit; a later exit may complete it
    settled  an exit already answered by its fare; a late entry is matched to it, no second ride
    refused  an exit in quarantine; a late entry is matched to it, there is no ride
    used     both taps of a ride of the last hours; sent again they are known, and nothing else

Each waiting tap carries a `bound`: the time of the next (entry) or previous (exit) tap of its
card when it was stored. Nothing beyond it can be its other half.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from tanhui.core.period import MS_PER_DAY
from tanhui.core.region import CHINA_OFFSET_MIN
from tanhui.engine.batch.landing import Waiting, waiting_for

from .fares import Fares
from .shenzhen_memory import THIS_FILE, taps_of
from .shenzhen_taps import ENTRY, card_keys

_IDENTITY = ["card", "at", "side", "equ"]
_SCHEMA = {
    "batch": pl.Int64, "row": pl.Int64, "card": pl.String, "at": pl.Int64,
    "at_text": pl.String, "side": pl.String, "kind": pl.String, "equ": pl.String,
    "station": pl.String, "paid": pl.Int64, "face": pl.Int64, "bound": pl.Int64,
}  # fmt: skip


@dataclass(frozen=True)
class Matched:
    """What became of every metro tap of this file, as frames of taps.

    rides: an exit of this file with `start_text`, `start_station`, `start_batch`, `start_row`,
    `start_equ`.
    alone: exits without entry. open: entries without exit. late: entries whose exit was answered
    before (`exit_batch`, `exit_row`, `exit_kind` and so on). duplicates: with `first_batch`,
    `first_row`.
    consumed: (batch, row) of waiting taps that have met their other half or were sent again.
    """

    rides: pl.DataFrame
    alone: pl.DataFrame
    open: pl.DataFrame
    late: pl.DataFrame
    duplicates: pl.DataFrame
    consumed: list[tuple[int, int]]


def match_taps(taps: pl.DataFrame, waiting: Waiting, fares: Fares, *, secret: bytes) -> Matched:
    """Match the metro taps of a whole file (shenzhen_taps columns) with each other and before.

    `secret` keys the names under which cards wait, see `card_keys`.
    """
    current = taps.select(
        pl.lit(THIS_FILE, dtype=pl.Int64).alias("batch"),
        "row", "card", "at", "at_text",
        pl.when(pl.col("kind") == ENTRY).then(pl.lit("in")).otherwise(pl.lit("out")).alias("side"),
        pl.when(pl.col("kind") == ENTRY).then(pl.lit("entry")).otherwise(pl.lit("exit"))
        .alias("kind"),
        "equ", "station", "paid", "face",
        pl.lit(None, dtype=pl.Int64).alias("bound"),
    )  # fmt: skip
    known = _known(waiting, current["card"], secret)
    again = known.filter(pl.col("kind") == "refused").join(current, on=_IDENTITY, how="semi")
    known = known.join(again, on=["batch", "row"], how="anti")
    every = pl.concat([known, current]).sort("batch", "row")
    every = every.with_columns(
        first_batch=pl.col("batch").first().over(_IDENTITY),
        first_row=pl.col("row").first().over(_IDENTITY),
    )
    is_first = (pl.col("row") == pl.col("first_row")) & (pl.col("batch") == pl.col("first_batch"))
    duplicates = every.filter(~is_first)
    ordered = _with_neighbours(every.filter(is_first), fares)
    return _sorted_out(ordered, duplicates, again)


def _known(waiting: Waiting, cards: pl.Series, secret: bytes) -> pl.DataFrame:
    """Waiting taps of the cards in this file."""
    distinct = cards.unique().to_list()
    card_of = dict(zip(card_keys(distinct, secret=secret), distinct, strict=True))
    found = waiting_for(waiting, list(card_of))
    rows = [tap for each in found for tap in taps_of(each, card_of[each.key])]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def _with_neighbours(taps: pl.DataFrame, fares: Fares) -> pl.DataFrame:
    """Taps in time order with the tap before and after on the card, and whether they match."""
    day = (pl.col("at") + CHINA_OFFSET_MIN * 60_000) // MS_PER_DAY
    ordered = taps.sort("card", "at", "batch", "row").with_columns(day=day)
    days = ordered["day"].unique().to_list()
    limits = [fares.trip_ms_max(number) for number in days]
    ordered = ordered.with_columns(
        trip_ms_max=ordered["day"].replace_strict(days, limits, return_dtype=pl.Int64)
        if days
        else pl.lit(0, dtype=pl.Int64)
    )
    names = ["batch", "row", "at", "at_text", "kind", "equ", "station", "bound", "trip_ms_max"]
    same_after = pl.col("card") == pl.col("card").shift(-1)
    same_before = pl.col("card") == pl.col("card").shift(1)
    return ordered.with_columns(
        *(pl.when(same_after).then(pl.col(name).shift(-1)).alias(f"next_{name}") for name in names),
        *(pl.when(same_before).then(pl.col(name).shift(1)).alias(f"prev_{name}") for name in names),
    ).with_columns(
        to_next=_is_match("", "next_").fill_null(value=False),
        to_prev=_is_match("prev_", "").fill_null(value=False),
    )


def _is_match(entry: str, exit_: str) -> pl.Expr:
    """Whether the tap under prefix `entry` and the one under `exit_` are one ride."""

    def of(prefix: str, name: str) -> pl.Expr:
        return pl.col(f"{prefix}{name}")

    took = of(exit_, "at") - of(entry, "at")
    return (
        (of(entry, "kind") == "entry")
        & of(exit_, "kind").is_in(["exit", "settled", "refused"])
        & ((of(entry, "batch") == THIS_FILE) | (of(exit_, "batch") == THIS_FILE))
        & (took > 0)
        & (took <= of(entry, "trip_ms_max"))
        & (of(entry, "bound").is_null() | (of(exit_, "at") < of(entry, "bound")))
        & (of(exit_, "bound").is_null() | (of(entry, "at") > of(exit_, "bound")))
    )


def _sorted_out(ordered: pl.DataFrame, duplicates: pl.DataFrame, again: pl.DataFrame) -> Matched:
    here = pl.col("batch") == THIS_FILE
    is_entry, is_exit = pl.col("kind") == "entry", pl.col("kind") == "exit"
    rides = ordered.filter(here & is_exit & pl.col("to_prev")).rename(
        {
            "prev_batch": "start_batch",
            "prev_row": "start_row",
            "prev_at_text": "start_text",
            "prev_station": "start_station",
            "prev_equ": "start_equ",
        }
    )
    late = ordered.filter(
        here & is_entry & pl.col("to_next") & (pl.col("next_batch") != THIS_FILE)
    ).rename({name: name.replace("next_", "exit_") for name in ordered.columns if "next_" in name})
    met = [
        *again.select("batch", "row").iter_rows(),
        *rides.filter(pl.col("start_batch") != THIS_FILE)
        .select("start_batch", "start_row")
        .iter_rows(),
        *late.select("exit_batch", "exit_row").iter_rows(),
    ]
    return Matched(
        rides=rides,
        alone=ordered.filter(here & is_exit & ~pl.col("to_prev")),
        open=ordered.filter(here & is_entry & ~pl.col("to_next")),
        late=late,
        duplicates=duplicates,
        consumed=[(int(batch), int(row)) for batch, row in met],
    )
