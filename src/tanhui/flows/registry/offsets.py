"""Offsets against a compliance duty: applied for with locked units, accepted by the authority.

Every number is the rule set's, of the region and product and of the compliance year: the cap and
what it is a share of, the local share, the firm's own boundary, the vintage, the deadline, the
region's total. A rule that nobody knows stops the application and says who must supply it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from functools import partial

from django.db import connection

from tanhui.books.models import LOCKED, Issue
from tanhui.books.serial_choice import first_owner, issues_of
from tanhui.core.errors import Conflict, InputRefused
from tanhui.core.region import Region
from tanhui.core.serials import write_serials
from tanhui.domain.matters import queries
from tanhui.domain.matters.models import Matter
from tanhui.domain.organisations import queries as organisations
from tanhui.engine.rules_at import RulesAt
from tanhui.flows.retirement import ORGANISATION, Retired, retire, unit_mg

from .effects import Done, Moment
from .holdings import check_own_lock, check_real, chosen, holder, kept_parts, lock, units_in, unlock
from .purposes import OFFSET, check_allowed, report_digest, wording
from .recognitions import origins_of

_OFFSETTING = 0x7461_6E68_0006  # advisory lock: one application at a time
_TONNE = 10**9
FIRST_YEAR = 2013  # in which China's first carbon markets opened
COUNTS = ("applied", "retired")


def check_apply(moment: Moment) -> None:
    """An offset is allowed here, and in time."""
    check_allowed(moment.platform, OFFSET, None, region=moment.matter.region, on=moment.today)
    year = moment.data["compliance_year"]
    if not FIRST_YEAR <= year <= moment.today.year:
        raise InputRefused(
            "offset.year",
            zh=f"履约年度应为 {FIRST_YEAR} 至 {moment.today.year} 年；请改正。",
            en=f"The compliance year is one from {FIRST_YEAR} to {moment.today.year}; correct it.",
        )
    apply_by = _rules(moment, "").offset_deadlines().apply_by
    if apply_by is not None and moment.today > (last := apply_by.in_year(year + 1)):
        raise Conflict(
            "offset.too_late",
            zh=f"{year} 年度的抵销申请截止于 {last}，已过期。",
            en=f"Offsets of {year} were to be applied for by {last}.",
            last_day=last.isoformat(),
        )
    check_surrender(moment)


def check_surrender(moment: Moment) -> None:
    """The year may still be surrendered for; what is accepted later would offset nothing."""
    last = _surrender_by(moment)
    if last is not None and moment.today > last:
        year = moment.said("compliance_year")
        raise Conflict(
            "offset.surrender_over",
            zh=f"{year} 年度的清缴截止于 {last}，已过期，不能再抵销；"
            "已申请的请办理不同意，单位即解锁。",
            en=f"The surrender of {year} ended on {last}, so nothing can offset it any more; an "
            "application that waits is to be rejected, which frees its units.",
            last_day=last.isoformat(),
        )


def _surrender_by(moment: Moment) -> date | None:
    """The last day to surrender for the year of the use; None where none is written."""
    by = _rules(moment, "").offset_deadlines().surrender_by
    return None if by is None else by.in_year(moment.said("compliance_year") + 1)


def run_apply(moment: Moment) -> Done:
    """Hold the chosen units to every rule, then lock them for this application."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_OFFSETTING])
    organisation = holder(moment)
    parts = chosen(
        moment, organisation, units=moment.data.get("units"), text=moment.data.get("serials")
    )
    check_real(moment, parts)
    issues = issues_of(parts)
    for issue, _ in issues:
        _check_issue(moment, issue, organisation)
    found = _check_amounts(moment, issues, organisation, units_in(parts))
    if (last := _surrender_by(moment)) is not None:
        found |= {"surrender_by": last.isoformat(), "days_left": str((last - moment.today).days)}
    lock(moment, organisation, parts)
    kept = {"parts": write_serials(parts), "offset_units": units_in(parts), "offset": found}
    return Done(result=kept, keep=kept, public={"units": units_in(parts)})


