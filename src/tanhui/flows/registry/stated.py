"""A project's stated figures beside what its methodology gives: neither hidden nor corrected.

The application states what each year is expected to give, and may hand in a file of estimated data
from which the methodology works it out; a monitoring report may state what its years gave. What
cannot be worked out stays open, visibly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from tanhui.core.errors import InputRefused
from tanhui.domain.matters.models import Matter
from tanhui.engine.inventory import agrees, tonnes_text
from tanhui.engine.project.nouns import ProjectMethodology
from tanhui.engine.project.report import QUANTIFIED, quantify

from .effects import Moment
from .kept import content_of
from .monitoring_reports import heading_of

ESTIMATE = "estimate_data"
Row = Mapping[str, Any]


def estimates(moment: Moment, law: ProjectMethodology) -> list[dict[str, Any]]:
    """What the application states for each year beside what its own estimated data give.

    Raises InputRefused for a year that is stated twice and for a file that cannot be worked out.
    """
    rows: Sequence[Row] = moment.said("estimates") or []
    given = _estimated(moment, law)
    return [
        {"year": row["year"], "claimed_t": row["claimed_t"]}
        | _beside(row["claimed_t"], given.get(row["year"]))
        | {"claim_source": row["source"]}
        for row in _once(rows)
    ]


def reported(moment: Moment, project: Matter, vintages: Sequence[Row]) -> list[dict[str, Any]]:
    """What each year of the period gave beside what was expected and what the report states."""
    expected = {row["year"]: row["claimed_t"] for row in project.data.get("estimates") or []}
    stated = {row["year"]: row for row in _once(moment.said("stated") or [])}
    given = {int(row["year"]): _mg(row) for row in vintages}
    if strange := sorted(stated.keys() - given.keys()):
        raise InputRefused(
            "project.stated_year_outside",
            zh=f"申报值的年份 {strange} 不在本监测期内；请改正。",
            en=f"Figures are stated for {strange}, which are no years of this period; correct it.",
        )
    if not (expected or stated):
        return []
    return [
        {"year": year, "estimated_t": expected.get(year, ""), "claimed_t": claimed}
        | _beside(claimed, mg)
        for year, mg in sorted(given.items())
        for claimed in [stated[year]["claimed_t"] if year in stated else ""]
    ]


def _estimated(moment: Moment, law: ProjectMethodology) -> dict[int, Fraction]:
    """Year -> mg that the methodology gives for the estimated data; nothing without any."""
    wanted = moment.said("estimate_sha256")
    if wanted is None:
        return {}
    card = moment.matter.documents.filter(kind=ESTIMATE, sha256=wanted).first()
    if card is None:
        raise InputRefused(
            "project.estimate_unknown",
            zh="没有收到该 SHA-256 的预估数据文件（estimate_data）；请上传后按其 SHA-256 填写。",
            en="No file of estimated data (estimate_data) with that SHA-256 was handed in; hand it "
            "in and name its SHA-256.",
        )
    data = content_of(moment.platform, card)
    heading = heading_of(data, card.name)
    if (heading.code, heading.region) != (law.code, moment.matter.region):
        raise InputRefused(
            "project.estimate_differs",
            zh=f"预估数据文件应用于方法学 {law.code}、地区 {moment.matter.region}；请改正文件。",
            en=f"The estimated data must be for {law.code} in {moment.matter.region}; correct the "
            "file.",
        )
    report = quantify(law, data, file=card.name)
    if report["outcome"] != QUANTIFIED:
        return {}
    return {row["year"]: _mg(row) for row in report["vintages"]}


def _beside(claimed: str, mg: Fraction | None) -> dict[str, Any]:
    """What the methodology gives and whether a figure agrees; None where that cannot be said."""
    return {
        "given_t": "" if mg is None else tonnes_text(mg),
        "fits": agrees(claimed, mg) if claimed and mg is not None else None,
    }


def _mg(row: Row) -> Fraction:
    """What a year gives on the whole: its buffer counted, its loss (below zero) deducted."""
    gained = int(row["issuable_mg"]) + int(row.get("buffer_mg") or 0)
    return Fraction(gained + min(0, int(row.get("reversal_mg") or 0)))


def _once(rows: Sequence[Row]) -> Sequence[Row]:
    years = [row["year"] for row in rows]
    if len(set(years)) < len(years):
        raise InputRefused(
            "project.stated_year_twice",
            zh="同一年份写了两次；每年一行。",
            en="A year is stated twice; write one row for each.",
        )
    return rows
