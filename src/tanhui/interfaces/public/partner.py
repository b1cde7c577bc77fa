"""A partner's pages: batches, a receipt that adds up, the rows set aside."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from tanhui.domain.partners.models import Partner
from tanhui.domain.viewings.services import Viewer
from tanhui.interfaces.api import desk
from tanhui.interfaces.api.exports import attachment
from tanhui.interfaces.api.partners import own_receipt
from tanhui.interfaces.feeds import FEEDS
from tanhui.interfaces.templatetags.tanhui import feed_name

from .charts import status_parts
from .page import for_members, show
from .words import STATUSES

PAGE_BATCHES = 25
PAGE_ROWS = 50
ROW_NUMBER_MAX = 2**62
_WHOLE = re.compile("[0-9]{1,19}")


class BatchFilter(forms.Form):
    """Which batches to list."""

    q = forms.CharField(required=False, max_length=100, label=_("文件名或批次号"))
    feed = forms.ChoiceField(required=False, label=_("格式"))
    status = forms.ChoiceField(required=False, label=_("含有状态"))

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        feeds = [(name, feed_name(name)) for name in FEEDS]
        statuses = [(code, word.name) for code, word in STATUSES.items() if code != "corrected"]
        for name, choices in (("feed", feeds), ("status", statuses)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", _("全部")), *choices]

    def wanted(self) -> dict[str, str | None]:
        """The filters as the flow takes them."""
        chosen = self.cleaned_data if self.is_valid() else {}
        return {name: chosen.get(name) or None for name in ("q", "feed", "status")}


@require_GET
@for_members
def batches(request: HttpRequest, partner: Partner) -> HttpResponseBase:
    """The partner's batches, newest first."""
    form = BatchFilter(request.GET or None)
    before = _whole(request.GET.get("before"))
    page = desk.batches(partner.code, before=before, limit=PAGE_BATCHES, **form.wanted())
    context = {
        "partner": partner,
        "form": form,
        "batches": [one | {"parts": status_parts(one["counts"])} for one in page["items"]],
        "next": page["next"],
        "is_first": before is None,
        "is_filtered": bool(form.errors) or any(form.wanted().values()),
        "demo": partner.is_demo,
    }
    return show(request, "batches.html", context)


@require_GET
@for_members
def receipt(request: HttpRequest, partner: Partner, batch: int) -> HttpResponseBase:
    """The receipt of a batch and a page of the rows set aside."""
    found = own_receipt(partner.code, batch)
    reason = request.GET.get("reason") or None
    after_row = _whole(request.GET.get("after_row")) or 0
    rows = desk.quarantine(
        batch, viewer=_viewer(request, partner), after_row=after_row, limit=PAGE_ROWS, reason=reason
    )
    parts = status_parts(found["counts"])
    context = {
        "partner": partner,
        "receipt": found,
        "config": sorted(found["config"].items()),
        "parts": parts,
        "adds_up": sum(part.rows for part in parts) == found["rows"],
        "rows": {"lines": rows["items"], "total": rows["total"], "next": rows["next"]},
        "reason": reason,
        "rejected_reasons": [one for one in found["reasons"] if one["status"] == "rejected"],
        "is_first": after_row == 0,
        "demo": partner.is_demo,
    }
    return show(request, "receipt.html", context)


@require_GET
@for_members
def quarantine_file(request: HttpRequest, partner: Partner, batch: int) -> HttpResponseBase:
    """The rows set aside as CSV, with their original bytes."""
    own_receipt(partner.code, batch)
    return attachment(
        desk.quarantine_file(batch, viewer=_viewer(request, partner)), f"quarantine-{batch}.csv"
    )


def _viewer(request: HttpRequest, partner: Partner) -> Viewer:
    """The member who looks; whose rows it are can read that somebody of the partner did."""
    return Viewer(actor=f"user:{request.user.pk}", partner_id=partner.pk)


def _whole(text: str | None) -> int | None:
    """A whole number of the query; anything else is as if it were not there."""
    if not text or not _WHOLE.fullmatch(text):
        return None
    return int(text) if int(text) <= ROW_NUMBER_MAX else None