def accepted(moment: Moment) -> Retired:
    """Retire what the application locked."""
    organisation, parts = holder(moment), kept_parts(moment)
    check_own_lock(moment, parts)
    words = wording(
        moment.platform,
        moment.matter,
        beneficiary=moment.said("beneficiary"),
        purposes=(OFFSET,),
        details={
            "compliance_year": str(moment.said("compliance_year")),
            "report": report_digest(moment.matter, "verified_emissions"),
        },
    )
    return retire(
        moment.platform,
        words,
        parts,
        organisation=organisation,
        journal=moment.journal,
        at=moment.at,
        from_state=LOCKED,
    )


def run_release(moment: Moment) -> Done:
    """Free what the application locked, if it locked anything."""
    if moment.matter.data.get("parts"):
        unlock(moment, holder(moment), kept_parts(moment))
    return Done()


def _check_issue(moment: Moment, issue: Issue, organisation: int) -> None:
    """One issue against the rules on products, vintages and the firm's own boundary."""
    rules, year = _rules(moment, issue.product), moment.data["compliance_year"]
    if not issue.region:
        raise _unknown(issue, "地区", "region")
    if not rules.accepts_offset(issue.product, origin=issue.region):
        raise Conflict(
            "offset.product_not_accepted",
            zh=f"{moment.matter.region} 不接受 {issue.region} 的 {issue.product} 用于抵销；"
            f"接受的有：{'、'.join(rules.offset_products())}。",
            en=f"{moment.matter.region} does not accept {issue.product} of {issue.region} as an "
            f"offset; accepted: {', '.join(rules.offset_products())}.",
        )
    vintage = rules.offset_vintage()
    if vintage.word != "any":
        if issue.first_day is None or issue.last_day is None:
            raise _unknown(issue, "减排量产生期间", "days of its reductions")
        if not vintage.allows(issue.first_day, issue.last_day, compliance_year=year):
            raise Conflict(
                "offset.vintage_refused",
                zh=f"{issue.batch} 的减排量产生于 {issue.first_day} 至 {issue.last_day}，"
                f"按 {moment.matter.region} 的规则不能抵销 {year} 年度。",
                en=f"The reductions of {issue.batch} arose from {issue.first_day} to "
                f"{issue.last_day}; the rules of {moment.matter.region} do not let them offset "
                f"{year}.",
            )
    if _is_own(issue, organisation) and rules.own_boundary_forbidden():
        raise Conflict(
            "offset.own_boundary",
            zh=f"{issue.batch} 来自本企业边界之内，不能用于本企业抵销；请选用他人的减排量。",
            en=f"{issue.batch} came from inside the firm's own boundary and cannot offset its "
            "emissions; choose somebody else's units.",
        )


def _check_amounts(
    moment: Moment, issues: Sequence[tuple[Issue, int]], organisation: int, units: int
) -> dict[str, str]:
    """The cap, the local share and the region's total; returns the figures that were compared."""
    rules, year = _rules(moment, _product(issues)), moment.data["compliance_year"]
    cap = rules.offset_cap()
    base = _base(moment, cap.base)
    limit = cap.limit_t(base)
    mine = _earlier(moment, rules, "offset.cap", organisation) + units
    size = Fraction(unit_mg(moment.platform), _TONNE)
    if mine * size > limit:
        raise Conflict(
            "offset.cap_exceeded",
            zh=f"{year} 年度最多可抵销 {limit} 吨（{cap.base} {base} 吨的 {_percent(cap.ratio)}），"
            f"连同此前的共 {mine} 个单位，超出。",
            en=f"At most {limit} t may be offset for {year} ({_percent(cap.ratio)} of {cap.base}, "
            f"{base} t); with what was applied for before these are {mine} units.",
            limit_t=limit,
            units=mine,
        )
    found = {"limit_t": str(limit), "base": cap.base, "base_t": str(base), "used_units": str(mine)}
    if (share := rules.offset_local_share()) is not None:
        home = Region(share.rule.region)
        local = sum(count for issue, count in issues if _is_local(issue, home))
        least = share.least(_places(issues, home, share.exception_for))
        if Fraction(local, units) < least:
            raise Conflict(
                "offset.local_share",
                zh=f"本地减排量至少占 {_percent(least)}，这里 {units} 个单位中有 {local} 个。",
                en=f"At least {_percent(least)} must be local; of {units} units {local} are.",
            )
        found["local_units"] = str(local)
    total = rules.offset_total_t()
    everybody = 0 if total is None else _earlier(moment, rules, "offset.total_t", None) + units
    if total is not None and everybody * size > total:
        raise Conflict(
            "offset.region_total_exceeded",
            zh=f"{moment.matter.region} {year} 年度抵销总量为 {total} 吨，"
            f"连同已申请的共 {everybody} 个单位，超出。",
            en=f"{moment.matter.region} allows {total} t of offsets for {year}; with what others "
            f"applied for these are {everybody} units.",
        )
    return found


