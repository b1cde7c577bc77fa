"""Classes in facets: `petrol+self` says two things of a record, each of which law may name.

A value's class holds for a record that has all its facets; the class with most facets wins.
Facets that one parameter names separately exclude each other there: a record with both has no
value, because the law does not say which counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache


@lru_cache(maxsize=4096)
def facets(class_: str) -> frozenset[str]:
    """The facets of a class.

    >>> sorted(facets("petrol+self")), facets("")
    (['petrol', 'self'], frozenset())
    """
    return frozenset(part for part in class_.split("+") if part)


def class_of(parts: Iterable[str]) -> str:
    """The one way of writing a class with these facets.

    >>> class_of({"self", "petrol"})
    'petrol+self'
    """
    return "+".join(sorted(parts))


def classes_within(named: Iterable[str], class_: str) -> tuple[str, ...] | None:
    """Of the classes a parameter names, those that hold for a record, most facets first; None
    when it names several of the record's facets and not how they go together.

    >>> classes_within(["", "petrol", "self", "diesel"], "petrol+weekend")
    ('petrol', '')
    >>> classes_within(["petrol", "self"], "petrol+self") is None
    True
    """
    own = facets(class_)
    inside = sorted(
        (each for each in named if facets(each) <= own), key=lambda each: (-len(facets(each)), each)
    )
    if any(not facets(each) <= facets(inside[0]) for each in inside):
        return None
    return tuple(inside)


def classes_to_tell_apart(tables: Iterable[Iterable[str]], *, limit: int) -> tuple[str, ...] | None:
    """Every class of a record for which the parameters together can hold, "" among them.

    `tables` are the classes each parameter names. None when there are more than `limit`.
    """
    named = [frozenset(each) for each in tables]
    every = sorted({part for each in named for class_ in each for part in facets(class_)})
    excluded = {
        (one, two)
        for at, one in enumerate(every)
        for two in every[at + 1 :]
        if any(_exclude_each_other(each, one, two) for each in named)
    }
    found: list[tuple[str, ...]] = [()]
    for part in every:
        found += [
            (*parts, part)
            for parts in found
            if not any((other, part) in excluded for other in parts)
        ]
        if len(found) > limit:
            return None
    return tuple(sorted(class_of(parts) for parts in found))


def _exclude_each_other(named: frozenset[str], one: str, two: str) -> bool:
    """Both named alone, and nothing said of the two together."""
    together = any({one, two} <= facets(each) for each in named)
    return one in named and two in named and not together
