"""Changes of rules in operation, laid over the library's rule sets as text that can be sealed.

    rulesets/<region>.changes.yaml    every approved change of the region, oldest first

A change holds in its days instead of what held before; what it does not cover stays as it was. The
text is read by the same reader whether it was written a moment ago or sealed with a batch.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from .problems import NOWHERE, Mistake, Problems
from .rule_checks import check_value
from .rule_forms import written
from .rule_keys import RULES
from .ruleset_reader import OPTIONAL, REQUIRED, Rules, RuleValue, check_key, read_entry
from .section import Section
from .yamlfile import Node, read_yaml

SUFFIX = ".changes"
CHANGE_REQUIRED = ("rule", "change", *REQUIRED)


@dataclass(frozen=True, kw_only=True)
class RuleChange:
    """One approved change: `value` as a rule file writes it, `change` the matter's number."""

    region: str
    key: str
    value: str
    source: str
    source_url: str
    tag: str
    valid_from: date
    valid_to: date | None
    product: str
    change: str


def changes_text(region: str, changes: Iterable[RuleChange]) -> bytes:
    """The file of a region's changes, in the order in which they were approved."""
    lines = [f'region: "{region}"', "changes:"]
    for change in changes:
        said = {
            "rule": change.key,
            "product": change.product,
            "from": change.valid_from.isoformat(),
            "to": change.valid_to.isoformat() if change.valid_to else "",
            "source": json.dumps(change.source, ensure_ascii=False),
            "source_url": json.dumps(change.source_url, ensure_ascii=False)
            if change.source_url
            else "",
            "tag": change.tag,
            "change": change.change,
            "value": change.value,
        }
        shown = [f"{name}: {text}" for name, text in said.items() if text]
        lines += ["  - " + "\n    ".join(shown)]
    return ("\n".join(lines) + "\n").encode()


def read_changes(root: Node, *, stem: str, over: Rules, problems: Problems) -> Rules:
    """The rules of the region with the changes of the file laid over; mistakes are noted."""
    section = Section(root, problems, what="changes", required=("region", "changes"))
    region = section.region("region")
    if region + SUFFIX != stem:
        problems.add(
            section.at("region"),
            zh=f"region {region} 与文件名 {stem} 不符；请改名。",
            en=f"region {region} differs from the file name {stem}; rename one",
        )
    found = dict(over)
    for item in section.items("changes"):
        with problems.part():
            one = Section(
                item, problems, what="a change", required=CHANGE_REQUIRED, optional=OPTIONAL
            )
            key = one.text("rule")
            check_key(key, one.at("rule"), problems)
            entry = read_entry(one, key, region, change=one.text("change"))
            found[region, key] = laid_over(found.get((region, key), ()), entry)
    return found


def laid_over(values: tuple[RuleValue, ...], change: RuleValue) -> tuple[RuleValue, ...]:
    """The values with the change in its days; of the same product, what it covers gives way."""
    kept: list[RuleValue] = []
    for value in values:
        if value.product != change.product or not value.overlaps(
            change.valid_from, change.valid_to
        ):
            kept.append(value)
            continue
        if value.valid_from < change.valid_from:
            kept.append(replace(value, valid_to=change.valid_from))
        if change.valid_to is not None and (
            value.valid_to is None or change.valid_to < value.valid_to
        ):
            kept.append(replace(value, valid_from=change.valid_to))
    return tuple(sorted([*kept, change], key=lambda one: (one.product, one.valid_from)))


def as_written(key: str, text: str, problems: Problems) -> str:
    """A value as people write it, in the one way of writing it; raises `Unreadable`."""
    check_key(key, NOWHERE, problems)
    value = RULES[key].form.read(
        read_yaml(text.encode(), file="value", problems=problems), problems
    )
    try:
        check_value(key, value)
    except Mistake as mistake:
        raise problems.stop(NOWHERE, zh=mistake.zh, en=mistake.en) from None
    return written(value)
