"""Rules of a place, day and product as documents: every key there is, what holds, what is unknown.

Pages, files and the command line show the same documents; two of them are compared key by key.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from .rule_forms import UNKNOWN, plain, written
from .rule_keys import RULES, Rule
from .ruleset_reader import RuleValue
from .rulesets import Rulesets
from .section import Text

Json = dict[str, Any]
STATES = ("known", "unconfirmed", UNKNOWN, "unwritten")
"""Known with its source; applied and to be confirmed; somebody must say; nobody wrote anything."""


@dataclass(frozen=True)
class Standpoint:
    """Whose rules, on which day, for which product (empty: for any)."""

    region: str
    on: date
    product: str = ""


def listed(
    rulesets: Rulesets, at: Standpoint, *, state: str | None = None, q: str | None = None
) -> list[Json]:
    """Every rule as it stands there, in the order of the keys; `q` is part of a key, name, value
    or source.
    """
    found = (_entry(key, rule, rulesets, at) for key, rule in RULES.items())
    return [
        one
        for one in found
        if (state is None or one["state"] == state) and (q is None or _has(one, q))
    ]


def compared(rulesets: Rulesets, one: Standpoint, two: Standpoint) -> list[Json]:
    """Every rule as it stands at two standpoints: {key, name_zh, name_en, differs, one, two}."""
    pairs = zip(listed(rulesets, one), listed(rulesets, two), strict=True)
    return [
        {
            "key": left["key"],
            "name_zh": left["name_zh"],
            "name_en": left["name_en"],
            "differs": (left["state"], left["written"]) != (right["state"], right["written"]),
            "one": left,
            "two": right,
        }
        for left, right in pairs
    ]


def products(rulesets: Rulesets) -> list[str]:
    """The products that have rules of their own."""
    return sorted({one.product for values in rulesets.rules.values() for one in values} - {""})


def regions(rulesets: Rulesets) -> list[str]:
    """The regions that have rules of their own."""
    return sorted({region for region, _ in rulesets.rules})


def history(rulesets: Rulesets, key: str, regions: Iterable[str]) -> list[Json]:
    """Every value of a key in these regions, of any day and product, nearest region first."""
    return [
        {"key": key, **_value(one)}
        for code in regions
        for one in rulesets.rules.get((code, key), ())
    ]


def _entry(key: str, rule: Rule, rulesets: Rulesets, at: Standpoint) -> Json:
    found = rulesets.find(key, region=at.region, on=at.on, product=at.product)
    head = {
        "key": key,
        "name_zh": rule.name.zh,
        "name_en": rule.name.en,
        **_both("silence", rule.silence),
    }
    return head | (_nothing() if found is None else _value(found))


def _value(found: RuleValue) -> Json:
    is_unknown = found.value is None
    return {
        "state": UNKNOWN
        if is_unknown
        else "unconfirmed"
        if found.tag == "unconfirmed"
        else "known",
        "value": None if found.value is None else plain(found.value),
        "written": UNKNOWN if found.value is None else written(found.value),
        "region": found.region,
        "product": found.product,
        "valid_from": found.valid_from.isoformat(),
        "valid_to": found.valid_to.isoformat() if found.valid_to else None,
        "tag": found.tag,
        "source": found.source,
        "source_url": found.source_url,
        "change": found.change,
        **_both("supplier", found.supplier),
        **_both("note", found.note),
    }


def _nothing() -> Json:
    words = ("region", "product", "written", "tag", "source", "change")
    return {
        "state": "unwritten",
        "value": None,
        "valid_from": None,
        "valid_to": None,
        "source_url": None,
        **dict.fromkeys(words, ""),
        **_both("supplier", None),
        **_both("note", None),
    }


def _both(name: str, text: Text | None) -> Json:
    return {f"{name}_zh": text.zh if text else "", f"{name}_en": text.en if text else ""}


def _has(one: Json, q: str) -> bool:
    places = ("key", "name_zh", "name_en", "written", "source", "supplier_zh", "supplier_en")
    return any(q.casefold() in str(one[place]).casefold() for place in places)
