"""Factories for projects that are credited: a plant in Shanghai by confirmed law, a demo forest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.flows.registry.offices import Office, a_caller, a_key, an_organisation

from tanhui.domain.matters.models import Matter
from tanhui.domain.organisations import services
from tanhui.domain.organisations.models import Organisation
from tanhui.flows.registry import papers
from tanhui.flows.registry.callers import Caller

SHANGHAI, PLACE = "310000", "310115"
ANSWERS = [{"question": name, "answer": True} for name in ("no_ets_site", "once")]
BASICS = {"methodology": "shanghai-pv", "summary": "厂房屋顶光伏", "started_on": "2024-01-01"}
FOREST = {
    "methodology": "template-s4-stock-change",
    "summary": "示例林场",
    "started_on": "2019-01-01",
}
CREDITING = {"credited_from": "2024-01-01", "credited_to": "2034-01-01"}
METER = {"kind": "meter", "identifier": "SH-0001"}


@dataclass
class Cast:
    """Everybody a project meets; one of the verifiers is drawn."""

    office: Office
    body: Organisation
    owner: Caller
    first: Caller
    second: Caller


def a_cast(*, is_demo: bool = False, region: str = PLACE) -> Cast:
    """An owner and two officials of the place."""
    body = an_organisation(region=region, is_demo=is_demo)
    return Cast(
        Office(region=region),
        body,
        a_caller("owner", region=region, organisation=body),
        a_caller("authority", region=region),
        a_caller("authority", region=region),
    )


def a_verifier(*, until: date = date(2030, 1, 1), field: str = "", **changes: Any) -> Caller:
    """Somebody of an accredited verifier."""
    body = an_organisation("verifier", **({"region": SHANGHAI} | changes))
    services.accredit(
        body,
        number=f"CNAS-{body.pk}",
        issuer="CNAS",
        field=field,
        valid_from=date(2020, 1, 1),
        valid_to=until,
        at=Office().now,
    )
    return a_caller("verifier", organisation=body)


def body_of(caller: Caller) -> int:
    """The number of the organisation somebody acts for."""
    number = caller.appointments[0].organisation_id
    assert number is not None
    return number


def applied(cast: Cast, *, basics: dict[str, str] = BASICS, **changes: Any) -> Matter:
    """A project whose application is in."""
    office, owner = cast.office, cast.owner
    project = office.open(owner, "project", organisation=cast.body.pk, data=basics)
    office.paper(owner, project, "owner_authority", "application_form", "design_document")
    split = {"shares": [{"party": cast.body.pk, "percent": "100"}]}
    office.step(owner, project, "disclose", data=split | changes.pop("disclosed", {}))
    office.wait(30)
    given: dict[str, Any] = {"no_double_claim": True, "answers": ANSWERS, "assets": [METER]}
    office.step(owner, project, "apply", data=given | changes)
    return project


def registered(cast: Cast, *, crediting: dict[str, str] = CREDITING, **changes: Any) -> Matter:
    """The same, registered by two people."""
    office = cast.office
    project = applied(cast, **changes)
    office.paper(cast.first, project, "assessment_opinion")
    office.step(cast.first, project, "assess")
    office.step(cast.first, project, "give_notice")
    office.wait(30)
    for caller in (cast.first, cast.second):
        office.step(caller, project, "register", data=crediting)
    return Matter.objects.get(pk=project.pk)


def a_forest(cast: Cast, plot: str = "小班 1") -> Matter:
    """A registered demo project whose law keeps a buffer; nothing it is issued is real."""
    crediting = {"credited_from": "2019-01-01", "credited_to": "2039-01-01"}
    assets = [{"kind": "plot", "identifier": plot}]
    return registered(cast, basics=FOREST, crediting=crediting, answers=[], assets=assets)


def pv_data(project: Matter, generation: dict[int, str], **changes: str) -> bytes:
    """A monitoring file of the plant: MWh by year."""
    years = sorted(generation)
    given = {"version": project.data["methodology_version"], "mode": "crediting"} | changes
    return f"""\
