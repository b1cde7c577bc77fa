"""What changes of rules can refuse."""

from __future__ import annotations

from datetime import date

from tanhui.core.errors import Conflict, InputRefused


def malformed(zh: str, en: str) -> InputRefused:
    """The rule or its value cannot be read; the words say what and how to write it."""
    return InputRefused(
        "rule_change.malformed",
        zh=f"变更不能受理：{zh}",
        en=f"The change cannot be taken: {en}.",
    )


def days_reversed(first: date, end: date) -> InputRefused:
    """The day `to` is not after `from`."""
    return InputRefused(
        "rule_change.days_reversed",
        zh=f"止日（{end}）不晚于起日（{first}）；止日当天不再有效，请改晚。",
        en=f"'to' ({end}) is not after 'from' ({first}); the day 'to' no longer belongs, "
        "move it later.",
    )


def days_used(first: date, today: date, until: date) -> Conflict:
    """It would change days for which another value was already known and used."""
    return Conflict(
        "rule_change.days_used",
        zh=f"自 {first} 起会改动 {today} 及以前已经适用的规则；请从 {until} 或以后起改。"
        "只有当时未知的值可以追溯补上。",
        en=f"From {first} on it would change a rule already applied up to {today}; begin on "
        f"{until} or later. Only a value that was unknown can be supplied for days gone by.",
        earliest=until.isoformat(),
    )


def overlaps(other: date, source: str) -> Conflict:
    """Another value begins within its days."""
    return Conflict(
        "rule_change.overlaps",
        zh=f"其间 {other} 起已写有另一个值（{source}）；请把止日写到 {other}，"
        "或按它的起止日整体替换。",
        en=f"Another value begins within these days, on {other} ({source}); let this one end "
        f"there ('to': {other}), or replace that one over exactly its own days.",
        begins=other.isoformat(),
    )


def unit_fixed() -> Conflict:
    """Units are out in the world, and all of them are of one size."""
    return Conflict(
        "rule_change.unit_fixed",
        zh="已有单位签发，每单位的质量不能再改：证书、抵销与余数都按它计算。",
        en="Units were issued, and how much one of them is cannot change any more: certificates, "
        "offsets and remainders are worked out with it.",
    )


def unchanged() -> Conflict:
    """The value is the one in force."""
    return Conflict(
        "rule_change.unchanged",
        zh="与现行的值、来源和依据状态相同，没有改动；请核对。",
        en="Value, source and evidence status are those already in force; there is nothing to "
        "change.",
    )
