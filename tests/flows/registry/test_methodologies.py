"""Methodologies: a call, experts by lot without a stake, minority opinions kept, a life told."""

from __future__ import annotations

from typing import Any

import pytest
from tests.flows.registry.offices import MOMENT, Office, a_caller, an_organisation
from tests.flows.registry.test_matters import refused

from tanhui.books.models import LogEntry
from tanhui.core.canonical import read_json
from tanhui.core.draws import drawn, seed_of
from tanhui.core.errors import Conflict, Denied, InputRefused
from tanhui.domain.matters.models import Assignment, Matter, Step
from tanhui.domain.organisations import queries, services
from tanhui.domain.organisations.models import Organisation
from tanhui.flows.registry.callers import Caller

pytestmark = pytest.mark.django_db

CRITERIA = ("applicability", "accuracy", "transparency", "conservativeness")


class Bureau:
    """An applicant, two officials, and experts who were appointed to the province."""

    def __init__(self) -> None:
        self.office = Office()
        self.body = an_organisation()
        self.owner = a_caller("owner", organisation=self.body)
        self.first, self.second = (a_caller("authority") for _ in range(2))
        self.experts = {one.user: one for one in (self.expert() for _ in range(4))}

    def expert(self, *, home: Organisation | None = None) -> Caller:
        return a_caller("expert", region="420000", organisation=home)

    def submitted(self, **changes: Any) -> Matter:
        data = {"summary": "社区厨余", "shape": "S5", "authors": [{"name": "某研究所"}]} | changes
        matter = self.office.open(self.owner, "methodology", organisation=self.body.pk, data=data)
        self.office.paper(self.owner, matter, "application_form", "design_document")
        self.office.step(self.first, matter, "accept")
        return matter

    def score(self, user: int, matter: Matter, *, score: int = 80, verdict: str = "pass") -> Step:
        sheet = [{"criterion": name, "score": score} for name in CRITERIA]
        said = {"sheet": sheet, "verdict": verdict, "opinion": f"{verdict} {user}"}
        return self.office.step(self.experts[user], matter, "score", data=said)

    def drawn(self, matter: Matter, count: int = 3) -> list[int]:
        self.office.step(self.first, matter, "draw_experts", data={"count": count})
        rows = Assignment.objects.filter(matter=matter).order_by("pk")
        return [user for user in rows.values_list("user", flat=True) if user is not None]


@pytest.fixture
def bureau() -> Bureau:
    return Bureau()


def entry(matter: Matter, verb: str) -> dict[str, Any]:
    step = Step.objects.filter(matter=matter, verb=verb).latest("pk")
    found: dict[str, Any] = read_json(bytes(LogEntry.objects.get(journal=step.journal_id).body))
    return found


def test_a_methodology_goes_from_a_call_to_its_publication(bureau: Bureau) -> None:
    office = bureau.office
    call = office.open(bureau.first, "call", data={"topics": "资源循环", "deadline": "2025-03-31"})
    matter = bureau.submitted(call=call.number)
    first, second, third = bureau.drawn(matter)
    bureau.score(first, matter)
    bureau.score(second, matter, score=75)
    refused(Conflict, "experts.waiting", lambda: office.step(bureau.first, matter, "conclude"))
    bureau.score(third, matter, score=66, verdict="fail")
    office.wait(2)
    done = office.step(bureau.first, matter, "conclude").result
    assert (done["votes_for"], done["votes_against"], done["mean_score"]) == (2, 1, "73.66")
    assert done["minority"] == [{"expert": str(third), "opinion": f"fail {third}"}]
    kept = matter.documents.get(kind="minority_opinions")
    assert kept.is_public
    assert entry(matter, "conclude")["minority_sha256"] == kept.sha256
    office.step(bureau.first, matter, "give_notice")
    office.wait(30)
    for caller in (bureau.first, bureau.second):
        office.step(caller, matter, "file")
    data = {"code": "wuhan-compost", "version": "2025", "in_force_on": "2025-05-01"}
    early = data | {"in_force_on": "2025-04-01"}
    refused(
        InputRefused,
        "methodology.in_force_before_filed",
        lambda: office.step(bureau.first, matter, "publish", data=early),
    )
    life = office.step(bureau.first, matter, "publish", data=data).result["life"]
    assert [(one["state"], one["on"]) for one in life] == [
        ("submitted", "2025-03-03"),
        ("expert_review", "2025-03-05"),
        ("public_notice", "2025-03-05"),
        ("filed", "2025-04-04"),
        ("in_force", "2025-05-01"),
    ]
    refused(
        Conflict,
        "methodology.successor_unknown",
        lambda: office.step(
            bureau.first, matter, "revise", data={"successor": matter.number + "9"}
        ),
    )


