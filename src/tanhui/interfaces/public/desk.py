"""办事台: the matters of whoever was appointed to a role; what to do now, everything, one of them.

All roles work here: what each sees and may do follows from its appointments and the lifecycles.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from tanhui.books import incidents
from tanhui.core.errors import NotFound, TanhuiError
from tanhui.domain.matters import errors
from tanhui.domain.matters.models import Document, Matter
from tanhui.domain.matters.queries import document_kinds
from tanhui.domain.organisations.models import OWNER
from tanhui.flows.registry import matters, papers, reading
from tanhui.flows.registry.callers import Caller, watches_books
from tanhui.flows.registry.unit_accounts import SUPERVISORS
from tanhui.interfaces import acting
from tanhui.interfaces.api.exports import attachment, csv_lines
from tanhui.interfaces.api.limits import EXPORT_ROWS_MAX, PAGE_ROWS_DEFAULT, PAGE_ROWS_MAX
from tanhui.interfaces.api.matters import as_download
from tanhui.interfaces.platform import platform
from tanhui.interfaces.templatetags.tanhui import spoken

from .desk_forms import FieldsForm, in_language
from .desk_new import opened_by, titled
from .matter_choices import kind_and_state, kind_choices, state_choices
from .outcomes import outcomes
from .page import for_appointed, show

TO_DO_SHOWN = 20
OTHER_PAPER = "other"
COLUMNS = (
    ("编号 number", "number"),
    ("事项 kind", "kind"),
    ("事项名称 kind_name", "kind_name"),
    ("名称 title", "title"),
    ("地区 region", "region"),
    ("状态 state", "state"),
    ("状态名称 state_name", "state_name"),
    ("机构 organisation", "organisation"),
    ("所属 parent", "parent"),
    ("新建 opened_at", "opened_at"),
    ("变更 changed_at", "changed_at"),
    ("演示 is_demo", "is_demo"),
)


class MatterFilter(forms.Form):
    """Which matters to list."""

    q = forms.CharField(required=False, max_length=80, label=_("编号或名称"))
    kind = forms.ChoiceField(required=False, label=_("事项"))
    state = forms.ChoiceField(required=False, label=_("状态"))
    region = forms.RegexField(
        r"^[1-9]\d{5}$",
        required=False,
        label=_("地区代码"),
        error_messages={"invalid": _("六位数字")},
    )
    after = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        known = platform().lifecycles
        pairs = [(one.kind, state) for one in known.values() for state in one.states]
        for name, choices in (("kind", kind_choices(known)), ("state", state_choices(pairs))):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", _("全部")), *choices]

    def wanted(self) -> dict[str, Any]:
        """The question; everything while the form was not sent or is wrong."""
        given = self.cleaned_data if self.is_bound and self.is_valid() else {}
        kind, state = kind_and_state(given.get("kind") or "", given.get("state") or "")
        said = {name: given.get(name) or "" for name in ("q", "region")}
        return {"kind": kind, "state": state, **said}


class PaperForm(forms.Form):
    """One document."""

    kind = forms.RegexField(r"^[a-z_]{1,40}$", label=_("材料种类"))
    file = forms.FileField(label=_("文件"))
    is_public = forms.BooleanField(required=False, label=_("公开"))
    key = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)


@require_GET
@for_appointed
def index(request: HttpRequest, caller: Caller) -> HttpResponseBase:
    """What waits for the caller, and every matter that is for them."""
    form = MatterFilter(request.GET or None)
    wanted = form.wanted()
    after = form.cleaned_data.get("after") if form.is_bound else None
    found = reading.page_of(platform(), caller, wanted=wanted, after=after, limit=PAGE_ROWS_DEFAULT)
    context = {
        "form": form,
        "is_filtered": form.is_bound,
        "to_do": [] if form.is_bound else reading.to_do(platform(), caller, limit=TO_DO_SHOWN),
        "matters": found["items"],
        "next": found["next"],
        "kinds": opened_by(caller),
        "open_incidents": _open_incidents(caller),
        "has_accounts": bool(caller.roles() & {OWNER, *SUPERVISORS}),
    }
    return show(request, "desk.html", context)


@require_GET
@for_appointed
def index_csv(request: HttpRequest, caller: Caller) -> HttpResponseBase:
    """Every matter that is for the caller, with the filters of the page."""
    rows = _all(caller, MatterFilter(request.GET).wanted())
    lines = csv_lines(
        [title for title, _key in COLUMNS],
        ([_cell(row, key) for _title, key in COLUMNS] for row in rows),
    )
    return attachment(lines, "tanhui-matters.csv")


@require_GET
@for_appointed
def matter(request: HttpRequest, caller: Caller, number: str) -> HttpResponseBase:
    """One matter with its papers and what may be done now."""
    return _page(request, caller, number)


@require_POST
@for_appointed
def step(request: HttpRequest, caller: Caller, number: str, verb: str) -> HttpResponseBase:
    """Take a step; what is refused stands at its field."""
    lifecycle = matters.lifecycle_of(platform(), reading.visible(platform(), caller, number).kind)
    rule = lifecycle.steps.get(verb)
    if rule is None:
        raise NotFound(
            "matter.step.unknown",
            zh="没有这个步骤；请从事项页面办理。",
            en="There is no such step; take it from the matter's page.",
        )
    form = FieldsForm(rule.fields, request.POST)
    if form.is_valid() and lifecycle.is_final(rule) and not request.POST.get("sure"):
        form.add_error(None, _("这一步不能撤回；请勾选确认后再办理。"))
    if form.is_valid():
        asked = matters.StepRequest(
            verb=verb,
            data=form.said(),
            note=request.POST.get("note", "").strip(),
            key=form.cleaned_data["key"],
        )
        try:
            taken = acting.take_step(caller, number, asked)
        except TanhuiError as error:
            form.take_back(error)
        else:
            said = _("已提请，等另一人确认。") if taken.is_proposal else _("已办理。")
            messages.success(request, said)
            return redirect("desk-matter", number=number)
    return _page(request, caller, number, tried={verb: form}, status=422)


@require_POST
@for_appointed
def paper(request: HttpRequest, caller: Caller, number: str) -> HttpResponseBase:
    """Hand in a document."""
    form = PaperForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, _("没有上传：请选择材料种类和文件。"))
        return redirect("desk-matter", number=number)
    said = form.cleaned_data
    given = papers.Paper(
        kind=said["kind"],
        name=said["file"].name,
        media_type=said["file"].content_type or "application/octet-stream",
        content=said["file"].read(papers.DOCUMENT_BYTES_MAX + 1),
        is_public=said["is_public"],
    )
    papers.hand_in(platform(), caller, number, given, key=said["key"])
    messages.success(request, _("已上传。"))
    return redirect("desk-matter", number=number)


@require_POST
@for_appointed
def reply(request: HttpRequest, caller: Caller, number: str, comment: int) -> HttpResponseBase:
    """Answer a comment to one of the matter's notices."""
    matters.answer_comment(platform(), caller, comment, request.POST.get("reply", ""))
    messages.success(request, _("已答复。"))
    return redirect("desk-matter", number=number)


