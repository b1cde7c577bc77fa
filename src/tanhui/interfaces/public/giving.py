"""捐赠: choose how much to give to a use, see it once more, give it once.

The form carries a key of its own through both pages, so a second press of the button is the same
gift, and the receipt is shown again.
"""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from tanhui.core.errors import TanhuiError
from tanhui.core.mass import MG_PER, mass_text
from tanhui.domain.matters.models import Matter
from tanhui.domain.organisations import queries as organisations
from tanhui.flows import consents
from tanhui.flows.registry import donations, drives
from tanhui.flows.registry.public_matters import cards
from tanhui.interfaces.api import desk
from tanhui.interfaces.platform import platform
from tanhui.interfaces.templatetags.tanhui import is_english

from .page import for_citizens, show

UNITS = [("kgCO2e", _("千克 kg")), ("gCO2e", _("克 g")), ("tCO2e", _("吨 t"))]
AMOUNT_MAX = Decimal(10) ** 9


class GiftForm(forms.Form):
    """How much to give, in g, kg or t; at most what is free."""

    amount = forms.DecimalField(
        label=_("捐出多少"),
        max_digits=20,
        max_value=AMOUNT_MAX,
        error_messages={
            "required": _("请填写要捐出的数量。"),
            "invalid": _("请填写数字，如 1.5。"),
            "max_value": _("数量过大。"),
        },
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
    )
    unit = forms.ChoiceField(label=_("单位"), choices=UNITS)
    organisation = forms.TypedChoiceField(
        label=_("我的单位（可不填，只用于单位间排名）"),
        required=False,
        coerce=int,
        empty_value=None,
    )
    key = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)

    def __init__(self, *arguments: Any, use: Matter, free_mg: int, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.free_mg = free_mg
        tree = [] if use.organisation is None else organisations.tree(use.organisation)
        if len(tree) < 2:
            del self.fields["organisation"]
            return
        field = self.fields["organisation"]
        assert isinstance(field, forms.ChoiceField)
        names = [(one.pk, one.name_en if is_english() else one.name_zh) for one in tree]
        field.choices = [("", "—"), *names]

    def clean(self) -> dict[str, Any]:
        """The amount in whole mg: more than nothing, no finer than a mg, no more than is free."""
        said = self.cleaned_data
        if "amount" in said and "unit" in said:
            exact = said["amount"] * MG_PER[said["unit"]]
            if exact <= 0:
                self.add_error("amount", _("请捐出大于 0 的数量。"))
            elif exact != exact.to_integral_value():
                self.add_error("amount", _("最细到 1 毫克：克数的小数不超过三位。"))
            elif exact > self.free_mg:
                free = mass_text(self.free_mg)
                self.add_error("amount", _("最多可捐 %(free)s。") % {"free": free})
            else:
                said["mg"] = int(exact)
        return said


@require_http_methods(["GET", "POST"])
@for_citizens
def give(request: HttpRequest, person: int, use: str) -> HttpResponseBase:
    """The form, then what was asked once more, then the receipt; raises NotFound, Conflict."""
    is_confirmed = request.method == "POST" and "confirmed" in request.POST
    if is_confirmed and (again := _given_before(request, person)):
        return again
    matter = drives.drive_matter(use)
    mine = desk.account(person)
    drives.check_takes(matter, is_demo=mine["is_demo"])
    figures = donations.figures(platform(), person)
    form = GiftForm(
        request.POST or None,
        use=matter,
        free_mg=figures.free_mg,
        initial={"key": uuid.uuid4().hex, "unit": UNITS[0][0]},
    )
    status, refusal = (422 if form.errors else 200), ""
    if is_confirmed and form.is_valid():
        try:
            return _given(person, use, form.cleaned_data)
        except TanhuiError as error:
            status, refusal = error.status, error.en if is_english() else error.zh
    if is_confirmed and (again := _given_before(request, person)):
        return again
    (card,) = cards(platform(), [matter])
    context = {
        "use": card | {"beneficiary": matter.data.get("beneficiary", "")},
        "form": form,
        "asks": form.is_bound and not form.errors and "change" not in request.POST,
        "refusal": refusal,
        "figures": figures,
        "is_withdrawn": consents.overview(platform(), person)["issuing"]["answer"] is False,
        "demo": mine["is_demo"],
    }
    return show(request, "give.html", context, status=status)


def _given(person: int, use: str, said: dict[str, Any]) -> HttpResponseBase:
    done = donations.donate_grams(
        platform(),
        person,
        use=use,
        mg=said["mg"],
        organisation=said.get("organisation"),
        key=said["key"],
    )
    return redirect("gift", receipt=done["receipt"])


def _given_before(request: HttpRequest, person: int) -> HttpResponseBase | None:
    """The receipt, when the button was pressed before."""
    known = donations.gift_under(platform(), person, request.POST.get("key", ""))
    return None if known is None else redirect("gift", receipt=known["receipt"])
