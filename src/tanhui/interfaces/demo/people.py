"""The five thousand people of the demo city: habits, ways, cars and households, all drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .draws import I64, draw, hill, share

POPULATION = 5_000
FIRST_CITIZEN = 0
"""Position of the person who gets the demo log-in: has every habit, so the page shows all."""

HEAVY, REGULAR, OCCASIONAL, RARE = range(4)
BY_METRO, BY_BUS, BY_BOTH = range(3)
NO_CAR, OWN_CAR, RIDE_HAILING = range(3)


@dataclass(frozen=True)
class People:
    """One array per trait; the position is the person."""

    habit: I64
    way: I64  # to work
    commute_m: I64
    feeder_m: I64  # bus to the metro
    has_app: npt.NDArray[np.bool_]
    car: I64
    has_saver: npt.NDArray[np.bool_]  # household joined demand response


def people() -> People:
    """Everybody."""
    who = np.arange(POPULATION, dtype=np.int64)
    habit = _one_of("habit", (80, 360, 360, 200), who)
    way = _one_of("way", (520, 280, 200), who)
    commute_m = 1_800 + hill("commute", 22_000, who)
    far = share("far", 60, who)
    commute_m = np.where(far, 25_000 + draw("far commute", 17_000, who), commute_m)
    feeder_m = 900 + draw("feeder", 4_500, who)
    has_app = share("app", 380, who)
    car = _one_of("car", (860, 128, 12), who)
    has_saver = share("saver", 300, who)
    first = FIRST_CITIZEN
    habit[first], way[first], commute_m[first], feeder_m[first] = HEAVY, BY_BOTH, 27_430, 2_260
    has_app[first], car[first], has_saver[first] = True, OWN_CAR, True
    return People(habit, way, commute_m, feeder_m, has_app, car, has_saver)


def person_ref(position: int) -> str:
    """How every partner of the demo names a person.

    >>> person_ref(0)
    'demo:P00001'
    """
    return f"demo:P{position + 1:05d}"


def _one_of(purpose: str, per_mille: tuple[int, ...], who: I64) -> I64:
    """Which of several kinds each person is, by shares that add up to a thousand."""
    edges = np.cumsum(np.array(per_mille, dtype=np.int64))
    return np.searchsorted(edges, draw(purpose, 1000, who), side="right").astype(np.int64)
