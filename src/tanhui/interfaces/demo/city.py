"""The files of the demo city: three partners, weekly, the same bytes on every machine."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from . import cast
from .cast import DemoPartner
from .draws import SEED
from .energy import charges, savings
from .flaws import with_flaws
from .month import DAY_S, DAY_TEXTS, WEEKS, week_of
from .people import people
from .reports import (
    Report,
    charge_reports,
    metro_reports,
    pay_reports,
    saving_reports,
    trip_reports,
)
from .rides import rides

COMPLETE = "complete"
"""Written last; names the city whose files the folder holds."""


@dataclass(frozen=True)
class DemoFile:
    """One file to take in: from which partner, by which feed, with which configuration, when."""

    path: Path
    partner: str
    feed: str
    config: dict[str, str]
    arrived_at: datetime


def generate(folder: Path) -> list[DemoFile]:
    """Write every file of the month into `folder`; returns them in the order they arrive.

    A folder that is complete is left alone. In even weeks the metro operator is first, in odd
    weeks the payment app is: whoever comes second finds its share of the common rides overlapping.
    """
    done = folder / COMPLETE
    files = _arrivals(folder)
    if done.exists() and done.read_text() == SEED and all(file.path.exists() for file in files):
        return files
    folder.mkdir(parents=True, exist_ok=True)
    for partner, reports in _reported():
        for week, sent in enumerate(_weekly(reports)):
            _write(folder / _file_name(partner, week), _bytes(partner, sent))
    _write(done, SEED.encode())
    return files


def _arrivals(folder: Path) -> list[DemoFile]:
    files = []
    for week in range(len(WEEKS)):
        order = (cast.METRO, cast.PAY, cast.POWER)
        if week % 2:
            order = (cast.PAY, cast.METRO, cast.POWER)
        for partner in order:
            path = folder / _file_name(partner, week)
            files.append(DemoFile(path, partner.code, partner.feed, {}, _arrival(week)))
    return files


def _arrival(week: int) -> datetime:
    """Files come at nine in the morning of the third day after their week."""
    day = DAY_TEXTS[WEEKS[week][1] + 2]
    return datetime.fromisoformat(f"{day}T09:00:00+08:00")


def _reported() -> list[tuple[DemoPartner, list[Report]]]:
    city = people()
    ridden = rides(city)
    of_power = charge_reports(charges(city)) + saving_reports(savings(city))
    return [
        (partner, with_flaws(partner.code, reports))
        for partner, reports in (
            (cast.METRO, metro_reports(ridden)),
            (cast.PAY, pay_reports(city, ridden) + trip_reports(city)),
            (cast.POWER, of_power),
        )
    ]


def _weekly(reports: list[Report]) -> list[list[Report]]:
    """Reports by the week they were sent in; what came after the month is in the last file."""
    weeks: list[list[Report]] = [[] for _ in WEEKS]
    last = len(WEEKS) - 1
    for report in reports:
        day = report.sent_s // DAY_S
        weeks[week_of(day) if day < WEEKS[last][1] else last].append(report)
    return weeks


def _file_name(partner: DemoPartner, week: int) -> str:
    first, last = WEEKS[week]
    return f"{partner.code}-{DAY_TEXTS[first - 1]}-to-{last:02d}.{partner.suffix}"


def _bytes(partner: DemoPartner, reports: list[Report]) -> bytes:
    if partner.suffix == "ndjson":
        lines = (json.dumps(report.cells, ensure_ascii=False) for report in reports)
        return "".join(f"{line}\n" for line in lines).encode()
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(partner.columns)
    writer.writerows([report.cells.get(name, "") for name in partner.columns] for report in reports)
    return text.getvalue().encode()


def _write(path: Path, content: bytes) -> None:
    """The whole file or none of it."""
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(content)
    unfinished.replace(path)
