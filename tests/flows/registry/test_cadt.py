"""The export for Climate Action Data Trust: what is in it is valid, what is not is named."""

from __future__ import annotations

from typing import Any

import pytest
from tests.flows.registry import crediting
from tests.flows.registry.cadt_schema import ORDER, SCHEMA, mistakes
from tests.flows.registry.crediting import Cast

from tanhui.core.serials import SerialRange
from tanhui.domain.matters.models import Matter
from tanhui.flows.registry import cadt, cadt_words

REGISTRY = cadt.Registry(address="https://tanhui.example", name="Tanhui 碳惠")
CQC = {"name_zh": "中国质量认证中心", "name_en": "China Quality Certification Center"}


def exported(cast: Cast, *, with_demo: bool = False) -> cadt.Export:
    return cadt.export(cast.office.platform, REGISTRY, with_demo=with_demo)


def issued(cast: Cast, **verifier: Any) -> Matter:
    """A period of the plant in Shanghai whose units are issued."""
    project = crediting.registered(cast)
    cast.office.wait(400)
    content = crediting.pv_data(project, {2024: "1000"})
    period = crediting.reported(cast, project, content, 2024, 2024)
    crediting.noticed(cast, period, crediting.a_verifier(**verifier))
    crediting.decided(cast, period, "issue", {"units": 420})
    return Matter.objects.get(pk=project.pk)


def test_our_words_are_theirs() -> None:
    lists = SCHEMA["picklists"]
    for said, name in (
        ({one.sector for one in cadt_words.FIELDS.values()}, "project_sector"),
        ({one.type for one in cadt_words.FIELDS.values()}, "project_type"),
        ({one.unit_type for one in cadt_words.FIELDS.values()}, "unit_type"),
        ({one.unit_type for one in cadt_words.FIELDS.values()}, "methodology_type"),
        (set(cadt_words.PROJECT_STATUS.values()), "project_status"),
        ({*cadt_words.UNIT_STATUS.values(), cadt_words.BUFFER_STATUS}, "unit_status"),
        ({cadt_words.METRIC}, "unit_metric"),
        ({cadt_words.OWNER}, "stakeholder_type"),
        (set(cadt_words.VERIFIERS), "verification_body"),
        ({cadt_words.UNDECIDED.type}, "project_type"),
    ):
        assert said <= set(lists[name]), name
    assert list(cadt.TABLES) == [name for name in ORDER if name in cadt.TABLES]


@pytest.mark.django_db
def test_every_methodology_with_a_sector_is_in_the_library() -> None:
    known = {one.code for one in crediting.a_cast().office.platform.library.projects}
    assert set(cadt_words.FIELDS) <= known


@pytest.mark.django_db
def test_a_credited_project_is_exported_whole() -> None:
    cast = crediting.a_cast()
    project = issued(cast, **CQC)
    found = exported(cast)
    assert mistakes(found.tables) == []
    counts = {name: len(records) for name, records in found.tables.items()}
    assert counts == {
        "program": 1,
        "methodology": 1,
        "stakeholder": 1,
        "project": 1,
        "project_methodology": 1,
        "validation": 0,
        "verification": 1,
        "location": 1,
        "issuance": 1,
        "unit": 1,
    }
    (told,) = found.tables["project"]
    assert (told["projectId"], told["projectType"], told["projectStatus"]) == (
        project.number,
        ["Solar"],
        "Registered",
    )
    (unit,) = found.tables["unit"]
    first, last = map(int, unit["unitSerialId"].split("-"))
    assert unit["unitCount"] == SerialRange(first, last).units
    assert (unit["unitStatus"], unit["unitVintageYear"]) == ("Held", 2024)
    assert {one["table"] for one in found.left_out} == {"validation"}
    assert exported(cast).tables == found.tables, "ids are the same every time"


@pytest.mark.django_db
def test_an_unknown_verifier_keeps_its_units_out() -> None:
    cast = crediting.a_cast()
    issued(cast, name_en="Test verifier")
    found = exported(cast)
    assert mistakes(found.tables) == []
    assert found.tables["unit"] == found.tables["issuance"] == []
    reasons = {one["table"]: one["reason"] for one in found.left_out}
    assert "no verification body called 'Test verifier'" in reasons["verification"]
    assert reasons["issuance"] == "its verification is not exported"


@pytest.mark.django_db
def test_demo_projects_are_exported_on_request_only() -> None:
    cast = crediting.a_cast(is_demo=True)
    project = crediting.a_forest(cast)
    without = exported(cast)
    assert without.tables["project"] == []
    assert without.left_out == [{"table": "project", "what": project.number, "reason": "demo data"}]
    found = exported(cast, with_demo=True)
    assert mistakes(found.tables) == []
    assert found.tables["project"][0]["projectName"].startswith("[DEMO] ")


def test_the_validator_refuses() -> None:
    """Each rule is seen to work on a record that breaks it."""
    program = {
        "cadTrustProgramId": REGISTRY.id_of("p"),
        "programName": "x",
        "programRegistry": "x",
        "programRegistryId": "x",
    }
    assert mistakes({"program": [program]}) == []
    assert mistakes({"program": [program | {"programName": ""}]})
    assert mistakes({"program": [program | {"colour": "red"}]})
    assert mistakes({"program": [program, program]})
    place = {
        "cadTrustLocationId": REGISTRY.id_of("l"),
        "cadTrustProjectId": REGISTRY.id_of("none"),
        "locationCountry": "CN",
    }
    assert len(mistakes({"location": [place]})) == 2, "wrong country, project not inserted"
