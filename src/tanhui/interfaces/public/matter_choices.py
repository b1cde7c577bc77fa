"""What a list of matters can be filtered by: kinds, and states under the kind they belong to."""

from __future__ import annotations

from collections.abc import Iterable

from tanhui.interfaces.platform import platform

from .desk_forms import in_language

Choices = list[tuple[str, str]]


def kind_choices(kinds: Iterable[str]) -> Choices:
    """The kinds that this version knows, in words."""
    known = platform().lifecycles
    return [(kind, in_language(known[kind].title)) for kind in kinds if kind in known]


def state_choices(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, Choices]]:
    """States of (kind, state) in words, grouped by kind; the value is `kind:state`."""
    known = platform().lifecycles
    found: dict[str, Choices] = {}
    for kind, state in pairs:
        if kind in known and state in known[kind].states:
            word = in_language(known[kind].states[state])
            found.setdefault(in_language(known[kind].title), []).append((f"{kind}:{state}", word))
    return list(found.items())


def kind_and_state(kind: str, chosen: str) -> tuple[str, str]:
    """The kind and the state that were asked for; a state brings its kind.

    >>> kind_and_state("", "project:registered"), kind_and_state("use", "")
    (('project', 'registered'), ('use', ''))
    """
    of_kind, _colon, state = chosen.partition(":")
    return of_kind or kind, state
