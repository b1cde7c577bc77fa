"""Which rows of a batch may be counted: those whose person agreed, as of the moment of receipt.

It stands where rows become events, before anything is worked out, so every scheduler answers
alike, and of a person who said no nothing is measured (PIPL articles 13, 15 and 19).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import polars as pl

from tanhui.domain.citizens.links import NOBODY
from tanhui.domain.consents.queries import ANSWERS, answers
from tanhui.domain.partners.models import RECEIPT, Partner
from tanhui.engine.batch.status import Status

WITHDRAWN, MISSING = "consent.withdrawn", "consent.missing"


class ConsentGate:
    """Remembers the answers of the people of one batch.

    `decided` (row -> reason) is what a recorded batch was told; a replay follows it.
    """

    def __init__(
        self, partner: Partner, received_at: datetime, decided: Mapping[int, str] | None = None
    ) -> None:
        self.asks_receipts = partner.consent_basis == RECEIPT
        self._partner = partner.pk
        self._received_at = received_at
        self._decided = decided
        self._answers = pl.DataFrame(schema=ANSWERS)

    def learn(self, people: Iterable[int]) -> None:
        """Look up what these people answered; call it once for each of them."""
        known = [person for person in people if person != NOBODY]
        found = answers(known, partner_id=self._partner, at=self._received_at)
        if len(found):
            self._answers = pl.concat([self._answers, found])

    def refused(self, rows: pl.DataFrame) -> pl.DataFrame:
        """(row, reason) of the rows without consent; `rows` has row, person (or NOBODY), scene."""
        if self._decided is not None:
            found = pl.DataFrame(
                {"row": list(self._decided), "reason": list(self._decided.values())},
                schema={"row": pl.Int64, "reason": pl.String},
            )
            return rows.select("row").join(found, on="row", maintain_order="left")
        nobody = (rows["person"] == NOBODY).any()
        if not (len(self._answers) or nobody or self.asks_receipts):
            return pl.DataFrame(schema={"row": pl.Int64, "reason": pl.String})
        own = self._answers
        every = own.filter(pl.col("scene") == "").drop("scene")
        joined = rows.join(own, on=["person", "scene"], how="left", maintain_order="left").join(
            every, on="person", how="left", suffix="_every", maintain_order="left"
        )
        is_wide = pl.col("turn_every").fill_null(-1) > pl.col("turn").fill_null(-1)
        last = pl.when(is_wide).then(pl.col("given_every")).otherwise(pl.col("given"))
        silent = pl.lit(None if not self.asks_receipts else MISSING, pl.String)
        reason = (
            pl.when(last.is_null() & (pl.col("person") != NOBODY))
            .then(silent)
            .when(last.is_null())
            .then(pl.lit(MISSING if self.asks_receipts else WITHDRAWN))
            .when(~last)
            .then(pl.lit(WITHDRAWN))
        )
        return joined.select("row", reason=reason).filter(pl.col("reason").is_not_null())


def as_outcomes(refused: pl.DataFrame) -> pl.DataFrame:
    """The refused rows in the shape of outcomes; none keeps its bytes."""
    return refused.select(
        "row",
        pl.lit(Status.NO_CONSENT.label).alias("status"),
        "reason",
        pl.lit("").alias("ref"),
    )