@require_GET
@for_appointed
def document(request: HttpRequest, caller: Caller, number: str, paper: int) -> HttpResponseBase:
    """The bytes of a document."""
    found = reading.visible(platform(), caller, number)
    return as_download(_document(found, paper))


def _all(caller: Caller, wanted: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Page after page, up to EXPORT_ROWS_MAX rows."""
    after = None
    for _turn in range(EXPORT_ROWS_MAX // PAGE_ROWS_MAX):
        page = reading.page_of(platform(), caller, wanted=wanted, after=after, limit=PAGE_ROWS_MAX)
        yield from page["items"]
        after = page["next"]
        if after is None:
            return


def _cell(row: dict[str, Any], key: str) -> object:
    value = row[key]
    return spoken(value) if isinstance(value, dict) else "" if value is None else value


def _page(
    request: HttpRequest,
    caller: Caller,
    number: str,
    *,
    tried: dict[str, FieldsForm] | None = None,
    status: int = 200,
) -> HttpResponseBase:
    found = reading.visible(platform(), caller, number)
    lifecycle = matters.lifecycle_of(platform(), found.kind)
    own = reading.own_steps(platform(), caller, found)
    tried = tried or {}
    handed_in = document_kinds(found)
    steps = [
        {
            "verb": rule.verb,
            "name": in_language(rule.name),
            "people": rule.people,
            "documents": [kind for kind in rule.documents if kind not in handed_in],
            "form": tried.get(rule.verb) or FieldsForm(rule.fields, initial=_initial(found)),
            "is_open": rule.verb in tried or len(own) == 1,
            "is_final": lifecycle.is_final(rule),
        }
        for rule in own
    ]
    wanted = dict.fromkeys(kind for rule in lifecycle.steps.values() for kind in rule.documents)
    context = {
        "matter": reading.whole(platform(), caller, number),
        "facts": reading.facts(platform(), found),
        "outcomes": outcomes(
            reading.kept(platform(), found), reading.choice_words(platform(), found.kind)
        ),
        "steps": steps,
        "paper": {"kinds": [*wanted, OTHER_PAPER], "key": uuid.uuid4().hex},
        "lifecycle": titled(lifecycle),
        "children": [one for one in opened_by(caller) if one["parent"] == found.kind],
        "demo": found.is_demo,
    }
    return show(request, "desk_matter.html", context, status=status)


def _initial(found: Matter) -> dict[str, Any]:
    """What earlier steps said in a field of the same name, and a new key."""
    return {**found.data, "key": uuid.uuid4().hex}


def _open_incidents(caller: Caller) -> int | None:
    """How many incidents are open, for whoever answers for the books."""
    return incidents.now_open().count() if watches_books(caller, platform().region) else None


def _document(found: Matter, number: int) -> Document:
    row = Document.objects.filter(pk=number, matter=found).first()
    if row is None:
        raise errors.document_unknown()
    return row
