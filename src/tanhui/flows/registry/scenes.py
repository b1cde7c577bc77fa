"""Scenes: applied for, assessed, published; then reports, comparisons of data, suspension.

A suspended scene's records are still taken in and counted: people did what they did, and nothing
that arrives is lost. But its days in doubt go into no units until it is resumed, and then only if
the authority says that they count (decisions/0022).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tanhui.core.errors import Conflict, InputRefused
from tanhui.core.region import CHINA_OFFSET_MIN, Region
from tanhui.domain.matters.models import Matter, Step
from tanhui.domain.partners import queries as partners
from tanhui.engine.names import names
from tanhui.flows.lawbook import find_behaviour
from tanhui.flows.platform import Platform
from tanhui.flows.statistics import Question, statistics

from .effects import Done, Effect, Effects, Moment

KIND = "scene"
OVER = ("rejected", "withdrawn")
_A_DAY = timedelta(days=1)
LATE_SHOWN_MAX = 400


@dataclass(frozen=True)
class Days:
    """Days of a scene that go into no units: from the first up to and without the end, if any."""

    first: date
    end: date | None

    def touches(self, first: date, last: date) -> bool:
        """Whether any day of a period, both ends counted, is among them."""
        return self.first <= last and (self.end is None or first < self.end)


def _check_open(moment: Moment) -> None:
    data = moment.data
    partners.get(data["partner"])
    if data["scene"] not in names(moment.platform.library_path, "scenes"):
        raise InputRefused(
            "scene.unknown",
            zh=f"没有场景代码“{data['scene'][:40]}”；请用 library/directory/scenes.yaml 中的代码。",
            en=f"There is no scene '{data['scene'][:40]}'; use a code of the directory of scenes.",
        )
    law = find_behaviour(moment.platform, data["methodology"])
    if law.scene != data["scene"]:
        raise InputRefused(
            "scene.methodology_differs",
            zh=f"方法学 {law.code} 用于场景 {law.scene}，不用于 {data['scene']}；请另选。",
            en=f"{law.code} is for the scene {law.scene}, not for {data['scene']}; choose another.",
        )
    rules = moment.platform.rulesets.at(region=moment.matter.region, on=moment.today)
    periods = rules.report_periods()
    if periods is not None and data["reporting"] not in periods:
        raise Conflict(
            "scene.reporting_not_allowed",
            zh=f"{moment.matter.region} 的场景按 {'、'.join(periods)} 报送，不能按 "
            f"{data['reporting']}；请另选报送周期。",
            en=f"Scenes of {moment.matter.region} report by {', '.join(periods)}, not by "
            f"{data['reporting']}; choose another.",
        )
    same = {name: data[name] for name in ("scene", "partner")}
    others = Matter.objects.filter(
        kind=KIND, region=moment.matter.region, data__contains=same
    ).exclude(state__in=OVER)
    if taken := others.exclude(pk=moment.matter.pk).first():
        raise Conflict(
            "scene.taken",
            zh=f"该平台在此地的这一场景已有事项 {taken.number}；请在那里办理。",
            en=f"The partner's scene in this place is the matter {taken.number}; go on there.",
            matter=taken.number,
        )


def _publish(moment: Moment) -> Done:
    said = {name: moment.matter.data[name] for name in ("scene", "partner", "reporting")}
    return Done(keep={"published_on": moment.today.isoformat()}, public=said)


def _check_report(moment: Moment) -> None:
    first, last = _period(moment.matter, moment.data["period"])
    start = date.fromisoformat(moment.matter.data["published_on"])
    if last < start or last >= moment.today:
        raise InputRefused(
            "scene.period_outside",
            zh=f"{first} 至 {last} 不是发布（{start}）之后已结束的周期；请改正。",
            en=f"{first} to {last} is no period that is over and after the publication on {start}.",
        )


def _report(moment: Moment) -> Done:
    """The last word for a period counts; earlier ones stay in the steps."""
    told = dict(moment.matter.data.get("reports", {}))
    told[moment.data["period"]] = {name: str(moment.data[name]) for name in ("events", "mg")}
    return Done(keep={"reports": told})


def _check_comparison(moment: Moment) -> None:
    _period(moment.matter, moment.data["period"])
    if moment.data["period"] not in moment.matter.data.get("reports", {}):
        raise Conflict(
            "scene.report_missing",
            zh=f"平台还没有报送 {moment.data['period']}；报送后再比对。",
            en=f"The partner has not reported {moment.data['period']}; compare it afterwards.",
        )


def _compare(moment: Moment) -> Done:
    """The partner's totals against ours from the evidence, and the discount that follows."""
    matter, period = moment.matter, moment.data["period"]
    theirs = {name: int(value) for name, value in matter.data["reports"][period].items()}
    ours = _ours(moment.platform, matter, *_period(matter, period))
    gap = max(deviation(ours[name], theirs[name]) for name in ("events", "mg"))
    said = {
        "period": period,
        "ours": {name: str(value) for name, value in ours.items()},
        "theirs": {name: str(value) for name, value in theirs.items()},
        "proposed_discount": percent_up(gap),
    }
    return Done(
        result=said,
        keep={"comparison": said, "proposed_discount": said["proposed_discount"]},
        public=said,
    )


