"""哪些单位含有我的减排量: each unit with the exact part in it, where it stands, what it served."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from tanhui.core.mass import percent_text
from tanhui.flows.registry import donations
from tanhui.flows.registry.own_units import OwnUnits, own_units
from tanhui.interfaces.api import desk
from tanhui.interfaces.api.exports import attachment, csv_lines
from tanhui.interfaces.api.limits import EXPORT_ROWS_MAX
from tanhui.interfaces.platform import platform
from tanhui.interfaces.templatetags.tanhui import spoken

from .page import for_citizens, show
from .words import UNIT_STATES

PAGE_ROWS = 20
COLUMNS = (
    *("序列号 serial", "我的部分 mg_co2e", "单位 unit_mg", "占比 share"),
    *("状态 state", "场景 scene", "汇集 pool", "起 first_month", "止 last_month"),
    *("用途 purpose", "受益人 beneficiary", "使用 matter"),
)


class UnitFilter(forms.Form):
    """Which of the units to list."""

    serial = forms.IntegerField(
        required=False,
        min_value=1,
        label=_("某个序列号"),
        error_messages={"invalid": _("序列号是一个整数，如 1024。")},
    )
    state = forms.ChoiceField(required=False, label=_("状态"))
    scene = forms.ChoiceField(required=False, label=_("场景"))

    def __init__(self, *arguments: Any, units: list[dict[str, Any]], **named: Any) -> None:
        super().__init__(*arguments, **named)
        scenes = {one["scene"]: spoken(one, "name") for one in units}
        for name, choices in (("state", UNIT_STATES), ("scene", scenes)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", _("全部")), *choices.items()]

    def fits(self, unit: dict[str, Any]) -> bool:
        """Whether a unit is wanted; ask only a form that is valid or was not sent."""
        given = self.cleaned_data if self.is_bound else {}
        return all(given.get(name) in (None, "", unit[name]) for name in self.fields)


@require_GET
@for_citizens
def units(request: HttpRequest, person: int) -> HttpResponseBase:
    """The units, a page at a time."""
    found = own_units(platform(), person)
    form = UnitFilter(request.GET or None, units=found.units)
    page = None
    if not form.is_bound or form.is_valid():
        page = Paginator(_wanted(found, form), PAGE_ROWS).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "is_filtered": bool(form.is_bound and set(request.GET) - {"page"}),
        "made_good_mg": found.made_good_mg,
        "figures": donations.figures(platform(), person),
        "demo": desk.account(person)["is_demo"],
    }
    return show(request, "own_units.html", context)


@require_GET
@for_citizens
def units_file(request: HttpRequest, person: int) -> HttpResponseBase:
    """The list as CSV, with its filters; a wrong one leads back to the list."""
    found = own_units(platform(), person)
    form = UnitFilter(request.GET or None, units=found.units)
    if form.is_bound and not form.is_valid():
        return redirect(f"{reverse('own-units')}?{request.GET.urlencode()}")
    rows = map(_line, _wanted(found, form)[:EXPORT_ROWS_MAX])
    return attachment(csv_lines(COLUMNS, rows), "tanhui-units.csv")


def _wanted(found: OwnUnits, form: UnitFilter) -> list[dict[str, Any]]:
    return [one for one in found.units if form.fits(one)]


def _line(one: dict[str, Any]) -> list[object]:
    retired = one["retirement"] or {}
    share = percent_text(one["mg"], one["unit_mg"])
    named = (one[name] for name in ("state", "scene", "pool", "first_month", "last_month"))
    told = (retired.get(name, "") for name in ("purpose", "beneficiary", "matter"))
    return [one["serial"], one["mg"], one["unit_mg"], share, *named, *told]
