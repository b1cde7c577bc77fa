"""One pool's line put together: what was carried in stands first, then its own rows, discounted.

Rows of the line are columns: PLACED_TYPES, and SHARE_TYPES where some reduction was shared out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import polars as pl

from ..batch.events import SHARE_TYPES, Column, Columns, concatenate, length
from .line import Cut, cut_line, discounted, inside, parts_of, sum_of
from .trace import TRACE_TYPES

PLACED_TYPES = {"batch": "i8", "row": "i8", "method": "u2", "person": "i8", "mg": "i8"}
HOLDERS = ("person", "platform", "operator")


@dataclass(frozen=True)
class Line:
    """The line of a pool: its rows in order with `end`, how it is cut, what the discount took."""

    rows: Columns
    cut: Cut
    gathered: int
    discount: int

    @property
    def trace(self) -> Columns:
        """What the trace file holds; nobody is named."""
        return {name: self.rows[name] for name in TRACE_TYPES}

    def used(self) -> pl.DataFrame:
        """What each holder gave to the units and to debts: holder, person (0 if none), batch, mg.

        `batch` tells whose platform it was; it is 0 for persons.
        """
        used = inside(self.rows["end"], 0, self.cut.spent)
        if "person_mg" not in self.rows:
            return _by_person(self.rows["person"], used)
        shares = shares_of(self.rows)
        person, platform, operator = parts_of(used, shares)
        frames = [_by_person(self.rows["person"], person)]
        for name, mg in (("platform", platform), ("operator", operator)):
            frame = pl.DataFrame({"batch": self.rows["batch"], "mg": mg})
            sums = frame.group_by("batch").agg(pl.col("mg").sum()).filter(pl.col("mg") > 0)
            frames.append(_held_by(name, sums))
        return pl.concat(frames)


def assemble(
    carried: Columns, own: Sequence[Columns], *, kept: Fraction, owed: int, unit_mg: int
) -> Line:
    """The line of `carried` rows and `own` rows (each PLACED_TYPES), of which `kept` is left.

    What was carried was discounted in its own pool. `owed` mg of a debt are made good first.
    """
    types = PLACED_TYPES | _shares_in([carried, *own])
    rows = concatenate([_filled(part, types) for part in own], types)
    gathered = sum_of(rows["mg"])
    whole = rows["mg"]
    rows["mg"] = discounted(whole, kept)
    discount = gathered - sum_of(rows["mg"])
    if length(carried):
        rows = concatenate([_filled(carried, types), rows], types)
    total = sum_of(rows["mg"])
    rows["end"] = np.cumsum(rows["mg"])
    return Line(rows, cut_line(total, owed=owed, unit_mg=unit_mg), gathered, discount)


def shares_of(rows: Columns) -> tuple[Column, Column, Column]:
    """What of each row is the person's, the platform's and the operator's, before any discount."""
    person, platform = rows["person_mg"], rows["platform_mg"]
    return person, platform, rows["whole_mg"] - person - platform


def _shares_in(parts: Sequence[Mapping[str, Column]]) -> dict[str, str]:
    shared = any("person_mg" in part for part in parts)
    return SHARE_TYPES | {"whole_mg": "i8"} if shared else {}


def _filled(part: Columns, types: Mapping[str, str]) -> Columns:
    """With every column: where nothing is shared, all is the person's."""
    given = {"whole_mg": part["mg"], "person_mg": part["mg"]}
    nothing = np.zeros(length(part), dtype=np.int64)
    return {name: part.get(name, given.get(name, nothing)) for name in types}


def _by_person(person: Column, mg: Column) -> pl.DataFrame:
    frame = pl.DataFrame({"person": person, "mg": mg}).filter(pl.col("mg") > 0)
    sums = frame.group_by("person").agg(pl.col("mg").sum()).sort("person")
    return sums.select(
        pl.lit("person").alias("holder"), "person", pl.lit(0, pl.Int64).alias("batch"), "mg"
    )


def _held_by(holder: str, sums: pl.DataFrame) -> pl.DataFrame:
    return sums.sort("batch").select(
        pl.lit(holder).alias("holder"), pl.lit(0, pl.Int64).alias("person"), "batch", "mg"
    )
