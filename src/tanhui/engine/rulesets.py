"""Rule sets: programme rules as dated data, one file per region, each value with its source.

No cap, rate, expiry or threshold is a literal in code; a rule that is asked for and not written
is an error, never a default.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tanhui.core.errors import NotFound
from tanhui.core.region import Region

from .methodology import EVIDENCE
from .parameters import read_days
from .problems import Problems, Unreadable, Where
from .section import Section, Text, nearest, scalar_text
from .yamlfile import Mapping as YamlMapping
from .yamlfile import Node, Sequence, read_yaml

_WHOLE = re.compile(r"\d{1,18}", re.ASCII)

Value = int | Mapping[str, int] | tuple[str, ...]

TEMPLATES = "inclusion.templates"
PEOPLE_MIN = "privacy.people_min"
NOBODY_DAYS = "privacy.nobody_days"
LIFECYCLES = ("methodology", "project", "monitoring", "scene", "pool", "recognition")
NOTICES = ("methodology", "owner_benefit", "project", "issue", "scene")


@dataclass(frozen=True)
class RuleValue:
    """A rule in force: its value, who says so, how well known (`tag`), and since when."""

    value: Value
    source: str
    source_url: str | None
    tag: str
    valid_from: date
    valid_to: date | None
    region: str
    note: Text | None


@dataclass(frozen=True)
class PointsEarnRule:
    """`points` for every whole `per_mg` milligrams, rounded towards zero."""

    per_mg: int
    points: int
    rule: RuleValue


def _whole(low: int, high: int) -> Callable[[Node, Problems], Value]:
    def read(node: Node, problems: Problems) -> Value:
        text = scalar_text(node, problems, what="value")
        if not _WHOLE.fullmatch(text) or not low <= int(text) <= high:
            raise problems.stop(
                node.where,
                zh=f"值应为 {low} 至 {high} 的整数。",
                en=f"the value must be a whole number from {low} to {high}; correct it",
            )
        return int(text)

    return read


def _whole_mapping(*keys: str) -> Callable[[Node, Problems], Value]:
    def read(node: Node, problems: Problems) -> Value:
        section = Section(node, problems, what="value", required=keys)
        one = _whole(1, 10**15)
        found: dict[str, int] = {}
        for key in keys:
            number = one(section.node(key), problems)
            assert isinstance(number, int)
            found[key] = number
        return found

    return read


def _words(node: Node, problems: Problems) -> Value:
    if not isinstance(node, Sequence):
        raise problems.stop(
            node.where,
            zh="值应为列表，可以为空：[ ]；请改写。",
            en="the value must be a list, empty if need be: [ ]; rewrite it",
        )
    return tuple(scalar_text(each, problems, what="value") for each in node.items)


def _codes(node: Node, problems: Problems) -> Value:
    if not isinstance(node, Sequence) or not node.items:
        raise problems.stop(
            node.where,
            zh="值应为方法学编号的列表，如 [shenzhen-metro]；请改写。",
            en="the value must be a list of codes of methodologies, such as [shenzhen-metro]; "
            "rewrite it",
        )
    return tuple(scalar_text(each, problems, what="value") for each in node.items)


# Every rule this version reads, and the form of its value.
RULES: dict[str, Callable[[Node, Problems], Value]] = {
    "points.earn": _whole_mapping("per_mg", "points"),
    "points.expiry_years": _whole(1, 10),
    "issue.unit_mg": _whole(1, 10**15),
    PEOPLE_MIN: _whole(2, 1_000_000),
    NOBODY_DAYS: _whole(1, 36_525),
    TEMPLATES: _codes,
    **{f"lifecycle.{kind}.skip": _words for kind in LIFECYCLES},
    **{f"notice.{what}_workdays": _whole(1, 366) for what in NOTICES},
}


@dataclass(frozen=True)
class Rulesets:
    """All rules by region and key, each a list of dated values."""

    rules: Mapping[tuple[str, str], tuple[RuleValue, ...]]
    texts: tuple[tuple[str, bytes], ...] = ()
    """(`<folder>/<region>.yaml`, bytes) of every file they were read from."""

    @classmethod
    def load(cls, path: Path) -> Rulesets:
        """Read `path`/*.yaml (one file per region); raises `LibraryBroken` with all mistakes."""
        problems = Problems()
        rulesets = cls.read(path, problems)
        problems.refuse()
        return rulesets

    @classmethod
    def read(cls, path: Path, problems: Problems) -> Rulesets:
        """As `load`, the mistakes added to `problems`."""
        rules: dict[tuple[str, str], tuple[RuleValue, ...]] = {}
        texts = [
            (f"{path.name}/{file.name}", file.read_bytes()) for file in sorted(path.glob("*.yaml"))
        ]
        for label, data in texts:
            with problems.part():
                root = read_yaml(data, file=label, problems=problems)
                rules |= _read_file(root, stem=Path(label).stem, problems=problems)
        return cls(rules, tuple(texts))

    def value(self, key: str, *, region: str, on: date) -> RuleValue:
        """The rule in force that day, of the nearest region that has one; raises `NotFound`."""
        for code in Region(region).lineage():
            for entry in self.rules.get((code, key), ()):
                if entry.valid_from <= on and (entry.valid_to is None or on < entry.valid_to):
                    return entry
        raise NotFound(
            "ruleset.not_found",
            zh=f"{region} 在 {on} 没有规则“{key}”；请在 library/rulesets 中写明。",
            en=f"{region} has no rule '{key}' on {on}; write it in library/rulesets.",
        )

    def points_earn(self, *, region: str, on: date) -> PointsEarnRule:
        """How reductions become points."""
        rule = self.value("points.earn", region=region, on=on)
        assert isinstance(rule.value, Mapping)
        return PointsEarnRule(rule.value["per_mg"], rule.value["points"], rule)

    def points_expiry_years(self, *, region: str, on: date) -> int:
        """After how many years points lapse."""
        rule = self.value("points.expiry_years", region=region, on=on)
        assert isinstance(rule.value, int)
        return rule.value

    def unit_mg(self, *, region: str, on: date) -> int:
        """How many milligrams of CO2e one unit with a serial number stands for."""
        rule = self.value("issue.unit_mg", region=region, on=on)
        assert isinstance(rule.value, int)
        return rule.value

    def skipped_steps(self, kind: str, *, region: str, on: date) -> tuple[str, ...]:
        """The steps of a kind of matter that the region leaves out; none where nothing is said."""
        try:
            rule = self.value(f"lifecycle.{kind}.skip", region=region, on=on)
        except NotFound:
            return ()
        assert isinstance(rule.value, tuple)
        return rule.value

    def notice_workdays(self, key: str, *, region: str, on: date) -> RuleValue:
        """How many working days a public notice lasts; raises NotFound where nobody said."""
        rule = self.value(key, region=region, on=on)
        assert isinstance(rule.value, int)
        return rule

    def people_min(self, *, region: str, on: date) -> int:
        """How few people a public figure may be about."""
        rule = self.value(PEOPLE_MIN, region=region, on=on)
        assert isinstance(rule.value, int)
        return rule.value

    def nobody_days(self, *, region: str, on: date) -> int:
        """How many days a batch keeps the key of what is nobody's in it."""
        rule = self.value(NOBODY_DAYS, region=region, on=on)
        assert isinstance(rule.value, int)
        return rule.value

    def allows_template(self, code: str, *, region: str, on: date) -> bool:
        """Whether the nearest rule set expressly lets that template count inclusion amounts."""
        try:
            rule = self.value(TEMPLATES, region=region, on=on)
        except NotFound:
            return False
        assert isinstance(rule.value, tuple)
        return code in rule.value


def _read_file(
    root: Node, *, stem: str, problems: Problems
) -> dict[tuple[str, str], tuple[RuleValue, ...]]:
    section = Section(root, problems, what="ruleset", required=("region", "title", "rules"))
    region = section.region("region")
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
    found: dict[tuple[str, str], tuple[RuleValue, ...]] = {}
    for key, node in rules.entries.items():
        with problems.part():
            found[region, key] = _read_rule(key, rules.lines[key], node, region, problems)
    return found


def _read_rule(
    key: str, where: Where, node: Node, region: str, problems: Problems
) -> tuple[RuleValue, ...]:
    if key not in RULES:
        close = nearest(key, RULES)
        hint = f"did you mean '{close}'?" if close else f"known: {', '.join(RULES)}"
        hint_zh = f"是否想写“{close}”？" if close else f"已有：{', '.join(RULES)}。"
        raise problems.stop(
            where,
            zh=f"不认识的规则“{key[:60]}”；{hint_zh}",
            en=f"unknown rule '{key[:60]}'; {hint}",
        )
    section = Section(node, problems, what=f"rule {key}", required=("name", "values"))
    section.bilingual("name")
    before = len(problems.found)
    found: list[RuleValue] = []
    for item in section.items("values"):
        with problems.part():
            entry = _read_rule_value(key, item, region, problems)
            _refuse_overlap(entry, found, item.where, problems)
            found.append(entry)
    if len(problems.found) > before:
        raise Unreadable
    return tuple(found)


def _read_rule_value(key: str, node: Node, region: str, problems: Problems) -> RuleValue:
    section = Section(
        node,
        problems,
        what=f"a value of {key}",
        required=("from", "value", "source", "tag"),
        optional=("to", "source_url", "note"),
    )
    first, end = read_days(section)
    return RuleValue(
        value=RULES[key](section.node("value"), problems),
        source=section.text("source"),
        source_url=section.optional_text("source_url"),
        tag=section.choice("tag", EVIDENCE),
        valid_from=first,
        valid_to=end,
        region=region,
        note=section.optional_bilingual("note"),
    )


def _refuse_overlap(
    entry: RuleValue, found: list[RuleValue], where: Where, problems: Problems
) -> None:
    for other in found:
        if (other.valid_to is None or entry.valid_from < other.valid_to) and (
            entry.valid_to is None or other.valid_from < entry.valid_to
        ):
            raise problems.stop(
                where,
                zh=f"与 {other.valid_from} 起的值日期重叠；请给较早的一个写 to。",
                en=f"overlaps in time with the value from {other.valid_from}; "
                "give the earlier one a 'to'",
            )
