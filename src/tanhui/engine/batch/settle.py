"""Settle one bucket of a batch: duplicates, overlaps, exclusions, caps, points, corrections.

Every rule looks at one person only, and a person lives in one bucket, so buckets are settled one
after another or side by side with the same answers. Persons whose rows hold corrections go through
the sequential rules, all others through arrays; both give the same integers.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .events import QUANTITIES, RESULT_TYPES, SHARE_TYPES, Columns, concatenate, length, take
from .exclusions import Standing, rivals
from .laws import Laws
from .plain import settle_plain
from .ranks import dense_ranks
from .replay import REVERSED_TYPES, settle_corrected
from .status import Status
from .totals import TOTAL_TYPES, credited_totals

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Settled:
    """Results in the order of the fresh rows (with SHARE_TYPES where a law shares out), what
    corrections took back, totals of what persons received, and the quantities where own history
    filled some.
    """

    results: Columns
    reversals: Columns
    totals: Columns
    quantities: Columns = field(default_factory=dict)


def settle_bucket(fresh: Columns, history: Columns, laws: Laws, *, batch: int) -> Settled:
    """Give every fresh row its answer after `history`; `batch` is the number of this batch.

    `fresh` has FRESH_TYPES, `history` HISTORY_TYPES, both in arrival order; with laws that read
    own history `fresh` has `cell` and both have the quantities. A refused correction did nothing
    and leaves its number free, so history forgets it.
    """
    refused = history["status"] == Status.REJECTED
    if refused.any():
        history = take(history, ~refused)
    careful = _careful(fresh, history, laws)
    if not careful.any():
        plain = settle_plain(fresh, history, laws, batch)
        reversals = concatenate([], REVERSED_TYPES)
        return Settled(plain.results, reversals, plain.totals, plain.quantities)
    remembered = np.isin(history["person"], fresh["person"][careful])
    plain = settle_plain(take(fresh, ~careful), take(history, ~remembered), laws, batch)
    own = take(fresh, careful)
    corrected, reversals, quantities = settle_corrected(own, take(history, remembered), laws, batch)
    totals = concatenate([plain.totals, credited_totals(own, corrected)], TOTAL_TYPES)
    types = RESULT_TYPES | (SHARE_TYPES if laws.splits.any() else {})
    results = {name: _merged(careful, plain.results, corrected, name) for name in types}
    filled = {
        name: _merged(careful, plain.quantities, quantities, name)
        for name in QUANTITIES
        if plain.quantities
    }
    return Settled(results, reversals, totals, filled)


def _merged(careful: Mask, plain: Columns, corrected: Columns, name: str) -> npt.NDArray[np.int64]:
    column = np.empty(len(careful), dtype=plain[name].dtype)
    column[~careful] = plain[name]
    column[careful] = corrected[name]
    return column


def _careful(fresh: Columns, history: Columns, laws: Laws) -> Mask:
    """Rows of persons who need the sequential rules: with corrections, or with readings and two
    scenes that exclude each other.
    """
    corrects = (fresh["corrects_hi"] | fresh["corrects_lo"]) != 0
    careful: Mask = corrects
    if corrects.any():
        careful = np.isin(fresh["person"], fresh["person"][corrects])
    if laws.excludes and laws.observes.any():
        reads = np.isin(fresh["person"], fresh["person"][laws.observes[fresh["law"]]])
        careful = careful | (reads & _contested(fresh, history, laws))
    return careful


def _contested(fresh: Columns, history: Columns, laws: Laws) -> Mask:
    """Rows of persons in whom two scenes may exclude each other, whatever becomes of the rows."""
    names = ("person", "scene", "day", "start", "end", "law")
    columns = {
        name: np.concatenate([history[name], fresh[name]]).astype(np.int64) for name in names
    }
    columns["person"] = dense_ranks(columns["person"])
    everything = np.ones(len(columns["person"]), dtype=bool)
    standing = Standing(counts=everything, is_new=everything, **columns)
    contested: Mask = rivals(standing, laws)[length(history) :]
    return contested
