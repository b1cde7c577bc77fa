"""Shapes of what a person sees of the units that hold their reductions; amounts are texts."""

from __future__ import annotations

from ninja import Schema


class HeldUnits(Schema):
    """Neighbouring units, and how many mg of the record lie in them."""

    serials: str
    mg: str
    pool: str


class ResultSerials(Schema):
    """Where a record's mg went: units, a debt it made good, the next pool.

    `taken_back` says that a correction took the record back after it was used.
    """

    result: str
    used_mg: str
    carried_mg: str
    made_good_mg: str
    taken_back: bool
    units: list[HeldUnits]
