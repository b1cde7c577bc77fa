"""统计: who did what, by count and by mass, and month by month. Open to everybody."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from tanhui.flows.statistics import PEOPLE_MIN, Question
from tanhui.interfaces.api import desk

from .charts import BAR, HEIGHT, SLOT
from .page import show

MONTHS_SHOWN = 36
SLOTS_MIN = 12  # one month alone is not a wall
MONTH = r"(19|20|21)\d\d-(0[1-9]|1[0-2])"


class StatisticsFilter(forms.Form):
    """What to count by, and from which month to which."""

    by = forms.ChoiceField(
        required=False, label=_("分组"), choices=[("scene", _("场景")), ("region", _("地区"))]
    )
    first = forms.RegexField(MONTH, required=False, label=_("起始月份"))
    last = forms.RegexField(MONTH, required=False, label=_("截止月份"))

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        for name in ("first", "last"):
            self.fields[name].widget.attrs |= {"type": "month", "placeholder": "2024-10"}

    def question(self) -> Question:
        """What to ask; fields that are wrong are left out and say so beside them."""
        given = self.cleaned_data if self.is_bound and self.is_valid() else {}
        first, last = given.get("first"), given.get("last")
        return Question(
            (given.get("by") or "scene",),
            date.fromisoformat(f"{first}-01") if first else None,
            _last_day(last) if last else None,
        )


def _last_day(month: str) -> date:
    year, number = map(int, month.split("-"))
    return date(year, number, calendar.monthrange(year, number)[1])


@dataclass(frozen=True)
class MonthBar:
    """One month of the chart."""

    month: str
    events: int
    mg: int
    x: int
    y: int
    height: int


def month_bars(groups: list[dict[str, Any]]) -> list[MonthBar]:
    """Bars of the last MONTHS_SHOWN months, by mass; groups that are no month have none.

    >>> [bar.height for bar in month_bars([{"month": "2024-10", "events": 1, "mg": 5}])]
    [100]
    """
    months = [group for group in groups if group["month"]][-MONTHS_SHOWN:]
    top = max([1, *(group["mg"] for group in months)])
    bars = []
    for slot, group in enumerate(months):
        height = max(group["mg"] * HEIGHT // top, 1 if group["mg"] else 0)
        place = slot * SLOT + (SLOT - BAR) // 2
        bars.append(
            MonthBar(group["month"], group["events"], group["mg"], place, HEIGHT - height, height)
        )
    return bars


@require_GET
def statistics(request: HttpRequest) -> HttpResponse:
    """Shares by count and by mass, and the months."""
    form = StatisticsFilter(request.GET or None)
    question = form.question()
    found = desk.statistics(question)
    months = desk.statistics(Question(("month",), question.first, question.last))
    bars = month_bars(months["groups"])
    context = {
        "form": form,
        "found": found,
        "groups": [
            group
            | {
                "width_events": group["share_events"].partition(".")[0],
                "width_mg": group["share_mg"].partition(".")[0],
            }
            for group in found["groups"]
        ],
        "months": months["groups"],
        "bars": bars,
        "bars_width": max(len(bars), SLOTS_MIN) * SLOT,
        "people_min": PEOPLE_MIN,
        "demo": found["is_demo"],
        "file_query": _query(question),
        "months_query": _query(Question(("month",), question.first, question.last)),
    }
    return show(request, "statistics.html", context)


def _query(question: Question) -> str:
    """The same question for the CSV."""
    days = {"from": question.first, "to": question.last}
    return urlencode({"by": question.by[0]} | {name: day for name, day in days.items() if day})