def _base(moment: Moment, name: str) -> Fraction:
    """What the cap is a share of, in tonnes, from what the firm stated and the authority sees."""
    if name == "shortfall":
        return max(_stated(moment, "emissions") - _stated(moment, "quota"), Fraction(0))
    return _stated(moment, name)


def _stated(moment: Moment, key: str) -> Fraction:
    if Fraction(moment.data.get(key, -1)) < 0:
        raise InputRefused(
            "offset.base_missing",
            zh=f"抵销上限按“{key}”计算；请填写该项，且不为负。",
            en=f"The cap is a share of '{key}'; fill that field in, with no less than 0.",
            field=key,
        )
    return Fraction(moment.data[key])


def _earlier(moment: Moment, rules: RulesAt, key: str, organisation: int | None) -> int:
    """Units applied for or accepted before under a rule, of one firm or of all: in whatever part
    of the rule's region that was, unless a nearer rule holds there.
    """
    rule, year = rules.value(key), moment.data["compliance_year"]
    rows = queries.search(kind="use", region=rule.region, organisation=organisation)
    rows = rows.filter(state__in=COUNTS, data__compliance_year=year).exclude(pk=moment.matter.pk)
    find = partial(rules.rulesets.find, key, on=rules.on, product=rules.product)
    under = {
        region
        for region in set(rows.values_list("region", flat=True))
        if find(region=region) == rule
    }
    return sum(one.data.get("offset_units", 0) for one in rows if one.region in under)


def _is_own(issue: Issue, organisation: int) -> bool:
    """Whether the units first came to the firm itself or to one of its own tree."""
    top = organisations.above(organisations.get(organisation))[-1]
    tree = {one.pk for one in organisations.tree(top.pk)}
    first = [first_owner(one.pk) for one in origins_of(issue)]
    return any(one.owner_kind == ORGANISATION and one.owner_id in tree for one in first)


def _is_local(issue: Issue, home: Region) -> bool:
    """Whether the reductions arose at home; recognised ones did not, whoever stands for them."""
    return all(home.holds(one.region) for one in origins_of(issue))


def _places(issues: Sequence[tuple[Issue, int]], home: Region, excepted: Sequence[str]) -> set[str]:
    """The kinds of place that the local units come from, where all of them come from such ones."""
    sources = {issue.source for issue, _ in issues if _is_local(issue, home)}
    projects = Matter.objects.filter(number__in=sources, kind="project")
    found = {project.number: project.data.get("place_kind", "") for project in projects}
    places = {found.get(source, "") for source in sources}
    return places if places <= set(excepted) else set()


def _product(issues: Sequence[tuple[Issue, int]]) -> str:
    """The one product of the units, '' where they are of several."""
    products = {issue.product for issue, _ in issues}
    return products.pop() if len(products) == 1 else ""


def _rules(moment: Moment, product: str) -> RulesAt:
    day = date(moment.said("compliance_year"), 12, 31)
    return moment.platform.rulesets.at(region=moment.matter.region, on=day, product=product)


def _percent(ratio: Fraction) -> str:
    return f"{ratio * 100} %"


def _unknown(issue: Issue, what_zh: str, what_en: str) -> Conflict:
    return Conflict(
        "offset.origin_unknown",
        zh=f"{issue.batch} 没有写明{what_zh}；请由签发方补充登记后再抵销。",
        en=f"{issue.batch} does not state the {what_en}; have its issuer supply it first.",
    )
