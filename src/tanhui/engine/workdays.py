"""Working days, for terms that the law counts in them: notices, objections, decisions.

Weekends are free except days worked instead; holidays are announced year by year, so a year whose
announcement is not in `library/calendars` cannot be counted in: an error, never a guess.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from tanhui.core.errors import NotFound

from .methodology import EVIDENCE
from .problems import Problems
from .section import Section
from .yamlfile import Mapping as YamlMapping
from .yamlfile import read_yaml

_A_DAY = timedelta(days=1)
_SATURDAY = 5
DAYS_MAX = 366


@dataclass(frozen=True)
class Workdays:
    """Days off and days worked instead, in the years that were announced."""

    years: frozenset[int]
    holidays: frozenset[date]
    worked: frozenset[date]

    def is_workday(self, day: date) -> bool:
        """Whether offices are open that day; raises NotFound for a year nobody announced."""
        if day.year not in self.years:
            raise NotFound(
                "calendar.year_unknown",
                zh=f"没有 {day.year} 年的放假与调休安排，无法计算工作日；"
                "请在 library/calendars 中补上国务院办公厅的通知。",
                en=f"The holidays of {day.year} are not written, so working days cannot be "
                "counted; add the announcement to library/calendars.",
                year=day.year,
            )
        return day in self.worked or (day.weekday() < _SATURDAY and day not in self.holidays)

    def after(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`, which itself does not count.

        >>> days = Workdays(frozenset({2025}), frozenset({date(2025, 10, 1)}), frozenset())
        >>> days.after(date(2025, 9, 30), 1)
        datetime.date(2025, 10, 2)
        """
        assert 0 < count <= DAYS_MAX
        for _ in range(count):
            day += _A_DAY
            while not self.is_workday(day):
                day += _A_DAY
        return day

    def between(self, first: date, end: date) -> int:
        """Working days from `first` up to and without `end`."""
        return sum(map(self.is_workday, _days(first, end)))

    @classmethod
    def load(cls, path: Path) -> Workdays:
        """Read one calendar file; raises `LibraryBroken` with all mistakes."""
        problems = Problems()
        workdays = cls(frozenset(), frozenset(), frozenset())
        with problems.part():
            label = f"{path.parent.name}/{path.name}"
            root = read_yaml(path.read_bytes(), file=label, problems=problems)
            workdays = _read(Section(root, problems, what="calendar", required=_KEYS))
        problems.refuse()
        return workdays


_KEYS = ("region", "title", "years")


def _read(section: Section) -> Workdays:
    problems = section.problems
    section.region("region")
    section.bilingual("title")
    years = section.node("years")
    if not isinstance(years, YamlMapping):
        raise problems.stop(
            years.where,
            zh="years 应为“年: 内容”。",
            en="years must be a mapping of years",
        )
    holidays: set[date] = set()
    worked: set[date] = set()
    for year, node in years.entries.items():
        with problems.part():
            part = Section(
                node,
                problems,
                what=f"year {year}",
                required=("source", "tag", "holidays", "worked"),
            )
            part.text("source")
            part.choice("tag", EVIDENCE)
            off = set(_holidays(part))
            made_up = {_day(part, text) for text in part.words("worked")}
            _check_year(part, year, off | made_up)
            holidays |= off
            worked |= made_up
    return Workdays(frozenset(map(int, years.entries)), frozenset(holidays), frozenset(worked))


def _holidays(section: Section) -> Iterator[date]:
    for item in section.items("holidays"):
        part = Section(item, section.problems, what="holiday", required=("from", "to", "name"))
        part.bilingual("name")
        yield from _days(part.day("from"), part.day("to") + _A_DAY)


def _day(section: Section, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise section.problems.stop(
            section.at("worked"),
            zh=f"“{text[:40]}”不是日期；请写成 2025-10-11。",
            en=f"'{text[:40]}' is no day; write it like 2025-10-11",
        ) from None


def _check_year(section: Section, year: str, days: set[date]) -> None:
    if not year.isdigit() or any(str(day.year) != year for day in days):
        raise section.problems.stop(
            section.where,
            zh=f"{year[:10]} 下有不属于该年的日期；请移到那一年。",
            en=f"a day under {year[:10]} lies in another year; move it there",
        )


def _days(first: date, end: date) -> Iterator[date]:
    while first < end:
        yield first
        first += _A_DAY
