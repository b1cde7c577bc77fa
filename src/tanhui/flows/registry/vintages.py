"""How old reductions may be when their units are issued, as the rules of place and product say.

Serves projects and pools alike: `issue.not_before`, `issue.vintage_max_age_years`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from tanhui.core.errors import Conflict

from .effects import Moment


def check_vintages(
    moment: Moment, *, region: str, product: str, first_days: Iterable[date]
) -> None:
    """Raises Conflict where a vintage, told by its first day, is issued no more."""
    at = moment.platform.rulesets.at(region=region, on=moment.today, product=product)
    not_before, age_max = at.issue_not_before(), at.vintage_max_age_years()
    wrong = {
        day.year
        for day in first_days
        if (not_before is not None and day < not_before)
        or (age_max is not None and moment.today.year - day.year > age_max)
    }
    if wrong:
        raise Conflict(
            "issue.vintage_too_old",
            zh=f"按规则集不能再签发这些年份：{sorted(wrong)}；请查看 issue.not_before 与 "
            "issue.vintage_max_age_years。",
            en=f"The rules issue these years no more: {sorted(wrong)}; see issue.not_before "
            "and issue.vintage_max_age_years.",
        )
