"""Reading the terms of crediting: caps, history, exclusion, claim, allocation and group."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

from .blocks import check_name, slug_text
from .intexpr import NARROW_MAX
from .methodology import EVIDENCE, UNUSABLE, Field
from .problems import Mistake, Problems, Unreadable
from .section import Section, exact_decimal
from .terms import (
    PERIODS,
    RECIPIENTS,
    WINDOWS,
    Allocation,
    Cap,
    Claim,
    Exclusion,
    Group,
    History,
    Period,
    Window,
)
from .typing_slips import slip_of_amount
from .units import CARBON_MASS, parse_unit
from .yamlfile import Mapping, Node

CAPS_MAX = 8
SCENES_MAX = 20
EXCLUSIONS_MAX = 8
HISTORIES_MAX = 2
EVENTS_MAX = 1_000_000
CLAIM_DAYS_MAX = 366
CAP_EVIDENCE = tuple(each for each in EVIDENCE if each not in UNUSABLE)

_WHOLE = re.compile(r"[0-9]{1,9}", re.ASCII)
_SHARE = re.compile(r"[0-9]{1,3}(\.[0-9]{1,6})?%", re.ASCII)


@dataclass(frozen=True)
class Terms:
    """All terms of one methodology."""

    caps: tuple[Cap, ...]
    history: tuple[History, ...]
    exclusive_with: tuple[Exclusion, ...]
    claim: Claim | None
    allocation: Allocation
    group: Group | None


def read_terms(section: Section, *, scene: str, fields: Sequence[Field]) -> Terms | None:
    """Every term of the file, or None with all its mistakes noted.

    `fields` are all fields, those of history among them.
    """
    problems = section.problems
    before = len(problems.found)
    caps: tuple[Cap, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    claim: Claim | None = None
    allocation: Allocation | None = None
    group: Group | None = None
    with problems.part():
        caps = _read_caps(section, scene)
    with problems.part():
        exclusions = _read_exclusions(section, scene)
    with problems.part():
        claim = _read_claim(section)
    with problems.part():
        allocation = _read_allocation(section)
    with problems.part():
        group = _read_group(section, fields)
    histories = read_histories(section) if len(problems.found) == before else ()
    if allocation is None or len(problems.found) > before:
        return None
    return Terms(caps, histories, exclusions, claim, allocation, group)


def whole_number(section: Section, key: str, low: int, high: int) -> int:
    """A whole number from `low` to `high`."""
    text = section.text(key)
    if not _WHOLE.fullmatch(text) or not low <= int(text) <= high:
        raise section.problems.stop(
            section.at(key),
            zh=f"{section.what}.{key} 应为 {low} 至 {high} 的整数；请改正。",
            en=f"{section.what}.{key} must be a whole number from {low} to {high}; correct it",
        )
    return int(text)


def _list(section: Section, key: str, most: int) -> tuple[Node, ...]:
    nodes = section.items(key)
    if not 1 <= len(nodes) <= most:
        raise section.problems.stop(
            section.at(key),
            zh=f"{section.what}.{key} 应有 1 至 {most} 项；没有就删去这个键。",
            en=f"{section.what}.{key} must list 1 to {most} entries; leave the key out for none",
        )
    return nodes


def _scenes(section: Section) -> tuple[str, ...]:
    nodes = _list(section, "scenes", SCENES_MAX)
    found = tuple(slug_text(node, section.problems, what="scene") for node in nodes)
    if len(set(found)) < len(found):
        raise section.problems.stop(
            section.at("scenes"),
            zh=f"{section.what}.scenes 有重复的场景；请删去一个。",
            en=f"{section.what}.scenes names a scene twice; remove one",
        )
    return tuple(sorted(found))


def _read_caps(section: Section, scene: str) -> tuple[Cap, ...]:
    if "caps" not in section:
        return ()
    found: list[Cap] = []
    for node in _list(section, "caps", CAPS_MAX):
        with section.problems.part():
            cap = _read_cap(node, section.problems, scene)
            for other in found:
                if _limits_the_same(cap, other):
                    raise section.problems.stop(
                        node.where,
                        zh="同一周期、同一场景已有同类上限；请只留较低的一个。",
                        en="another cap limits the same thing over the same period and scenes; "
                        "keep the lower one",
                    )
            found.append(cap)
    return tuple(found)


def _limits_the_same(one: Cap, two: Cap) -> bool:
    same_kind = (one.max_mg is None) == (two.max_mg is None)
    return same_kind and (one.per, one.scenes) == (two.per, two.scenes)


def _read_cap(node: Node, problems: Problems, scene: str) -> Cap:
    part = Section(
        node,
        problems,
        what="cap",
        required=("per", "max", "source", "evidence"),
        optional=("scenes", "note"),
    )
    per = part.words("per")
    if len(per) != 3 or per[0] != "person" or per[1] not in ("scene", "scenes"):
        raise _not_supported(part)
    if per[2] not in PERIODS:
        raise _not_supported(part)
    if (per[1] == "scenes") != ("scenes" in part):
        raise problems.stop(
            part.at("per"),
            zh="per 写 scenes 时须列出 scenes: [..]，写 scene 时不列；请改正其一。",
            en="'scenes' in per goes together with a list scenes: [..]; correct one of them",
        )
    scenes = (scene,) if per[1] == "scene" else _scenes(part)
    if scene not in scenes:
        raise problems.stop(
            part.at("scenes"),
            zh=f"上限的 scenes 没有本方法学的场景 {scene}；请加上。",
            en=f"the scenes of the cap lack this methodology's own scene {scene}; add it",
        )
    max_mg, max_events = _read_max(part)
    return Cap(
        per=per[2],
        scenes=scenes,
        max_mg=max_mg,
        max_events=max_events,
        source=part.text("source"),
        evidence=part.choice("evidence", CAP_EVIDENCE),
        note=part.optional_bilingual("note"),
        where=part.at("scenes"),
    )


def _not_supported(part: Section) -> Unreadable:
    return part.problems.stop(
        part.at("per"),
        zh="cap.per 只能是 [person, scene, day|month|year] 或 "
        "[person, scenes, day|month|year]；请写其一。",
        en="the per of a cap is [person, scene, day|month|year] or "
        "[person, scenes, day|month|year]; write one of these",
    )


def _read_max(part: Section) -> tuple[int | None, int | None]:
    """A mass in milligrams, or a number of events."""
    node = part.node("max")
    if isinstance(node, Mapping):
        events = Section(node, part.problems, what="cap.max", required=("events",))
        return None, whole_number(events, "events", 1, EVENTS_MAX)
    return _read_mass_mg(part, "max"), None


def _read_mass_mg(section: Section, key: str) -> int:
    """Whole milligrams from `5 kgCO2e`."""
    text = section.text(key)
    number, _, unit_text = text.partition(" ")
    try:
        if (slip := slip_of_amount(text)) is not None:
            raise slip
        unit = parse_unit(unit_text.strip() or "1")
        mg = exact_decimal(number) * unit.factor
    except Mistake as mistake:
        raise section.problems.stop(section.at(key), zh=mistake.zh, en=mistake.en) from None
    if unit.dimension != CARBON_MASS or mg <= 0 or mg.denominator != 1 or mg > NARROW_MAX:
        raise section.problems.stop(
            section.at(key),
            zh=f"{key} 应为 CO2e 的质量，且是整毫克；请写成 5 kgCO2e，次数写成 {{events: 3}}。",
            en=f"{key} must be a mass of CO2e of whole milligrams, or a number of events; write it "
            "like 5 kgCO2e or {events: 3}",
        )
    return int(mg)


def _read_exclusions(section: Section, scene: str) -> tuple[Exclusion, ...]:
    if "exclusive_with" not in section:
        return ()
    found: list[Exclusion] = []
    for node in _list(section, "exclusive_with", EXCLUSIONS_MAX):
        with section.problems.part():
            part = Section(
                node, section.problems, what="exclusive_with", required=("scenes", "per")
            )
            scenes = _scenes(part)
            if scene in scenes:
                raise section.problems.stop(
                    part.at("scenes"),
                    zh=f"场景 {scene} 不能与自己互斥；请删去，同一场景用 caps 限次数。",
                    en=f"scene {scene} cannot exclude itself; remove it, and use a cap of events "
                    "within one scene",
                )
            per = cast(Period, part.choice("per", PERIODS))
            found.append(Exclusion(scenes, per, part.at("scenes")))
    return tuple(found)


def _read_claim(section: Section) -> Claim | None:
    if "claim" not in section:
        return None
    part = Section(
        section.node("claim"),
        section.problems,
        what="claim",
        required=("after_days", "within_days"),
    )
    return Claim(
        whole_number(part, "after_days", 0, CLAIM_DAYS_MAX),
        whole_number(part, "within_days", 1, CLAIM_DAYS_MAX),
    )


def _read_allocation(section: Section) -> Allocation:
    part = Section(
        section.node("allocation"), section.problems, what="allocation", optional=RECIPIENTS
    )
    shares = [_read_share(part, each) if each in part else Fraction(0) for each in RECIPIENTS]
    percent = sum(shares, Fraction(0)) * 100
    if percent != 100:
        raise section.problems.stop(
            section.at("allocation"),
            zh=f"allocation 各份合计应为 100%，现为 {percent_text(percent)}%；请改正。",
            en=f"the shares of allocation must add up to 100%, they give {percent_text(percent)}%; "
            "correct them",
        )
    return Allocation(*shares)


def percent_text(value: Fraction) -> str:
    """A share as text; shares have at most six decimals, so it is exact.

    >>> percent_text(Fraction("99.5")), percent_text(Fraction(100))
    ('99.5', '100')
    """
    whole, rest = divmod(value.numerator * 10**6 // value.denominator, 10**6)
    return f"{whole}.{rest:06d}".rstrip("0").rstrip(".")


def _read_share(part: Section, key: str) -> Fraction:
    text = part.text(key)
    if not _SHARE.fullmatch(text):
        raise part.problems.stop(
            part.at(key),
            zh=f"allocation.{key} 不是百分比；请写成 80% 这样。",
            en=f"allocation.{key} must be a share in percent; write it like 80%",
        )
    return Fraction(text.removesuffix("%")) / 100


def _read_group(section: Section, fields: Sequence[Field]) -> Group | None:
    if "group" not in section:
        return None
    part = Section(section.node("group"), section.problems, what="group", required=("members",))
    members = part.text("members")
    field = next((each for each in fields if each.name == members and not each.derived), None)
    if field is None or field.step != 1 or field.min_count < 1:
        raise section.problems.stop(
            part.at("members"),
            zh=f"group.members 的“{members[:40]}”应为字段，step 为 1 且 min 不小于 1；请改正。",
            en=f"group.members '{members[:40]}' must be a field with step 1 and a min of 1 or "
            "more; correct it",
        )
    return Group(members)


def read_histories(section: Section) -> tuple[History, ...]:
    """The blocks of `history`, before their fields are known."""
    if "history" not in section:
        return ()
    node = section.node("history")
    if not isinstance(node, Mapping) or not 1 <= len(node.entries) <= HISTORIES_MAX:
        raise section.problems.stop(
            section.at("history"),
            zh=f"history 应为 1 至 {HISTORIES_MAX} 个“名称: 内容”；请改正。",
            en=f"history must be a mapping of 1 to {HISTORIES_MAX} names; write 'name: ...'",
        )
    found = []
    for name, entry in node.entries.items():
        check_name(name, node.lines[name], section.problems)
        found.append(_read_history(name, entry, section.problems))
    return tuple(found)


def _read_history(name: str, node: Node, problems: Problems) -> History:
    part = Section(
        node, problems, what=f"history {name}", required=("of", "window", "at_least", "gives")
    )
    window = _read_window(part)
    gives = Section(
        part.node("gives"), problems, what=f"history {name}.gives", required=("sum", "count")
    )
    for key in ("sum", "count"):
        check_name(gives.text(key), gives.at(key), problems)
    return History(
        name=name,
        of=part.text("of"),
        window=window,
        at_least=whole_number(part, "at_least", 0, window.count),
        sum_field=gives.text("sum"),
        count_field=gives.text("count"),
    )


def _read_window(part: Section) -> Window:
    window = Section(
        part.node("window"), part.problems, what=f"{part.what}.window", optional=tuple(WINDOWS)
    )
    if not set(window.mapping.entries) <= set(WINDOWS):
        raise Unreadable  # the unknown kind is noted, with the known ones
    kinds = [kind for kind in WINDOWS if kind in window]
    if len(kinds) != 1:
        raise part.problems.stop(
            part.at("window"),
            zh=f"window 只能写 {'、'.join(WINDOWS)} 之一；请改写。",
            en=f"a window gives one of {', '.join(WINDOWS)}; write one",
        )
    return Window(kinds[0], whole_number(window, kinds[0], 1, WINDOWS[kinds[0]]))
