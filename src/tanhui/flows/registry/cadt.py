"""The register as records of Climate Action Data Trust v2.0.2, ready to be inserted in order.

A record is made only when every required value is known in the trust's own words; else it is left
out, and named with the reason. `orgUid` and the times of creation are given by the trust's node.
Ids are UUIDs of our own addresses, so the same thing has the same id in every export.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from tanhui.books.models import CreditBlock, Issue
from tanhui.core.region import CHINA_OFFSET_MIN
from tanhui.domain.matters.models import Matter
from tanhui.domain.organisations.models import Organisation
from tanhui.engine.names import name_of
from tanhui.flows.platform import Platform

from . import cadt_words as words
from .cadt_units import units_of_issue
from .public_matters import cards, public_matters, public_steps, said

Json = dict[str, Any]

TABLES = (
    *("program", "methodology", "project", "stakeholder", "project_methodology", "validation"),
    *("verification", "location", "issuance", "unit"),
)
"""In the order in which the trust wants them inserted; its list has the stakeholder before the
project that it refers to, which cannot be."""


@dataclass(frozen=True, kw_only=True)
class Registry:
    """Who exports: the platform's address and name."""

    address: str
    name: str

    def id_of(self, *place: str) -> str:
        """The id of a thing of this registry, the same every time."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join((self.address, "cadt", *place))))


@dataclass(kw_only=True)
class Export:
    """Records by table, and what was left out: {table, what, reason}."""

    with_demo: bool = False
    tables: dict[str, list[Json]] = field(default_factory=lambda: {name: [] for name in TABLES})
    left_out: list[Json] = field(default_factory=list)

    def add(self, table: str, record: Mapping[str, Any]) -> None:
        """Put a record in, without the fields that are empty."""
        kept = {key: value for key, value in record.items() if value not in ("", None)}
        self.tables[table].append(kept)

    def leave_out(self, table: str, what: str, reason: str) -> None:
        """Name what is not in the export, and why."""
        self.left_out.append({"table": table, "what": what, "reason": reason})

    def files(self) -> Mapping[str, list[Json]]:
        """The tables in order, and `left_out` last."""
        return {**self.tables, "left_out": self.left_out}


def export(platform: Platform, registry: Registry, *, with_demo: bool = False) -> Export:
    """Every public project with what belongs to it; made-up ones only when asked for."""
    found = Export(with_demo=with_demo)
    program = registry.id_of("program", platform.programme)
    found.add(
        "program",
        {
            "cadTrustProgramId": program,
            "programName": platform.programme,
            "programRegistry": registry.name,
            "programRegistryId": platform.programme,
        },
    )
    projects = public_matters().filter(kind="project").order_by("pk")
    for project in projects.select_related("parent"):
        if _is_exported(platform, found, project):
            _project(platform, registry, found, project, program=program)
    numbers = {one["projectId"] for one in found.tables["project"]}
    for issue in Issue.objects.order_by("pk"):
        if issue.source not in numbers:
            reason = "not of an exported project; the trust knows units of projects only"
            found.leave_out("issuance", issue.batch, reason)
    return found


def _is_exported(platform: Platform, found: Export, project: Matter) -> bool:
    """Whether the project can be said in the trust's words; names the reason if not."""
    code = project.data.get("methodology", "")
    if project.is_demo and not found.with_demo:
        reason = "demo data"
    elif project.state not in words.PROJECT_STATUS:
        reason = f"no status for the state {project.state}"
    elif code not in words.FIELDS and not found.with_demo:
        reason = f"no sector decided for the methodology {code}"
    else:
        return True
    found.leave_out("project", project.number, reason)
    return False


def _project(
    platform: Platform, registry: Registry, found: Export, project: Matter, *, program: str
) -> None:
    (card,) = cards(platform, [project])
    steps = list(public_steps().filter(matter=project).order_by("pk"))
    facts = said(platform, project, steps)
    code = str(project.data["methodology"])
    what = words.FIELDS.get(code, words.UNDECIDED)
    own = registry.id_of("project", project.number)
    demo = "[DEMO] " if project.is_demo else ""
    found.add(
        "project",
        {
            "cadTrustProjectId": own,
            "projectRegistryName": registry.name,
            "projectId": project.number,
            "projectCreditingProgram": facts.get("product", ""),
            "projectName": demo + project.title,
            "projectLink": f"{registry.address}/register/matters/{project.number}",
            "projectDescription": facts.get("summary", ""),
            "projectSector": [what.sector],
            "projectType": [what.type],
            "projectStatus": words.PROJECT_STATUS[project.state],
            "projectStatusDate": _day(steps[-1].at if steps else project.opened_at),
            "projectUnitMetric": words.METRIC,
            "cadTrustProgramId": program,
        },
    )
    law = _methodology(platform, registry, found, project, what)
    method = registry.id_of("project_methodology", project.number, code)
    found.add(
        "project_methodology",
        {
            "cadTrustProjectMethodologyId": method,
            "cadTrustProjectId": own,
            "cadTrustMethodologyId": law,
            "projectMethodologyDate": project.data.get("registered_on", ""),
        },
    )
    if card["organisation_zh"]:
        found.add(
            "stakeholder",
            {
                "cadTrustStakeholderId": registry.id_of("stakeholder", project.number),
                "stakeholderName": card["organisation_zh"],
                "stakeholderType": words.OWNER,
                "cadTrustProjectId": own,
            },
        )
    location = registry.id_of("location", project.number)
    gis = [str(facts[name]) for name in ("latitude", "longitude") if name in facts]
    found.add(
        "location",
        {
            "cadTrustLocationId": location,
            "locationCountry": words.COUNTRY,
            "locationRegion": name_of(project.region, platform.library_path, "regions").en,
            "locationGis": ",".join(gis) if len(gis) == 2 else "",
            "cadTrustProjectId": own,
        },
    )
    found.leave_out(
        "validation", project.number, "assessed by the authority, which is no validation body"
    )
    _issues(platform, registry, found, project, links=(own, method, location, what.unit_type))


