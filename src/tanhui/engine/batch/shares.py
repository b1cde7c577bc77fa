"""What platform and operator receive of a batch, per region, scene and day.

Few figures, whatever the size of the batch: the shares of a person's partner are not kept per
person here, because each row of evidence tells its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import polars as pl

from ..terms import RECIPIENTS
from .events import Columns

PLATFORM, OPERATOR = RECIPIENTS[1:]

SHARED: dict[str, type[pl.DataType]] = {
    "recipient": pl.String,
    "region": pl.Int32,
    "scene": pl.String,
    "day": pl.Int32,
    "reversal": pl.Boolean,
    "mg": pl.Int64,
    "n_events": pl.Int64,
    "origin": pl.Int64,
}
"""Columns of what the books are told."""


class Share(NamedTuple):
    """Whose it is, of what, and the batch it is taken back from (0 when it is credited)."""

    recipient: str
    region: int
    scene: int
    day: int
    origin: int


@dataclass
class Shares:
    """Amounts and events per `Share`."""

    amounts: dict[Share, tuple[int, int]] = field(default_factory=dict)

    def credit(self, fresh: Columns, results: Columns) -> int:
        """Add the shares of settled rows; returns their sum in mg."""
        columns = {name: fresh[name] for name in ("region", "scene", "day")}
        columns["origin"] = np.zeros(len(results["mg"]), dtype=np.int64)
        return self._add(columns, results)

    def take_back(self, reversals: Columns) -> int:
        """Add what corrections take back; returns the sum in mg."""
        columns = {name: reversals[name] for name in ("region", "scene", "day")}
        return self._add(columns | {"origin": reversals["origin_batch"]}, reversals)

    def _add(self, keys: Columns, amounts: Columns) -> int:
        platform = amounts["platform_mg"]
        parts = {PLATFORM: platform, OPERATOR: amounts["mg"] - amounts["person_mg"] - platform}
        sum_mg = 0
        for recipient, mg in parts.items():
            frame = pl.DataFrame({**keys, "mg": mg}).filter(pl.col("mg") > 0)
            sums = frame.group_by("region", "scene", "day", "origin").agg(
                pl.col("mg").sum(), n_events=pl.len().cast(pl.Int64)
            )
            for region, scene, day, origin, total, events in sums.iter_rows():
                share = Share(recipient, region, scene, day, origin)
                self._put(share, (total, events))
                sum_mg += total
        return sum_mg

    def add(self, other: Shares) -> None:
        """Add what another part of the batch came to."""
        for share, amount in other.amounts.items():
            self._put(share, amount)

    def _put(self, share: Share, amount: tuple[int, int]) -> None:
        mg, events = self.amounts.get(share, (0, 0))
        self.amounts[share] = (mg + amount[0], events + amount[1])

    def frame(self, scenes: Sequence[str]) -> pl.DataFrame:
        """As SHARED, ordered; scene numbers become names."""
        rows = [
            (who, region, scenes[scene], day, bool(origin), mg, events, origin or None)
            for (who, region, scene, day, origin), (mg, events) in sorted(self.amounts.items())
        ]
        return pl.DataFrame(rows, schema=SHARED, orient="row")

    def figures(self) -> Mapping[str, int]:
        """What the manifest keeps: `<recipient>_credited` and `<recipient>_reversed` in mg.

        Empty when nothing is shared.
        """
        found: dict[str, int] = {}
        for share, (mg, _) in sorted(self.amounts.items()):
            name = f"{share.recipient}_{'reversed' if share.origin else 'credited'}"
            found[name] = found.get(name, 0) + mg
        return found
