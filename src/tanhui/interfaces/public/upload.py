"""Upload by a signed-in member of a partner; the same door to the flow as a signed request."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from tanhui.core.errors import InputRefused, TanhuiError
from tanhui.domain.partners.models import Partner
from tanhui.engine.batch.limits import UPLOAD_BYTES_MAX
from tanhui.interfaces.api import intake
from tanhui.interfaces.feeds import FEEDS
from tanhui.interfaces.templatetags.tanhui import feed_name

from .page import for_members, show

FORM_BYTES_MAX = 64 * 1024  # the other fields and the multipart frame


class UploadForm(forms.Form):
    """A file, its format and the format's settings, one `name=value` a line."""

    feed = forms.ChoiceField(label=_("格式"))
    file = forms.FileField(label=_("文件"), allow_empty_file=True)
    config = forms.CharField(
        label=_("格式设置"), required=False, max_length=4_000, widget=forms.Textarea
    )
    key = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        field = self.fields["feed"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(name, feed_name(name)) for name in FEEDS]
        self.fields["config"].widget.attrs.update(rows=3, spellcheck="false")

    def settings(self) -> dict[str, str]:
        """The settings; raises `InputRefused` for a line without an equals sign."""
        pairs = []
        for line in filter(None, map(str.strip, self.cleaned_data["config"].splitlines())):
            name, sign, value = line.partition("=")
            if not sign:
                raise InputRefused(
                    "upload.config_malformed",
                    zh=f"格式设置“{line[:60]}”应写成 名称=值，每行一项。",
                    en=f"Write the setting '{line[:60]}' as name=value, one a line.",
                )
            pairs.append((name.strip(), value.strip()))
        return intake.feed_config(pairs)


@csrf_exempt  # only to look at the size before the body is read: `_answer` checks the token
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest, code: str) -> HttpResponseBase:
    """The form; a file over the limit is refused before it is read."""
    if request.method == "POST":
        intake.announced_bytes(request, frame_bytes=FORM_BYTES_MAX)
    return _answer(request, code=code)


@csrf_protect
@for_members
def _answer(request: HttpRequest, partner: Partner) -> HttpResponseBase:
    if request.method == "GET":
        return _form_page(request, partner, UploadForm(initial={"key": uuid.uuid4().hex}))
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _form_page(request, partner, form, status=422)
    try:
        receipt = _post(request, partner, form)
    except TanhuiError as error:
        if error.status >= 500:
            raise
        english = (get_language() or "").startswith("en")
        form = UploadForm({**request.POST.dict(), "key": uuid.uuid4().hex}, request.FILES)
        form.add_error(None, error.en if english else error.zh)
        return _form_page(request, partner, form, status=error.status)
    return redirect("receipt", code=partner.code, batch=receipt["batch"])


def _post(request: HttpRequest, partner: Partner, form: UploadForm) -> dict[str, Any]:
    file = form.cleaned_data["file"]
    upload = intake.Upload(
        partner=partner.code,
        feed=form.cleaned_data["feed"],
        name=intake.file_name(file.name),
        config=form.settings(),
        actor=f"user:{request.user.pk}",
        idempotency_key=form.cleaned_data["key"],
    )
    with intake.stored(file.chunks(), file.size) as (path, _digest):
        return intake.post(path, upload)


def _form_page(
    request: HttpRequest, partner: Partner, form: UploadForm, *, status: int = 200
) -> HttpResponseBase:
    context = {
        "partner": partner,
        "form": form,
        "feeds": [(name, sorted(kind.config_keys)) for name, kind in FEEDS.items()],
        "bytes_max": UPLOAD_BYTES_MAX,
        "demo": partner.is_demo,
    }
    return show(request, "upload.html", context, status=status)
