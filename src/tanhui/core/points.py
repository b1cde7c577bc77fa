"""Points: a reward in whole numbers; not money, not transferable, and never a reduction."""

from __future__ import annotations

from typing import NewType

Points = NewType("Points", int)


def points_for(mg: int, *, mg_per_step: int, points_per_step: int) -> int:
    """Points earned for `mg`, whole steps only (rounded towards zero).

    >>> points_for(535080, mg_per_step=10_000, points_per_step=1)
    53
    """
    steps = abs(mg) // mg_per_step * points_per_step
    return -steps if mg < 0 else steps
