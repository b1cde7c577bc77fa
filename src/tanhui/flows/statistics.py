"""Who did what, how often and how much: shares by count and by mass, from the evidence.

As in figures 3.18 to 3.21 of the white paper of 2025: the share of each scene in the number of
reductions beside its share in their mass. Operators see every group; everybody else sees groups
of at least as many people as the rule set says (`privacy.people_min`), one dimension and whole
months at a time (decisions/0011).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tanhui.books.models import Batch
from tanhui.core.errors import InputRefused
from tanhui.core.period import day_number
from tanhui.domain.partners.models import Partner
from tanhui.engine.batch.cut import folders_of
from tanhui.engine.batch.tally import DIMENSIONS, Group, Tally
from tanhui.engine.names import name_of

from .platform import Platform

PUBLIC_DIMENSIONS = ("scene", "region", "month")
FIRST, LAST = date(1970, 1, 1), date(9999, 12, 31)


@dataclass(frozen=True)
class Question:
    """Which days (both counted, None for no end), by which dimensions."""

    by: tuple[str, ...] = ("scene",)
    first: date | None = None
    last: date | None = None

    def checked(self, *, is_public: bool) -> Question:
        """Itself; raises InputRefused when it cannot be asked, or not by everybody."""
        known = PUBLIC_DIMENSIONS if is_public else DIMENSIONS
        if not self.by or len(set(self.by)) < len(self.by) or not set(self.by) <= set(known):
            raise InputRefused(
                "statistics.by_unknown",
                zh=f"分组 by 应取自 {'、'.join(known)}，各一次。",
                en=f"`by` must be of {', '.join(known)}, each once.",
            )
        if self.first and self.last and self.last < self.first:
            raise InputRefused(
                "statistics.period_empty",
                zh="起始日期晚于截止日期。",
                en="The first day is after the last one.",
            )
        if is_public and not (len(self.by) == 1 and self._is_whole_months()):
            raise InputRefused(
                "statistics.too_fine",
                zh="公开统计一次只按一项分组，且按整月查询；更细的分组由运营方使用命令行查询。",
                en="Public statistics take one dimension and whole months at a time; finer ones "
                "are the operator's, on the command line.",
            )
        return self

    def _is_whole_months(self) -> bool:
        starts = self.first is None or self.first.day == 1
        ends = self.last is None or (self.last + timedelta(days=1)).day == 1
        return starts and ends


def statistics(platform: Platform, question: Question, *, is_public: bool) -> dict[str, Any]:
    """Groups with events, mg, points, people and shares; raises InputRefused (Question).

    Shares are per cent with two decimals and add up to 100.00.
    """
    question = question.checked(is_public=is_public)
    tally = _tally(platform, question)
    total = _total(tally)
    groups = [each for each in tally.groups(question.by) if each.events or each.mg]
    rest: list[Group] = []
    if is_public:
        groups, rest = _large_enough(groups, platform.people_min)
    if question.by != ("month",):
        groups.sort(key=lambda group: (-group.mg, group.key))
    shown = [_named(platform, question.by, each) for each in groups]
    if rest:
        shown.append(_merged(question.by, rest))
    _add_shares(shown)
    is_shown = not is_public or total.people >= platform.people_min
    return {
        "by": list(question.by),
        "from": question.first.isoformat() if question.first else None,
        "to": question.last.isoformat() if question.last else None,
        "people_min": platform.people_min if is_public else None,
        "is_demo": _has_demo_data(),
        "groups": shown if is_shown else [],
        "total": _figures(total) if is_shown else _figures(Group((), 0, 0, 0, 0)),
    }


def _has_demo_data() -> bool:
    """Whether a made-up partner has delivered: then the figures are no statement about people."""
    made_up = Partner.objects.filter(is_demo=True).values_list("pk", flat=True)
    return Batch.objects.filter(partner_id__in=list(made_up)).exists()


def counted(platform: Platform) -> Group:
    """Everything that is in the evidence, as one group; what `prove` compares with the books."""
    return _total(_tally(platform, Question()))


def _total(tally: Tally) -> Group:
    (total,) = tally.groups(()) or [Group((), 0, 0, 0, 0)]
    return total


def _tally(platform: Platform, question: Question) -> Tally:
    """Every batch that may touch the days."""
    first, last = question.first or FIRST, question.last or LAST
    tally = Tally(first_day=day_number(first), last_day=day_number(last))
    codes = dict(Partner.objects.values_list("pk", "code"))
    rows = Batch.objects.order_by("seq").values_list(
        "partner_id", "uri", "buckets", "first_day", "last_day"
    )
    partners: list[str] = []
    for partner, uri, cut, begins, ends in rows:
        partners.append(codes[partner])
        folders = folders_of(platform.evidence / uri, cut)
        if begins is not None and ends is not None and begins <= last and ends >= first:
            tally.add(folders, cut["scenes"], codes[partner])
        if cut["reversals"]:
            tally.take_back(folders, cut["scenes"], partners)
    return tally


def _large_enough(groups: Sequence[Group], least: int) -> tuple[list[Group], list[Group]]:
    """Groups to show, and those to merge: the small ones, and further ones until the merged
    together hide nobody, because a single hidden group is the total less the others."""
    ordered = sorted(groups, key=lambda group: (group.people, group.key))
    small = [group for group in ordered if group.people < least]
    while small and sum(group.people for group in small) < least and len(small) < len(ordered):
        small.append(ordered[len(small)])
    if len(small) == 1 and len(ordered) > 1:
        small.append(ordered[1])
    return [group for group in groups if group not in small], small


def _merged(by: Sequence[str], rest: Sequence[Group]) -> dict[str, Any]:
    """The small groups as one; how many people they are is not said."""
    return {
        **dict.fromkeys(by),
        "name_zh": f"其他（{len(rest)} 组，人数较少）",
        "name_en": f"others ({len(rest)} groups of few people)",
        "events": sum(group.events for group in rest),
        "mg": sum(group.mg for group in rest),
        "points": sum(group.points for group in rest),
        "people": None,
    }


def _named(platform: Platform, by: Sequence[str], group: Group) -> dict[str, Any]:
    keys = dict(zip(by, group.key, strict=True))
    names = [_names(platform, name, key) for name, key in keys.items()]
    return {
        **keys,
        "name_zh": " · ".join(zh for zh, _ in names),
        "name_en": " · ".join(en for _, en in names),
        **_figures(group),
    }


def _names(platform: Platform, dimension: str, key: str) -> tuple[str, str]:
    directory = {"scene": "scenes", "region": "regions"}.get(dimension)
    if directory is None:
        return key, key
    named = name_of(key, platform.library_path, directory)
    return named.zh, named.en


def _figures(group: Group) -> dict[str, Any]:
    return {
        "events": group.events,
        "mg": group.mg,
        "points": group.points,
        "people": group.people,
    }


def _add_shares(groups: list[dict[str, Any]]) -> None:
    for name in ("events", "mg"):
        for group, share in zip(groups, shares([group[name] for group in groups]), strict=True):
            group[f"share_{name}"] = share


def shares(amounts: Sequence[int]) -> list[str]:
    """Per cent with two decimals that add up to exactly 100.00 (largest remainder).

    >>> shares([1, 1, 1]), shares([0])
    (['33.34', '33.33', '33.33'], ['0.00'])
    """
    total = sum(amounts)
    if total <= 0:
        return ["0.00"] * len(amounts)
    exact = [divmod(amount * 10_000, total) for amount in amounts]
    left = 10_000 - sum(whole for whole, _ in exact)
    first = sorted(range(len(amounts)), key=lambda place: -exact[place][1])[:left]
    parts = [whole + (place in first) for place, (whole, _) in enumerate(exact)]
    return [f"{part // 100}.{part % 100:02d}" for part in parts]
