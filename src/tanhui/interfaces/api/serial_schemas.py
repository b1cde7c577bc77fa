"""Shapes of what a person sees of the units that hold their reductions; amounts are texts."""

from __future__ import annotations

from ninja import Schema


class HeldUnits(Schema):
    """Neighbouring units, and how many mg of the record lie in them."""

    serials: str
    mg: str
    pool: str


class UnitUse(Schema):
    """What a retired unit served; `log` is year and index of its entry in the public log."""

    beneficiary: str
    purpose: str
    matter: str
    at: str
    log: tuple[int, int] | None
    is_public: bool


class OwnUnit(Schema):
    """A unit that holds something of mine, exactly."""

    serial: int
    mg: str
    unit_mg: str
    state: str
    pool: str
    is_pool_public: bool
    scene: str
    name_zh: str
    name_en: str
    first_month: str
    last_month: str
    retirement: UnitUse | None


class OwnUnits(Schema):
    """Where my reductions went; what is given overlaps with what stands in units."""

    credited_mg: str
    used_mg: str
    given_mg: str
    free_mg: str
    made_good_mg: str
    total: int
    units: list[OwnUnit]


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
