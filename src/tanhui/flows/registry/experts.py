"""Experts drawn by lot for a methodology, nobody with a stake in it, and what they said.

Left out are authors, people of the applicant's group of organisations, and people whose home
organisation is in the applicant's own city. What experts think beside the majority is kept and
published.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.db.models import Q

from tanhui.books.assets import city_code
from tanhui.core.draws import drawn
from tanhui.core.errors import Conflict, InputRefused
from tanhui.core.region import Region
from tanhui.domain.matters.models import Assignment, Matter, Step
from tanhui.domain.organisations import queries
from tanhui.domain.organisations.models import EXPERT, Appointment, Organisation

from .callers import is_of_demo
from .verifiers import Draw, seed

CRITERIA = ("applicability", "accuracy", "transparency", "conservativeness")
SCORE_MAX = 100


def draw_experts(matter: Matter, count: int, *, at: datetime) -> Draw:
    """Experts of the place by lot; raises Conflict where too few have no stake."""
    assert matter.organisation is not None, "a methodology has an applicant"
    applicant = queries.get(matter.organisation)
    logins = {row["login"] for row in matter.data["authors"] if row.get("login")}
    fit, out = set[str](), dict[str, str]()
    for each in _experts(at):
        if Region(each.region).holds(matter.region):
            name = str(each.user_id)
            why = _stake(each, applicant, logins, at=at)
            if is_of_demo(each) and not matter.is_demo:
                why = "made_up"
            if why:
                out[name] = why
            else:
                fit.add(name)
    fit -= out.keys()
    if not 0 < count <= len(fit):
        raise Conflict(
            "experts.too_few",
            zh=f"要抽 {count} 位专家，可抽的有 {len(fit)} 位（已回避 {len(out)} 位）；"
            "请增补专家或减少人数。",
            en=f"{count} experts are asked for and {len(fit)} may be drawn ({len(out)} have a "
            "stake); appoint more experts or ask for fewer.",
        )
    act, lot = seed(matter, "accept", "experts")
    names = sorted(fit)
    chosen = drawn(lot, names, count)
    said = {"seed_act": str(act), "seed": lot, "candidates": names, "left_out": out}
    return Draw(chosen, said | {"experts": chosen})


def check_sheet(matter: Matter, data: dict[str, Any], *, user: int) -> None:
    """Every criterion once, 0 to 100, and one sheet from each expert."""
    rows = data["sheet"]
    named = sorted(row["criterion"] for row in rows)
    if named != sorted(CRITERIA) or any(row["score"] > SCORE_MAX for row in rows):
        raise InputRefused(
            "experts.sheet_incomplete",
            zh=f"评分表应每项一行、0 至 {SCORE_MAX} 分：{'、'.join(CRITERIA)}。",
            en=f"The sheet has one row for each of {', '.join(CRITERIA)}, 0 to {SCORE_MAX}.",
        )
    if _sheets(matter).filter(user=user).exists():
        raise Conflict(
            "experts.scored",
            zh="您已提交评分表；每位专家一份，不能更改。",
            en="Your sheet is in; each expert hands in one, and it is not changed.",
        )


def conclusion(matter: Matter, *, pass_score: int) -> dict[str, Any]:
    """Votes, mean score and minority opinions; raises Conflict before all have scored, or when
    no majority passes it or the mean is below what the rules ask.
    """
    sheets = list(_sheets(matter).order_by("pk"))
    asked = Assignment.objects.filter(matter=matter, role=EXPERT, ended_at__isnull=True).count()
    if len(sheets) < asked:
        raise Conflict(
            "experts.waiting",
            zh=f"{asked} 位专家中 {len(sheets)} 位已评分；请等全部评分。",
            en=f"{len(sheets)} of {asked} experts have scored; wait for all.",
        )
    passed = [each for each in sheets if each.data["verdict"] == "pass"]
    scores = [row["score"] for each in sheets for row in each.data["sheet"]]
    mean = Fraction(sum(scores), len(scores))
    if mean < pass_score:
        raise Conflict(
            "experts.score_too_low",
            zh=f"平均分低于规则要求的 {pass_score} 分，不能通过；可办理不予通过。",
            en=f"The mean score is below the {pass_score} that the rules ask; reject it.",
        )
    if 2 * len(passed) <= len(sheets):
        raise Conflict(
            "experts.majority_against",
            zh=f"{len(sheets)} 位专家中 {len(passed)} 位同意，未过半数；可办理不予通过。",
            en=f"{len(passed)} of {len(sheets)} experts pass it, no majority; reject it.",
        )
    return {
        "votes_for": len(passed),
        "votes_against": len(sheets) - len(passed),
        "mean_score": f"{int(mean * 100) // 100}.{int(mean * 100) % 100:02d}",
        "minority": [
            {"expert": str(each.user), "opinion": each.data["opinion"]}
            for each in sheets
            if each.data["verdict"] != "pass"
        ],
    }


def _sheets(matter: Matter) -> Any:
    return Step.objects.filter(matter=matter, verb="score")


def _experts(at: datetime) -> list[Appointment]:
    rows = Appointment.objects.filter(role=EXPERT, since__lte=at).select_related(
        "user", "organisation"
    )
    return list(rows.filter(Q(until__isnull=True) | Q(until__gt=at)).order_by("pk"))


def _stake(
    expert: Appointment, applicant: Organisation, logins: Collection[str], *, at: datetime
) -> str:
    """Why an expert is not free to judge, or ''."""
    if expert.user.get_username() in logins:
        return "author"
    top = queries.above(applicant)[-1]
    for each in queries.appointments(expert.user_id, at=at):
        if each.organisation is not None and queries.above(each.organisation)[-1] == top:
            return "same_group"
    home = expert.organisation
    if home is not None and city_code(int(home.region)) == city_code(int(applicant.region)):
        return "same_place"
    return ""
