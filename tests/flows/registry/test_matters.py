"""The machine of matters: who may take which step when, and that a refusal changes nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from tests.flows.registry.offices import Office, a_caller, a_key, an_organisation

from tanhui.books.models import Journal, LogEntry
from tanhui.core.canonical import read_json
from tanhui.core.errors import Conflict, Denied, InputRefused, NotFound, TanhuiError
from tanhui.domain.matters import services
from tanhui.domain.matters.models import Comment, Document, Matter, Notice, Step
from tanhui.flows.registry import reading
from tanhui.flows.registry.callers import Caller
from tanhui.flows.registry.matters import answer_comment

pytestmark = pytest.mark.django_db

BASICS = {
    "methodology": "template-s1-displacement",  # of no authority, so the owner is made up
    "summary": "屋顶光伏",
    "started_on": "2024-01-01",
}
APPLICATION = {"no_double_claim": True, "assets": [{"kind": "plant", "identifier": "1"}]}
CREDITING = {"credited_from": "2025-01-01", "credited_to": "2030-01-01"}


def state() -> tuple[Any, ...]:
    """All that a refusal must leave alone."""
    tables = (Journal, Step, Document, Notice, Comment, LogEntry)
    rows = Matter.objects.order_by("pk").values_list("number", "state", "data")
    return *(table.objects.count() for table in tables), [repr(row) for row in rows]


def refused(kind: type[TanhuiError], code: str, act: Callable[[], object]) -> TanhuiError:
    """The act is refused with that code, and nothing has changed."""
    before = state()
    with pytest.raises(kind) as error:
        act()
    assert error.value.code == code
    assert state() == before
    return error.value


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def owner() -> Caller:
    return a_caller("owner", organisation=an_organisation(is_demo=True))


def a_project(office: Office, owner: Caller) -> Matter:
    """A project whose papers are in and whose first notice is open."""
    number = owner.appointments[0].organisation_id
    project = office.open(owner, "project", organisation=number, data=BASICS)
    office.paper(owner, project, "owner_authority", "application_form", "design_document")
    office.step(owner, project, "disclose", data=a_split(number))
    return project


def a_split(number: int | None) -> dict[str, Any]:
    return {"shares": [{"party": number, "percent": "100"}]}


def applied(office: Office, owner: Caller) -> Matter:
    """The same, applied for after its notice."""
    project = a_project(office, owner)
    office.wait(30)
    office.step(owner, project, "apply", data=APPLICATION)
    return project


def noticed(office: Office, owner: Caller, authority: Caller) -> Matter:
    """Assessed, and its public notice over."""
    project = applied(office, owner)
    office.paper(authority, project, "assessment_opinion")
    office.step(authority, project, "assess")
    office.step(authority, project, "give_notice")
    office.wait(30)
    return project


def test_a_project_is_registered_step_by_step(office: Office, owner: Caller) -> None:
    first, second = a_caller("authority"), a_caller("authority", region="420000")
    project = noticed(office, owner, first)
    proposed = office.step(first, project, "register", data=CREDITING)
    assert proposed.is_proposal
    assert Matter.objects.get().state == "noticed"
    done = office.step(second, project, "register", data=CREDITING)
    assert not done.is_proposal
    matter = Matter.objects.get()
    assert (matter.number, matter.state) == ("P-420100-2025-0001", "registered")
    assert matter.data["credited_from"] == "2025-01-01"
    entry = read_json(bytes(LogEntry.objects.latest("pk").body))
    assert entry["kind"] == "registry.project.register"
    assert (entry["matter"], entry["state"]) == (matter.number, "registered")
    verbs = ["open", "disclose", "apply", "assess", "give_notice", "register", "register"]
    assert list(matter.steps.order_by("pk").values_list("verb", flat=True)) == verbs


def test_the_notice_lasts_its_working_days(office: Office, owner: Caller) -> None:
    project = a_project(office, owner)
    notice = Notice.objects.get()
    assert (notice.workdays, str(notice.last_day)) == (7, "2025-03-12")
    office.wait(9)  # the twelfth itself still belongs to the notice
    error = refused(
        Conflict,
        "matter.notice.open",
        lambda: office.step(owner, project, "apply", data=APPLICATION),
    )
    assert error.values == {"last_day": "2025-03-12"}
    office.wait(1)
    assert office.step(owner, project, "apply", data=APPLICATION).state_after == "applied"


def test_an_objection_is_answered_before_the_matter_goes_on(office: Office, owner: Caller) -> None:
    project = a_project(office, owner)
    said = services.comment(
        Notice.objects.get(),
        author="村民代表",
        contact="",
        text="分配比例未经村民会议讨论。",
        is_objection=True,
        at=office.now,
        today=office.now.date(),
    )
    office.wait(30)
    refused(
        Conflict,
        "matter.notice.objection_open",
        lambda: office.step(owner, project, "apply", data=APPLICATION),
    )
    stranger = a_caller("owner", organisation=an_organisation())
    refused(
        NotFound,
        "matter.unknown",
        lambda: answer_comment(office.platform, stranger, said.pk, "已补会议纪要。"),
    )
    authority = a_caller("authority")
    refused(
        Denied,
        "matter.step.not_yours",
        lambda: answer_comment(office.platform, authority, said.pk, "不成立。"),
    )
    answer_comment(office.platform, owner, said.pk, "已补村民会议纪要。")
    answer_comment(office.platform, owner, said.pk, " 已补村民会议纪要。")
    assert Journal.objects.filter(verb="registry.comment.answered").count() == 1
    refused(
        Conflict,
        "matter.comment.answered",
        lambda: answer_comment(office.platform, owner, said.pk, "另有说法。"),
    )
    assert office.step(owner, project, "apply", data=APPLICATION).state_after == "applied"


def test_an_owner_does_not_answer_objections_to_the_authoritys_notice(
    office: Office, owner: Caller
) -> None:
    authority = a_caller("authority")
    project = applied(office, owner)
    office.paper(authority, project, "assessment_opinion")
    office.step(authority, project, "assess")
    office.step(authority, project, "give_notice")
    said = services.comment(
        Notice.objects.latest("pk"),
        author="邻村",
        contact="",
        text="地块权属有争议。",
        is_objection=True,
        at=office.now,
        today=office.now.date(),
    )
    refused(
        Denied,
        "matter.step.not_yours",
        lambda: answer_comment(office.platform, owner, said.pk, "没有争议。"),
    )
    shown = reading.whole(office.platform, owner, project.number)["notices"]
    assert [one["may_answer"] for one in shown] == [True, False]
    answer_comment(office.platform, authority, said.pk, "已核对权属证书。")


def test_two_people_are_two_people(office: Office, owner: Caller) -> None:
    first, second = a_caller("authority"), a_caller("authority")
    project = noticed(office, owner, first)
    key = a_key()
    office.step(first, project, "register", data=CREDITING, key=key)
    before = state()
    assert office.step(first, project, "register", data=CREDITING, key=key).is_proposal
    assert state() == before, "the same request again gives the first answer"
    refused(
        Conflict,
        "matter.approval.same_person",
        lambda: office.step(first, project, "register", data=CREDITING),
    )
    other = CREDITING | {"credited_to": "2045-01-01"}
    refused(
        Conflict,
        "matter.approval.differs",
        lambda: office.step(second, project, "register", data=other),
    )
    assert office.step(first, project, "register", data=other).is_proposal, "said otherwise"
    assert office.step(first, project, "register", data=CREDITING).is_proposal
    assert office.step(second, project, "register", data=CREDITING).state_after == "registered"
    refused(
        Conflict,
        "matter.step.forbidden",
        lambda: office.step(second, project, "register", data=CREDITING),
    )


def test_steps_are_for_their_roles(office: Office, owner: Caller) -> None:
    project = applied(office, owner)
    elsewhere = a_caller("authority", region="440100")
    for caller in (owner, elsewhere, a_caller("operator"), a_caller("expert")):
        refused(Denied, "matter.step.not_yours", lambda c=caller: office.step(c, project, "reject"))
    refused(
        NotFound,
        "matter.unknown",
        lambda: reading.whole(office.platform, elsewhere, project.number),
    )
    province = a_caller("authority", region="420000")
    assert office.step(province, project, "reject").state_after == "rejected"


def test_every_field_is_named_when_wrong(office: Office, owner: Caller) -> None:
    number = owner.appointments[0].organisation_id
    project = office.open(owner, "project", organisation=number, data=BASICS)
    office.paper(owner, project, "owner_authority")
    shares = [{"party": number, "percent": "1e2"}, {"percent": "50", "kind": "x"}, "no"]
    error = refused(
        InputRefused,
        "matter.data_refused",
        lambda: office.step(owner, project, "disclose", data={"shares": shares, "extra": 1}),
    )
    assert [one["where"] for one in error.values["errors"]] == [
        "extra",
        "shares[1].percent",
        "shares[2].kind",
        "shares[2].party",
        "shares[3]",
    ]


def test_missing_documents_are_named(office: Office, owner: Caller) -> None:
    number = owner.appointments[0].organisation_id
    project = office.open(owner, "project", organisation=number, data=BASICS)
    error = refused(
        InputRefused,
        "matter.documents_missing",
        lambda: office.step(owner, project, "disclose", data=a_split(number)),
    )
    assert error.values == {"missing": ["owner_authority"]}


def test_what_is_possible_is_what_the_caller_may_do(office: Office, owner: Caller) -> None:
    project = applied(office, owner)
    authority = a_caller("authority")
    shown = reading.whole(office.platform, authority, project.number)
    assert [step["verb"] for step in shown["possible"]] == ["assess", "reject"]
    shown = reading.whole(office.platform, owner, project.number)
    assert [step["verb"] for step in shown["possible"]] == ["withdraw"]
    assert [one["number"] for one in reading.to_do(office.platform, authority, limit=9)] == [
        project.number
    ]


@pytest.mark.django_db(transaction=True)
def test_many_at_once_take_a_step_once(office: Office, owner: Caller) -> None:
    project = applied(office, owner)
    callers = [a_caller("authority") for _ in range(6)]
    ends: list[str] = []

    def reject(caller: Caller) -> None:
        try:
            office.step(caller, project, "reject")
            ends.append("done")
        except Conflict as error:
            ends.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=reject, args=(caller,)) for caller in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["done"] + ["matter.step.forbidden"] * 5
    assert Step.objects.filter(verb="reject").count() == 1
