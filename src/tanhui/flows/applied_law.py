"""The public log names every version of law that was applied, once: methodologies and rule sets.

A batch's entry names the digests it was computed with; these entries say when each first counted,
so nobody can slip a version in or claim later that another one held.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from django.db import transaction

from tanhui.books.acts import Act, record
from tanhui.engine.rule_changes import SUFFIX

from .platform import Platform

METHODOLOGY = "library.methodology.applied"
RULESET = "library.ruleset.applied"


def log_applied_law(
    platform: Platform, methodologies: Iterable[Mapping[str, str]], *, actor: str
) -> int:
    """Record what is applied for the first time; returns how many facts are new."""
    acts = [
        *(_methodology(platform, named, actor) for named in methodologies),
        *(_ruleset(platform, name, data, actor) for name, data in platform.rulesets.texts),
    ]
    with transaction.atomic():
        return sum(record(act).is_new for act in acts)


def _methodology(platform: Platform, named: Mapping[str, str], actor: str) -> Act:
    said = {name: named[name] for name in ("code", "version", "digest")}
    key = f"law/{said['code']}/{said['digest']}"
    return _act(platform, METHODOLOGY, key, said, actor)


def _ruleset(platform: Platform, name: str, data: bytes, actor: str) -> Act:
    region = Path(name).stem.removesuffix(SUFFIX)
    said = {"region": region, "sha256": hashlib.sha256(data).hexdigest()}
    return _act(platform, RULESET, f"ruleset/{region}/{said['sha256']}", said, actor)


def _act(platform: Platform, verb: str, key: str, said: dict[str, str], actor: str) -> Act:
    at = platform.clock()
    return Act(verb=verb, actor=actor, at=at, key=key, request=said, detail=said, public=said)