def test_experts_with_a_stake_are_left_out_of_a_draw_anybody_can_redo(bureau: Bureau) -> None:
    cousin = an_organisation(parent=bureau.body.pk, region="110000")
    neighbour = an_organisation("charity", region="420106")
    colleague = bureau.expert(home=cousin)
    near = bureau.expert(home=neighbour)
    author = bureau.expert()
    elsewhere = a_caller("expert", region="440000")
    login = author.appointments[0].user.get_username()
    matter = bureau.submitted(authors=[{"name": "作者", "login": login}])
    chosen = bureau.drawn(matter)
    said = entry(matter, "draw_experts")
    assert said["left_out"] == {
        str(colleague.user): "same_group",
        str(near.user): "same_place",
        str(author.user): "author",
    }
    assert str(elsewhere.user) not in said["candidates"]
    body = bytes(LogEntry.objects.get(journal=int(said["seed_act"])).body)
    seed = seed_of(body, f"experts/{matter.number}")
    assert [str(user) for user in chosen] == drawn(seed, said["candidates"], 3)


def test_too_few_experts_are_told(bureau: Bureau) -> None:
    matter = bureau.submitted()
    refused(
        Conflict,
        "experts.too_few",
        lambda: bureau.office.step(bureau.first, matter, "draw_experts", data={"count": 5}),
    )
    bureau.office.step(bureau.first, matter, "draw_experts")
    assert Assignment.objects.count() == 3, "as the rule set says"


def test_each_drawn_expert_scores_once_and_whole(bureau: Bureau) -> None:
    matter = bureau.submitted()
    chosen = bureau.drawn(matter)
    (other,) = set(bureau.experts) - set(chosen)
    refused(Denied, "matter.step.not_yours", lambda: bureau.score(other, matter))
    refused(
        InputRefused, "experts.sheet_incomplete", lambda: bureau.score(chosen[0], matter, score=101)
    )
    bureau.score(chosen[0], matter)
    refused(Conflict, "experts.scored", lambda: bureau.score(chosen[0], matter))


@pytest.mark.parametrize(
    ("code", "score", "fails"),
    [("experts.majority_against", 80, 2), ("experts.score_too_low", 59, 0)],
)
def test_without_majority_or_score_it_does_not_pass(
    bureau: Bureau, code: str, score: int, fails: int
) -> None:
    matter = bureau.submitted()
    for place, user in enumerate(bureau.drawn(matter)):
        bureau.score(user, matter, score=score, verdict="fail" if place < fails else "pass")
    refused(Conflict, code, lambda: bureau.office.step(bureau.first, matter, "conclude"))


def test_a_call_that_is_over_takes_nothing(bureau: Bureau) -> None:
    office = bureau.office
    call = office.open(bureau.first, "call", data={"topics": "x", "deadline": "2025-03-02"})
    refused(Conflict, "methodology.call_over", lambda: bureau.submitted(call=call.number))


def test_an_experts_appointment_that_ended_is_in_no_draw(bureau: Bureau) -> None:
    gone = bureau.experts[min(bureau.experts)]
    services.end(gone.appointments[0], at=MOMENT)
    bureau.office.wait(1)
    assert queries.appointments(gone.user, at=bureau.office.now) == []
    matter = bureau.submitted()
    assert gone.user not in bureau.drawn(matter)
