"""One public matter: what it is, its papers, its units, its notices, and a form to comment."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from tanhui.books.unit_years import unit_years_from
from tanhui.core.errors import TanhuiError
from tanhui.core.region import CHINA, Region
from tanhui.domain.matters.services import (
    AUTHOR_CHARS_MAX,
    COMMENT_CHARS_MAX,
    CONTACT_CHARS_MAX,
)
from tanhui.engine.seats import seats
from tanhui.flows.registry import drives, public_matters, reading
from tanhui.flows.registry.public_units import retired_by, units_of
from tanhui.interfaces.api import commenting
from tanhui.interfaces.api.matters import as_download
from tanhui.interfaces.platform import platform

from .outcomes import outcomes
from .page import show
from .place_map import project_map
from .year_chart import year_chart

COORDINATES = ("latitude", "longitude")
NEEDED = {"required": _("请填写。")}


class CommentForm(forms.Form):
    """What somebody says to a notice; the contact is never shown."""

    author = forms.CharField(label=_("称呼"), max_length=AUTHOR_CHARS_MAX, error_messages=NEEDED)
    contact = forms.CharField(
        label=_("联系方式"),
        max_length=CONTACT_CHARS_MAX,
        required=False,
        help_text=_("不公开，只供主管部门答复。"),
    )
    text = forms.CharField(
        label=_("意见"),
        max_length=COMMENT_CHARS_MAX,
        error_messages=NEEDED,
        widget=forms.Textarea({"rows": 5}),
        help_text=_("公开显示；请不要写他人的个人信息。"),
    )
    is_objection = forms.BooleanField(required=False, label=_("这是异议，须先答复再办理"))


@require_GET
def page(request: HttpRequest, number: str) -> HttpResponseBase:
    """The matter as anybody may see it."""
    return _page(request, number)


@require_GET
def document(request: HttpRequest, number: str, paper: int) -> HttpResponseBase:
    """A public document's bytes."""
    found = public_matters.find(number)
    return as_download(public_matters.document(found, paper))


@require_POST
def comment(request: HttpRequest, number: str, notice: int) -> HttpResponseBase:
    """Keep a comment; what is wrong stands at its field, and nothing written is lost."""
    found = public_matters.find_notice(public_matters.find(number), notice)
    form = CommentForm(request.POST, prefix=f"n{notice}")
    status = 422
    if form.is_valid():
        try:
            commenting.comment(request, found, **form.cleaned_data)
        except TanhuiError as error:
            form.add_error(None, error.en if get_language() == "en" else error.zh)
            status = error.status
        else:
            messages.success(request, _("已收到您的意见，已显示在公示下。"))
            return redirect(reverse("register-matter", args=[number]) + f"#notice-{notice}")
    return _page(request, number, tried={notice: form}, status=status)


def _page(
    request: HttpRequest,
    number: str,
    *,
    tried: dict[int, CommentForm] | None = None,
    status: int = 200,
) -> HttpResponseBase:
    found = public_matters.find(number)
    shown = public_matters.whole(platform(), found)
    for one in shown["notices"]:
        if one["is_open"] or one["notice"] in (tried or {}):
            empty = CommentForm(prefix=f"n{one['notice']}")
            one["form"] = (tried or {}).get(one["notice"], empty)
    own = [number, *(child["number"] for child in shown["children"])]
    units = units_of(own)
    is_project = found.kind == "project"
    context = {
        "place": _place(shown) if is_project else None,
        "chart": year_chart(unit_years_from(own)) if is_project else None,
        "matter": shown,
        "facts": [_fact(one) for one in shown["facts"] if one["key"] not in COORDINATES],
        "outcomes": outcomes(shown["kept"], reading.choice_words(platform(), found.kind)),
        "units": units if units["issues"] else None,
        "retirements": retired_by(found),
        "drive": drives.drive_of(platform(), number) if drives.takes_gifts(found) else None,
        "demo": found.is_demo,
    }
    return show(request, "register_matter.html", context, status=status)


def _place(shown: dict[str, Any]) -> dict[str, Any]:
    """Where a project is: its region with those above, the coordinates it told, the picture."""
    told = {one["key"]: str(one["value"]) for one in shown["facts"] if one["key"] in COORDINATES}
    if len(told) < len(COORDINATES):  # an application of before they were asked for together
        told = {}
    known = seats(platform().library_path)
    path = [code for code in Region(shown["region"]).lineage() if code != CHINA]
    return {
        "path": path[::-1],
        "map": project_map(known, shown["region"], **told),
        **told,
    }


def _fact(fact: dict[str, Any]) -> dict[str, Any]:
    """A fact; the methodology links to its page when the library knows it."""
    library = platform().library
    codes = {one.code for one in library.methodologies} | {one.code for one in library.projects}
    return fact | {"is_law": fact["key"] == "methodology" and fact.get("value") in codes}
