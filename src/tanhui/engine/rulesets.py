"""Rule sets: programme rules as dated data, one file per region, each value with its source.

No cap, rate, expiry or threshold is a literal in code; a rule that is asked for and not written,
or written as unknown, is an error, never a default.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from tanhui.core.errors import Conflict, NotFound
from tanhui.core.region import Region

from .problems import Problems
from .rule_answers import PointsEarnRule
from .rule_changes import SUFFIX, RuleChange, changes_text, read_changes
from .rule_keys import NOBODY_DAYS, PEOPLE_MIN, RULES, TEMPLATES
from .rules_at import RulesAt
from .ruleset_reader import Rules, RuleValue, read_file
from .yamlfile import read_yaml

FOLDER = "rulesets"


@dataclass(frozen=True)
class Rulesets:
    """All rules by region and key, each a list of dated values."""

    rules: Mapping[tuple[str, str], tuple[RuleValue, ...]]
    texts: tuple[tuple[str, bytes], ...] = ()
    """(`<folder>/<region>.yaml`, bytes) of every file they were read from."""
    base: Rulesets | None = None
    """What approved changes were laid over; None where there are none."""

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
        rules: Rules = {}
        texts = [
            (f"{path.name}/{file.name}", file.read_bytes()) for file in sorted(path.glob("*.yaml"))
        ]
        changes = [each for each in texts if Path(each[0]).stem.endswith(SUFFIX)]
        for label, data in (each for each in texts if each not in changes):
            with problems.part():
                root = read_yaml(data, file=label, problems=problems)
                rules |= read_file(root, stem=Path(label).stem, problems=problems)
        return cls(rules, tuple(texts))._read_over(changes, problems)

    def with_changes(self, changes: Iterable[RuleChange]) -> Rulesets:
        """The rule sets without any change, with these laid over; their text is among the texts."""
        base = self.base or self
        by_region: dict[str, list[RuleChange]] = {}
        for change in changes:
            by_region.setdefault(change.region, []).append(change)
        texts = [
            (f"{FOLDER}/{region}{SUFFIX}.yaml", changes_text(region, by_region[region]))
            for region in sorted(by_region)
        ]
        problems = Problems()
        whole = replace(base, texts=(*base.texts, *texts), base=base)._read_over(texts, problems)
        problems.refuse()
        return whole

    def _read_over(self, texts: Iterable[tuple[str, bytes]], problems: Problems) -> Rulesets:
        rules = dict(self.rules)
        for label, data in texts:
            with problems.part():
                root = read_yaml(data, file=label, problems=problems)
                stem = Path(label).stem
                rules = read_changes(root, stem=stem, over=rules, problems=problems)
        return replace(self, rules=rules)

    def at(self, *, region: str, on: date, product: str = "") -> RulesAt:
        """The rules of a place and day, for a product where one is named: typed answers."""
        return RulesAt(self, Region(region).code, on, product)

    def find(self, key: str, *, region: str, on: date, product: str = "") -> RuleValue | None:
        """What is written for that day, unknown values too; None where nobody wrote anything.

        The nearest region first; within it the product's own value before the general one.
        """
        for code in Region(region).lineage():
            holding = [entry for entry in self.rules.get((code, key), ()) if entry.holds_on(on)]
            for wanted in dict.fromkeys((product, "")):
                for entry in holding:
                    if entry.product == wanted:
                        return entry
        return None

    def value(self, key: str, *, region: str, on: date, product: str = "") -> RuleValue:
        """The rule in force that day; raises `NotFound` where nothing is written, and `Conflict`
        with who must supply it where the value is unknown.
        """
        found = self.find(key, region=region, on=on, product=product)
        if found is None:
            raise NotFound(
                "ruleset.not_found",
                zh=f"{region} 在 {on} 没有规则“{key}”；请在 library/rulesets 中写明。",
                en=f"{region} has no rule '{key}' on {on}; write it in library/rulesets.",
            )
        if found.value is None:
            raise _unknown(key, found, on=on, product=product)
        return found

    def points_earn(self, *, region: str, on: date) -> PointsEarnRule:
        """How reductions become points."""
        return self.at(region=region, on=on).points_earn()

    def points_expiry_years(self, *, region: str, on: date) -> int:
        """After how many years points lapse."""
        return self.at(region=region, on=on).whole("points.expiry_years")

    def unit_mg(self, *, region: str, on: date, product: str = "") -> int:
        """How many milligrams of CO2e one unit with a serial number stands for."""
        return self.at(region=region, on=on, product=product).whole("issue.unit_mg")

    def skipped_steps(self, kind: str, *, region: str, on: date) -> tuple[str, ...]:
        """The steps of a kind of matter that the region leaves out; none where nothing is said."""
        return self.at(region=region, on=on).words_or_none(f"lifecycle.{kind}.skip") or ()

    def notice_workdays(self, key: str, *, region: str, on: date, product: str = "") -> RuleValue:
        """How long a public notice lasts; raises as `value` where nobody said."""
        return self.value(key, region=region, on=on, product=product)

    def people_min(self, *, region: str, on: date) -> int:
        """How few people a public figure may be about."""
        return self.at(region=region, on=on).whole(PEOPLE_MIN)

    def nobody_days(self, *, region: str, on: date) -> int:
        """How many days a batch keeps the key of what is nobody's in it."""
        return self.at(region=region, on=on).whole(NOBODY_DAYS)

    def allows_template(self, code: str, *, region: str, on: date) -> bool:
        """Whether the nearest rule set expressly lets that template count inclusion amounts."""
        return code in (self.at(region=region, on=on).words_or_none(TEMPLATES) or ())


def _unknown(key: str, found: RuleValue, *, on: date, product: str) -> Conflict:
    supplier = found.supplier
    assert supplier is not None
    name = RULES[key].name
    of_zh, of_en = (f"（{product}）", f" for {product}") if product else ("", "")
    return Conflict(
        "ruleset.value_unknown",
        zh=f"{found.region} 在 {on} 的规则“{name.zh}”（{key}）{of_zh}尚不知晓，办理不能继续；"
        f"须由{supplier.zh}提供，再以规则变更写入。",
        en=f"The rule '{name.en}' ({key}) of {found.region}{of_en} on {on} is not known, and this "
        f"act needs it; {supplier.en} must supply it, then enter it as a change of rules.",
        key=key,
        region=found.region,
        product=product,
        on=on.isoformat(),
        supplier=supplier.en,
        supplier_zh=supplier.zh,
    )
