"""How far a metro trip went: by the network, witnessed by the fare; or by the fare alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from .fares import Fares
from .network import MetroNetwork
from .shenzhen_taps import NO_FARE

Answer = tuple[int | None, str | None, str]
"""(metres, reason against, note): metres or a reason is None."""


@dataclass(frozen=True)
class Distances:
    """Answers each distinct case once."""

    fares: Fares
    network: MetroNetwork | None
    aliases: Mapping[str, str]

    def of_rides(self, rides: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, int]]:
        """Rides with `distance_m` or `problem`, and how many were measured how."""
        keys = ["start_station", "station", "paid", "face", "day"]
        return _by_case(rides, keys, self.of_ride)

    def of_exits(self, exits: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, int]]:
        """Exits without entry with `distance_m` or `problem`, and how many were measured."""
        return _by_case(exits, ["paid", "face", "day"], self.of_exit)

    def of_ride(self, start: str, end: str, paid: int, face: int, day: int) -> Answer:
        """A paired trip: the network's path, at most the upper end of the fare's band."""
        length_m = self._path_m(start, end)
        if length_m is None:
            metres, problem, _ = self.of_exit(paid, face, day)
            return metres, problem, "rides_by_fare"
        if self._fare_problem(paid, face, day) is None:
            band = self.fares.band(face, day=day)
            assert band is not None
            if length_m > band.upto_m:
                return band.upto_m, None, "rides_by_network_limited_by_fare"
        return length_m, None, "rides_by_network"

    def of_exit(self, paid: int, face: int, day: int) -> Answer:
        """An exit alone: the lower end of its fare's band, or why there is none."""
        problem = self._fare_problem(paid, face, day)
        if problem is not None:
            return None, problem, "exits_refused"
        band = self.fares.band(face, day=day)
        assert band is not None
        return band.above_m, None, "exits_by_fare"

    def _fare_problem(self, paid: int, face: int, day: int) -> str | None:
        if NO_FARE in (paid, face):
            return "fare.malformed"
        return self.fares.problem(paid, face, day=day)

    def _path_m(self, start: str, end: str) -> int | None:
        if self.network is None:
            return None
        one, two = (self.aliases.get(name, name) for name in (start, end))
        return self.network.distance_m(one, two)


def _by_case(
    trips: pl.DataFrame, keys: list[str], answer: object
) -> tuple[pl.DataFrame, dict[str, int]]:
    assert callable(answer)
    cases = trips.select(keys).unique()
    answers = [answer(*case) for case in cases.iter_rows()]
    told = cases.with_columns(
        pl.Series("distance_m", [each[0] for each in answers], dtype=pl.Int64),
        pl.Series("problem", [each[1] for each in answers], dtype=pl.String),
        pl.Series("note", [each[2] for each in answers], dtype=pl.String),
    )
    joined = trips.join(told, on=keys, how="left")
    counts = joined.filter(pl.col("problem").is_null()).group_by("note").len()
    return joined, {str(note): int(rows) for note, rows in counts.sort("note").iter_rows()}
