"""The law this platform applies, as lists and documents: what pages and the API show of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tanhui.core.errors import InputRefused, NotFound
from tanhui.core.period import day_number
from tanhui.engine.description import describe, summary
from tanhui.engine.listing import Law, matches, status_counts
from tanhui.engine.methodology import Methodology
from tanhui.engine.names import name_of
from tanhui.engine.project.document import page_document
from tanhui.engine.project.nouns import ProjectMethodology
from tanhui.engine.status import STANDINGS

from .platform import Platform


def methodologies(
    platform: Platform,
    *,
    q: str | None,
    after: str | None,
    limit: int,
    wanted: Mapping[str, str | None],
    standing: str | None = None,
) -> dict[str, Any]:
    """A page by code and version: {items, next, total, status}; `status` counts all that fit.

    `q` is part of the code, a title or the name of the scene; `standing` is what may be done with
    it today; `after` the place of the last item of the page before. Raises InputRefused for a
    region or a standing that is none.
    """
    if standing is not None and standing not in STANDINGS:
        raise InputRefused(
            "methodology.standing_unknown",
            zh=f"可用状态应为 {'、'.join(STANDINGS)} 之一。",
            en=f"`standing` must be one of {', '.join(STANDINGS)}.",
        )
    standings = _standings(platform)
    found = sorted(
        (
            method
            for method in _every(platform)
            if matches(method, **wanted)
            and standing in (None, standings[place(method)])
            and (not q or _speaks_of(platform, method, q))
        ),
        key=place,
    )
    rest = [method for method in found if after is None or place(method) > after]
    page = rest[:limit]
    return {
        "items": [
            _scene(platform, method) | summary(method) | {"standing": standings[place(method)]}
            for method in page
        ],
        "next": place(page[-1]) if len(rest) > limit else None,
        "total": len(found),
        "status": status_counts(found),
    }


def methodology(platform: Platform, code: str, version: str | None = None) -> dict[str, Any]:
    """Everything about one version; raises NotFound."""
    law = find_methodology(platform, code, version)
    versions = sorted(_versions(platform, code), key=_age)
    head = _scene(platform, law) | {"standing": _standings(platform)[place(law)]}
    if isinstance(law, Methodology):
        cases = platform.library.cases.get(law.identity, ())
        own = [each for each in versions if isinstance(each, Methodology)]
        return head | describe(law, cases, own)
    worked = platform.library.project_cases.get(law.identity, ())
    others = [each for each in versions if isinstance(each, ProjectMethodology)]
    return head | page_document(law, worked, others)


def find_methodology(platform: Platform, code: str, version: str | None = None) -> Law:
    """The version asked for, else the one in force today, else the newest; raises NotFound."""
    found = [each for each in _versions(platform, code) if version in (None, each.version)]
    if not found:
        raise _unknown(code, version)
    today = day_number(platform.today)
    in_force = [each for each in found if each.in_force_on(today)]
    return max(in_force or found, key=_age)


def find_behaviour(platform: Platform, code: str, version: str | None = None) -> Methodology:
    """As `find_methodology`, for what has a calculator; raises NotFound for a project."""
    law = find_methodology(platform, code, version)
    if not isinstance(law, Methodology):
        raise _unknown(code, version)
    return law


def _unknown(code: str, version: str | None) -> NotFound:
    told = f" {version[:40]}" if version else ""
    return NotFound(
        "methodology.unknown",
        zh=f"没有方法学“{code[:80]}”{told}；请从列表中选择。",
        en=f"There is no methodology '{code[:80]}'{told}; choose one from the list.",
    )


def place(method: Law) -> str:
    """Where a methodology stands in the list: its code and version."""
    return f"{method.code}@{method.version}"


def _every(platform: Platform) -> list[Law]:
    return [*platform.library.methodologies, *platform.library.projects]


def _versions(platform: Platform, code: str) -> list[Law]:
    return [each for each in _every(platform) if each.code == code]


def _age(method: Law) -> tuple[int, str]:
    return method.first_day, method.version


def _standings(platform: Platform) -> dict[str, str]:
    """What may be done with each version today, by its place in the list."""
    status = platform.library.status(on=platform.today)
    return {f"{each.code}@{each.version}": each.standing for each in status.methodologies}


def _scene(platform: Platform, method: Law) -> dict[str, str]:
    if not isinstance(method, Methodology):
        return {"scene_zh": "", "scene_en": ""}
    named = name_of(method.scene, platform.library_path, "scenes")
    return {"scene_zh": named.zh, "scene_en": named.en}


def _speaks_of(platform: Platform, method: Law, q: str) -> bool:
    names = (method.code, method.title.zh, method.title.en, *_scene(platform, method).values())
    return any(q.strip().lower() in name.lower() for name in names)
