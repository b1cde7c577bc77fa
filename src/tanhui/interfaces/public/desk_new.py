"""Opening a matter: a form made of the kind's fields, for one of the organisations one acts for."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from tanhui.core.errors import TanhuiError
from tanhui.domain.matters.lifecycle import Lifecycle
from tanhui.domain.organisations import queries as organisations
from tanhui.domain.organisations.models import REGIONAL_ROLES, Organisation
from tanhui.engine.section import Text
from tanhui.flows.registry import matters
from tanhui.flows.registry.callers import Caller
from tanhui.interfaces import acting
from tanhui.interfaces.platform import platform

from .desk_forms import NewMatterForm, in_language
from .page import for_appointed, show


@require_http_methods(["GET", "POST"])
@for_appointed
def new(request: HttpRequest, caller: Caller, kind: str) -> HttpResponseBase:
    """Open a matter of a kind."""
    lifecycle = matters.lifecycle_of(platform(), kind)
    own = _organisations(caller)
    form = NewMatterForm(
        lifecycle.opens.fields,
        request.POST or None,
        organisations=own,
        has_parent=bool(lifecycle.parent),
        initial={
            "key": uuid.uuid4().hex,
            "parent": request.GET.get("parent", ""),
            "organisation": request.GET.get("organisation", ""),
            "region": _home(caller),
        },
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        asked = matters.OpenRequest(
            kind=kind,
            region=said["region"],
            title=said["title"],
            organisation=said["organisation"],
            parent=said.get("parent", ""),
            data=form.said(),
            key=said["key"],
        )
        try:
            step = acting.open_matter(caller, asked)
        except TanhuiError as error:
            form.take_back(error)
        else:
            messages.success(request, _("已新建。"))
            return redirect("desk-matter", number=step.matter.number)
    status = 422 if form.errors else 200
    context = {"lifecycle": titled(lifecycle), "form": form}
    return show(request, "desk_new.html", context, status=status)


def titled(lifecycle: Lifecycle) -> dict[str, Any]:
    """A kind of matter in the reader's language."""
    return {
        "kind": lifecycle.kind,
        "parent": lifecycle.parent,
        "title": in_language(lifecycle.title),
        "opens": in_language(lifecycle.opens.name),
    }


def opened_by(caller: Caller) -> list[dict[str, Any]]:
    """The kinds of matters that the caller's roles may open."""
    roles = caller.roles()
    known = platform().lifecycles.values()
    return [titled(one) for one in known if roles & set(one.opens.by)]


def _organisations(caller: Caller) -> list[tuple[int, str]]:
    """The organisations the caller acts for, with those below; none for an authority alone."""
    tops = [
        appointment.organisation_id
        for appointment in caller.appointments
        if appointment.role not in REGIONAL_ROLES and appointment.organisation_id is not None
    ]
    found = {one.pk: _called(one) for top in tops for one in organisations.tree(top)}
    return sorted(found.items())


def _called(one: Organisation) -> str:
    return in_language(Text(one.name_zh, one.name_en))


def _home(caller: Caller) -> str:
    """The region most matters of the caller are in: its own, or its organisation's."""
    for appointment in caller.appointments:
        if appointment.region:
            return str(appointment.region)
        if appointment.organisation is not None:
            return appointment.organisation.region
    return ""
