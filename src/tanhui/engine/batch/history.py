"""What earlier batches left for one bucket: ids, places in time and credited masses."""

from __future__ import annotations

from .events import Columns, concatenate

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
    "status": "u1",
    "mg": "i8",
    "points": "i8",
    "reversed": "?",
}
"""Rows stand in arrival order: by batch, then by row."""


def no_history() -> Columns:
    """The history of an empty platform."""
    return concatenate([], HISTORY_TYPES)
