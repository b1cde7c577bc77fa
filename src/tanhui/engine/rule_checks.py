"""What a rule's value must fulfil beside its form: shares that add up, pairs that are pairs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from .problems import Mistake
from .rule_forms import Value
from .rule_keys import PURPOSES


def check_value(key: str, value: Value) -> None:
    """Raise `Mistake` for a value that has the right form and still cannot be."""
    if key in _CHECKS:
        _CHECKS[key](value)


def _shares(rows: Any) -> None:
    parties = [row["party"] for row in rows]
    if len(set(parties)) < len(parties):
        raise Mistake(
            zh="同一方写了两行；请合并。", en="a party stands in two rows; write one row for each"
        )
    total = sum((row["ratio"] for row in rows), Fraction(0))
    if total != 1:
        raise Mistake(
            zh=f"各方比例合计为 {total}，应为 1；请改正。",
            en=f"the shares add up to {total}, not 1; correct them",
        )


def _discounts(rows: Any) -> None:
    scores = [row["score_from"] for row in rows]
    if scores != sorted(set(scores)) or scores[0] != 0:
        raise Mistake(
            zh="score_from 应从 0 起逐行增大；请重排。",
            en="score_from must start at 0 and grow from row to row; reorder the rows",
        )
    deductions = [row["deduct"] for row in rows]
    if deductions != sorted(deductions, reverse=True):
        raise Mistake(
            zh="得分越高扣减应越少；请改正 deduct。",
            en="a better score cannot lose more; correct the 'deduct' of the rows",
        )


def _vintage(value: Any) -> None:
    if (value["rule"] == "not_before") != ("day" in value):
        raise Mistake(
            zh="day 只与 rule: not_before 同时写，且必须写；请改正。",
            en="'day' goes with rule: not_before and with nothing else; correct one of them",
        )


def _local_share(value: Any) -> None:
    if ("exception_ratio" in value) != ("exception_for" in value):
        raise Mistake(
            zh="exception_ratio 与 exception_for 必须同时写；请补上另一个。",
            en="exception_ratio and exception_for go together; add the other one",
        )


def _pairs(value: Any) -> None:
    for pair in value:
        first, _, second = pair.partition("+")
        if first == second or first not in PURPOSES or second not in PURPOSES:
            raise Mistake(
                zh=f"“{pair}”不是两个用途；写成 damage+event，可用：{'、'.join(PURPOSES)}。",
                en=f"'{pair}' is no pair of purposes; write damage+event, of: "
                f"{', '.join(PURPOSES)}",
            )


_CHECKS: Mapping[str, Callable[[Any], None]] = {
    "sharing.default": _shares,
    "quality.discount": _discounts,
    "offset.vintage": _vintage,
    "offset.local_share": _local_share,
    "use.second_purposes": _pairs,
}
