"""Changing a rule in operation: proposed by one, approved by another, for days not yet begun.

A day that began was lived under its rule: people were told points, firms relied on a cap. So a
change begins tomorrow at the earliest; only a value that was unknown, under which nothing could be
done, may be supplied for days gone by (decision 0021).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from tanhui.books.models import Issue
from tanhui.core.region import Region
from tanhui.domain.matters import errors as matters_errors
from tanhui.domain.matters.models import Step
from tanhui.domain.rules import errors, services
from tanhui.engine.problems import Problems, Unreadable
from tanhui.engine.rule_changes import RuleChange, as_written
from tanhui.engine.rule_forms import UNKNOWN, written
from tanhui.engine.rule_keys import RULES
from tanhui.engine.ruleset_reader import PRODUCT, RuleValue
from tanhui.engine.rulesets import Rulesets
from tanhui.flows.rules_in_force import rules_now

from .effects import Done, Effect, Moment

KIND = "rule_change"
UNIT = "issue.unit_mg"


def _propose(moment: Moment) -> None:
    """Refuse at once what could never be approved."""
    _check(_proposed(moment), rules_now(moment.platform), today=moment.today)


def _may_approve(moment: Moment) -> None:
    """Another person than the one who proposed it, and still possible as things stand now."""
    if _proposer(moment) == moment.who.user:
        raise matters_errors.same_person()
    services.alone()
    _check(_proposed(moment), rules_now(moment.platform), today=moment.today)


def _enact(moment: Moment) -> Done:
    """Write the change; the log entry says what held before on its first day, and what holds."""
    change = _proposed(moment)
    before = _held(rules_now(moment.platform), change, change.valid_from)
    services.enact(change, at=moment.at, journal=moment.journal)
    said = {
        "rule": change.key,
        "product": change.product,
        "from": change.valid_from.isoformat(),
        "to": change.valid_to.isoformat() if change.valid_to else "",
        "before": shown(before),
        "after": change.value,
        "source": change.source,
        "tag": change.tag,
    }
    return Done(result=said, public=said)


def shown(value: RuleValue | None) -> str:
    """A value as the log and the pages write it: `unknown`, or empty where nothing is written."""
    if value is None:
        return ""
    return UNKNOWN if value.value is None else written(value.value)


def _proposed(moment: Moment) -> RuleChange:
    """The change that the matter proposes; raises InputRefused for one that cannot be read."""
    said: Mapping[str, Any] = moment.data if moment.verb == "open" else moment.matter.data
    product = str(said.get("product", "")).strip()
    if product and not PRODUCT.fullmatch(product):
        raise errors.malformed(
            f"“{product[:40]}”不能作产品代码，应形如 PHCER。",
            f"'{product[:40]}' is no code of a product, such as PHCER",
        )
    end = said.get("to")
    return RuleChange(
        region=moment.matter.region,
        key=str(said["rule"]).strip(),
        value=_value(str(said["rule"]).strip(), str(said["value"])),
        source=said["source"],
        source_url=said.get("source_url", ""),
        tag=said["tag"],
        valid_from=date.fromisoformat(said["from"]),
        valid_to=date.fromisoformat(end) if end else None,
        product=product,
        change=moment.matter.number,
    )


def _value(key: str, text: str) -> str:
    if text.strip() == UNKNOWN:
        raise errors.malformed(
            "变更要写出值；不再适用的值请写明止日。",
            "a change says a value; to let one end, write its last days with 'to'",
        )
    problems = Problems()
    try:
        return as_written(key, text, problems)
    except Unreadable:
        first = problems.found[0]
        raise errors.malformed(first.zh, first.en) from None


def _check(change: RuleChange, rules: Rulesets, *, today: date) -> None:
    if change.valid_to is not None and change.valid_to <= change.valid_from:
        raise errors.days_reversed(change.valid_from, change.valid_to)
    now = _held(rules, change, change.valid_from)
    if now is not None and _as_proposed(now, change):
        raise errors.unchanged()
    if change.key == UNIT and shown(now) != change.value and Issue.objects.exists():
        raise errors.unit_fixed()
    _check_used(change, rules, today=today)
    _check_overlap(change, rules, today=today)


def _as_proposed(value: RuleValue, change: RuleChange) -> bool:
    """Whether it is what the region says already, in the same words."""
    said = (change.region, change.product, change.value, change.source, change.tag, change.valid_to)
    now = (value.region, value.product, shown(value), value.source, value.tag, value.valid_to)
    return said == now


def _check_used(change: RuleChange, rules: Rulesets, *, today: date) -> None:
    """Refuse to change what a day until today was lived under, unless it was unknown then."""
    tomorrow = today + timedelta(days=1)
    end = min(change.valid_to or tomorrow, tomorrow)
    for day in _turns(change, rules, end=end):
        held = _held(rules, change, day)
        is_silent = held is None and RULES[change.key].silence is None
        if not is_silent and (held is None or held.value is not None):
            raise errors.days_used(change.valid_from, today, tomorrow)


def _turns(change: RuleChange, rules: Rulesets, *, end: date) -> list[date]:
    """The days before `end` from which something else may hold for the change's region."""
    days = {change.valid_from}
    for code in Region(change.region).lineage():
        for value in rules.rules.get((code, change.key), ()):
            days |= {value.valid_from, value.valid_to or value.valid_from}
    return sorted(day for day in days if change.valid_from <= day < end)


def _check_overlap(change: RuleChange, rules: Rulesets, *, today: date) -> None:
    """Refuse to cover the beginning of another value, unless it is unknown or wholly replaced."""
    for value in rules.rules.get((change.region, change.key), ()):
        begins_within = change.valid_from <= value.valid_from and (
            change.valid_to is None or value.valid_from < change.valid_to
        )
        is_replaced = (value.valid_from, value.valid_to) == (change.valid_from, change.valid_to)
        if (
            value.product == change.product
            and begins_within
            and value.value is not None
            and not (is_replaced and value.valid_from > today)
        ):
            raise errors.overlaps(value.valid_from, value.source)


def _held(rules: Rulesets, change: RuleChange, day: date) -> RuleValue | None:
    return rules.find(change.key, region=change.region, on=day, product=change.product)


def _proposer(moment: Moment) -> int:
    opening = Step.objects.filter(matter=moment.matter).order_by("pk").first()
    assert opening is not None, "a matter begins with its opening"
    return opening.user


EFFECTS = {
    (KIND, "open"): Effect(check=_propose),
    (KIND, "approve"): Effect(check=_may_approve, run=_enact),
}
