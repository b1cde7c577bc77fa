"""What steps worked out and kept in a matter, in words: pairs, tables and links for a template.

Flows keep plain JSON whose keys are the field's terms; here each key has its words, masses become
kilograms, fen become yuan, and a table is made of rows that are alike. A key this version has no
words for is shown as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from tanhui.core.mass import Milligrams, kilograms_text
from tanhui.core.money import yuan_text
from tanhui.engine.inventory import DECLARED, REPORTED
from tanhui.interfaces.templatetags.tanhui import spoken

from .words import Text, evidence_word

HIDDEN = frozenset(
    {"account", "slices", "pair", "questioned_hash"}
)  # numbers that only the platform itself reads
DIGEST_SHOWN = 16
Words = Mapping[str, Mapping[str, Mapping[str, str]]]
BASES: dict[str, Text] = {REPORTED: _("报告所载"), DECLARED: _("自带因子")}
# In the order in which people read them, for stored JSON keeps none.
KEPT: dict[str, Text] = {
    "number": _("编号"),
    "what": _("清单项目"),
    "party": _("一方"),
    "kind": _("类别"),
    "category": _("类别"),
    "organisation": _("机构"),
    "verifier": _("核证机构"),
    "year": _("年"),
    "vintage": _("减排年份"),
    "day": _("日期"),
    "bought_on": _("购买日期"),
    "seller": _("出让方"),
    "venue": _("交易平台"),
    "serials": _("序列号"),
    "activity": _("活动数据"),
    "factor": _("因子"),
    "t": _("按因子计算（吨）"),
    "claimed_t": _("申报值（吨）"),
    "agrees": _("与因子是否相符"),
    "estimated_t": _("申报时预计（吨）"),
    "given_t": _("按方法学计算（吨）"),
    "fits": _("与方法学是否相符"),
    "implied_kg_per_unit": _("申报值折合的因子（kg/单位）"),
    "status": _("依据"),
    "source": _("来源"),
    "claim_source": _("申报出处"),
    "weight": _("份额"),
    "members": _("户数"),
    "yuan": _("元"),
    "fen": _("金额"),
    "each_fen": _("每户"),
    "one_fen_more": _("多得一分的户数"),
    "paid_fen": _("已付"),
    "price_fen": _("总价"),
    "is_large": _("是否大型活动"),
    "lines": _("排放清单"),
    "total_t": _("合计（吨）"),
    "units": _("单位数"),
    "claims": _("申报值与因子对照"),
    "calculated": _("核算结果"),
    "held": _("申报值与方法学对照"),
    "promised_schemes": _("承诺不重复申报的机制"),
    "surrender_by": _("清缴截止日"),
    "days_left": _("剩余天数"),
    "local_units": _("本地单位数"),
    "base": _("计算基数"),
    "base_t": _("基数（吨）"),
    "limit_t": _("上限（吨）"),
    "used_units": _("已用的单位数"),
    "offset_units": _("抵销的单位数"),
    "offset": _("抵销核定"),
    "issuable_t": _("可签发量（吨）"),
    "issuable_mg": _("可签发量"),
    "buffer_mg": _("缓冲量"),
    "reversal_mg": _("逆转量"),
    "rest_mg": _("余量"),
    "totals": _("合计"),
    "vintages": _("按年份"),
    "issued": _("签发的单位"),
    "sample": _("抽样"),
    "batches": _("批次"),
    "rows": _("记录数"),
    "events": _("次数"),
    "mg": _("减排量"),
    "gathered": _("汇集结果"),
    "ours": _("本平台"),
    "theirs": _("合作平台"),
    "period": _("时段"),
    "reports": _("上报数据"),
    "comparison": _("数据对账"),
    "proposed_discount": _("建议折减"),
    "votes_for": _("赞成票"),
    "votes_against": _("反对票"),
    "mean_score": _("平均分"),
    "minority_sha256": _("少数意见摘要"),
    "review": _("评审结果"),
    "parts": _("序列号"),
    "locked_units": _("锁定的单位数"),
    "unlocked_units": _("解锁的单位数"),
    "recognised": _("认可的序列号"),
    "recognised_units": _("认可的单位数"),
    "cancelled": _("作废的序列号"),
    "cancelled_units": _("作废的单位数"),
    "transferred_units": _("过户的单位数"),
    "retired_serials": _("注销的序列号"),
    "retired_units": _("注销的单位数"),
    "purchases": _("购买记录"),
    "is_late": _("是否逾期"),
    "overdue_since": _("逾期起"),
    "statements": _("分配对账"),
    "payments": _("已登记的支付"),
    "shared": _("重复主张的份数"),
    "registered_on": _("登记日"),
    "published_on": _("发布日"),
    "methodology_version": _("方法学版本"),
    "shape": _("方法学形态"),
    "carried_mg": _("结转的余量"),
    "buffer_carried_mg": _("结转的缓冲量"),
    "methodology_sha256": _("方法学文本摘要"),
    "methodology_digest": _("方法学结果摘要"),
    "report_sha256": _("报告摘要"),
    "result_hash": _("结果摘要"),
    "statement_sha256": _("核证声明摘要"),
    "evidence_sha256": _("证据摘要"),
    "certificate": _("证书"),
    "pooled": _("汇集结果"),
    "people": _("人数"),
    "kept": _("质量折减后保留"),
    "unit_mg": _("每单位"),
    "gathered_mg": _("汇集的减排量"),
    "claimed_mg": _("他处已主张的"),
    "discount_mg": _("质量折减"),
    "carried_in_mg": _("上期结转"),
    "withdrawn_mg": _("撤回授权的"),
    "owed_in_mg": _("上期欠量"),
    "debts_mg": _("事后撤回的"),
    "made_good_mg": _("已补回的"),
    "owed_mg": _("尚欠"),
}
_PLACES = {key: place for place, key in enumerate(KEPT)}


@dataclass(frozen=True)
class Cell:
    """A value in words; `href` leads to what it names, `is_wrong` marks what does not agree."""

    text: str
    href: str = ""
    is_code: bool = False
    is_wrong: bool = False


@dataclass(frozen=True)
class Outcome:
    """One kept value under its name: a cell, or parts below it, or a table."""

    name: Text
    cell: Cell | None = None
    parts: tuple[Outcome, ...] = ()
    heads: tuple[Text, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()


def outcomes(kept: Mapping[str, Any], words: Words | None = None) -> list[Outcome]:
    """What was kept, in the order of KEPT; what has no words comes last.

    `words` are the choices of the matter's fields: {key: {value: {zh, en}}}.

    >>> outcomes({"price_fen": 1234})[0].cell
    Cell(text='12.34', href='', is_code=False, is_wrong=False)
    """
    return [
        _outcome(key, kept[key], words or {})
        for key in sorted(kept, key=_place)
        if key not in HIDDEN
    ]


def _outcome(key: str, value: Any, words: Words) -> Outcome:
    name = KEPT.get(key, key)
    if isinstance(value, Mapping):
        if value and all(isinstance(one, Mapping) for one in value.values()):
            rows = [{"": turn} | dict(one) for turn, one in value.items()]
            return _table(name, rows, words)
        return Outcome(name, parts=tuple(outcomes(_once(value), words)))
    if isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value):
        return _table(name, value, words)
    if isinstance(value, list):
        return Outcome(name, cell=Cell("、".join(map(str, value)) or str(_("无"))))
    return Outcome(name, cell=_cell(key, value, words))


def _table(name: Text, rows: list[Any], words: Words) -> Outcome:
    keys = {key for row in rows for key in _once(row)}
    shown = [key for key in sorted(keys, key=_place) if key not in HIDDEN]
    return Outcome(
        name,
        heads=tuple(KEPT.get(key, key) for key in shown),
        rows=tuple(tuple(_cell(key, row.get(key), words) for key in shown) for row in rows),
    )


def _place(key: str) -> tuple[int, str]:
    """Where a key stands among the others; '' names a row and comes first."""
    return (_PLACES.get(key, -1 if not key else len(_PLACES)), key)


def _once(value: Mapping[str, Any]) -> dict[str, Any]:
    """The same without masses that are there in tonnes and sums that are there in yuan too."""
    doubled = {f"{key[:-2]}_mg" for key in value if key.endswith("_t")}
    doubled |= {"fen"} if "yuan" in value else set()
    return {key: one for key, one in value.items() if key not in doubled}


def _cell(key: str, value: Any, words: Words) -> Cell:
    if value is None:
        return Cell(str(_("未知")))
    if value == "":
        return Cell("–")
    if isinstance(value, bool):
        return Cell(str(_("是")) if value else str(_("否")), is_wrong=_is_wrong(key, value))
    if isinstance(value, str) and (word := words.get(key, {}).get(value)):
        return Cell(spoken(word))
    if key == "status":
        return Cell(str(BASES.get(value) or evidence_word(value).name))
    if key == "certificate":
        return Cell(str(_("打开")), href=reverse("certificate", args=[str(value)]))
    if key.endswith(("_sha256", "_hash", "_digest")):
        return Cell(f"{str(value)[:DIGEST_SHOWN]}…", is_code=True)
    if key == "mg" or key.endswith("_mg"):
        return Cell(f"{kilograms_text(Milligrams(int(value)))} kg")
    if isinstance(value, int) and (key == "fen" or key.endswith("_fen")):
        return Cell(yuan_text(value))
    if isinstance(value, int) and key not in {"year", "vintage", "verifier", "organisation"}:
        return Cell(f"{value:,}")
    if isinstance(value, list | dict):
        return Cell(str(len(value)))
    return Cell(str(value))


def _is_wrong(key: str, value: bool) -> bool:
    return (key in ("agrees", "fits") and not value) or (key == "is_late" and value)
