"""统计: who did what, by count and by mass, and month by month. Open to everybody."""

from __future__ import annotations

import calendar
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from tanhui.flows.statistics import Question
from tanhui.interfaces.api import desk
from tanhui.interfaces.platform import platform

from .month_chart import month_chart
from .page import show

GROUPS_SHOWN = 12  # the rest opens on request
MONTH_WRONG = _("请写年和月，如 2026-11。")
MONTH = r"(19|20|21)\d\d-(0[1-9]|1[0-2])"


class StatisticsFilter(forms.Form):
    """What to count by, and from which month to which."""

    by = forms.ChoiceField(
        required=False, label=_("分组"), choices=[("scene", _("场景")), ("region", _("地区"))]
    )
    first = forms.RegexField(
        MONTH, required=False, label=_("起始月份"), error_messages={"invalid": MONTH_WRONG}
    )
    last = forms.RegexField(
        MONTH, required=False, label=_("截止月份"), error_messages={"invalid": MONTH_WRONG}
    )

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        for name in ("first", "last"):
            self.fields[name].widget.attrs |= {"type": "month", "placeholder": "2026-11"}

    def clean(self) -> dict[str, Any]:
        """The first month is not after the last."""
        given = self.cleaned_data
        if given.get("first") and given.get("last") and given["first"] > given["last"]:
            self.add_error("last", _("截止月份早于起始月份。"))
        return given

    def question(self) -> Question:
        """What to ask; only a form without errors knows."""
        given = self.cleaned_data if self.is_bound else {}
        first, last = given.get("first"), given.get("last")
        return Question(
            (given.get("by") or "scene",),
            date.fromisoformat(f"{first}-01") if first else None,
            _last_day(last) if last else None,
        )


def _last_day(month: str) -> date:
    year, number = map(int, month.split("-"))
    return date(year, number, calendar.monthrange(year, number)[1])


@require_GET
def statistics(request: HttpRequest) -> HttpResponse:
    """Shares by count and by mass, and the months."""
    form = StatisticsFilter(request.GET or None)
    if form.errors:
        return show(request, "statistics.html", {"form": form, "is_filtered": True})
    question = form.question()
    found = desk.statistics(question)
    months = desk.statistics(Question(("month",), question.first, question.last))
    groups = [
        group
        | {
            "width_events": group["share_events"].partition(".")[0],
            "width_mg": group["share_mg"].partition(".")[0],
        }
        for group in found["groups"]
    ]
    context = {
        "form": form,
        "is_filtered": bool(question.first or question.last),
        "found": found,
        "groups": groups,
        "first_groups": groups[:GROUPS_SHOWN],
        "further_groups": groups[GROUPS_SHOWN:],
        "months_back": months["groups"][::-1],
        "chart": month_chart(months["groups"]),
        "people_min": platform().people_min,
        "demo": found["is_demo"],
        "file_query": _query(question),
        "months_query": _query(Question(("month",), question.first, question.last)),
    }
    return show(request, "statistics.html", context)


def _query(question: Question) -> str:
    """The same question for the CSV."""
    days = {"from": question.first, "to": question.last}
    return urlencode({"by": question.by[0]} | {name: day for name, day in days.items() if day})
