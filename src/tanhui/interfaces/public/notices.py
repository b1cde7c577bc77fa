"""公示: what is shown to everybody for comment now, and what was before."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from tanhui.core.errors import InputRefused
from tanhui.core.region import Region
from tanhui.flows.registry import public_matters
from tanhui.interfaces.platform import platform

from .page import show

OPEN_SHOWN = 100
PAGE_NOTICES = 20


class NoticeFilter(forms.Form):
    """Of which region."""

    region = forms.CharField(required=False, max_length=6, label=_("行政区划代码"))

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.fields["region"].widget.attrs |= {"placeholder": "420100", "inputmode": "numeric"}

    def clean_region(self) -> str:
        """The first digits that all regions in it share, or nothing."""
        text = str(self.cleaned_data["region"]).strip()
        try:
            return Region(text).prefix if text else ""
        except InputRefused:
            raise forms.ValidationError(_("应为六位数字，如 420100。")) from None


@require_GET
def index(request: HttpRequest) -> HttpResponseBase:
    """The open notices, those that end first in front; the closed ones below."""
    form = NoticeFilter(request.GET or None)
    is_right = not form.is_bound or form.is_valid()
    prefix = form.cleaned_data["region"] if form.is_bound and is_right else ""
    here = platform()
    open_now = public_matters.notices(here, open_now=True, region=prefix)[:OPEN_SHOWN]
    closed = public_matters.notices(here, open_now=False, region=prefix)
    page = Paginator(closed, PAGE_NOTICES).get_page(request.GET.get("page"))
    shown = public_matters.notice_cards(here, open_now) if is_right else []
    over = public_matters.notice_cards(here, page) if is_right else []
    context = {
        "form": form,
        "is_right": is_right,
        "is_filtered": bool(prefix) or not is_right,
        "open": shown,
        "closed": over,
        "page": page,
        "demo": any(one["matter"]["is_demo"] for one in (*shown, *over)),
    }
    return show(request, "notices.html", context)
