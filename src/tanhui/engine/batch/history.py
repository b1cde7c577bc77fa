"""What earlier batches left for one bucket: ids, places in time and credited masses."""

from __future__ import annotations

from .events import QUANTITIES, SHARE_TYPES, Columns, concatenate

HISTORY_TYPES: dict[str, str] = {
    "batch": "i8",
    "row": "i8",
    "key_hi": "u8",
    "key_lo": "u8",
    "payload": "u8",
    "person": "i8",
    "scene": "u2",  # numbered as in the batch being settled
    "start": "i8",
    "end": "i8",
    "day": "i4",
    "region": "i4",
    "law": "u2",  # a place in the laws of the batch being settled
    "status": "u1",
    "detail": "u1",
    "mg": "i8",
    "points": "i8",
    "reversed": "?",
    **SHARE_TYPES,
}
"""Rows stand in arrival order: by batch, then by row."""

READING_TYPES: dict[str, str] = dict.fromkeys(QUANTITIES, "i8")
"""Beside HISTORY_TYPES where a methodology of the batch reads own history."""


def no_history(*, readings: bool = False) -> Columns:
    """The history of an empty platform."""
    return concatenate([], HISTORY_TYPES | (READING_TYPES if readings else {}))
