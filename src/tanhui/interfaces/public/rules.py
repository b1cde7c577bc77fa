"""规则: what holds in a region, on a day, for a product, and what two of them differ in.

Open to everybody, as a page and as files: whoever must supply an unknown value is named.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from tanhui.core.errors import InputRefused
from tanhui.core.region import Region
from tanhui.engine.rule_listing import STATES, Standpoint, compared, listed, products, regions
from tanhui.flows.registry.matters import today
from tanhui.interfaces.api.exports import attachment, csv_lines
from tanhui.interfaces.platform import platform

from .page import show
from .rule_words import STATES as STATE_WORDS

COLUMNS = (
    ("规则 rule", "key"),
    ("名称 name_zh", "name_zh"),
    ("name_en", "name_en"),
    ("状态 state", "state"),
    ("值 value", "written"),
    ("地区 region", "region"),
    ("产品 product", "product"),
    ("起日 valid_from", "valid_from"),
    ("止日 valid_to", "valid_to"),
    ("依据状态 tag", "tag"),
    ("依据 source", "source"),
    ("依据地址 source_url", "source_url"),
    ("须由谁提供 supplier_zh", "supplier_zh"),
    ("supplier_en", "supplier_en"),
    ("变更 change", "change"),
)


class _Place(forms.Form):
    """A region, day and product; empty means the installation's region, today, any product."""

    def _region(self, name: str) -> str:
        text = str(self.cleaned_data[name]).strip()
        if text:
            try:
                Region(text)
            except InputRefused:
                raise forms.ValidationError(_("应为六位数字，如 420100。")) from None
        return text

    def standpoint(self, ending: str = "") -> Standpoint:
        """What was asked for; ask only a form that is valid or was not sent."""
        said: dict[str, Any] = self.cleaned_data if self.is_bound and self.is_valid() else {}
        here = platform()
        on: date | None = said.get(f"on{ending}")
        return Standpoint(
            said.get(f"region{ending}") or here.region,
            on or today(here),
            said.get(f"product{ending}") or "",
        )


def _fields(ending: str, *, region: Any, on: Any, product: Any) -> dict[str, forms.Field]:
    return {
        f"region{ending}": forms.CharField(
            required=False,
            max_length=6,
            label=region,
            widget=forms.TextInput({"placeholder": "440000", "list": "rule-places"}),
        ),
        f"on{ending}": forms.DateField(
            required=False, label=on, widget=forms.DateInput({"type": "date"})
        ),
        f"product{ending}": forms.CharField(
            required=False,
            max_length=40,
            label=product,
            widget=forms.TextInput({"placeholder": "PHCER", "list": "rule-products"}),
        ),
    }


class RuleFilter(_Place):
    """Which rules to list."""

    state = forms.ChoiceField(required=False, label=_("状态"))
    q = forms.CharField(required=False, max_length=80, label=_("名称、值或依据"))
    field_order = ("region", "product", "on", "state", "q")

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fields |= _fields("", region=_("地区代码"), on=_("日期"), product=_("产品"))
        state = self.fields["state"]
        assert isinstance(state, forms.ChoiceField)
        state.choices = [("", _("全部")), *((one, STATE_WORDS[one].name) for one in STATES)]
        self.order_fields(self.field_order)

    def clean_region(self) -> str:
        """Six digits, or nothing."""
        return self._region("region")

    def rules(self) -> list[dict[str, Any]]:
        """The rules asked for."""
        said = self.cleaned_data if self.is_bound else {}
        return listed(
            platform().rulesets,
            self.standpoint(),
            state=said.get("state") or None,
            q=said.get("q") or None,
        )


class DiffFilter(_Place):
    """The two standpoints to compare, and whether to show what is the same."""

    show = forms.ChoiceField(
        required=False, label=_("列出"), choices=(("", _("不同的")), ("all", _("全部")))
    )
    field_order = ("region", "region2", "product", "product2", "on", "on2", "show")

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fields |= _fields(
            "", region=_("甲：地区代码"), on=_("甲：日期"), product=_("甲：产品")
        )
        self.fields |= _fields(
            "2", region=_("乙：地区代码"), on=_("乙：日期"), product=_("乙：产品")
        )
        self.order_fields(self.field_order)

    def clean_region(self) -> str:
        """Six digits, or nothing."""
        return self._region("region")

    def clean_region2(self) -> str:
        """Six digits, or nothing."""
        return self._region("region2")


@require_GET
def index(request: HttpRequest) -> HttpResponseBase:
    """Every rule as it stands, what nobody knows among it."""
    form = RuleFilter(request.GET or None)
    is_right = not form.is_bound or form.is_valid()
    rules = form.rules() if is_right else []
    states = Counter(one["state"] for one in rules)
    context = _around() | {
        "form": form,
        "is_right": is_right,
        "is_filtered": form.is_bound,
        "at": form.standpoint(),
        "rules": rules,
        "states": [(one, states[one]) for one in STATES if states[one]],
    }
    return show(request, "rules.html", context)


@require_GET
def index_csv(request: HttpRequest) -> HttpResponseBase:
    """The list with the filters of the page; a wrong filter leads back to the page."""
    form = RuleFilter(request.GET or None)
    if form.is_bound and not form.is_valid():
        return _back(request, "rules")
    rows = ([one[key] or "" for _, key in COLUMNS] for one in form.rules())
    return attachment(csv_lines([title for title, _ in COLUMNS], rows), "tanhui-rules.csv")


@require_GET
def index_json(request: HttpRequest) -> HttpResponseBase:
    """As `index_csv`, as {region, on, product, items}."""
    form = RuleFilter(request.GET or None)
    if form.is_bound and not form.is_valid():
        return _back(request, "rules")
    return _json(_told(form.standpoint()) | {"items": form.rules()}, "tanhui-rules.json")


@require_GET
def diff(request: HttpRequest) -> HttpResponseBase:
    """Two regions, days or products side by side."""
    form = DiffFilter(request.GET or None)
    is_right = not form.is_bound or form.is_valid()
    one, two = form.standpoint(), form.standpoint("2")
    rules = compared(platform().rulesets, one, two) if form.is_bound and is_right else []
    wanted = form.is_bound and is_right and form.cleaned_data["show"]
    context = _around() | {
        "form": form,
        "is_right": is_right,
        "is_asked": form.is_bound,
        "one": one,
        "two": two,
        "differing": sum(each["differs"] for each in rules),
        "rules": [each for each in rules if wanted or each["differs"]],
    }
    return show(request, "rules_diff.html", context)


@require_GET
def diff_json(request: HttpRequest) -> HttpResponseBase:
    """All rules at both standpoints as {one, two, items}."""
    form = DiffFilter(request.GET or None)
    if form.is_bound and not form.is_valid():
        return _back(request, "rules-diff")
    one, two = form.standpoint(), form.standpoint("2")
    document = {
        "one": _told(one),
        "two": _told(two),
        "items": compared(platform().rulesets, one, two),
    }
    return _json(document, "tanhui-rules-diff.json")


def _around() -> dict[str, Any]:
    rulesets = platform().rulesets
    return {"places": regions(rulesets), "products": products(rulesets)}


def _told(at: Standpoint) -> dict[str, str]:
    return {"region": at.region, "on": at.on.isoformat(), "product": at.product}


def _json(document: dict[str, Any], name: str) -> HttpResponseBase:
    answer = JsonResponse(document, json_dumps_params={"ensure_ascii": False, "indent": 1})
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _back(request: HttpRequest, page: str) -> HttpResponseBase:
    return redirect(f"{reverse(page)}?{request.GET.urlencode()}")
