"""方法学: the list, and a page for each with formula, numbers of law, cases and a calculator.

Open to everybody. The calculator's numbers and function are addresses of their own, because the
content policy takes no inline script.
"""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from tanhui.core.errors import InputRefused
from tanhui.core.region import Region
from tanhui.engine.javascript import javascript_source
from tanhui.engine.methodology import Methodology
from tanhui.flows import lawbook
from tanhui.interfaces.api import desk
from tanhui.interfaces.platform import platform
from tanhui.interfaces.templatetags.tanhui import spoken

from .calculator import calculator
from .law_context import common_context, project_context, symbol_names
from .mathml import condition, equation
from .page import show
from .words import EVIDENCE, KINDS

PAGE_METHODOLOGIES = 24
STATUS_ORDER = (
    "official", "published_summary", "inferred", "template", "name_only", "disabled",
)  # fmt: skip


class MethodologyFilter(forms.Form):
    """Which methodologies to list."""

    q = forms.CharField(required=False, max_length=100, label=_("名称或编号"))
    region = forms.CharField(required=False, max_length=6, label=_("行政区划代码"))
    scene = forms.ChoiceField(required=False, label=_("场景"))
    status = forms.ChoiceField(required=False, label=_("公式依据"))
    kind = forms.ChoiceField(required=False, label=_("方法学类别"))

    def __init__(self, *arguments: Any, scenes: list[tuple[str, str]], **named: Any) -> None:
        super().__init__(*arguments, **named)
        statuses = [(name, EVIDENCE[name].name) for name in STATUS_ORDER]
        for name, choices in (
            ("scene", scenes),
            ("status", statuses),
            ("kind", list(KINDS.items())),
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
        """The filters as the flow takes them."""
        chosen = self.cleaned_data if self.is_valid() else {}
        return {name: chosen.get(name) or None for name in self.fields}


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Every methodology the platform knows, with what each stands on."""
    everything = desk.methodologies(limit=1_000_000)
    form = MethodologyFilter(request.GET or None, scenes=_scenes(everything["items"]))
    wanted = form.wanted()
    page = desk.methodologies(
        after=request.GET.get("after") or None, limit=PAGE_METHODOLOGIES, **wanted
    )
    context = {
        "form": form,
        "methodologies": page["items"],
        "total": page["total"],
        "status": [(name, page["status"].get(name, 0)) for name in STATUS_ORDER],
        "next": page["next"],
        "is_first": not request.GET.get("after"),
        "is_filtered": any(wanted.values()),
        "places": sorted({region for one in everything["items"] for region in one["regions"]}),
    }
    return show(request, "methodologies.html", context)


def _scenes(items: list[dict[str, Any]]) -> list[tuple[str, str]]:
    found = {(one["scene"], spoken(one, "scene")) for one in items if one["scene_zh"]}
    return sorted(found, key=lambda pair: pair[1])


@require_GET
def page(request: HttpRequest, code: str) -> HttpResponse:
    """One methodology, by default the version in force."""
    document = desk.methodology(code, request.GET.get("version") or None)
    if document["kind"] == "project":
        return show(request, "project_methodology.html", project_context(document))
    return show(request, "methodology.html", _context(document))


def _context(document: dict[str, Any]) -> dict[str, Any]:
    names = symbol_names(document)
    return common_context(document) | {
        "formulas": [
            {"typeset": equation(one["symbol"], one["expression"], names), "unit": one["unit"]}
            for one in document["formula"]
        ],
        "conditions": [condition(clause, names) for clause in document["applies"]],
        "cases": [_case(one, names) for one in document["cases"]],
        "shares": [(who, share) for who, share in document["allocation"].items() if share != "0"],
        "usable": bool(document["limits"]["cells"]),
        "names": json.dumps(names, ensure_ascii=False),
    }


def _case(one: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    told = one["answer"]
    clause = told not in ("quantified", "no_parameter", "negative", "history.too_short")
    return one | {"clause": condition(told, names) if clause else None}


@require_GET
def calculator_data(request: HttpRequest, code: str) -> HttpResponse:
    """Cells, trees and bounds for the page's calculator."""
    return JsonResponse(calculator(_method(request, code)))


@require_GET
def quantify_script(request: HttpRequest, code: str) -> HttpResponse:
    """The integer form as a function over BigInt."""
    from tanhui.engine.integer import compile as compile_form

    source = javascript_source(compile_form(_method(request, code)))
    return HttpResponse(source, content_type="text/javascript; charset=utf-8")


def _method(request: HttpRequest, code: str) -> Methodology:
    return lawbook.find_behaviour(platform(), code, request.GET.get("version") or None)
