"""A period's data worked out on the project's frozen methodology, and worked out again.

The owner hands the monitoring file in as a document and names its SHA-256; the report is a
function of those bytes and of the frozen texts, so the verifier's own run gives the same hash.
"""

from __future__ import annotations

import json
from typing import Any

from tanhui.core.errors import Conflict, InputRefused
from tanhui.domain.matters.models import Matter
from tanhui.engine.problems import Problems, Unreadable
from tanhui.engine.project.monitoring import Heading, open_monitoring, refuse
from tanhui.engine.project.report import QUANTIFIED, quantify
from tanhui.engine.project.verify import verify
from tanhui.flows.platform import Platform

from .effects import Moment
from .kept import content_of, keep_made
from .monitoring_csv import monitoring_file
from .project_law import frozen_law

DATA, REPORT = "monitoring_data", "monitoring_report"


def work_out(moment: Moment, project: Matter) -> dict[str, Any]:
    """The report of the data the owner named, kept as a document; returns what is kept of it.

    Raises InputRefused for a file that was not handed in so, that is about something else, or
    that the engine refuses; Conflict when the result is not issuable.
    """
    report = _worked_out(moment, project)
    if report["outcome"] != QUANTIFIED:
        raise Conflict(
            "monitoring.not_issuable",
            zh=f"本期不能签发：{report['reason_zh']}",
            en=f"Nothing can be issued for this period: {report['reason_en']}",
        )
    document = keep_made(moment, REPORT, report)
    return {
        "report_sha256": document.sha256,
        "result_hash": report["result_hash"],
        "vintages": _as_text(report["vintages"]),
        "totals": _as_text([report["totals"]])[0],
    }


def check_data(moment: Moment, project: Matter) -> None:
    """As `work_out`, without keeping anything."""
    _worked_out(moment, project)


def report_of(platform: Platform, matter: Matter) -> dict[str, Any]:
    """The period's report as it was kept."""
    card = matter.documents.get(kind=REPORT, sha256=matter.data["report_sha256"])
    found: dict[str, Any] = json.loads(content_of(platform, card))
    return found


def vintages_of(matter: Matter) -> list[dict[str, int]]:
    """The rows of the period's vintages as numbers."""
    return [
        {name: int(value) for name, value in row.items() if value is not None}
        for row in matter.data["vintages"]
    ]


def recomputed(moment: Moment, project: Matter) -> dict[str, Any]:
    """The report worked out again from the data on the frozen version; raises unless it is equal.

    The file's bytes are read anew (a changed file is found by its digest), the kept report is
    checked against itself, and both give one hash.
    """
    kept = verify(report_of(moment.platform, moment.matter))
    again = _worked_out(moment, project)
    if not again["result_hash"] == kept["result_hash"] == moment.matter.data["result_hash"]:
        raise Conflict(
            "monitoring.recomputation_differs",
            zh="按固定版本重算的结果与报告不符；请退回业主重新报告。",
            en="Worked out again on the frozen version the result differs from the report; send it "
            "back to the owner.",
        )
    return again


def _worked_out(moment: Moment, project: Matter) -> dict[str, Any]:
    wanted = str(moment.said("data_sha256"))
    card = moment.matter.documents.filter(kind=DATA, sha256=wanted).first()
    if card is None:
        raise InputRefused(
            "monitoring.data_unknown",
            zh=f"没有收到 SHA-256 为 {wanted[:64]} 的监测数据文件；"
            "请核对文件是否被改动，重新上传。",
            en=f"No monitoring file with the SHA-256 {wanted[:64]} was handed in; check that it "
            "was not changed and hand it in again.",
        )
    data, law = content_of(moment.platform, card), frozen_law(moment.platform, project)
    if card.name.lower().endswith(".csv"):
        data = monitoring_file(data, law, matter=moment.matter, project=project)
    _check_heading(heading_of(data, card.name), moment.matter, project)
    return quantify(law, data)


def heading_of(data: bytes, name: str) -> Heading:
    """What a monitoring file says before its methodology is known; raises InputRefused."""
    problems = Problems()
    try:
        _, heading = open_monitoring(data, problems, file=name)
    except Unreadable:
        refuse(problems)
        raise
    refuse(problems)
    return heading


def _check_heading(heading: Heading, matter: Matter, project: Matter) -> None:
    """The file is about this project, period and version, and for crediting."""
    mode = "illustration" if project.is_demo and heading.mode != "crediting" else "crediting"
    wanted = {
        "methodology": (heading.code, project.data["methodology"]),
        "version": (
            heading.version or project.data["methodology_version"],
            project.data["methodology_version"],
        ),
        "region": (heading.region, project.region),
        "project.registered": (str(heading.registered), project.data["registered_on"]),
        "period.first_year": (heading.first_year, matter.data["first_year"]),
        "period.last_year": (heading.last_year, matter.data["last_year"]),
        "mode": (heading.mode, mode),
    }
    wrong = {name: want for name, (given, want) in wanted.items() if given != want}
    if wrong:
        told = "、".join(f"{name} 应为 {want}" for name, want in wrong.items())
        raise InputRefused(
            "monitoring.heading_differs",
            zh=f"监测文件与项目不符：{told}；请改正文件。",
            en="The monitoring file is not about this project and period; it needs "
            f"{', '.join(f'{name} {want}' for name, want in wrong.items())}.",
            fields=sorted(wrong),
        )


def _as_text(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Amounts in mg as text, years and tonnes as numbers."""
    return [
        {name: str(value) if name.endswith("_mg") else value for name, value in row.items()}
        for row in rows
    ]
