"""我的捐赠: what I gave and what became of it, which uses take gifts, one receipt."""

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

from tanhui.core.errors import NotFound
from tanhui.flows.registry import donations, drives
from tanhui.flows.registry.public_matters import cards
from tanhui.interfaces.api import desk
from tanhui.interfaces.api.exports import attachment, csv_lines
from tanhui.interfaces.api.limits import EXPORT_ROWS_MAX
from tanhui.interfaces.platform import platform
from tanhui.interfaces.templatetags.tanhui import spoken

from .page import for_citizens, show

PAGE_ROWS = 20
DRIVES_SHOWN = 10
COLUMNS = (
    ("回执 receipt", "receipt"),
    ("时间 at", "at"),
    ("捐出 mg_co2e", "mg"),
    ("使用 use", "use"),
    ("名称 title", "title"),
    ("受益人 beneficiary", "beneficiary"),
    ("状态 state", "state"),
    ("证书 certificate", "certificate"),
    ("所属机构 organisation", "organisation"),
)


class GiftFilter(forms.Form):
    """Which of my gifts to list."""

    use = forms.ChoiceField(required=False, label=_("捐给"))
    state = forms.ChoiceField(required=False, label=_("状态"))

    def __init__(self, *arguments: Any, given: list[dict[str, Any]], **named: Any) -> None:
        super().__init__(*arguments, **named)
        uses = {one["use"]: one["title"] for one in given}
        states = {one["state"]: spoken(one["state_name"]) for one in given}
        for name, choices in (("use", uses), ("state", states)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", _("全部")), *choices.items()]

    def fits(self, gift: dict[str, Any]) -> bool:
        """Whether a gift is wanted; ask only a form that is valid or was not sent."""
        asked = self.cleaned_data if self.is_bound else {}
        return all(asked.get(name) in (None, "", gift[name]) for name in self.fields)


class DriveFilter(forms.Form):
    """Which uses that take gifts to list."""

    q = forms.CharField(required=False, max_length=80, label=_("名称、对象或编号"))


@require_GET
@for_citizens
def gifts(request: HttpRequest, person: int) -> HttpResponseBase:
    """The figures, the uses that take gifts now, and my gifts, a page at a time."""
    given = donations.gifts_of(platform(), person)
    filters = {name: request.GET[name] for name in ("use", "state") if request.GET.get(name)}
    form = GiftFilter(filters or None, given=given)
    asked = DriveFilter(request.GET or None)
    q = str(asked.cleaned_data["q"]) if asked.is_bound and asked.is_valid() else ""
    page = None
    if not form.is_bound or form.is_valid():
        wanted = [one for one in given if form.fits(one)]
        page = Paginator(wanted, PAGE_ROWS).get_page(request.GET.get("page"))
    is_demo = desk.account(person)["is_demo"]
    found = list(drives.open_drives(q, is_demo=is_demo)[: DRIVES_SHOWN + 1])
    context = {
        "form": form,
        "page": page,
        "is_filtered": form.is_bound,
        "asked": asked,
        "q": q,
        "drives": cards(platform(), found[:DRIVES_SHOWN]),
        "has_more_drives": len(found) > DRIVES_SHOWN,
        "figures": donations.figures(platform(), person),
        "demo": is_demo,
    }
    return show(request, "gifts.html", context)


@require_GET
@for_citizens
def gifts_file(request: HttpRequest, person: int) -> HttpResponseBase:
    """My gifts as CSV, with the filters of the list; a wrong one leads back to it."""
    given = donations.gifts_of(platform(), person)
    form = GiftFilter(request.GET or None, given=given)
    if form.is_bound and not form.is_valid():
        return redirect(f"{reverse('gifts')}?{request.GET.urlencode()}")
    wanted = [one for one in given if form.fits(one)][:EXPORT_ROWS_MAX]
    rows = ([one[key] for _title, key in COLUMNS] for one in wanted)
    return attachment(csv_lines([title for title, _key in COLUMNS], rows), "tanhui-gifts.csv")


@require_GET
@for_citizens
def receipt(request: HttpRequest, person: int, receipt: str) -> HttpResponseBase:
    """One gift of mine: how much, when, to what, and the certificate once it was used."""
    found = donations.gifts_of(platform(), person, receipt=receipt[:80])
    if not found:
        raise NotFound(
            "donation.unknown",
            zh="没有这份捐赠回执，或不属于您；请从“我的捐赠”打开。",
            en="There is no such receipt of a gift, or it is not yours; open it from your gifts.",
        )
    context = {
        "gift": found[0],
        "figures": donations.figures(platform(), person),
        "demo": desk.account(person)["is_demo"],
    }
    return show(request, "gift.html", context)
