"""A crowd of riders for the crash and replay stories: seeded, the same files every time."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

HEADER = "external_id,person,scene,region,started_at,ended_at,distance_km\n"
FIRST = datetime(2024, 10, 1, tzinfo=UTC)
PEOPLE = 2_000


def ride_lines(*, count: int, seed: int) -> list[str]:
    """Canonical CSV lines; some resent, some of the same rides under other numbers."""
    luck = random.Random(seed)
    lines: list[str] = []
    for number in range(count):
        if lines and luck.random() < 0.02:
            lines.append(luck.choice(lines[-200:]))
            continue
        start = FIRST + timedelta(minutes=luck.randrange(30 * 24 * 60))
        end = start + timedelta(minutes=luck.randrange(3, 70))
        metres = luck.randrange(200, 40_000)
        lines.append(
            f"c{seed}-{number},crowd:{luck.randrange(PEOPLE)},metro,420100,"
            f"{start:%Y-%m-%dT%H:%M:%SZ},{end:%Y-%m-%dT%H:%M:%SZ},{metres / 1000:.3f}\n"
        )
    return lines


def write_month(folder: Path, *, files: int, rides: int) -> list[Path]:
    """`files` consecutive canonical CSV files of `rides` rows each."""
    paths = []
    for index in range(files):
        path = folder / f"rides-{index}.csv"
        path.write_text(HEADER + "".join(ride_lines(count=rides, seed=index)), encoding="utf-8")
        paths.append(path)
    return paths
