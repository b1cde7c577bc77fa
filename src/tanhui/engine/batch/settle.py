"""Settle one bucket of a batch: duplicates, overlaps, caps, points, corrections.

Every rule looks at one person only, and a person lives in one bucket, so buckets are settled one
after another or side by side with the same answers. Persons whose rows hold corrections go through
the sequential rules, all others through arrays; both give the same integers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .events import RESULT_TYPES, REVERSAL_TYPES, Columns, concatenate, take
from .plain import settle_plain
from .replay import settle_corrected
from .status import Status
from .totals import TOTAL_TYPES, credited_totals


@dataclass(frozen=True)
class Settled:
    """Results in the order of the fresh rows, what corrections took back, credited totals."""

    results: Columns
    reversals: Columns
    totals: Columns


def settle_bucket(fresh: Columns, history: Columns, *, batch: int) -> Settled:
    """Give every fresh row its answer after `history`; `batch` is the number of this batch.

    `fresh` has FRESH_TYPES, `history` HISTORY_TYPES, both in arrival order. A refused correction
    did nothing and leaves its number free, so history forgets it.
    """
    refused = history["status"] == Status.REJECTED
    if refused.any():
        history = take(history, ~refused)
    corrects = (fresh["corrects_hi"] | fresh["corrects_lo"]) != 0
    if not corrects.any():
        results, totals = settle_plain(fresh, history, batch)
        return Settled(results, concatenate([], REVERSAL_TYPES), totals)
    persons = fresh["person"][corrects]
    careful = np.isin(fresh["person"], persons)
    remembered = np.isin(history["person"], persons)
    plain, totals = settle_plain(take(fresh, ~careful), take(history, ~remembered), batch)
    own = take(fresh, careful)
    corrected, reversals = settle_corrected(own, take(history, remembered), batch)
    totals = concatenate([totals, credited_totals(own, corrected)], TOTAL_TYPES)
    results = {}
    for name, kind in RESULT_TYPES.items():
        results[name] = np.empty(len(careful), dtype=kind)
        results[name][~careful] = plain[name]
        results[name][careful] = corrected[name]
    return Settled(results, reversals, totals)
