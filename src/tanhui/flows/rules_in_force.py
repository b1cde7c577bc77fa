"""The platform with the rules in force: the library's rule sets with every approved change.

A `Platform` holds one state of the rules from beginning to end, so a batch is settled, sealed and
explained under the same. Whoever begins something new asks here for the state of now.
"""

from __future__ import annotations

from dataclasses import replace

from tanhui.domain.rules import queries
from tanhui.engine.rulesets import Rulesets

from .platform import Platform


def in_force(platform: Platform) -> Platform:
    """The platform with every change approved until now; itself while there is none."""
    newest = queries.latest()
    if not newest:
        return platform
    kept = platform.with_rules
    if newest not in kept:
        rulesets = rules_now(platform)
        law = replace(platform.library, rulesets=rulesets)
        kept.clear()  # an older state is not asked for again
        kept[newest] = replace(platform, rulesets=rulesets, library=law)
    return kept[newest]


def rules_now(platform: Platform) -> Rulesets:
    """The library's rule sets with every approved change, read from the books this moment."""
    return platform.rulesets.with_changes(queries.changes())
