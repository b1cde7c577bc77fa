"""The public register: what anybody finds, and what stays inside."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client
from tests.flows.registry.offices import MOMENT, Office, a_caller, an_organisation
from tests.flows.registry.test_matters import BASICS, CREDITING, a_project, noticed

from tanhui.books import serials
from tanhui.books.accounts import ensure_owner
from tanhui.books.acts import Act, record
from tanhui.books.assets import credit_code, ensure_assets
from tanhui.books.models import LOCKED, RETIRED
from tanhui.books.serials import Origin
from tanhui.books.unit_years import UnitYear, unit_years_from
from tanhui.core.errors import NotFound
from tanhui.core.serials import SerialRange
from tanhui.domain.matters.models import Notice
from tanhui.flows.registry import public_matters, register
from tanhui.flows.registry.callers import Caller
from tanhui.flows.registry.public_units import unit, units_of
from tanhui.flows.registry.register import Wanted

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def owner() -> Caller:
    return a_caller("owner", organisation=an_organisation(name_zh="测试光伏公司", is_demo=True))


def an_act(office: Office, verb: str, **public: object) -> int:
    act = Act(
        verb=verb, actor="test", at=office.now, key=uuid.uuid4().hex, request={}, public=public
    )
    return record(act).journal


def some_units(office: Office, units: int, *, source: str = "") -> serials.Block:
    """An issue of units to a firm."""
    asset = ensure_assets([credit_code(office.platform.programme)]).popitem()[1]
    owner = ensure_owner("organisation", 7, asset)
    journal = an_act(office, "registry.units.issued", units=units)
    origin = Origin(region="420100", product="TEST", source=source)
    return serials.issue(
        journal=journal,
        asset=asset,
        batch=f"TEST-{journal}",
        units=units,
        owner=owner,
        origin=origin,
    )


def retire(office: Office, block: serials.Block, part: SerialRange, beneficiary: str) -> int:
    said = {"beneficiary": beneficiary, "purpose": "自愿注销"}
    journal = an_act(office, "registry.units.retired", **said)
    serials.change(block, part, journal=journal, state=RETIRED)
    return journal


def found(office: Office, **wanted: object) -> list[dict[str, object]]:
    rows = register.find(Wanted(**wanted))  # type: ignore[arg-type]
    return register.shown(office.platform, rows)


def test_a_draft_is_nobodys_business(office: Office, owner: Caller) -> None:
    number = owner.appointments[0].organisation_id
    draft = office.open(owner, "project", organisation=number, data=BASICS)
    assert found(office) == []
    with pytest.raises(NotFound):
        public_matters.find(draft.number)


def test_a_project_is_public_from_its_first_notice_on(office: Office, owner: Caller) -> None:
    project = a_project(office, owner)
    assert {one["what"] for one in found(office)} == {"matter", "notice"}
    shown = public_matters.whole(office.platform, public_matters.find(project.number))
    said = {one["key"]: one for one in shown["facts"]}
    assert said["methodology"]["value"] == BASICS["methodology"]
    assert said["shares"]["rows"][0][1] == "100"
    assert [one["verb"] for one in shown["steps"]] == ["disclose"]
    assert shown["documents"] == [], "papers are public only where their giver said so"
    assert shown["organisation_zh"] == "测试光伏公司"
    assert "no_double_claim" not in said


def test_a_proposal_is_not_public(office: Office, owner: Caller) -> None:
    first = a_caller("authority")
    project = noticed(office, owner, first)
    office.step(first, project, "register", data=CREDITING)
    shown = public_matters.whole(office.platform, public_matters.find(project.number))
    assert "credited_from" not in {one["key"] for one in shown["facts"]}
    assert shown["state"] == "noticed"


def test_words_find_what_is_public(office: Office, owner: Caller) -> None:
    project = a_project(office, owner)
    assert found(office, q=project.number[-9:], kind="project")
    assert found(office, q="测试光伏", kind="project")
    assert found(office, kind="project", state="disclosed")
    assert found(office, kind="project", region="420000", year=MOMENT.year)
    for nothing in (
        {"q": "没有这个"},
        {"state": "registered"},
        {"region": "440000"},
        {"year": 2019},
        {"kind": "issue"},
    ):
        assert found(office, **nothing) == [], nothing


def test_a_case_about_people_names_nobody(
    office: Office, owner: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its notice is public; its title, party and particulars are not, nor are they searched."""
    project = a_project(office, owner)
    for module in (public_matters, register):
        monkeypatch.setattr(module, "MASKED", frozenset({"project"}))
    assert found(office, q="光伏") == []
    assert found(office, q=project.number, kind="project")
    shown = repr(found(office)) + repr(public_matters.whole(office.platform, project))
    assert "测试光伏公司" not in shown
    assert project.title not in shown
    assert BASICS["methodology"] not in shown


def test_units_are_counted_where_they_stand(office: Office) -> None:
    block = some_units(office, 100)
    office.wait(365)
    retire(office, block, SerialRange(91, 100), "测试会议")
    low = serials.open_blocks(block.owner, state="held")[0]
    lock = an_act(office, "registry.units.locked")
    serials.change(low, SerialRange(1, 5), journal=lock, state=LOCKED)
    figures = register.figures(office.platform)
    assert (figures.issued, figures.states) == (100, {"held": 85, "locked": 5, "retired": 10})
    assert [(one.year, one.issued, one.retired) for one in figures.years] == [
        (2025, 100, 0),
        (2026, 0, 10),
    ]


