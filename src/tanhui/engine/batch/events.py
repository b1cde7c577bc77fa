"""The columns of landed events and of their results, as NumPy arrays in row order.

A landed event is integers only: person and event id, place in time, quantities as counts of the
methodology's step. The same columns are what the evidence files hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..methodology import QUANTITY_SLOTS

Column = npt.NDArray[Any]
Columns = dict[str, Column]

QUANTITIES = tuple(f"q{slot}" for slot in range(QUANTITY_SLOTS))
NARROW_QUANTITIES = QUANTITIES[:4]
"""What every landed event has; the further ones travel only in batches that use them."""
BUCKETS = 256
NO_METHOD = 0xFFFF
NO_SCENE = 0xFFFF

EVENT_TYPES: dict[str, str] = {
    "row": "i8",  # data row of the partner's file, from 1
    "key_hi": "u8",  # 128-bit id of the event at its partner
    "key_lo": "u8",
    "payload": "u8",  # fingerprint of the content: tells a resend from a conflict
    "person": "i8",
    "scene": "u2",  # index into the batch's scenes
    "region": "i4",
    "start": "i8",  # epoch milliseconds
    "end": "i8",
    "day": "i4",  # in the region's zone
    "method": "u2",  # index into the batch's methodologies
    "cell": "i4",
    "q0": "i8",
    "q1": "i8",
    "q2": "i8",
    "q3": "i8",
    "corrects_hi": "u8",  # zero when the row corrects nothing
    "corrects_lo": "u8",
}

WIDE_EVENT_TYPES: dict[str, str] = {**EVENT_TYPES, **dict.fromkeys(QUANTITIES, "i8")}
"""Events of a batch in which some methodology has more than four fields."""

RESULT_TYPES: dict[str, str] = {
    "row": "i8",
    "status": "u1",
    "detail": "u1",
    "quantified": "i8",  # mg before duplicates, overlaps and caps
    "mg": "i8",  # mg credited
    "points": "i8",
    "other_batch": "i8",  # the row this one duplicates, overlaps or corrects
    "other_row": "i8",
}

SHARE_TYPES: dict[str, str] = {
    "person_mg": "i8",  # of `mg`: what the person receives
    "platform_mg": "i8",  # and the partner; the rest is the operator's
}
"""Beside the results and reversals of a batch in which a reduction is shared out."""

FRESH_TYPES: dict[str, str] = {
    "row": "i8",
    "key_hi": "u8",
    "key_lo": "u8",
    "payload": "u8",
    "person": "i8",
    "scene": "u2",
    "start": "i8",
    "end": "i8",
    "day": "i4",
    "region": "i4",
    "corrects_hi": "u8",
    "corrects_lo": "u8",
    "quantified": "i8",
    "code": "u1",
    "law": "u2",
    "lapsed": "?",
    "mg_per_step": "i8",
    "points_per_step": "i8",
}
"""A quantified row waiting for its answer; rows stand in arrival order. Under a law that reads
own history `cell` and QUANTITIES stand beside them, and the row is quantified in its turn."""

REVERSAL_TYPES: dict[str, str] = {
    "row": "i8",  # of the correction
    "origin_batch": "i8",
    "origin_row": "i8",
    "person": "i8",
    "region": "i4",
    "scene": "u2",
    "day": "i4",
    "mg": "i8",
    "points": "i8",
}


def event_types(columns: Iterable[str]) -> dict[str, str]:
    """EVENT_TYPES or WIDE_EVENT_TYPES, by the columns there are.

    >>> event_types(["q0", "q1"]) is EVENT_TYPES, event_types(QUANTITIES) is WIDE_EVENT_TYPES
    (True, True)
    """
    return WIDE_EVENT_TYPES if QUANTITIES[-1] in columns else EVENT_TYPES


def widened(columns: Columns) -> Columns:
    """Narrow events as wide ones: a slot that is not there was 0."""
    zeros = np.zeros(length(columns), dtype=np.int64)
    return {name: columns.get(name, zeros) for name in WIDE_EVENT_TYPES}


def bucket_of(person: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Bucket of each person; ids are random, so their low bits spread evenly."""
    return person & (BUCKETS - 1)


def take(columns: Mapping[str, Column], index: Column) -> Columns:
    """The rows at `index` (positions or a mask) of every column."""
    return {name: column[index] for name, column in columns.items()}


def concatenate(parts: Sequence[Mapping[str, Column]], types: Mapping[str, str]) -> Columns:
    """One set of columns out of many; empty columns of the right type out of none."""
    if not parts:
        return {name: np.empty(0, dtype=kind) for name, kind in types.items()}
    return {name: np.concatenate([part[name] for part in parts]) for name in types}


def length(columns: Mapping[str, Column]) -> int:
    """Number of rows."""
    return len(next(iter(columns.values())))
