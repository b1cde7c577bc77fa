"""隐私: what I allow, a copy of my data, who looked at it, and leaving for good."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tanhui.core.errors import Conflict
from tanhui.domain.consents.models import ACCOUNT, ISSUING, PURPOSES
from tanhui.flows import consents, own_data
from tanhui.interfaces.api import desk
from tanhui.interfaces.api.privacy import data_file, erased
from tanhui.interfaces.platform import platform

from .page import for_citizens, show

LOOKS_SHOWN = 20
LOOKED_AT = {
    "account": _("账户与记录"),
    "explanation": _("一条记录的计算"),
    "rows": _("被退回的原始行"),
}
DONE = {
    (ACCOUNT, True): _("已授权，从现在起计入。"),
    (ACCOUNT, False): _("已撤回，从现在起不再计入。"),
    (ISSUING, True): _("已授权：从现在起，签发单位时可以用到您的减排量。"),
    (ISSUING, False): _("已撤回：尚未签发的不再使用；已签发的单位不受影响。"),
}


class AnswerForm(forms.Form):
    """Yes or no, for one scene or all, one partner or all."""

    given = forms.TypedChoiceField(choices=[("1", ""), ("0", "")], coerce=lambda text: text == "1")
    scene = forms.CharField(required=False, max_length=64)
    partner = forms.CharField(required=False, max_length=40)
    purpose = forms.ChoiceField(required=False, choices=[(one, one) for one in PURPOSES])

    def clean_purpose(self) -> str:
        """Counting, where the form says nothing."""
        return self.cleaned_data["purpose"] or ACCOUNT


@require_GET
@for_citizens
def privacy(request: HttpRequest, person: int) -> HttpResponseBase:
    """Everything about the person's own data on one page."""
    looks = own_data.who_looked(person)
    context = {
        "consents": consents.overview(platform(), person),
        "looks": [
            one | {"what_name": LOOKED_AT.get(one["what"], one["what"])}
            for one in looks[:LOOKS_SHOWN]
        ],
        "looks_total": len(looks),
        "demo": desk.account(person)["is_demo"],
    }
    return show(request, "privacy.html", context)


@require_POST
@for_citizens
def answer(request: HttpRequest, person: int) -> HttpResponseBase:
    """Give or withdraw consent; saying the same again changes nothing."""
    form = AnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("没有改动：请从本页的按钮操作。"))
        return redirect("privacy")
    said = form.cleaned_data
    try:
        consents.answer(platform(), person, via=f"citizen:{request.user.pk}", **said)
    except Conflict:
        messages.info(request, _("已是这样，没有改动。"))
    else:
        messages.success(request, DONE[said["purpose"], said["given"]])
    return redirect("privacy")


class ErasureForm(forms.Form):
    """The one confirmation."""

    confirm = forms.BooleanField(
        label=_("我明白：个人数据将被删除，积分失效，无法恢复。"),
        error_messages={"required": _("请先勾选，再注销。")},
    )


@require_http_methods(["GET", "POST"])
@for_citizens
def erasure(request: HttpRequest, person: int) -> HttpResponseBase:
    """What leaving means, and the one confirmation; afterwards nobody is signed in."""
    form = ErasureForm(request.POST or None)
    status, refusal = 200, None
    if request.method == "POST" and form.is_valid():
        try:
            return show(request, "erased.html", {"done": erased(request, person)})
        except Conflict as error:
            english = (get_language() or "").startswith("en")
            status, refusal = error.status, error.en if english else error.zh
    elif request.method == "POST":
        status = 422
    mine = desk.account(person)
    context = {"form": form, "account": mine, "refusal": refusal, "demo": mine["is_demo"]}
    return show(request, "erasure.html", context, status=status)


@require_GET
@for_citizens
def data(request: HttpRequest, person: int) -> HttpResponseBase:
    """The copy of everything, as a zip."""
    return data_file(person)
