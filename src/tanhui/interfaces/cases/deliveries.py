"""Files of a case's partner: so many equal records of made-up people, spread over some days.

`count` records of a scene, each of one quantity, by `people` people; the last record may carry a
`last` quantity, so that a figure comes out to the gram.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

_FIRST_HOUR, _MINUTES = 5, 900  # records begin between 05:00 and 20:00


def csv_of(given: Mapping[str, Any], *, mark: str) -> bytes:
    """A canonical CSV; `mark` begins each record's id and each person's reference.

    Keys: scene, region, first_day, days, people, count, quantity, value, minutes, and last.
    """
    lines = [f"external_id,person,scene,region,started_at,ended_at,{given['quantity']}\n"]
    lines += _rows(given, mark)
    return "".join(lines).encode()


def _rows(given: Mapping[str, Any], mark: str) -> Iterator[str]:
    first = date.fromisoformat(given["first_day"])
    count, people, days = (int(given[name]) for name in ("count", "people", "days"))
    minutes = int(given["minutes"])
    per_day = -(-count // (people * days))
    gap = _MINUTES // max(per_day, 1)
    for number in range(count):
        person, turn = number % people, number // people
        day, place = turn % days, turn // days
        start = datetime.combine(first + timedelta(days=day), datetime.min.time()) + timedelta(
            hours=_FIRST_HOUR, minutes=place * gap
        )
        end = start + timedelta(minutes=minutes)
        value = given.get("last", given["value"]) if number == count - 1 else given["value"]
        yield (
            f"{mark}-{number},case:{mark}-{person},{given['scene']},{given['region']},"
            f"{start:%Y-%m-%dT%H:%M:%S}+08:00,{end:%Y-%m-%dT%H:%M:%S}+08:00,{value}\n"
        )