def _methodology(
    platform: Platform, registry: Registry, found: Export, project: Matter, what: words.Field
) -> str:
    """The id of the project's methodology, which is added when it is not there yet."""
    code, version = project.data["methodology"], project.data.get("methodology_version", "")
    own = registry.id_of("methodology", code, version)
    if all(one["cadTrustMethodologyId"] != own for one in found.tables["methodology"]):
        known = (one for one in platform.library.projects if one.code == code)
        law = next(known, None)
        found.add(
            "methodology",
            {
                "cadTrustMethodologyId": own,
                "methodologyCode": code,
                "methodologyName": f"{law.title.en} {law.title.zh}" if law else code,
                "methodologyType": what.unit_type,
                "methodologyVersion": version,
                "methodologyLink": f"{registry.address}/methodologies/{code}",
            },
        )
    return own


def _issues(
    platform: Platform,
    registry: Registry,
    found: Export,
    project: Matter,
    *,
    links: tuple[str, str, str, str],
) -> None:
    """The project's issues and their units, each under the verification of its period."""
    own, method, location, unit_type = links
    verified = dict(_verifications(registry, found, project, own))
    for issue in Issue.objects.filter(source=project.number).select_related("journal"):
        period = issue.batch.partition("/")[0]
        problem = _problem(platform, issue, verified.get(period))
        if problem:
            found.leave_out("issuance", issue.batch, problem)
            continue
        act = registry.id_of("issuance", issue.batch)
        found.add(
            "issuance",
            {
                "cadTrustIssuanceId": act,
                "issuanceId": issue.batch,
                "issuanceDate": _day(issue.journal.at),
                "cadTrustVerificationId": verified[period],
                "cadTrustProjectMethodologyId": method,
                "cadTrustLocationId": location,
            },
        )
        blocks = CreditBlock.objects.filter(issue=issue, closed_by__isnull=True)
        for unit in units_of_issue(blocks, issue):
            serial = unit["unitSerialId"]
            known = {
                "cadTrustUnitId": registry.id_of("unit", serial, unit["unitStatus"]),
                "unitType": unit_type,
                "unitMetric": words.METRIC,
                "unitLink": f"{registry.address}/register/serials/{unit['unitStartBlock']}",
                "cadTrustIssuanceId": act,
            }
            found.add("unit", unit | known)


def _verifications(
    registry: Registry, found: Export, project: Matter, own: str
) -> Iterator[tuple[str, str]]:
    """(period, id) of the periods whose opinion a body signed that the trust knows."""
    for period in Matter.objects.filter(parent=project, kind="monitoring").order_by("pk"):
        opinion = public_steps().filter(matter=period, verb="opine").order_by("-pk").first()
        if opinion is None:
            continue
        body = Organisation.objects.filter(pk=opinion.organisation or 0).first()
        name = body.name_en if body else ""
        if name not in words.VERIFIERS:
            reason = f"the trust's list has no verification body called '{name}'"
            found.leave_out("verification", period.number, reason)
            continue
        verification = registry.id_of("verification", period.number)
        found.add(
            "verification",
            {
                "cadTrustVerificationId": verification,
                "verificationId": period.number,
                "verificationStartDate": f"{period.data['first_year']}-01-01",
                "verificationEndDate": f"{period.data['last_year']}-12-31",
                "verificationBody": name,
                "cadTrustProjectId": own,
            },
        )
        yield period.number, verification


def _problem(platform: Platform, issue: Issue, verification: str | None) -> str:
    """Why an issue cannot be exported; '' when it can."""
    if verification is None:
        return "its verification is not exported"
    on = date.fromisoformat(_day(issue.journal.at))
    unit_mg = platform.rulesets.unit_mg(region=issue.region, on=on, product=issue.product)
    if unit_mg != 10**9:
        return f"a unit is {unit_mg} mg, which is none of the trust's metrics"
    if not issue.first_day or not issue.last_day or issue.first_day.year != issue.last_day.year:
        return "its units have no single vintage year"
    return ""


def _day(at: datetime) -> str:
    """The day in China of a moment."""
    return (at + timedelta(minutes=CHINA_OFFSET_MIN)).date().isoformat()
