"""事件: what a proof of the books found, who looks after it, and how it was closed.

For whoever operates the whole programme. Nothing is repaired here; answering is an act under the
log-in, with the name of the person who answers for it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from tanhui.books import incidents
from tanhui.books.incident_models import Incident
from tanhui.books.translog.browsing import places_of
from tanhui.core.errors import NotFound, TanhuiError
from tanhui.flows.registry.callers import Caller, watches_books
from tanhui.interfaces.api.exports import attachment, csv_lines
from tanhui.interfaces.api.incidents import document
from tanhui.interfaces.api.limits import EXPORT_ROWS_MAX
from tanhui.interfaces.platform import platform
from tanhui.interfaces.templatetags.tanhui import is_english

from .page import PageView, for_appointed, show

PAGE_ROWS = 20
NUMBER_MAX = 2**62
OPEN, ACKNOWLEDGED, CLOSED = "open", "acknowledged", "closed"
STATES = {
    OPEN: _("待确认"),
    ACKNOWLEDGED: _("处理中"),
    CLOSED: _("已关闭"),
}
COLUMNS = (
    *("incident", "state", "proof_zh", "proof_en", "left", "right", "detail", "opened_at"),
    *("acknowledged_at", "acknowledged_person", "acknowledged_reason"),
    *("closed_at", "person", "reason"),
)
VERBS: dict[str, Callable[..., Incident]] = {
    "acknowledge": incidents.acknowledge,
    "close": incidents.close,
}
DONE = {
    "acknowledge": _("已确认，由您写明的人处理。"),
    "close": _("已关闭。差异若仍在，下一次核验会另开一个事件。"),
}
TOO_SHORT = _("请写明查明的情况，至少 10 个字。")


class IncidentFilter(forms.Form):
    """Which incidents to list."""

    q = forms.CharField(required=False, max_length=80, label=_("核验、说明或责任人"))
    state = forms.ChoiceField(
        required=False, label=_("状态"), choices=[("", _("全部")), *STATES.items()]
    )


class AnswerForm(forms.Form):
    """Who answers for it, and why."""

    person = forms.CharField(
        label=_("责任人"),
        max_length=incidents.PERSON_CHARS_MAX,
        error_messages={"required": _("请写明责任人。")},
    )
    reason = forms.CharField(
        label=_("查明的情况与处理"),
        min_length=incidents.REASON_CHARS_MIN,
        max_length=incidents.DETAIL_CHARS_MAX,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": TOO_SHORT, "min_length": TOO_SHORT},
    )


def _for_operators(view: PageView) -> PageView:
    """For whoever operates the whole programme; others are told there is nothing."""

    @wraps(view)
    def checked(request: HttpRequest, caller: Caller, **parts: Any) -> HttpResponseBase:
        if not watches_books(caller, platform().region):
            raise NotFound(
                "incident.not_yours",
                zh="事件由负责整个平台的运营机构处理；您的任职不包括这一项。",
                en="Incidents are for the operator of the whole programme; your appointment does "
                "not cover them.",
            )
        return view(request, caller, **parts)

    return for_appointed(checked)


@require_GET
@_for_operators
def index(request: HttpRequest, caller: Caller) -> HttpResponseBase:
    """The incidents, newest first, a page at a time."""
    form = IncidentFilter(request.GET or None)
    page = None
    if not form.is_bound or form.is_valid():
        page = Paginator(_found(form), PAGE_ROWS).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "items": [_shown(one) for one in page] if page else [],
        "is_filtered": bool(set(request.GET) - {"page"}),
    }
    return show(request, "desk_incidents.html", context)


@require_GET
@_for_operators
def index_csv(request: HttpRequest, caller: Caller) -> HttpResponseBase:
    """The list as CSV, with its filters; a wrong one leads back to the list."""
    form = IncidentFilter(request.GET or None)
    if form.is_bound and not form.is_valid():
        return redirect(f"{reverse('desk-incidents')}?{request.GET.urlencode()}")
    shown = map(_shown, _found(form)[:EXPORT_ROWS_MAX])
    rows = ([one[name] or "" for name in COLUMNS] for one in shown)
    return attachment(csv_lines(COLUMNS, rows), "tanhui-incidents.csv")


@require_http_methods(["GET", "POST"])
@_for_operators
def incident(request: HttpRequest, caller: Caller, number: int) -> HttpResponseBase:
    """One incident; POST acknowledges or closes it, what is refused stands at its field."""
    number = min(number, NUMBER_MAX)
    incidents.find(number)
    verb, status = request.POST.get("verb", ""), 200
    tried: dict[str, AnswerForm] = {}
    if request.method == "POST":
        form, status = AnswerForm(request.POST, prefix=verb), 422
        tried[verb] = form
        if verb in VERBS and form.is_valid():
            try:
                VERBS[verb](number, **form.cleaned_data, at=platform().clock(), actor=caller.actor)
            except TanhuiError as error:
                form.add_error(None, error.en if is_english() else error.zh)
                status = error.status
            else:
                messages.success(request, DONE[verb])
                return redirect("desk-incident", number=number)
    found = incidents.find(number)
    context = {
        "incident": _shown(found),
        "logs": _places(found),
        "acknowledging": tried.get("acknowledge", AnswerForm(prefix="acknowledge")),
        "closing": tried.get("close", AnswerForm(prefix="close")),
        "tried": verb,
    }
    return show(request, "desk_incident.html", context, status=status)


def _places(found: Incident) -> dict[str, tuple[int, int] | None]:
    """Where the public log has what was done, None while it does not yet."""
    acts = {
        "opened": found.opened_by_id,
        "acknowledged": found.acknowledged_by_id,
        "closed": found.closed_by_id,
    }
    done = {name: act for name, act in acts.items() if act is not None}
    places = places_of(done.values())
    return {name: places.get(act) for name, act in done.items()}


def _found(form: IncidentFilter) -> QuerySet[Incident]:
    given = form.cleaned_data if form.is_bound else {}
    return incidents.search(state=given.get("state") or "", q=(given.get("q") or "").strip())


def _shown(found: Incident) -> dict[str, Any]:
    """As the interface tells it, with its state and the difference."""
    state = CLOSED if found.closed_by_id else ACKNOWLEDGED if found.acknowledged_by_id else OPEN
    return document(found) | {
        "state": state,
        "state_name": STATES[state],
        "difference": int(found.figure_left - found.figure_right),
    }
