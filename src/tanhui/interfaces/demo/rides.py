"""Rides by metro and bus: what happened, before any partner reports it.

A day has four parts; a person rides at most once (and once on the way to the metro) in each, so
nobody is in two vehicles at once and every overlap in the city comes from two reports of one ride.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .draws import I64, draw, hill, share
from .month import DAY_S, DAYS, is_working
from .people import BY_BOTH, BY_BUS, People

METRO, BUS = 0, 1
SCENES = ("metro", "bus")

MORNING, NOON, EVENING, NIGHT = range(4)
PART_FIRST_MIN = np.array([6 * 60 + 40, 11 * 60, 16 * 60 + 50, 21 * 60], dtype=np.int64)
PART_LENGTH_MIN = np.array([140, 180, 160, 70], dtype=np.int64)

CHANCE_PER_MILLE = np.array(
    [  # by habit: free day, working day; by part of the day
        [[180, 620, 260, 420], [975, 330, 965, 290]],
        [[40, 300, 140, 130], [880, 70, 850, 100]],
        [[20, 170, 80, 60], [290, 80, 270, 70]],
        [[10, 60, 30, 20], [50, 30, 50, 20]],
    ],
    dtype=np.int64,
)


@dataclass(frozen=True)
class Rides:
    """One array per property; seconds count from the start of the month."""

    person: I64
    scene: I64
    start_s: I64
    end_s: I64
    distance_m: I64


def rides(city: People) -> Rides:
    """Every ride of the month, by start."""
    who = np.arange(len(city.habit), dtype=np.int64)[:, None, None]
    day = np.arange(DAYS, dtype=np.int64)[None, :, None]
    part = np.arange(4, dtype=np.int64)[None, None, :]
    chance = CHANCE_PER_MILLE[city.habit[:, None, None], is_working(day), part]
    person, days, parts = np.nonzero(share("rides", chance, who, day, part))
    place = (person, days, parts)
    commutes = (is_working(days) == 1) & ((parts == MORNING) | (parts == EVENING))
    outing = share("outing by bus", 380, *place)
    by_bus = np.where(commutes, city.way[person] == BY_BUS, outing)
    distance_m = np.where(
        commutes,
        np.minimum(city.commute_m[person], np.where(by_bus, 14_000, 60_000)),
        900 + hill("outing", 19_000, *place) // (1 + by_bus),
    )
    back_out = ~by_bus & share("left where entered", 4, *place)
    distance_m = np.where(back_out, draw("platform", 420, *place), distance_m)
    minute = (
        PART_FIRST_MIN[parts] * 60
        + hill("leaves", 60 * 180, *place) * PART_LENGTH_MIN[parts] // 180
    )
    start_s = days * DAY_S + minute
    main = _rides(person, by_bus.astype(np.int64), start_s, distance_m)
    feeds = commutes & ~by_bus & (city.way[person] == BY_BOTH)
    return _by_start(main, _feeders(city, person[feeds], start_s[feeds]))


def _rides(person: I64, scene: I64, start_s: I64, distance_m: I64) -> Rides:
    """Metro at 32 km/h and four minutes, bus at 16 km/h and one."""
    seconds = np.where(scene == METRO, distance_m * 9 // 80 + 240, distance_m * 9 // 40 + 60)
    return Rides(person, scene, start_s, start_s + seconds, distance_m)


def _feeders(city: People, person: I64, metro_start_s: I64) -> Rides:
    """Bus rides that end three minutes before the metro is entered."""
    distance_m = city.feeder_m[person]
    bus = np.full(len(person), BUS, dtype=np.int64)
    ride = _rides(person, bus, metro_start_s, distance_m)
    earlier = ride.end_s - ride.start_s + 180
    return Rides(person, bus, metro_start_s - earlier, metro_start_s - 180, distance_m)


def _by_start(*parts: Rides) -> Rides:
    names = ("person", "scene", "start_s", "end_s", "distance_m")
    whole = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    order = np.lexsort((whole["scene"], whole["person"], whole["start_s"]))
    return Rides(**{name: column[order] for name, column in whole.items()})
