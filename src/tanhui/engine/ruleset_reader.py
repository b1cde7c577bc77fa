"""Reading rule files: each key known, each value in its form, dated, sourced, never overlapping.

`value: unknown` says that nobody has said yet; it names who must supply it, and whatever needs it
is refused until somebody does. A value may be for one `product`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import NoReturn

from .methodology import EVIDENCE
from .parameters import read_days
from .problems import Mistake, Problems, Unreadable, Where
from .rule_checks import check_value
from .rule_forms import UNKNOWN, Value
from .rule_keys import RULES
from .section import Section, Text, nearest
from .yamlfile import Mapping as YamlMapping
from .yamlfile import Node, Scalar

PRODUCT = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,39}", re.ASCII)
REQUIRED = ("from", "value", "source", "tag")
OPTIONAL = ("to", "product", "supplier", "source_url", "note")


@dataclass(frozen=True, kw_only=True)
class RuleValue:
    """A rule of a region from one day on: its value, who says so, and how well known (`tag`).

    `value` is None while it is unknown; then `supplier` names who must say it. `product` is empty
    where the value is for every product. `change` numbers the matter that set it in operation.
    """

    value: Value | None
    source: str
    source_url: str | None
    tag: str
    valid_from: date
    valid_to: date | None
    region: str
    note: Text | None
    product: str = ""
    supplier: Text | None = None
    change: str = ""

    def holds_on(self, day: date) -> bool:
        """Whether the day belongs to it."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)

    def overlaps(self, first: date, end: date | None) -> bool:
        """Whether they share a day; `end` itself no longer belongs."""
        return (self.valid_to is None or first < self.valid_to) and (
            end is None or self.valid_from < end
        )


Rules = dict[tuple[str, str], tuple[RuleValue, ...]]
"""By region and key."""


def read_file(root: Node, *, stem: str, problems: Problems) -> Rules:
    """The rules of one region's file; mistakes are added to `problems`."""
    section = Section(root, problems, what="ruleset", required=("region", "title", "rules"))
    region = section.region("region")
    with problems.part():
        section.bilingual("title")
    if region != stem:
        problems.add(
            section.at("region"),
            zh=f"region {region} 与文件名 {stem} 不符；请改名。",
            en=f"region {region} differs from the file name {stem}; rename one",
        )
    rules = section.node("rules")
    if not isinstance(rules, YamlMapping):
        raise problems.stop(
            rules.where, zh="rules 应为“键: 内容”。", en="rules must be a mapping; write 'key: ...'"
        )
    found: Rules = {}
    for key, node in rules.entries.items():
        with problems.part():
            found[region, key] = _read_rule(key, rules.lines[key], node, region, problems)
    return found


def check_key(key: str, where: Where, problems: Problems) -> None:
    """Raise `Unreadable` for a key that this version does not read."""
    if key not in RULES:
        close = nearest(key, RULES)
        hint = f"did you mean '{close}'?" if close else f"known: {', '.join(RULES)}"
        hint_zh = f"是否想写“{close}”？" if close else f"已有：{', '.join(RULES)}。"
        raise problems.stop(
            where,
            zh=f"不认识的规则“{key[:60]}”；{hint_zh}",
            en=f"unknown rule '{key[:60]}'; {hint}",
        )


def _read_rule(
    key: str, where: Where, node: Node, region: str, problems: Problems
) -> tuple[RuleValue, ...]:
    check_key(key, where, problems)
    section = Section(node, problems, what=f"rule {key}", required=("values",), optional=("name",))
    section.optional_bilingual("name")
    before = len(problems.found)
    found: list[RuleValue] = []
    for item in section.items("values"):
        with problems.part():
            entry = _read_value(key, item, region, problems)
            _refuse_overlap(entry, found, item.where, problems)
            found.append(entry)
    if len(problems.found) > before:
        raise Unreadable
    return tuple(found)


def _read_value(key: str, node: Node, region: str, problems: Problems) -> RuleValue:
    section = Section(
        node, problems, what=f"a value of {key}", required=REQUIRED, optional=OPTIONAL
    )
    return read_entry(section, key, region)


def read_entry(section: Section, key: str, region: str, *, change: str = "") -> RuleValue:
    """One dated value of a rule; raises `Unreadable`."""
    first, end = read_days(section)
    return RuleValue(
        value=_value(section, key),
        source=section.text("source"),
        source_url=section.optional_text("source_url"),
        tag=section.choice("tag", EVIDENCE),
        valid_from=first,
        valid_to=end,
        region=region,
        note=section.optional_bilingual("note"),
        product=_product(section),
        supplier=section.optional_bilingual("supplier"),
        change=change,
    )


def _value(section: Section, key: str) -> Value | None:
    """The value in the form of its key, or None for `unknown` with its tag and supplier."""
    node, problems = section.node("value"), section.problems
    is_unknown = isinstance(node, Scalar) and node.text.strip() == UNKNOWN
    if is_unknown != (section.text("tag") == UNKNOWN):
        raise problems.stop(
            section.at("tag"),
            zh="value: unknown 与 tag: unknown 必须同时出现；请改正其一。",
            en="value: unknown and tag: unknown go together; correct one of them",
        )
    if is_unknown != ("supplier" in section):
        _refuse_supplier(section, is_unknown=is_unknown)
    if is_unknown:
        return None
    value = RULES[key].form.read(node, problems)
    try:
        check_value(key, value)
    except Mistake as mistake:
        raise problems.stop(section.at("value"), zh=mistake.zh, en=mistake.en) from None
    return value


def _refuse_supplier(section: Section, *, is_unknown: bool) -> NoReturn:
    if is_unknown:
        raise section.problems.stop(
            section.where,
            zh="未知的值要写明由谁提供；请加 supplier: {zh: …, en: …}。",
            en="an unknown value names who must supply it; add supplier: {zh: ..., en: ...}",
        )
    raise section.problems.stop(
        section.at("supplier"),
        zh="supplier 只与 value: unknown 同写；值已知，请删去。",
        en="'supplier' goes with value: unknown only; the value is known, remove it",
    )


def _product(section: Section) -> str:
    text = section.optional_text("product") or ""
    if text and not PRODUCT.fullmatch(text):
        raise section.problems.stop(
            section.at("product"),
            zh=f"“{text[:40]}”不能作产品代码；请用字母开头的字母、数字、- 和 _，如 PHCER。",
            en=f"'{text[:40]}' is no code of a product; use letters, digits, - and _, such as "
            "PHCER",
        )
    return text


def _refuse_overlap(
    entry: RuleValue, found: list[RuleValue], where: Where, problems: Problems
) -> None:
    for other in found:
        if other.product == entry.product and other.overlaps(entry.valid_from, entry.valid_to):
            raise problems.stop(
                where,
                zh=f"与 {other.valid_from} 起的值日期重叠；请给较早的一个写 to。",
                en=f"overlaps in time with the value from {other.valid_from}; "
                "give the earlier one a 'to'",
            )