def deviation(one: int, other: int) -> Fraction:
    """How far two totals lie apart, of the larger.

    >>> deviation(98, 100), deviation(0, 0)
    (Fraction(1, 50), Fraction(0, 1))
    """
    largest = max(one, other)
    return Fraction(abs(one - other), largest) if largest else Fraction(0)


def percent_up(share: Fraction) -> str:
    """Per cent with two decimals, rounded up: the discount is never too small.

    >>> percent_up(Fraction(1, 3))
    '33.34'
    """
    hundredths = -(-share.numerator * 10_000 // share.denominator)
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def reporting(matter: Matter, *, on: date) -> dict[str, Any]:
    """What was expected of a published scene by that day, what came, and what is late."""
    start = matter.data.get("published_on")
    told = matter.data.get("reports", {})
    expected = list(_expected(matter, date.fromisoformat(start), on)) if start else []
    late = [name for name in expected if name not in told]
    return {
        "reporting": matter.data["reporting"],
        "expected": len(expected),
        "delivered": len(expected) - len(late),
        "late": late[-LATE_SHOWN_MAX:],
    }


def in_doubt(*, scene: str, partner: str, region: str) -> list[Days]:
    """The days of a partner's scene in a region, or in a part of it, that go into no units today;
    a scene of the province counts for its cities.
    """
    found = []
    same = {"scene": scene, "partner": partner}
    for matter in Matter.objects.filter(kind=KIND, data__contains=same).order_by("pk"):
        if not (Region(matter.region).holds(region) or Region(region).holds(matter.region)):
            continue
        first: date | None = None
        for step in Step.objects.filter(matter=matter, is_proposal=False).order_by("pk"):
            if step.verb == "suspend":
                first = date.fromisoformat(step.data["doubtful_from"])
            elif step.verb == "resume" and first is not None:
                if not step.data["counts"]:
                    found.append(Days(first, _day(step)))
                first = None
        if first is not None:
            found.append(Days(first, None))
    return found


def refuse_in_doubt(
    *, scene: str, partner: str, region: str, first_month: str, last_month: str
) -> None:
    """Raises Conflict when days in doubt lie in the months, both counted; for pools."""
    first = date.fromisoformat(f"{first_month}-01")
    last = (date.fromisoformat(f"{last_month}-01") + timedelta(days=31)).replace(day=1) - _A_DAY
    for days in in_doubt(scene=scene, partner=partner, region=region):
        if days.touches(first, last):
            raise Conflict(
                "scene.in_doubt",
                zh=f"该场景自 {days.first} 起的数据存疑（已暂停），不能汇集签发；"
                "请改用之前的月份，或等主管部门恢复并认可。",
                en=f"The scene's data are in doubt from {days.first} on and go into no units; take "
                "earlier months, or wait until the authority resumes it and lets them count.",
                first_day=days.first.isoformat(),
            )


def _ours(platform: Platform, matter: Matter, first: date, last: date) -> dict[str, int]:
    question = Question(by=("partner", "scene", "region"), first=first, last=last)
    found = {"events": 0, "mg": 0}
    for group in statistics(platform, question, is_public=False)["groups"]:
        wanted = (matter.data["partner"], matter.data["scene"])
        if (group["partner"], group["scene"]) == wanted and _lies_in(matter, group["region"]):
            found = {name: found[name] + group[name] for name in found}
    return found


def _lies_in(matter: Matter, region: str) -> bool:
    return Region(matter.region).holds(f"{int(region):06d}")


def _expected(matter: Matter, start: date, on: date) -> Iterator[str]:
    """The names of the periods that ended since the publication."""
    first = start
    while True:
        name = _name(matter.data["reporting"], first)
        _, last = _period(matter, name)
        if last >= on:
            return
        yield name
        first = last + _A_DAY


def _name(reporting_by: str, day: date) -> str:
    return {"day": day.isoformat(), "month": f"{day:%Y-%m}", "year": f"{day:%Y}"}[reporting_by]


def _period(matter: Matter, name: str) -> tuple[date, date]:
    """First and last day of a period as the scene reports; raises InputRefused."""
    by = matter.data["reporting"]
    try:
        if by == "day":
            day = date.fromisoformat(name)
            first, last = day, day
        elif by == "month":
            first = date.fromisoformat(f"{name}-01")
            last = (first + timedelta(days=31)).replace(day=1) - _A_DAY
        else:
            first, last = date.fromisoformat(f"{name}-01-01"), date.fromisoformat(f"{name}-12-31")
    except (ValueError, OverflowError):
        first = last = date.min
    if _name(by, first) != name:
        raise InputRefused(
            "scene.period_malformed",
            zh=f"该场景按 {by} 报送，周期应写成 2025-03-01、2025-03 或 2025；请改正。",
            en=f"The scene reports by {by}; write the period as 2025-03-01, 2025-03 or 2025.",
        )
    return first, last


def _day(step: Step) -> date:
    return (step.at + timedelta(minutes=CHINA_OFFSET_MIN)).date()


EFFECTS: Effects = {
    (KIND, "open"): Effect(check=_check_open),
    (KIND, "publish"): Effect(run=_publish),
    (KIND, "report"): Effect(check=_check_report, run=_report),
    (KIND, "compare"): Effect(check=_check_comparison, run=_compare),
}
