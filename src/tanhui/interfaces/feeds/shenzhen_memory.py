"""What is remembered of metro taps between files, and how it reads in the waiting table.

A tap that waits is a row of its own. Both taps of a ride are one row of kind `used`, kept while
its entry could still meet a later exit: sent again alone, it must not wait once more.
"""

from __future__ import annotations

import polars as pl

from tanhui.engine.batch.landing import WaitingRow
from tanhui.engine.batch.validate_time import read_time

from .shenzhen_taps import NO_FARE, card_keys

THIS_FILE = 2**62
"""Batch number of the rows being read: they arrive after everything known."""


def person_of(column: str) -> pl.Expr:
    """The reference of the person with a card, as the column `person`."""
    return pl.lit("szt:").add(pl.col(column)).alias("person")


def waiting_rows(taps: pl.DataFrame, kind: str, bound: str, *, secret: bytes) -> list[WaitingRow]:
    """Taps that wait from now on; `bound` names the column of their neighbour's time."""
    keys = card_keys(taps["card"], secret=secret)
    columns = ["row", "at_text", "equ", "station", bound, person_of("card")]
    found = []
    for key, (row, at, equ, station, limit, person) in zip(
        keys, taps.select(columns).iter_rows(), strict=True
    ):
        payload = {"kind": kind, "at": at, "equ": equ, "station": station}
        if limit is not None:
            payload["bound"] = str(limit)
        found.append(WaitingRow(None, row, key, payload, person))
    return found


def used_rows(rides: pl.DataFrame, late: pl.DataFrame, *, secret: bytes) -> list[WaitingRow]:
    """Rides to remember: those whose entry is within one trip of the file's last ride.

    `rides` and `late` as in `Matched`; the row is that of this file which made the ride complete.
    """
    pairs = pl.concat(
        [
            rides.select(
                "card", "row",
                pl.col("prev_at").alias("begin"), pl.col("at").alias("end"),
                pl.col("prev_trip_ms_max").alias("reach"),
                _place("start_batch", "start_row").alias("entry"),
                pl.col("start_text").alias("entry_at"), pl.col("start_equ").alias("entry_equ"),
                _place("batch", "row").alias("exit"), "at_text", "equ",
            ),
            late.select(
                "card", "row",
                pl.col("at").alias("begin"), pl.col("exit_at").alias("end"),
                pl.col("trip_ms_max").alias("reach"),
                _place("batch", "row").alias("entry"),
                pl.col("at_text").alias("entry_at"), pl.col("equ").alias("entry_equ"),
                _place("exit_batch", "exit_row").alias("exit"),
                pl.col("exit_at_text").alias("at_text"), pl.col("exit_equ").alias("equ"),
            ),
        ]
    )  # fmt: skip
    recent = pairs.filter(pl.col("begin") + pl.col("reach") >= pl.col("end").max())
    keys = card_keys(recent["card"], secret=secret)
    named = recent.select("entry", "entry_at", "entry_equ", "exit", at="at_text", equ="equ")
    people = recent.select(person_of("card"))["person"]
    rows = zip(recent["row"], keys, named.iter_rows(named=True), people, strict=True)
    return [
        WaitingRow(None, row, key, {"kind": "used", **payload}, person)
        for row, key, payload, person in rows
    ]


def _place(batch: str, row: str) -> pl.Expr:
    """`<batch>-<row>`; without batch for this file, whose number is not known yet."""
    here = pl.col(batch) == THIS_FILE
    number = pl.when(here).then(pl.lit("")).otherwise(pl.col(batch).cast(pl.String))
    return pl.format("{}-{}", number, row)


def taps_of(waiting: WaitingRow, card: str) -> list[tuple[object, ...]]:
    """The taps that a row remembers, with the columns of the pairing."""
    saved, batch = waiting.payload, waiting.batch
    assert batch is not None
    if saved["kind"] != "used":
        side = "in" if saved["kind"] == "entry" else "out"
        bound = int(saved["bound"]) if "bound" in saved else None
        tap = (card, _at(saved["at"]), saved["at"], side, saved["kind"], saved["equ"])
        return [(batch, waiting.row, *tap, saved["station"], NO_FARE, NO_FARE, bound)]
    found: list[tuple[object, ...]] = []
    for side, place, prefix in (("in", "entry", "entry_"), ("out", "exit", "")):
        of_batch, _, row = saved[place].partition("-")
        at, equ = saved[f"{prefix}at"], saved[f"{prefix}equ"]
        tap = (card, _at(at), at, side, "used", equ)
        found.append((int(of_batch or batch), int(row), *tap, "", NO_FARE, NO_FARE, None))
    return found


def _at(text: str) -> int:
    """Epoch ms of a time that this feed wrote."""
    at, problem = read_time(text)
    assert problem is None
    return at
