"""A rule's value in people's words: ratios as per cent, names of bases, uses and parties."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from .words import Text, Word

STATES: dict[str, Word] = {
    "known": Word(_("已知"), _("有出处的值。")),
    "unconfirmed": Word(_("待核实"), _("没有见到原文；先照此执行，并如实标明。")),
    "unknown": Word(_("未知"), _("还没有人说过；需要它的事项不能办理。")),
    "unwritten": Word(_("未规定"), _("没有写下任何规定。")),
}

WORDS: dict[str, Text] = {
    "true": _("是"),
    "false": _("否"),
    "up": _("进位"),
    "forbidden": _("禁止"),
    "allowed": _("准许"),
    "own": _("本地碳普惠减排量"),
    "ratio": _("比例"),
    "base": _("基数"),
    "quota": _("应清缴配额"),
    "emissions": _("排放量"),
    "shortfall": _("配额缺口"),
    "initial_quota": _("初始配额"),
    "exception_ratio": _("例外比例"),
    "exception_for": _("例外情形"),
    "poor_village": _("贫困村"),
    "old_base_area": _("革命老区"),
    "minority_area": _("民族地区"),
    "rule": _("规则"),
    "any": _("不限年份"),
    "not_before": _("不早于"),
    "not_after_compliance_year": _("不晚于履约年度"),
    "day": _("日"),
    "month": _("月"),
    "year": _("年度"),
    "damage.price_basis/day": _("当日市价"),
    "prev_month_mean": _("上月均价"),
    "offset": _("配额清缴抵销"),
    "event": _("活动碳中和"),
    "organisation": _("组织碳中和"),
    "product": _("产品碳中和"),
    "damage": _("损害赔偿"),
    "donation": _("捐赠"),
    "voluntary": _("自愿注销"),
    "ets": _("全国碳市场"),
    "local_ets": _("地方碳市场"),
    "ccer": _("CCER"),
    "gec": _("绿证"),
    "green_power": _("绿电"),
    "other_region": _("其他地区"),
    "show_people": _("演出人数"),
    "sport_people": _("赛事人数"),
    "meeting_people": _("会议人数"),
    "expo_visits": _("展览人次"),
    "expo_m2": _("展览面积（平方米）"),
    "within_years": _("几年内"),
    "planted_before_years": _("最早提前几年造林"),
    "score_from": _("得分起"),
    "deduct": _("扣减"),
    "party": _("分配方"),
    "owner": _("业主"),
    "village": _("村集体"),
    "household": _("农户"),
    "platform": _("平台"),
    "citizen": _("公众"),
    "public_fund": _("公共基金"),
    "per_mg": _("每（毫克）"),
    "points": _("积分"),
}
RATIOS = frozenset({"ratio", "exception_ratio", "deduct"})


def told(value: Any, rule: str = "", key: str = "") -> str:
    """A value of a rule as plain JSON, in words.

    >>> told("0.075", key="ratio")
    '7.5%'
    >>> told(1500000)
    '1,500,000'
    """
    if isinstance(value, dict):
        colon = ": " if _is_english() else "："
        parts = [
            f"{word(name, rule)}{colon}{told(each, rule, name)}" for name, each in value.items()
        ]
        return ("; " if _is_english() else "；").join(parts)
    if isinstance(value, list):
        tables = any(isinstance(each, dict) for each in value)
        mark = " | " if tables else (", " if _is_english() else "、")
        return mark.join(told(each, rule) for each in value) or "–"
    if isinstance(value, bool):
        return word(str(value).lower(), rule)
    if isinstance(value, int):
        return f"{value:,}"
    if key in RATIOS:
        return _percent(str(value))
    return " + ".join(word(part, rule) for part in str(value).split("+"))


def word(name: str, rule: str) -> str:
    """The word for a name of a rule file; a name that has none stays as it is."""
    return str(WORDS.get(f"{rule}/{name}") or WORDS.get(name, name))


def _percent(text: str) -> str:
    hundredfold = Fraction(text) * 100
    if 10**6 % hundredfold.denominator:
        return text
    digits = f"{hundredfold.numerator * 10**6 // hundredfold.denominator:07}"
    return f"{digits[:-6]}.{digits[-6:]}".rstrip("0").rstrip(".") + "%"


def _is_english() -> bool:
    return (get_language() or "").startswith("en")
