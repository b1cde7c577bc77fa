"""A monitoring report's data as a project fills it in, read against its methodology.

Every mistake names the line, the field and the fix; all of them come at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from tanhui.core.errors import InputRefused
from tanhui.core.period import day_number

from ..problems import Problems
from ..section import Section
from ..yamlfile import read_yaml
from .members import Member, Year

FILE_LABEL = "monitoring.yaml"
PERIOD_YEARS_MAX = 60
Mode = Literal["crediting", "illustration"]
REQUIRED = ("monitoring", "methodology", "mode", "region", "project", "period")
OPTIONAL = ("version", "sets", "inputs", "applicability", "assume", "note")


@dataclass(frozen=True)
class Heading:
    """What the file says before its methodology is known."""

    id: str
    code: str
    version: str | None
    mode: Mode
    region: str
    project: str
    registered: date | None
    first_year: int
    last_year: int

    @property
    def decisive_day(self) -> int:
        """The day whose law holds: of registration, else the first of the period."""
        return day_number(self.registered or date(self.first_year, 1, 1))


@dataclass(frozen=True)
class Given:
    """One input as the project gave it; quantities in base units."""

    values: Mapping[tuple[Member, ...], Decimal | str]
    written: Mapping[tuple[Member, ...], str]  # as written, with the unit
    surveyed: frozenset[tuple[Member, ...]]
    substituted: Mapping[tuple[Member, ...], str]  # index -> why it is missing
    source: str | None
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """An answer to an applicability question."""

    yes: bool
    evidence: tuple[str, ...]
    note: str | None


@dataclass(frozen=True)
class Assumption:
    """A value for an illustration where the law is unknown; in base units."""

    value: Decimal
    written: str
    why: str


@dataclass(frozen=True)
class Monitoring:
    """Everything a project reports for one period."""

    heading: Heading
    sets: Mapping[str, tuple[Member, ...]]
    inputs: Mapping[str, Given]
    answers: Mapping[str, Answer]
    assumed: Mapping[str, Assumption]
    note: str | None
    text: str

    @property
    def sha256(self) -> str:
        """Of the file as it was read."""
        return hashlib.sha256(self.text.encode("utf-8")).hexdigest()

    @property
    def years(self) -> tuple[Year, ...]:
        """The monitoring years, which are the vintages."""
        heading = self.heading
        return tuple(Year(n) for n in range(heading.first_year, heading.last_year + 1))


def open_monitoring(
    data: bytes, problems: Problems, *, file: str = FILE_LABEL
) -> tuple[Section, Heading]:
    """The section and heading of `file`; raises `Unreadable` when there is none."""
    root = read_yaml(data, file=file, problems=problems)
    section = Section(root, problems, what="monitoring", required=REQUIRED, optional=OPTIONAL)
    project = Section(
        section.node("project"),
        problems,
        what="project",
        required=("name",),
        optional=("registered",),
    )
    period = Section(
        section.node("period"), problems, what="period", required=("first_year", "last_year")
    )
    first, last = period.decimal("first_year"), period.decimal("last_year")
    if not (first.denominator == last.denominator == 1 and 1900 <= first <= last <= 2200):
        raise problems.stop(
            period.where,
            zh="period 应为 first_year 不晚于 last_year 的两个年份，如 2021 与 2025。",
            en="the period needs a first_year not after last_year, such as 2021 and 2025; "
            "correct it",
        )
    if last - first >= PERIOD_YEARS_MAX:
        raise problems.stop(
            period.where,
            zh=f"监测期超过 {PERIOD_YEARS_MAX} 年；请分期。",
            en=f"the period is longer than {PERIOD_YEARS_MAX} years; split it",
        )
    mode = section.choice("mode", ("crediting", "illustration"))
    heading = Heading(
        id=section.text("monitoring"),
        code=section.text("methodology"),
        version=section.optional_text("version"),
        mode="crediting" if mode == "crediting" else "illustration",
        region=section.region("region"),
        project=project.text("name"),
        registered=project.optional_day("registered"),
        first_year=int(first),
        last_year=int(last),
    )
    return section, heading


def refuse(problems: Problems) -> None:
    """Raise one error with every mistake of the file, when there is any."""
    if not problems.found:
        return
    found = sorted(set(problems.found))
    lines_zh = "\n".join(f"{each.where}：{each.zh}" for each in found)
    lines = "\n".join(map(str, found))
    raise InputRefused(
        "monitoring.refused",
        zh=f"监测文件有 {len(found)} 处错误，逐条改正后重试：\n{lines_zh}",
        en=f"The monitoring file has {len(found)} mistakes; correct each and try again:\n{lines}",
        problems=[
            {"file": each.where.file, "line": each.where.line, "zh": each.zh, "en": each.en}
            for each in found
        ],
    )
