"""我的碳账户: balance, days, scenes, records, and one record down to its arithmetic."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django import forms
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from tanhui.flows.registry import donations
from tanhui.interfaces.api import desk
from tanhui.interfaces.api.exports import records_csv
from tanhui.interfaces.api.people import own_explanation, own_serials
from tanhui.interfaces.platform import platform
from tanhui.interfaces.templatetags.tanhui import spoken

from .charts import day_chart, shares
from .mathml import condition, equation
from .page import for_citizens, show
from .words import STATUSES, SYMBOLS

RECENT_RECORDS = 6
PAGE_RECORDS = 30
PERSON_STATUSES = [status for status in STATUSES if status != "no_consent"]  # leaves no record


class RecordFilter(forms.Form):
    """Which records to list."""

    scene = forms.ChoiceField(required=False, label=_("场景"))
    status = forms.ChoiceField(required=False, label=_("状态"))
    day_from = forms.DateField(required=False, label=_("从"))
    day_to = forms.DateField(required=False, label=_("到"))

    def __init__(self, *arguments: Any, scenes: list[dict[str, Any]], **named: Any) -> None:
        super().__init__(*arguments, **named)
        for name in ("day_from", "day_to"):
            self.fields[name].widget = forms.DateInput(attrs={"type": "date"})
        names = [(one["scene"], spoken(one, "name")) for one in scenes]
        statuses = [(status, STATUSES[status].name) for status in PERSON_STATUSES]
        for name, choices in (("scene", names), ("status", statuses)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", _("全部")), *choices]

    def wanted(self) -> dict[str, str | None]:
        """The filters as the flow takes them."""
        chosen = self.cleaned_data if self.is_valid() else {}
        return {
            "scene": chosen.get("scene") or None,
            "status": chosen.get("status") or None,
            "day_from": _iso(chosen.get("day_from")),
            "day_to": _iso(chosen.get("day_to")),
        }


@require_GET
@for_citizens
def account(request: HttpRequest, person: int) -> HttpResponseBase:
    """The account's first page."""
    mine = desk.account(person)
    recent = desk.records(person, limit=RECENT_RECORDS)
    scenes = sorted(mine["scenes"], key=lambda one: -one["mg"])
    share_of = shares([one["mg"] for one in scenes])
    context = {
        "account": mine,
        "chart": day_chart(mine["days"]),
        "scenes": [
            one | {"share": share, "width": share.partition(".")[0]}
            for one, share in zip(scenes, share_of, strict=True)
        ],
        "days": _by_day(recent["items"]),
        "figures": donations.figures(platform(), person),
        "demo": mine["is_demo"],
    }
    return show(request, "account.html", context)


@require_GET
@for_citizens
def records(request: HttpRequest, person: int) -> HttpResponseBase:
    """Records by scene, status and day; a page at a time."""
    mine = desk.account(person)
    form = RecordFilter(request.GET or None, scenes=mine["scenes"])
    page = desk.records(
        person,
        before=request.GET.get("before") or None,
        limit=PAGE_RECORDS,
        **form.wanted(),
    )
    context = {
        "form": form,
        "days": _by_day(page["items"]),
        "next": page["next"],
        "is_first": not request.GET.get("before"),
        "is_filtered": bool(form.errors) or any(form.wanted().values()),
        "demo": mine["is_demo"],
    }
    return show(request, "records.html", context)


@require_GET
@for_citizens
def records_file(request: HttpRequest, person: int) -> HttpResponseBase:
    """The list's records as CSV, with the list's filters; a wrong one leads back to the list."""
    form = RecordFilter(request.GET or None, scenes=desk.account(person)["scenes"])
    if form.errors:
        return redirect(f"{reverse('records')}?{request.GET.urlencode()}")
    return records_csv(person, **form.wanted())


@require_GET
@for_citizens
def record(request: HttpRequest, person: int, result: str) -> HttpResponseBase:
    """One record: formula, factors with source and status, this row's arithmetic, evidence."""
    explained = own_explanation(person, result)
    reasons = explained["explanation"] or {}
    named = [*reasons.get("inputs", []), *reasons.get("parameters", [])]
    names = {symbol: str(name) for symbol, name in SYMBOLS.items()}
    names |= {one["symbol"]: spoken(one, "name") for one in named if spoken(one, "name")}
    steps = [
        step | {"name": names.get(step["symbol"], step["symbol"].replace("_", " "))}
        for step in reasons.get("steps", [])
    ]
    context = {
        "explained": explained,
        "record": explained["record"],
        "reasons": reasons,
        "formulas": [
            equation(one["symbol"], one["expression"], names) for one in reasons.get("formula", [])
        ],
        "conditions": [
            one | {"named": condition(one["clause"], names)} for one in reasons.get("applies", [])
        ],
        "steps": steps,
        "units": own_serials(person, result),
        "demo": desk.account(person)["is_demo"],
        "verify_page": reverse("verify"),
    }
    return show(request, "record.html", context)


def _by_day(items: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    grouped = groupby(items, key=lambda one: str(one["day"]))
    return [(day, list(of_day)) for day, of_day in grouped]


def _iso(day: Any) -> str | None:
    return day.isoformat() if day else None
