"""Statistics as a table: the same columns on the command line and in every download."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

HEADINGS = (
    "name_zh",
    "name_en",
    "events",
    "share_events_percent",
    "mg",
    "share_mg_percent",
    "points",
    "people",
)


def cells(by: Sequence[str], group: Mapping[str, Any]) -> list[Any]:
    """The cells of one group: its key, then HEADINGS; a figure that is not told is empty."""
    named = [group[heading.removesuffix("_percent")] for heading in HEADINGS]
    return [*(group[name] or "" for name in by), *("" if one is None else one for one in named)]
