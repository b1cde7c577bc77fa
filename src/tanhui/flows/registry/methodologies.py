"""Methodologies from a call to their publication, and what replaces them.

Serves lifecycles `call` and `methodology`. When one is published its steps are given as the
`life` block that its file in the library tells; a file that is there already must tell the same
days (docs/methodology-format.md).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tanhui.core.errors import Conflict, InputRefused, NotFound
from tanhui.core.period import day_number
from tanhui.core.region import CHINA_OFFSET_MIN
from tanhui.domain.matters import services
from tanhui.domain.matters.models import Matter, Notice, Step
from tanhui.domain.organisations.models import EXPERT
from tanhui.flows.lawbook import find_methodology

from .effects import Done, Effect, Effects, Moment
from .experts import check_sheet, conclusion, draw_experts
from .kept import keep_made

KIND, CALL = "methodology", "call"
OF_STEPS = {"submitted": "open", "expert_review": "conclude", "filed": "file"}


def _check_open(moment: Moment) -> None:
    if moment.matter.organisation is None:
        raise InputRefused(
            "methodology.applicant_missing",
            zh="方法学须有申报机构；请写明机构编号。",
            en="A methodology has an applicant; give the number of its organisation.",
        )
    number = moment.data.get("call")
    if number is None:
        return
    call = Matter.objects.filter(number=number, kind=CALL).first()
    if call is None or call.state != "open" or call.data["deadline"] < moment.today.isoformat():
        raise Conflict(
            "methodology.call_over",
            zh=f"征集 {number[:40]} 不存在或已截止；可不填征集直接申报，或等下一次征集。",
            en=f"The call {number[:40]} does not exist or is over; submit without it or wait for "
            "the next.",
        )


def _check_draw(moment: Moment) -> None:
    draw_experts(moment.matter, _count(moment), at=moment.at)


def _count(moment: Moment) -> int:
    """How many are drawn: as said, or as the rules of the place say."""
    said = moment.data.get("count")
    return said if said is not None else _rule(moment, "review.experts")


def _rule(moment: Moment, key: str) -> int:
    at = moment.platform.rulesets.at(region=moment.matter.region, on=moment.today)
    return at.whole(key)


def _draw(moment: Moment) -> Done:
    draw = draw_experts(moment.matter, _count(moment), at=moment.at)
    for user in draw.chosen:
        services.assign(moment.matter, EXPERT, user=int(user), why=draw.said, at=moment.at)
    return Done(result=draw.said, public=draw.said)


def _check_score(moment: Moment) -> None:
    check_sheet(moment.matter, dict(moment.data), user=moment.who.user)


def _check_conclusion(moment: Moment) -> None:
    conclusion(moment.matter, pass_score=_rule(moment, "review.pass_score"))


def _conclude(moment: Moment) -> Done:
    """The votes, and the minority's opinions as a public document named in the log."""
    found = conclusion(moment.matter, pass_score=_rule(moment, "review.pass_score"))
    card = keep_made(moment, "minority_opinions", found["minority"])
    said = {key: str(value) for key, value in found.items() if key != "minority"}
    said["minority_sha256"] = card.sha256
    return Done(result=found, keep={"review": said}, public=said)


def _check_publication(moment: Moment) -> None:
    life = _life(moment)
    days = {step["state"]: step["on"] for step in life}
    if moment.data["in_force_on"] < days["filed"]:
        raise InputRefused(
            "methodology.in_force_before_filed",
            zh=f"施行日不能早于备案日 {days['filed']}；请改正。",
            en=f"It cannot be in force before it was filed on {days['filed']}; correct the day.",
        )
    try:
        law = find_methodology(moment.platform, moment.data["code"], moment.data["version"])
    except NotFound:
        return
    told = {step.state: step.day for step in law.life.steps} if law.life is not None else {}
    wrong = [
        state
        for state, day in days.items()
        if told.get(state, day_number(date.fromisoformat(day)))
        != day_number(date.fromisoformat(day))
    ]
    if wrong:
        raise Conflict(
            "methodology.life_differs",
            zh=f"资料库中 {law.code} {law.version} 的 life 与本事项不符：{'、'.join(wrong)}；"
            "请改正文件。",
            en=f"The life of {law.code} {law.version} in the library tells other days for "
            f"{', '.join(wrong)}; correct the file.",
        )


def _publish(moment: Moment) -> Done:
    said = {name: moment.data[name] for name in ("code", "version", "in_force_on")}
    return Done(result={"life": _life(moment)}, public=said)


def _life(moment: Moment) -> list[dict[str, str]]:
    """The steps so far as the library's `life` block tells them, in its order."""
    matter = moment.matter
    steps = {
        step.verb: step
        for step in Step.objects.filter(matter=matter, is_proposal=False).order_by("pk")
    }
    days = {state: _day(steps[verb]) for state, verb in OF_STEPS.items()}
    notice = Notice.objects.filter(matter=matter).order_by("-pk").first()
    if notice is not None:
        days["public_notice"] = notice.opened_on.isoformat()
    days["in_force"] = moment.data["in_force_on"]
    order = ("submitted", "expert_review", "public_notice", "filed", "in_force")
    region = matter.region
    return [
        {"state": state, "on": days[state], "by": region, "source": matter.number}
        for state in order
        if state in days
    ]


def _check_revision(moment: Moment) -> None:
    successor = Matter.objects.filter(number=moment.data["successor"], kind=KIND).first()
    if (
        successor is None
        or successor.state != "published"
        or successor.data["code"] != moment.matter.data["code"]
    ):
        raise Conflict(
            "methodology.successor_unknown",
            zh="取代它的事项应是同一方法学已发布的新版；请核对事项编号。",
            en="What replaces it is a published version of the same methodology; check the number "
            "of its matter.",
        )


def _revise(moment: Moment) -> Done:
    said: dict[str, Any] = {name: moment.matter.data[name] for name in ("code", "version")}
    return Done(public=said | {"successor": moment.data["successor"]})


def _day(step: Step) -> str:
    return (step.at + timedelta(minutes=CHINA_OFFSET_MIN)).date().isoformat()


EFFECTS: Effects = {
    (KIND, "open"): Effect(check=_check_open),
    (KIND, "draw_experts"): Effect(check=_check_draw, run=_draw),
    (KIND, "score"): Effect(check=_check_score),
    (KIND, "conclude"): Effect(check=_check_conclusion, run=_conclude),
    (KIND, "publish"): Effect(check=_check_publication, run=_publish),
    (KIND, "revise"): Effect(check=_check_revision, run=_revise),
}
