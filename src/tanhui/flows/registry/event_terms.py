"""Until when an event may be made neutral: by units of any kind, or later by those of new forest.

MEE notice 2019 no. 19 (large events): units are retired within a term after the event; new forest
has longer, if it was planted not too long before it. Every number is the rule set's.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date

from tanhui.books.serial_choice import issues_of
from tanhui.core.errors import Conflict
from tanhui.core.serials import SerialRange
from tanhui.domain.matters.models import Matter
from tanhui.engine.rules_at import RulesAt

from .effects import Moment
from .recognitions import origins_of

STORING = ("S4", "S6")
"""The shapes of methodologies that store carbon."""
MONTHS_A_YEAR = 12


def check_in_time(moment: Moment) -> None:
    """Raises Conflict where even units of new forest would come too late."""
    rules, ended = _rules(moment), _ended(moment)
    last = months_after(ended, rules.event_retire_months())
    if moment.today <= last:
        return
    forest = rules.event_forest()
    if forest is not None:
        last = months_after(ended, forest.within_years * MONTHS_A_YEAR)
    if moment.today > last:
        raise Conflict(
            "use.event_too_late",
            zh=f"活动注销的期限 {last} 已过；可改作自愿注销。",
            en=f"The term in which an event is made neutral ended on {last}. Retire voluntarily "
            "instead.",
            last_day=last.isoformat(),
        )


def check_forest(moment: Moment, parts: Sequence[SerialRange]) -> None:
    """Behind the term of other units, raises Conflict for a unit of anything but new forest."""
    rules, ended = _rules(moment), _ended(moment)
    last, forest = months_after(ended, rules.event_retire_months()), rules.event_forest()
    if moment.today <= last or forest is None:
        return
    since = months_after(ended, -forest.planted_before_years * MONTHS_A_YEAR)
    for issue, _ in issues_of(parts):
        if not all(_is_new_forest(one.source, since) for one in origins_of(issue)):
            raise Conflict(
                "use.event_forest_only",
                zh=f"期限 {last} 已过；此后至活动结束 {forest.within_years} 年内，"
                f"只能用 {since} 或以后营造的新造林的减排量，{issue.batch} 不是。",
                en=f"The term ended on {last}; up to {forest.within_years} years after the event "
                f"only units of forest planted on {since} or later count, and {issue.batch} is "
                "none.",
                last_day=last.isoformat(),
                planted_since=since.isoformat(),
            )


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last of a shorter month.

    >>> months_after(date(2025, 5, 31), 12), months_after(date(2024, 1, 31), 1)
    (datetime.date(2026, 5, 31), datetime.date(2024, 2, 29))
    """
    year, month = divmod(day.year * MONTHS_A_YEAR + day.month - 1 + months, MONTHS_A_YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _is_new_forest(source: str, since: date) -> bool:
    """Whether units come of a project that stores carbon and was planted that day or later."""
    project = Matter.objects.filter(number=source, kind="project").first()
    return (
        project is not None
        and project.data.get("shape") in STORING
        and date.fromisoformat(project.data["started_on"]) >= since
    )


def _ended(moment: Moment) -> date:
    """The event's last day, and no later than it was announced: who calculates again cannot move
    the term.
    """
    return date.fromisoformat(min(moment.said("ended_on"), moment.said("period_to")))


def _rules(moment: Moment) -> RulesAt:
    return moment.platform.rulesets.at(region=moment.matter.region, on=moment.today)
