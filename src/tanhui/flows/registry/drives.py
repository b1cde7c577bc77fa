"""What donation drives collected, and the units that donated grams may form.

Grams become units only through a pool: what a drive may form is limited to donated grams that
stand in pooled units, each person's earliest donations first. What is left below a unit stays.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db.models import Q, QuerySet

from tanhui.books.accounts import ensure_system
from tanhui.books.assets import donated_code, ensure_assets
from tanhui.books.models import Account, Journal, Transfer
from tanhui.books.using import used_by
from tanhui.core.errors import Conflict
from tanhui.domain.matters import errors, queries
from tanhui.domain.matters.models import Matter
from tanhui.domain.organisations import queries as organisations
from tanhui.flows.platform import Platform
from tanhui.flows.retirement import unit_mg

USE = "use"
DONATED = "registry.grams.donated"
TAKES = ("drafted", "planned", "calculated")
Json = dict[str, Any]


def drive_of(platform: Platform, use: str, *, is_public: bool = True) -> Json:
    """What a drive collected: mg, donors, and the units that were and can be formed.

    Of few donors nothing is told to the public, and no ranking to anybody (decision 0011).
    """
    matter = drive_matter(use)
    given = _given(platform, use)
    formed = formed_units(use)
    is_told = not is_public or len(given) >= platform.people_min
    formable = max(_covered_mg(platform, use) // unit_mg(platform) - formed, 0)
    return {
        "use": use,
        "is_open": matter.state in TAKES and takes_gifts(matter),
        "people_min": platform.people_min,
        "mg": str(sum(given.values())) if is_told else None,
        "donors": len(given) if is_told else None,
        "formed_units": formed,
        "formable_units": formable if is_told else None,
        "ranking": _ranking(platform, use) if len(given) >= platform.people_min else [],
    }


def open_drives(q: str = "", *, is_demo: bool) -> QuerySet[Matter]:
    """The uses that take gifts now, of the demo or the real ones, the newest first; `q` is part of
    number, title or object."""
    rows = Matter.objects.filter(kind=USE, state__in=TAKES, data__takes_gifts=True, is_demo=is_demo)
    if q:
        named = Q(number__icontains=q) | Q(title__icontains=q)
        rows = rows.filter(named | Q(data__object__icontains=q) | Q(data__beneficiary__icontains=q))
    return rows.order_by("-pk")


def check_forming(platform: Platform, use: str, units: int, *, but: str) -> None:
    """Refuse units that donated and pooled grams do not cover; the use is locked meanwhile."""
    covered, size = _covered_mg(platform, use), unit_mg(platform)
    formed = formed_units(use, but=but)
    if (formed + units) * size > covered:
        raise Conflict(
            "donation.not_covered",
            zh=f"捐出并已汇集签发的减排量可成 {covered // size} 个单位，已成 {formed} 个，"
            f"不能再成 {units} 个；余数留在捐赠池。",
            en=f"Donated grams that stand in pooled units make {covered // size} units, {formed} "
            f"are formed, so {units} more are not; the rest stays with the drive.",
            covered_units=covered // size,
            formed=formed,
        )


def formed_units(use: str, *, but: str = "") -> int:
    """Units offered or given for donated grams of a use, apart from one transfer's."""
    rows = queries.search(kind="transfer").filter(
        data__for_use=use, data__reason="grams", state__in=("offered", "completed")
    )
    return sum(row.data.get("transferred_units", 0) for row in rows.exclude(number=but))


def takes_gifts(matter: Matter) -> bool:
    """Whether it is a use that asked for citizens' gifts when it was opened."""
    return matter.kind == USE and matter.data.get("takes_gifts") is True


def drive_matter(use: str) -> Matter:
    """The use of a drive, open or not; raises NotFound."""
    matter = queries.get(use)
    if matter.kind != USE:
        raise errors.matter_unknown(use)
    return matter


def check_takes(matter: Matter, *, is_demo: bool) -> None:
    """Refuse a gift to a use that does not ask for it or is over, and the demo's to the real."""
    if not takes_gifts(matter):
        raise Conflict(
            "donation.not_asked",
            zh="该事项没有请求公众捐赠；请从可捐赠的事项中选择。",
            en="The use does not ask for gifts; choose one that does.",
        )
    if matter.state not in TAKES:
        raise Conflict(
            "donation.drive_closed",
            zh="该事项不再接受捐赠：已注销或已撤回。",
            en="The use takes no more donations; it is retired or withdrawn.",
        )
    if matter.is_demo is not is_demo:
        raise Conflict(
            "donation.demo",
            zh="演示账户只能捐给演示事项，真实账户只能捐给真实事项；请另选一项。",
            en="An account of the demo gives to uses of the demo alone, a real one to real uses; "
            "choose another.",
        )


def role_of(use: str) -> str:
    """The role of the system account from which a drive's donations are booked."""
    return f"drive:{use}"


def _given(platform: Platform, use: str) -> dict[int, int]:
    """The mg each donor's account gave to a use."""
    found: dict[int, int] = defaultdict(int)
    for account, amount in _donations(platform, use).values_list("credit_account_id", "amount"):
        found[account] += amount
    return found


def _donations(platform: Platform, use: str) -> Any:
    code = donated_code(platform.programme)
    asset = ensure_assets([code])[code]
    source = ensure_system([(asset, role_of(use))])[asset, role_of(use)]
    return Transfer.objects.filter(debit_account_id=source)


def _covered_mg(platform: Platform, use: str) -> int:
    """Donated mg of a use that stand in pooled units, each person's earliest donations first."""
    here = dict(_donations(platform, use).values_list("id", "credit_account_id"))
    donors = set(here.values())
    people = dict(Account.objects.filter(pk__in=donors).values_list("pk", "owner_id"))
    left, covered = used_by(people.values()), 0
    rows = Transfer.objects.filter(credit_account_id__in=donors).order_by("id")
    for number, account, amount in rows.values_list("id", "credit_account_id", "amount"):
        part = min(left.get(people[account], 0), amount)
        if part:
            left[people[account]] -= part
            covered += part if number in here else 0
    return covered


def _ranking(platform: Platform, use: str) -> list[Json]:
    """Donations by the donors' organisations, most first; the rest together as None.

    Small groups are of the rest, and further ones until it is of enough people, for the rest is
    the total less the others.
    """
    mg: dict[int | None, int] = defaultdict(int)
    donors: dict[int | None, set[int]] = defaultdict(set)
    journals = dict(_donations(platform, use).values_list("journal_id", "credit_account_id"))
    for row in Journal.objects.filter(pk__in=journals, verb=DONATED):
        group = row.detail["organisation"]
        mg[group] += int(row.detail["mg"])
        donors[group].add(journals[row.pk])
    least = platform.people_min
    named = sorted((len(found), group) for group, found in donors.items() if group is not None)
    rest = donors.pop(None, set()).copy()
    while named and (named[0][0] < least or 0 < len(rest) < least):
        rest |= donors.pop(named.pop(0)[1])
    shown: list[tuple[int | None, int]] = [(group, mg[group]) for _people, group in named]
    if rest:
        shown.append((None, sum(mg.values()) - sum(amount for _group, amount in shown)))
    ordered = sorted(shown, key=lambda one: (one[0] is None, -one[1]))
    return [
        {
            "organisation": group,
            "name": organisations.get(group).name_zh if group is not None else "",
            "mg": str(amount),
        }
        for group, amount in ordered
    ]
