"""What changed between two versions of a methodology, and what that does to the worked cases.

Parameters are compared day by day for each region and class, so a value that only moved to another
line of the file is no change, and one that holds longer is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from tanhui.core.errors import InputRefused
from tanhui.core.period import day_of

from .description import answer_text, describe
from .illustration import illustrated
from .methodology import Example, Methodology, Parameter, ParameterValue
from .project.nouns import ProjectMethodology
from .record import Record
from .reference import evaluate
from .rendering import number_text, steps_text

PLAIN_PARTS = (
    "title_zh",
    "title_en",
    "kind",
    "scene",
    "regions",
    "valid_from",
    "valid_to",
    "zone_minutes",
    "status",
    "disabled_zh",
    "disabled_en",
    "applies",
    "result",
    "caps",
    "history",
    "exclusive_with",
    "claim",
    "allocation",
    "group",
    "reward",
    "overlap",
)
KEYED_PARTS = {"fields": "symbol", "formula": "symbol", "skeleton": "part"}
ABSENT_DAY = 10**9  # after every day; the end of what has no end


def difference(old: Methodology, new: Methodology, cases: Sequence[Example] = ()) -> dict[str, Any]:
    """`changes` part by part and `cases` under both versions, ready for JSON.

    A change has `part`, `name`, `old` and `new` (null where it is not there); one of a parameter
    value also `region`, `class`, `valid_from` and `valid_to`, the days on which it makes a
    difference.
    """
    examples = {_key(each.given): each for each in (*old.examples, *new.examples, *cases)}
    parts = changed_parts(describe(old), describe(new), plain=PLAIN_PARTS, keyed=KEYED_PARTS)
    return {
        "old": identity(old),
        "new": identity(new),
        "changes": [*parts, *_parameters(old, new)],
        "cases": [_case(old, new, example) for example in examples.values()],
    }


def identity(methodology: Methodology | ProjectMethodology) -> dict[str, str]:
    """Which version of which file a side of a comparison is."""
    return {
        "code": methodology.code,
        "version": methodology.version,
        "digest": methodology.digest,
        "file": methodology.file,
    }


def changed_parts(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    plain: Iterable[str],
    keyed: Mapping[str, str],
) -> Iterator[dict[str, Any]]:
    """What differs between two documents: `plain` parts as a whole, lists one by one by the key
    that `keyed` names.
    """
    for part in plain:
        if before[part] != after[part]:
            yield {"part": part, "name": None, "old": before[part], "new": after[part]}
    for part, key in keyed.items():
        lefts = {each[key]: each for each in before[part]}
        rights = {each[key]: each for each in after[part]}
        for name in dict.fromkeys([*lefts, *rights]):
            left, right = lefts.get(name), rights.get(name)
            if left != right:
                yield {"part": part, "name": name, "old": left, "new": right}


def _parameters(old: Methodology, new: Methodology) -> Iterator[dict[str, Any]]:
    for name in dict.fromkeys([*old.parameters, *new.parameters]):
        left, right = old.parameters.get(name), new.parameters.get(name)
        units = tuple(None if each is None else each.unit.text for each in (left, right))
        if units[0] != units[1]:
            yield {"part": "parameter_unit", "name": name, "old": units[0], "new": units[1]}
        for region, class_ in _places((left, right)):
            for first, end, one, two in _stretches(left, right, region, class_):
                yield {
                    "part": "parameters",
                    "name": name,
                    "region": region,
                    "class": class_ or None,
                    "valid_from": day_of(first).isoformat(),
                    "valid_to": None if end == ABSENT_DAY else day_of(end).isoformat(),
                    "old": _value(one),
                    "new": _value(two),
                }


def _places(both: Iterable[Parameter | None]) -> list[tuple[str, str]]:
    """Every region and class that either names."""
    values = (entry for each in both if each is not None for entry in each.values)
    return sorted({(entry.region, entry.class_) for entry in values})


def _stretches(
    left: Parameter | None, right: Parameter | None, region: str, class_: str
) -> list[tuple[int, int, ParameterValue | None, ParameterValue | None]]:
    """Days on which the two differ: (first, end, old entry, new entry), neighbours joined."""
    lefts, rights = _entries(left, region, class_), _entries(right, region, class_)
    days = sorted({day for entry in (*lefts, *rights) for day in _ends(entry)})
    found: list[tuple[int, int, ParameterValue | None, ParameterValue | None]] = []
    for first, end in pairwise(days):
        one, two = _on(lefts, first), _on(rights, first)
        if _value(one) == _value(two):
            continue
        if found and found[-1][1] == first and found[-1][2:] == (one, two):
            found[-1] = (found[-1][0], end, one, two)
        else:
            found.append((first, end, one, two))
    return found


def _entries(parameter: Parameter | None, region: str, class_: str) -> list[ParameterValue]:
    if parameter is None:
        return []
    return [each for each in parameter.values if (each.region, each.class_) == (region, class_)]


def _ends(entry: ParameterValue) -> tuple[int, int]:
    return entry.first_day, ABSENT_DAY if entry.end_day is None else entry.end_day


def _on(entries: Iterable[ParameterValue], day: int) -> ParameterValue | None:
    return next((entry for entry in entries if entry.holds_on(day)), None)


def _value(entry: ParameterValue | None) -> dict[str, Any] | None:
    if entry is None:
        return None
    value = None if entry.value is None else number_text(entry.value)
    if entry.steps is not None:
        value = steps_text(entry.steps)
    return {"value": value, "evidence": entry.evidence, "source": entry.source}


def _key(given: Record) -> tuple[object, ...]:
    return given.region, given.class_, given.day, tuple(sorted(given.quantities.items()))


def _case(old: Methodology, new: Methodology, example: Example) -> dict[str, Any]:
    """One worked case under both versions; `difference_mg` only where both give a number."""
    given = example.given
    left, right = _outcome(old, example), _outcome(new, example)
    both = left["mg"] is not None and right["mg"] is not None
    return {
        "region": given.region,
        "class": given.class_ or None,
        "on": day_of(given.day).isoformat(),
        "given": {name: number_text(value) for name, value in given.quantities.items()},
        "old": left,
        "new": right,
        "difference_mg": right["mg"] - left["mg"] if both else None,
    }


def _outcome(methodology: Methodology, example: Example) -> Mapping[str, Any]:
    if not example.illustration.keys() <= methodology.parameters.keys():
        return {"mg": None, "answer": "illustration.unknown"}
    try:
        outcome = evaluate(illustrated(methodology, example), example.given)
    except InputRefused as refused:
        return {"mg": None, "answer": refused.code}
    answer = answer_text(methodology, outcome.code)
    return {"mg": outcome.mg if answer == "quantified" else None, "answer": answer}
