"""Charging sessions and evenings of saved electricity, before the power company reports them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .draws import I64, draw, hill, share
from .month import DAY_S, DAYS
from .people import OWN_CAR, RIDE_HAILING, People

RESPONSE_EVENINGS = np.array([9, 10, 15, 16, 21, 22, 23, 29], dtype=np.int64)
"""Days (from 0) on which households were asked to use less between 19:00 and 21:00."""
RESPONSE_FROM_S, RESPONSE_UNTIL_S = 19 * 3600, 21 * 3600

SLOW_W, FAST_W = 7_000, 60_000
FIRST_SHIFT_S, SECOND_SHIFT_S = 4 * 3600, 13 * 3600


@dataclass(frozen=True)
class Charges:
    """Charging sessions by start; seconds count from the start of the month."""

    person: I64
    start_s: I64
    end_s: I64
    energy_wh: I64


@dataclass(frozen=True)
class Savings:
    """Households that took part in a response evening."""

    person: I64
    day: I64
    baseline_wh: I64
    actual_wh: I64


def charges(city: People) -> Charges:
    """Own cars at home every fourth night, ride-hailing cars once or twice a day."""
    parts = [
        _home_nights(np.flatnonzero(city.car == OWN_CAR)),
        _shift(np.flatnonzero(city.car == RIDE_HAILING), FIRST_SHIFT_S, 980),
        _shift(np.flatnonzero(city.car == RIDE_HAILING), SECOND_SHIFT_S, 460),
    ]
    person, start_s, end_s, energy_wh = (
        np.concatenate(columns) for columns in zip(*parts, strict=True)
    )
    order = np.lexsort((person, start_s))
    return Charges(person[order], start_s[order], end_s[order], energy_wh[order])


def _home_nights(owners: I64) -> tuple[I64, I64, I64, I64]:
    who, day = np.meshgrid(owners, np.arange(DAYS, dtype=np.int64), indexing="ij")
    charging = share("home charge", 250, who, day)
    who, day = who[charging], day[charging]
    energy_wh = 6_000 + hill("home energy", 36_000, who, day)
    unplugged = share("unplugged at once", 12, who, day)
    energy_wh = np.where(unplugged, draw("a little energy", 300, who, day), energy_wh)
    start_s = day * DAY_S + 20 * 3600 + draw("plugs in", 9_000, who, day)
    return who, start_s, start_s + energy_wh * 3600 // SLOW_W, energy_wh


def _shift(drivers: I64, from_s: int, per_mille: int) -> tuple[I64, I64, I64, I64]:
    who, day = np.meshgrid(drivers, np.arange(DAYS, dtype=np.int64), indexing="ij")
    shift = np.full_like(who, from_s)
    charging = share("fast charge", per_mille, who, day, shift)
    who, day, shift = who[charging], day[charging], shift[charging]
    energy_wh = 22_000 + hill("fast energy", 34_000, who, day, shift)
    start_s = day * DAY_S + shift + draw("at the charger", 9_000, who, day, shift)
    return who, start_s, start_s + energy_wh * 3600 // FAST_W, energy_wh


def savings(city: People) -> Savings:
    """What joined households used against their baseline; some used more."""
    homes = np.flatnonzero(city.has_saver)
    who, day = np.meshgrid(homes, RESPONSE_EVENINGS, indexing="ij")
    joined = share("answers the call", 700, who, day)
    who, day = who[joined], day[joined]
    baseline_wh = 900 + hill("baseline", 4_600, who, day)
    used_per_mille = 480 + hill("used", 560, who, day)
    return Savings(who, day, baseline_wh, baseline_wh * used_per_mille // 1000)
