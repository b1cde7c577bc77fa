"""登记簿: projects, issues, retirements, notices in one list; found, counted, drawn, and as a file.

Open to everybody; what a visitor may see is decided in `flows.registry.public_matters`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from tanhui.core.errors import InputRefused
from tanhui.core.region import Region
from tanhui.engine.seats import seats
from tanhui.flows.registry import register
from tanhui.flows.registry.register import Wanted
from tanhui.interfaces.api.exports import attachment, csv_lines
from tanhui.interfaces.api.limits import EXPORT_ROWS_MAX
from tanhui.interfaces.platform import platform

from .matter_choices import kind_and_state, kind_choices, state_choices
from .page import show
from .place_map import sums_map
from .words import UNIT_STATES
from .year_chart import year_chart

PAGE_ROWS = 20
READ_AT_ONCE = 500
UNIT_KINDS = {
    register.ISSUE: _("签发"),
    register.RETIREMENT: _("注销"),
    register.NOTICE: _("公示"),
}
COLUMNS = (
    ("类别 what", "what"),
    ("事项 kind", "kind"),
    ("编号 number", "number"),
    ("名称 title", "title"),
    ("地区 region", "region"),
    ("机构 organisation", "organisation_zh"),
    ("状态 state", "state"),
    ("单位数 units", "units"),
    ("序列号 serials", "serials"),
    ("受益人 beneficiary", "beneficiary"),
    ("用途 purpose", "purpose"),
    ("公示截止 last_day", "last_day"),
    ("时间 at", "at"),
    ("公开日志 log", "log"),
    ("演示 is_demo", "is_demo"),
)


class RegisterFilter(forms.Form):
    """What to list."""

    q = forms.CharField(required=False, max_length=80, label=_("编号、名称、序列号或受益人"))
    kind = forms.ChoiceField(required=False, label=_("事项类别"))
    state = forms.ChoiceField(required=False, label=_("状态"))
    region = forms.CharField(required=False, max_length=6, label=_("行政区划代码"))
    year = forms.TypedChoiceField(required=False, coerce=int, empty_value=None, label=_("年"))

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        public = register.kinds_and_states()
        kinds = kind_choices(dict.fromkeys(kind for kind, _state in public))
        years = [(str(year), str(year)) for year in register.years()]
        for name, choices in (
            ("kind", [*kinds, *UNIT_KINDS.items()]),
            ("state", state_choices(public)),
            ("year", years),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", _("全部")), *choices]
        self.fields["region"].widget.attrs |= {"placeholder": "420100", "inputmode": "numeric"}

    def clean_region(self) -> str:
        """Six digits, or nothing."""
        text = str(self.cleaned_data["region"]).strip()
        if text:
            try:
                Region(text)
            except InputRefused:
                raise forms.ValidationError(_("应为六位数字，如 420100。")) from None
        return text

    def clean(self) -> dict[str, Any]:
        """A state belongs to a kind."""
        given = self.cleaned_data
        kind = str(given.get("state") or "").partition(":")[0]
        if kind and given.get("kind") not in ("", None, kind):
            self.add_error("state", _("这个状态不属于所选的类别。"))
        return given

    def wanted(self) -> Wanted:
        """The question; ask only a form that is valid or was not sent."""
        given = self.cleaned_data if self.is_bound else {}
        kind, state = kind_and_state(given.get("kind") or "", given.get("state") or "")
        return Wanted(
            q=str(given.get("q") or "").strip(),
            kind=kind,
            state=state,
            region=given.get("region") or "",
            year=given.get("year"),
        )


@require_GET
def index(request: HttpRequest) -> HttpResponseBase:
    """Counts, the chart of the years, and what fits, newest first."""
    form = RegisterFilter(request.GET or None)
    page, items = None, []
    if not form.is_bound or form.is_valid():
        found = register.find(form.wanted())
        page = Paginator(found, PAGE_ROWS).get_page(request.GET.get("page"))
        items = register.shown(platform(), page)
    figures = register.figures(platform())
    provinces = [] if form.is_bound else register.by_province()
    known = seats(platform().library_path)
    context = {
        "provinces": provinces,
        "map": sums_map(known, [(one.code, one.units or one.projects) for one in provinces]),
        "form": form,
        "page": page,
        "items": items,
        "is_filtered": form.is_bound,
        "serial": form.wanted().serial if page is not None else None,
        "figures": figures,
        "states": [(word, figures.states.get(state, 0)) for state, word in UNIT_STATES.items()],
        "chart": year_chart(figures.years),
        "demo": figures.is_demo or any(one.get("is_demo") for one in items),
    }
    return show(request, "register.html", context)


@require_GET
def index_csv(request: HttpRequest) -> HttpResponseBase:
    """The list with the filters of the page, all of it; a wrong filter leads back to the page."""
    form = RegisterFilter(request.GET or None)
    if form.is_bound and not form.is_valid():
        return _back(request)
    rows = ([flat[key] for _title, key in COLUMNS] for flat in map(_flat, _all(form.wanted())))
    return attachment(csv_lines([title for title, _key in COLUMNS], rows), "tanhui-register.csv")


@require_GET
def index_json(request: HttpRequest) -> HttpResponseBase:
    """As `index_csv`, as {items}."""
    form = RegisterFilter(request.GET or None)
    if form.is_bound and not form.is_valid():
        return _back(request)
    answer = JsonResponse(
        {"items": list(_all(form.wanted()))},
        json_dumps_params={"ensure_ascii": False, "indent": 1},
    )
    answer["Content-Disposition"] = 'attachment; filename="tanhui-register.json"'
    return answer


def _all(wanted: Wanted) -> Iterator[dict[str, Any]]:
    """Every row that fits, up to EXPORT_ROWS_MAX."""
    found = register.find(wanted)
    for start in range(0, EXPORT_ROWS_MAX, READ_AT_ONCE):
        rows = list(found[start : start + READ_AT_ONCE])
        yield from register.shown(platform(), rows)
        if len(rows) < READ_AT_ONCE:
            return


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with one cell for each column, empty where it has no such thing."""
    matter = row.get("matter")
    about = matter if isinstance(matter, dict) else row
    found = {key: about.get(key, "") for _title, key in COLUMNS} | {
        key: row[key] for _title, key in COLUMNS if key in row
    }
    year_and_index = row.get("log")
    return found | {
        "title": about.get("title") or row.get("batch", ""),
        "serials": ", ".join(row.get("serials", ())),
        "at": row.get("at") or row.get("opened_on") or row.get("opened_at"),
        "log": "/".join(map(str, year_and_index)) if year_and_index else "",
        "is_demo": int(bool(found["is_demo"])),
    }


def _back(request: HttpRequest) -> HttpResponseBase:
    return redirect(f"{reverse('register')}?{request.GET.urlencode()}")