def test_retirements_are_found_by_beneficiary_and_serial(office: Office) -> None:
    block = some_units(office, 100)
    first, last = block.serials.first, block.serials.last
    act = retire(office, block, SerialRange(last - 9, last), "测试会议")
    for words in ("测试会议", str(last)):
        (one,) = found(office, q=words, kind="retirement")
        assert (one["act"], one["units"], one["beneficiary"]) == (act, 10, "测试会议")
    assert found(office, q=str(first), kind="retirement") == []
    (issue,) = found(office, q=str(first), kind="issue")
    assert issue["units"] == 100
    assert found(office, kind="retirement", region="440000") == []
    assert len(found(office)) == 2


def test_a_retirement_is_not_found_by_what_nobody_is_shown(office: Office) -> None:
    """Its log entry also has names of fields, account numbers and, of a damage case, a person."""
    block = some_units(office, 10)
    first, last = block.serials.first, block.serials.last
    act = an_act(
        office, "registry.damage.retired", beneficiary="某人", purpose="生态赔偿", account=987654
    )
    serials.change(block, SerialRange(first, last), journal=act, state=RETIRED)
    for words in ("987654", "beneficiary", "某人"):
        assert found(office, q=words, kind="retirement") == []
    (one,) = found(office, q="赔偿", kind="retirement")
    assert (one["act"], one["beneficiary"]) == (act, "")


def test_a_unit_tells_where_it_stands(office: Office) -> None:
    block = some_units(office, 10)
    first, last = block.serials.first, block.serials.last
    retire(office, block, SerialRange(last, last), "测试会议")
    held, gone = unit(str(first)), unit(str(last))
    assert (held["state"], held["retirement"], len(held["lineage"])) == ("held", None, 2)
    assert gone["state"] == "retired"
    assert gone["retirement"]["beneficiary"] == "测试会议"
    assert [one["state"] for one in gone["lineage"]] == ["held", "retired"]
    for unknown, code in (
        (str(last + 1), "serials.unknown"),
        ("0", "register.serial_malformed"),
        ("1-5", "register.serial_malformed"),
        ("9" * 17, "register.serial_malformed"),
        ("９", "register.serial_malformed"),
    ):
        with pytest.raises(NotFound) as error:
            unit(unknown)
        assert error.value.code == code


def test_the_pages_of_units_are_shown(office: Office, owner: Caller) -> None:
    project = a_project(office, owner)
    block = some_units(office, 50, source=project.number)
    last = block.serials.last
    retire(office, block, SerialRange(last, last), "测试会议")
    for address, words in (
        ("/register", "已注销使用"),
        (f"/register?q={last}", "看序列号"),
        (f"/register/serials/{last}", "测试会议"),
        (f"/register/serials/{block.serials.first}", "持有"),
        (f"/register/matters/{project.number}", "签发的单位"),
        ("/register/open-data", "区块"),
    ):
        answer = Client().get(address)
        assert (answer.status_code, words in answer.content.decode()) == (200, True), address


def test_the_units_of_a_project(office: Office, owner: Caller) -> None:
    project = a_project(office, owner)
    block = some_units(office, 50, source=project.number)
    last = block.serials.last
    retire(office, block, SerialRange(last - 4, last), "测试会议")
    units = units_of([project.number])
    assert units["states"] == {"held": 45, "retired": 5}
    assert [one["units"] for one in units["blocks"]] == [45, 5]
    assert [one["beneficiary"] for one in units["retirements"]] == ["测试会议"]
    assert units["issues"][0]["is_source_public"]
    assert units_of(["P-000000-2025-0001"])["issues"] == []


def test_notices_that_end_first_stand_first(office: Office, owner: Caller) -> None:
    early = a_project(office, owner)
    office.wait(1)
    late = a_project(office, owner)
    rows = public_matters.notices(office.platform, open_now=True)
    numbers = [
        one["matter"]["number"] for one in public_matters.notice_cards(office.platform, rows)
    ]
    assert numbers == [early.number, late.number]
    office.wait(60)
    assert not public_matters.notices(office.platform, open_now=True).exists()
    closed = public_matters.notices(office.platform, open_now=False, region="42")
    assert [one.matter.number for one in closed] == [late.number, early.number]
    assert Notice.objects.count() == 2


def test_provinces_are_counted_with_all_below_them(office: Office, owner: Caller) -> None:
    before = {one.code: one for one in register.by_province()}
    noticed(office, owner, a_caller("authority"))
    some_units(office, 5)
    some_units(office, 7)
    (hubei,) = [one for one in register.by_province() if one.code == "420000"]
    assert before == {}
    assert (hubei.projects, hubei.units) == (1, 12)
    assert register.province_of("941011") == "941000"
    assert register.province_of("100000") == "100000"


def test_a_projects_years_are_its_own(office: Office) -> None:
    own = some_units(office, 30, source="P-420100-2025-0001")
    some_units(office, 50, source="P-420100-2025-0002")
    retire(office, own, SerialRange(own.serials.first, own.serials.first + 9), "甲")
    assert unit_years_from(["P-420100-2025-0001"]) == [UnitYear(2025, 30, 10)]
