"""方法学列表: found, filtered, paged, and the same list as a file. Open to everybody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
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
from tanhui.interfaces.api import desk
from tanhui.interfaces.api.exports import attachment, csv_lines
from tanhui.interfaces.templatetags.tanhui import spoken

from .page import show
from .words import EVIDENCE, KINDS, STANDINGS

PAGE_METHODOLOGIES = 24
EVERY = 1_000_000  # a library holds hundreds
STATUS_ORDER = (
    "official", "published_summary", "inferred", "template", "name_only", "disabled",
)  # fmt: skip
COLUMNS = (
    ("编号 code", "code"),
    ("版本 version", "version"),
    ("类别 kind", "kind"),
    ("名称 title_zh", "title_zh"),
    ("title_en", "title_en"),
    ("场景 scene", "scene"),
    ("地区 regions", "regions"),
    ("施行 valid_from", "valid_from"),
    ("失效 valid_to", "valid_to"),
    ("公式依据 equations", "equations"),
    ("可用状态 standing", "standing"),
    ("数值 values", "values"),
    ("未知数值 values_unknown", "values_unknown"),
)


class MethodologyFilter(forms.Form):
    """Which methodologies to list."""

    q = forms.CharField(required=False, max_length=100, label=_("名称或编号"))
    region = forms.CharField(required=False, max_length=6, label=_("行政区划代码"))
    scene = forms.ChoiceField(required=False, label=_("场景"))
    status = forms.ChoiceField(required=False, label=_("公式依据"))
    kind = forms.ChoiceField(required=False, label=_("方法学类别"))
    standing = forms.ChoiceField(required=False, label=_("今天可否使用"))

    def __init__(self, *arguments: Any, scenes: list[tuple[str, str]], **named: Any) -> None:
        super().__init__(*arguments, **named)
        for name, choices in (
            ("scene", scenes),
            ("status", [(status, EVIDENCE[status].name) for status in STATUS_ORDER]),
            ("kind", list(KINDS.items())),
            ("standing", [(standing, word.name) for standing, word in STANDINGS.items()]),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", _("全部")), *choices]
        self.fields["region"].widget.attrs |= {"placeholder": "420100", "list": "law-places"}

    def clean_region(self) -> str:
        """Six digits, or nothing."""
        text = str(self.cleaned_data["region"]).strip()
        if text:
            try:
                Region(text)
            except InputRefused:
                raise forms.ValidationError(_("应为六位数字，如 420100。")) from None
        return text

    def wanted(self) -> dict[str, str | None]:
        """The filters as the flow takes them; ask only a form that is valid or was not sent."""
        chosen = self.cleaned_data if self.is_bound and self.is_valid() else {}
        return {name: chosen.get(name) or None for name in self.fields}


@require_GET
def index(request: HttpRequest) -> HttpResponseBase:
    """Every methodology the platform knows, what may be used today first."""
    everything = desk.methodologies(limit=EVERY)["items"]
    form = _filter(request, everything)
    is_right = not form.is_bound or form.is_valid()
    wanted = form.wanted()
    found = desk.methodologies(limit=EVERY, **wanted) if is_right else None
    usable_first = {standing: at for at, standing in enumerate(STANDINGS)}
    items = sorted(found["items"] if found else [], key=lambda one: usable_first[one["standing"]])
    context = {
        "form": form,
        "found": found,
        "page": Paginator(items, PAGE_METHODOLOGIES).get_page(request.GET.get("page")),
        "status": _counts(STATUS_ORDER, found["status"] if found else {}),
        "standings": _counts(STANDINGS, Counter(one["standing"] for one in items)),
        "is_filtered": not is_right or any(wanted.values()),
        "places": sorted({region for one in everything for region in one["regions"]}),
    }
    return show(request, "methodologies.html", context)


@require_GET
def index_csv(request: HttpRequest) -> HttpResponseBase:
    """The list with the filters of the page, all of it; a wrong filter leads back to the page."""
    form = _filter(request)
    if form.is_bound and not form.is_valid():
        return _back(request)
    found = desk.methodologies(limit=EVERY, **form.wanted())
    rows = ([_cell(one[key]) for _, key in COLUMNS] for one in found["items"])
    return attachment(csv_lines([title for title, _ in COLUMNS], rows), "tanhui-methodologies.csv")


@require_GET
def index_json(request: HttpRequest) -> HttpResponseBase:
    """As `index_csv`, as {items, total, status}."""
    form = _filter(request)
    if form.is_bound and not form.is_valid():
        return _back(request)
    found = desk.methodologies(limit=EVERY, **form.wanted())
    answer = JsonResponse(
        {key: found[key] for key in ("items", "total", "status")},
        json_dumps_params={"ensure_ascii": False, "indent": 1},
    )
    answer["Content-Disposition"] = 'attachment; filename="tanhui-methodologies.json"'
    return answer


def _filter(
    request: HttpRequest, everything: list[dict[str, Any]] | None = None
) -> MethodologyFilter:
    items = desk.methodologies(limit=EVERY)["items"] if everything is None else everything
    scenes = {(one["scene"], spoken(one, "scene")) for one in items if one["scene_zh"]}
    return MethodologyFilter(request.GET or None, scenes=sorted(scenes, key=lambda pair: pair[1]))


def _counts(order: Iterable[str], counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return [(name, counts[name]) for name in order if counts.get(name)]


def _back(request: HttpRequest) -> HttpResponseBase:
    return redirect(f"{reverse('methodologies')}?{request.GET.urlencode()}")


def _cell(value: object) -> object:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "" if value is None else value
