"""公开日志: what is in it, found, filtered, paged, and the same as a file. Open to everybody."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from tanhui.books.translog import browsing, places
from tanhui.books.translog.browsing import Entry
from tanhui.interfaces.templatetags.tanhui import place

from .act_words import act_words
from .page import show

PAGE_ENTRIES = 20
TEXT_CHARS_MAX = 80
FIGURES = ("people", "rows", "mg_credited", "mg_reversed", "units", "size")
FACTS = {
    "matter": _("编号"),
    "partner": _("合作平台"),
    "key_id": _("公钥编号"),
    "code": _("方法学"),
    "version": _("版本"),
    "region": _("地区"),
    "batch": _("批次号"),
    "people": _("人数"),
    "rows": _("记录数"),
    "mg_credited": _("计入（毫克）"),
    "mg_reversed": _("撤回（毫克）"),
    "units": _("单位数"),
    "serials": _("序列号"),
    "owner": _("持有人"),
    "beneficiary": _("受益人"),
    "purpose": _("用途"),
    "first_day": _("最早一日"),
    "last_day": _("最后一日"),
    "new": _("新公钥"),
    "size": _("条数"),
    "root": _("全部记录的根"),
    "digest": _("清单摘要"),
}


class LogFilter(forms.Form):
    """Which entries to list."""

    q = forms.CharField(required=False, max_length=TEXT_CHARS_MAX, label=_("内容，如摘要或序列号"))
    kind = forms.ChoiceField(required=False, label=_("事项"))
    year = forms.TypedChoiceField(required=False, coerce=int, empty_value=None, label=_("年"))

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        kinds = [(kind, act_words(kind)) for kind in browsing.kinds()]
        years = [(year, str(year)) for year in sorted(places.sizes(), reverse=True)]
        for name, choices in (("kind", kinds), ("year", years)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", _("全部")), *choices]


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The newest entries first."""
    form = LogFilter(request.GET or None)
    page, items = None, []
    if not form.is_bound or form.is_valid():
        page = Paginator(_found(form), PAGE_ENTRIES).get_page(request.GET.get("page"))
        items = [_shown(each) for each in browsing.entries(page)]
    context = {"form": form, "page": page, "items": items, "is_filtered": form.is_bound}
    return show(request, "log.html", context)


@require_GET
def index_file(request: HttpRequest) -> HttpResponseBase:
    """All entries that fit as JSON lines, byte for byte as they were logged."""
    form = LogFilter(request.GET or None)
    if form.is_bound and not form.is_valid():
        return index(request)
    answer = StreamingHttpResponse(_lines(form), content_type="application/x-ndjson")
    answer["Content-Disposition"] = 'attachment; filename="tanhui-log.ndjson"'
    return answer


def _lines(form: LogFilter) -> Iterator[bytes]:
    for row in _found(form).iterator(chunk_size=1_000):
        yield bytes(row.entry.body) + b"\n"


def _found(form: LogFilter) -> Any:
    chosen = form.cleaned_data if form.is_bound else {}
    return browsing.find(
        year=chosen.get("year"), kind=chosen.get("kind", ""), text=chosen.get("q", "")
    )


def _shown(entry: Entry) -> dict[str, Any]:
    """An entry for people: what it is, when, its particulars; the whole is one click away."""
    return {
        "entry": entry,
        "title": act_words(entry.kind),
        "facts": facts_of(entry.said),
    }


def facts_of(said: Mapping[str, Any]) -> list[tuple[Any, str]]:
    """What an act has of its own, with a label for each that people ask for."""
    return [(label, _fact(name, said[name])) for name, label in FACTS.items() if said.get(name)]


def _fact(name: str, value: Any) -> str:
    """A value as people read it: figures with separators, regions by name, lists in a row."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if name == "region":
        return place(str(value))
    if name in FIGURES and str(value).isdecimal():
        return f"{int(value):,}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
