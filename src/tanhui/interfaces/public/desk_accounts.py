"""单位账户: what the organisations a log-in acts for hold, block by block, and what moved there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from tanhui.books.models import HELD, LISTED, LOCKED, PLEDGED, RETIRED
from tanhui.domain.organisations.models import OWNER
from tanhui.flows.registry import sharings
from tanhui.flows.registry import unit_accounts as flow
from tanhui.flows.registry.callers import Caller
from tanhui.interfaces.api.exports import attachment, csv_lines
from tanhui.interfaces.api.limits import EXPORT_ROWS_MAX
from tanhui.interfaces.platform import platform
from tanhui.interfaces.templatetags.tanhui import spoken

from .act_words import act_words
from .charts import unit_parts
from .page import for_appointed, show
from .words import ORGANISATION_KINDS, UNIT_STATES

PAGE_ROWS = 20
LAST_MOVEMENTS = 5
READ_AT_ONCE = 500
ASIDE = (LOCKED, PLEDGED, LISTED)
DIGITS_MAX = 16
Json = dict[str, Any]
BLOCK_COLUMNS = (
    ("序列号 serials", "serials"),
    ("单位数 units", "units"),
    ("状态 state", "state"),
    ("事项 matter", "matter"),
    ("签发批 batch", "batch"),
    ("产品 product", "product"),
    ("地区 region", "region"),
    ("减排起 first_day", "first_day"),
    ("减排止 last_day", "last_day"),
    ("演示 is_demo", "is_demo"),
)
MOVEMENT_COLUMNS = (
    ("时间 at", "at"),
    ("行为 verb", "verb"),
    ("事项 matter", "matter"),
    ("可用增减 free", "free"),
    ("冻结或挂牌增减 aside", "aside"),
    ("注销 retired", "retired"),
    ("作废 cancelled", "cancelled"),
    ("余额 balance", "balance"),
)
CHANGES = {
    "free": _("可用"),
    "aside": _("锁定或挂牌"),
    "retired": _("注销"),
    "cancelled": _("取消"),
}
ACCOUNT_COLUMNS = (
    ("编号 organisation", "organisation"),
    ("名称 name_zh", "name_zh"),
    ("name_en", "name_en"),
    ("类型 kind", "kind"),
    ("地区 region", "region"),
    *((state, state) for state in UNIT_STATES),
)


class AccountFilter(forms.Form):
    """Which accounts to list."""

    q = forms.CharField(required=False, max_length=80, label=_("机构名称或代码"))
    kind = forms.ChoiceField(required=False, label=_("机构类型"))
    region = forms.RegexField(
        r"^[1-9]\d{5}$",
        required=False,
        label=_("地区代码"),
        error_messages={"invalid": _("六位数字")},
    )

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        _choose(self, "kind", ORGANISATION_KINDS)


class BlockFilter(forms.Form):
    """Which blocks of an account to list."""

    serial = forms.RegexField(
        rf"^[1-9]\d{{0,{DIGITS_MAX - 1}}}$",
        required=False,
        label=_("序列号"),
        error_messages={"invalid": _("应为一个整数，如 1024。")},
    )
    state = forms.ChoiceField(required=False, label=_("状态"))

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        _choose(self, "state", UNIT_STATES)

    def wanted(self) -> Json:
        """The question; ask only a form that is valid or was not sent."""
        given = self.cleaned_data if self.is_bound else {}
        return {
            "state": given.get("state") or "",
            "serial": int(given["serial"]) if given.get("serial") else None,
        }


@require_GET
@for_appointed
def index(request: HttpRequest, caller: Caller) -> HttpResponseBase:
    """Every account that is for the caller, with what it has."""
    form = AccountFilter(request.GET or None)
    page, items = None, []
    if not form.is_bound or form.is_valid():
        found = flow.seen_by(caller, **(form.cleaned_data if form.is_bound else {}))
        page = Paginator(found, PAGE_ROWS).get_page(request.GET.get("page"))
        items = [_counted(row) for row in flow.rows(platform(), page)]
    context = {"form": form, "is_filtered": form.is_bound, "page": page, "items": items}
    return show(request, "desk_accounts.html", context)


@require_GET
@for_appointed
def index_csv(request: HttpRequest, caller: Caller) -> HttpResponseBase:
    """The list with the filters of the page; a wrong filter is none."""
    form = AccountFilter(request.GET)
    found = flow.seen_by(caller, **(form.cleaned_data if form.is_valid() else {}))
    rows = (row | row["states"] for row in flow.rows(platform(), found[:EXPORT_ROWS_MAX]))
    return _file(ACCOUNT_COLUMNS, rows, "tanhui-accounts.csv")


@require_GET
@for_appointed
def account(request: HttpRequest, caller: Caller, organisation: int) -> HttpResponseBase:
    """One account: totals, blocks, the last movements, and what sharings owe it."""
    found = flow.of_organisation(caller, organisation)
    form = BlockFilter(request.GET or None)
    page, items = None, []
    if not form.is_bound or form.is_valid():
        blocks = flow.blocks(platform(), organisation, **form.wanted())
        page = Paginator(blocks, PAGE_ROWS).get_page(request.GET.get("page"))
        items = flow.block_rows(caller, list(page))
    (row,) = flow.rows(platform(), [found])
    last, count = flow.movements(platform(), caller, organisation, limit=LAST_MOVEMENTS)
    is_own = _acts_for(caller, organisation)
    context = {
        "organisation": _counted(row),
        "parts": unit_parts(row["states"]),
        "form": form,
        "is_filtered": form.is_bound,
        "page": page,
        "items": items,
        "movements": _worded(last),
        "more": count - len(last),
        "is_own": is_own,
        "shares": sharings.shares_of(caller, organisation) if is_own else None,
        "demo": row["is_demo"],
    }
    return show(request, "desk_account.html", context)


@require_GET
@for_appointed
def movements(request: HttpRequest, caller: Caller, organisation: int) -> HttpResponseBase:
    """The whole statement of an account, the last line first."""
    found = flow.of_organisation(caller, organisation)
    _first, count = flow.movements(platform(), caller, organisation, limit=1)
    page = Paginator(range(count), PAGE_ROWS).get_page(request.GET.get("page"))
    offset = (page.number - 1) * PAGE_ROWS
    lines, _count = flow.movements(platform(), caller, organisation, limit=PAGE_ROWS, offset=offset)
    context = {
        "organisation": flow.organisation_row(found),
        "page": page,
        "movements": _worded(lines),
        "demo": found.is_demo,
    }
    return show(request, "desk_movements.html", context)


@require_GET
@for_appointed
def blocks_csv(request: HttpRequest, caller: Caller, organisation: int) -> HttpResponseBase:
    """The blocks with the filters of the page."""
    flow.of_organisation(caller, organisation)
    form = BlockFilter(request.GET)
    found = flow.blocks(platform(), organisation, **(form.wanted() if form.is_valid() else {}))

    def read(first: int) -> list[Json]:
        return flow.block_rows(caller, list(found[first : first + READ_AT_ONCE]))

    return _file(BLOCK_COLUMNS, _all(read), f"tanhui-units-{organisation}.csv")


@require_GET
@for_appointed
def movements_csv(request: HttpRequest, caller: Caller, organisation: int) -> HttpResponseBase:
    """The statement, the last line first."""
    flow.of_organisation(caller, organisation)

    def read(first: int) -> list[Json]:
        return flow.movements(platform(), caller, organisation, limit=READ_AT_ONCE, offset=first)[0]

    return _file(MOVEMENT_COLUMNS, _all(read), f"tanhui-movements-{organisation}.csv")


def _counted(row: Json) -> Json:
    """The row with its three sums: free to use, set aside, used up."""
    states = row["states"]
    kind = ORGANISATION_KINDS.get(row["kind"], row["kind"])
    return row | {
        "kind_name": kind,
        "free": states.get(HELD, 0),
        "aside": sum(states.get(state, 0) for state in ASIDE),
        "retired": states.get(RETIRED, 0),
    }


def _worded(lines: list[Json]) -> list[Json]:
    """The lines with the act in words, where there are words for it."""
    return [
        line
        | {
            "name": spoken(line, "name") if "name_zh" in line else act_words(line["verb"]),
            "changes": [(word, line[what]) for what, word in CHANGES.items() if line[what]],
        }
        for line in lines
    ]


def _acts_for(caller: Caller, organisation: int) -> bool:
    own = Caller(caller.user, tuple(one for one in caller.appointments if one.role == OWNER))
    return flow.seen_by(own).filter(pk=organisation).exists()


def _all(read: Callable[[int], list[Json]]) -> Iterator[Json]:
    """Every row that fits, READ_AT_ONCE at a time, up to EXPORT_ROWS_MAX."""
    for first in range(0, EXPORT_ROWS_MAX, READ_AT_ONCE):
        rows = read(first)
        yield from rows
        if len(rows) < READ_AT_ONCE:
            return


def _file(columns: tuple[tuple[str, str], ...], rows: Any, name: str) -> HttpResponseBase:
    lines = csv_lines(
        [title for title, _key in columns],
        ([_cell(row.get(key)) for _title, key in columns] for row in rows),
    )
    return attachment(lines, name)


def _cell(value: object) -> object:
    return "" if value is None else value


def _choose(form: forms.Form, name: str, words: Any) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = [("", _("全部")), *words.items()]
