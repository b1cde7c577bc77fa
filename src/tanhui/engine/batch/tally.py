"""Count what batches credited, less what corrections took back, straight from their evidence.

Rows count where and when they happened: a reversal is taken off the scene, region, month and
partner of the record it takes back. DuckDB reads the few columns it needs; sums are 128-bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from .files import EVENTS_FILE, RESULTS_FILE, REVERSALS_FILE

DIMENSIONS = ("scene", "region", "partner", "month")

_COUNTED = """
CREATE TABLE counted (
    scene VARCHAR, region VARCHAR, partner VARCHAR, month VARCHAR, person BIGINT,
    events HUGEINT, mg HUGEINT, points HUGEINT)
"""

_MONTH = "strftime(DATE '1970-01-01' + day, '%Y-%m')"

_CREDITED = f"""
INSERT INTO counted
SELECT $scenes[scene + 1], printf('%06d', region), $partner, {_MONTH}, person,
       count(*), sum(mg), sum(points)
FROM (
    SELECT scene, region, day, person,
           CASE WHEN e.row = r.row THEN mg ELSE error('results do not stand beside events') END
           AS mg, points
    FROM read_parquet($events) e POSITIONAL JOIN read_parquet($results) r
)
WHERE mg > 0 AND day >= $first AND day <= $last
GROUP BY scene, region, 4, person
"""

_TAKEN_BACK = f"""
INSERT INTO counted
SELECT $scenes[scene + 1], printf('%06d', region), $partners[origin_batch], {_MONTH},
       person, -count(*), -sum(mg), -sum(points)
FROM read_parquet($reversals)
WHERE mg > 0 AND day >= $first AND day <= $last
GROUP BY scene, region, origin_batch, 4, person
"""


@dataclass(frozen=True)
class Group:
    """What one group came to; `people` had at least one event left in it."""

    key: tuple[str, ...]
    events: int
    mg: int
    points: int
    people: int


class Tally:
    """Add batches, then ask for groups; days are day numbers, both ends counted."""

    def __init__(self, *, first_day: int, last_day: int) -> None:
        self._days = {"first": first_day, "last": last_day}
        self._connection = duckdb.connect()
        self._connection.execute(_COUNTED)

    def add(self, folders: Sequence[Path], scenes: Sequence[str], partner: str) -> None:
        """Count the credited rows of a batch, whose parts are in `folders`."""
        self._connection.execute(
            _CREDITED,
            {
                "events": [str(folder / EVENTS_FILE) for folder in folders],
                "results": [str(folder / RESULTS_FILE) for folder in folders],
                "scenes": list(scenes),
                "partner": partner,
                **self._days,
            },
        )

    def take_back(
        self, folders: Sequence[Path], scenes: Sequence[str], partners: Sequence[str]
    ) -> None:
        """Take off what corrections took back; `partners` of batch 1, 2, 3 and so on."""
        self._connection.execute(
            _TAKEN_BACK,
            {
                "reversals": [str(folder / REVERSALS_FILE) for folder in folders],
                "scenes": list(scenes),
                "partners": list(partners),
                **self._days,
            },
        )

    def groups(self, by: Sequence[str]) -> list[Group]:
        """Sums by these DIMENSIONS, in order of their values; the grand total for none."""
        assert set(by) <= set(DIMENSIONS)
        keys = ", ".join(by) or "()"
        named = "".join(f"{name}, " for name in by)
        rows = self._connection.execute(
            f"SELECT {named} sum(events), sum(mg), sum(points),"
            " count(*) FILTER (WHERE events > 0) FROM ("
            f"SELECT {named} person, sum(events) AS events, sum(mg) AS mg, sum(points) AS points"
            f" FROM counted GROUP BY {named} person) GROUP BY {keys} ORDER BY ALL"
        ).fetchall()
        at = len(by)
        return [Group(tuple(row[:at]), *(int(figure or 0) for figure in row[at:])) for row in rows]