monitoring: {project.number}-{years[0]}
methodology: shanghai-pv
version: "{given["version"]}"
mode: {given["mode"]}
region: "{project.region}"
project: {{name: 厂房屋顶光伏, registered: {project.data["registered_on"]}}}
period: {{first_year: {years[0]}, last_year: {years[-1]}}}
inputs:
  generation: {{unit: MWh, values: {_values(generation)}}}
  auxiliary: {{unit: MWh, values: {_values(dict.fromkeys(years, "0"))}}}
  capacity: 900 kW
  price: 60 CNY/tCO2e
applicability: {{no_ets_site: {{answer: "yes"}}, once: {{answer: "yes"}}}}
""".encode()


def forest_data(project: Matter, volumes: dict[int, str]) -> bytes:
    """A monitoring file of the forest: m3/ha at the end of each year, the year before the first."""
    ends = sorted(volumes)
    years = ends[1:]
    return f"""\
monitoring: {project.number}-{years[0]}
methodology: template-s4-stock-change
mode: illustration
region: "{project.region}"
project: {{name: 示例林场, registered: {project.data["registered_on"]}}}
period: {{first_year: {years[0]}, last_year: {years[-1]}}}
sets: {{strata: [north]}}
inputs:
  area: {{unit: ha, values: {{north: 100}}}}
  species: {{values: {{north: 杉木}}}}
  volume: {{unit: m3/ha, values: {{north: {_values(volumes)}}}}}
  uncertainty: "0.05"
  baseline_rate: 0 tCO2/(ha*year)
  leakage: {{unit: tCO2e, values: {_values(dict.fromkeys(years, "0"))}}}
  risk: "0.1"
""".encode()


def handed_in(
    cast: Cast,
    caller: Caller,
    matter: Matter,
    content: bytes,
    *,
    kind: str = "monitoring_data",
    name: str = "monitoring.yaml",
) -> str:
    """Hand bytes in; returns their SHA-256."""
    paper = papers.Paper(
        kind=kind,
        name=name,
        media_type="application/octet-stream",
        content=content,
        is_public=True,
    )
    papers.hand_in(cast.office.platform, caller, matter.number, paper, key=a_key())
    return hashlib.sha256(content).hexdigest()


def a_period(cast: Cast, project: Matter, first: int, last: int) -> Matter:
    """A monitoring period that the owner opened."""
    return cast.office.open(
        cast.owner,
        "monitoring",
        organisation=cast.body.pk,
        parent=project.number,
        data={"first_year": first, "last_year": last},
    )


def reported(cast: Cast, project: Matter, content: bytes, first: int, last: int) -> Matter:
    """A period whose data are in and worked out."""
    period = a_period(cast, project, first, last)
    digest = handed_in(cast, cast.owner, period, content)
    cast.office.step(cast.owner, period, "report", data={"data_sha256": digest})
    return Matter.objects.get(pk=period.pk)


def verified(cast: Cast, period: Matter, verifier: Caller) -> Matter:
    """The same, engaged, sampled and signed."""
    office = cast.office
    office.step(cast.first, period, "engage", data={"verifier": body_of(verifier)})
    office.step(verifier, period, "plan_sampling", data={"method": "查验电表", "size": 2})
    statement = handed_in(cast, verifier, period, b"we agree", kind="verification_statement")
    said = {
        "statement_sha256": statement,
        "result_hash": Matter.objects.get(pk=period.pk).data["result_hash"],
    }
    office.step(verifier, period, "opine", data=said)
    return Matter.objects.get(pk=period.pk)


def noticed(cast: Cast, period: Matter, verifier: Caller) -> Matter:
    """The same, its public notice over."""
    verified(cast, period, verifier)
    cast.office.step(cast.first, period, "give_notice")
    cast.office.wait(30)
    return Matter.objects.get(pk=period.pk)


def decided(cast: Cast, period: Matter, verb: str, data: dict[str, Any]) -> dict[str, Any]:
    """A step that two people take; returns what came of it."""
    cast.office.step(cast.first, period, verb, data=data)
    result: dict[str, Any] = cast.office.step(cast.second, period, verb, data=data).result
    return result


def _values(by_year: dict[int, str]) -> str:
    return "{" + ", ".join(f"{year}: {value}" for year, value in by_year.items()) + "}"
