"""What steps worked out and kept in a matter, in words: pairs, tables and links for a template.

Flows keep plain JSON whose keys are the field's terms; here each key has its words, masses become
kilograms, fen become yuan, and a table is made of rows that are alike. A key this version has no
words for is shown as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tanhui.core.mass import Milligrams, kilograms_text
from tanhui.core.money import yuan_text

from .words import Text

HIDDEN = frozenset({"account", "slices"})  # numbers that only the platform itself reads
DIGEST_SHOWN = 16
KEPT: dict[str, Text] = {
    "activity": _("活动数据"),
    "agrees": _("与因子是否相符"),
    "base": _("计算基数"),
    "base_t": _("基数（吨）"),
    "batches": _("批次"),
    "bought_on": _("购买日期"),
    "buffer_carried_mg": _("结转的缓冲量"),
    "buffer_mg": _("缓冲量"),
    "calculated": _("核算结果"),
    "cancelled": _("作废的序列号"),
    "cancelled_units": _("作废的单位数"),
    "carried_mg": _("结转的余量"),
    "category": _("类别"),
    "certificate": _("证书"),
    "claim_source": _("申报出处"),
    "claimed_t": _("申报值（吨）"),
    "claims": _("申报值与因子对照"),
    "comparison": _("数据对账"),
    "day": _("日期"),
    "each_fen": _("每户"),
    "events": _("次数"),
    "evidence_sha256": _("证据摘要"),
    "factor": _("因子"),
    "fen": _("金额"),
    "gathered": _("汇集结果"),
    "implied_kg_per_unit": _("申报值折合的因子（kg/单位）"),
    "is_large": _("是否大型活动"),
    "is_late": _("是否逾期"),
    "issuable_mg": _("可签发量"),
    "issuable_t": _("可签发量（吨）"),
    "issued": _("签发的单位"),
    "kind": _("类别"),
    "limit_t": _("上限（吨）"),
    "lines": _("排放清单"),
    "locked_units": _("锁定的单位数"),
    "mean_score": _("平均分"),
    "members": _("户数"),
    "methodology_digest": _("方法学结果摘要"),
    "methodology_sha256": _("方法学文本摘要"),
    "methodology_version": _("方法学版本"),
    "mg": _("减排量"),
    "minority_sha256": _("少数意见摘要"),
    "number": _("编号"),
    "offset": _("抵销核定"),
    "offset_units": _("抵销的单位数"),
    "one_fen_more": _("多得一分的户数"),
    "organisation": _("机构"),
    "ours": _("本平台"),
    "overdue_since": _("逾期起"),
    "paid_fen": _("已付"),
    "parts": _("序列号"),
    "party": _("一方"),
    "payments": _("已登记的支付"),
    "period": _("时段"),
    "price_fen": _("总价"),
    "proposed_discount": _("建议折减"),
    "published_on": _("发布日"),
    "purchases": _("购买记录"),
    "recognised": _("认可的序列号"),
    "recognised_units": _("认可的单位数"),
    "registered_on": _("登记日"),
    "report_sha256": _("报告摘要"),
    "reports": _("上报数据"),
    "rest_mg": _("余量"),
    "result_hash": _("结果摘要"),
    "retired_serials": _("注销的序列号"),
    "retired_units": _("注销的单位数"),
    "reversal_mg": _("逆转量"),
    "review": _("评审结果"),
    "rows": _("记录数"),
    "sample": _("抽样"),
    "seller": _("出让方"),
    "serials": _("序列号"),
    "shape": _("方法学形态"),
    "shared": _("重复主张的份数"),
    "source": _("来源"),
    "statement_sha256": _("核证声明摘要"),
    "statements": _("分配对账"),
    "status": _("依据"),
    "t": _("按因子计算（吨）"),
    "theirs": _("合作平台"),
    "total_t": _("合计（吨）"),
    "totals": _("合计"),
    "transferred_units": _("过户的单位数"),
    "units": _("单位数"),
    "unlocked_units": _("解锁的单位数"),
    "used_units": _("已用的单位数"),
    "venue": _("交易平台"),
    "verifier": _("核证机构"),
    "vintage": _("减排年份"),
    "vintages": _("按年份"),
    "votes_against": _("反对票"),
    "votes_for": _("赞成票"),
    "weight": _("份额"),
    "what": _("项目"),
    "yuan": _("元"),
    "year": _("年"),
}


@dataclass(frozen=True)
class Cell:
    """A value in words; `href` leads to what it names, `is_wrong` marks what does not agree."""

    text: str
    href: str = ""
    is_code: bool = False
    is_wrong: bool = False


@dataclass(frozen=True)
class Outcome:
    """One kept value under its name: a cell, or pairs below it, or a table."""

    name: Text
    cell: Cell | None = None
    pairs: tuple[Outcome, ...] = ()
    heads: tuple[Text, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = field(default=())


def outcomes(kept: Mapping[str, Any]) -> list[Outcome]:
    """What was kept, in the order in which it was.

    >>> outcomes({"price_fen": 1234})[0].cell
    Cell(text='12.34', href='', is_code=False, is_wrong=False)
    """
    return [_outcome(key, value) for key, value in kept.items() if key not in HIDDEN]


def _outcome(key: str, value: Any) -> Outcome:
    name = KEPT.get(key, key)
    if isinstance(value, Mapping):
        if value and all(isinstance(one, Mapping) for one in value.values()):
            rows = [{"": turn} | dict(one) for turn, one in value.items()]
            return _table(name, rows)
        return Outcome(name, pairs=tuple(outcomes(_once(value))))
    if isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value):
        return _table(name, value)
    if isinstance(value, list):
        return Outcome(name, cell=Cell("、".join(map(str, value)) or "–"))
    return Outcome(name, cell=_cell(key, value))


def _table(name: Text, rows: list[Any]) -> Outcome:
    keys = dict.fromkeys(key for row in rows for key in _once(row))
    shown = [key for key in keys if key not in HIDDEN]
    return Outcome(
        name,
        heads=tuple(KEPT.get(key, key) for key in shown),
        rows=tuple(tuple(_cell(key, row.get(key)) for key in shown) for row in rows),
    )


def _once(value: Mapping[str, Any]) -> dict[str, Any]:
    """The same without masses that are there in tonnes and sums that are there in yuan too."""
    doubled = {f"{key[:-2]}_mg" for key in value if key.endswith("_t")}
    doubled |= {"fen"} if "yuan" in value else set()
    return {key: one for key, one in value.items() if key not in doubled}


def _cell(key: str, value: Any) -> Cell:
    if value is None or value == "":
        return Cell("–")
    if isinstance(value, bool):
        return Cell(str(_("是")) if value else str(_("否")), is_wrong=_is_wrong(key, value))
    if key == "certificate":
        return Cell(str(_("打开")), href=reverse("certificate", args=[str(value)]))
    if key.endswith(("_sha256", "_hash", "_digest")):
        return Cell(f"{str(value)[:DIGEST_SHOWN]}…", is_code=True)
    if isinstance(value, int) and (key == "mg" or key.endswith("_mg")):
        return Cell(f"{kilograms_text(Milligrams(value))} kg")
    if isinstance(value, int) and (key == "fen" or key.endswith("_fen")):
        return Cell(yuan_text(value))
    if isinstance(value, int) and key not in {"year", "vintage", "verifier", "organisation"}:
        return Cell(f"{value:,}")
    if isinstance(value, list | dict):
        return Cell(str(len(value)))
    return Cell(str(value))


def _is_wrong(key: str, value: bool) -> bool:
    return (key == "agrees" and not value) or (key == "is_late" and value)
