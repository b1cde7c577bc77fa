"""What steps of a use bring about: the inventory worked out, the units retired, both shown.

An event, an organisation or a product is neutral when at least the whole units of its inventory,
rounded up, are retired in time. Offsets against a compliance duty have rules of their own
(`offsets`). Law: MEE notice 2019 no. 19 (large events), and the regions' rules of use.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from tanhui.core.errors import Conflict, InputRefused
from tanhui.domain.claims import digests
from tanhui.engine.inventory import (
    agrees,
    implied,
    tonnes_text,
    total_mg,
    whole_units,
    work_out,
)
from tanhui.engine.parameters import FactorTable
from tanhui.flows.platform import Platform
from tanhui.flows.retirement import Retired, retire, unit_mg

from . import offsets
from .claims import own_claim, own_withdrawal
from .effects import Done, Effect, Effects, Moment
from .event_terms import check_forest, check_in_time
from .holdings import chosen, holder, units_in
from .purposes import EVENT, MEASURED, OFFSET, PRODUCT, check_allowed, report_digest, wording


def check_opening(moment: Moment) -> None:
    """What a purpose needs to be told from the start; raises InputRefused."""
    holder(moment)
    purpose = moment.data["purpose"]
    if purpose == OFFSET and moment.data.get("takes_gifts"):
        raise InputRefused(
            "use.offset_takes_no_gifts",
            zh="配额履约抵销不接受公众捐赠；请另建一项使用，或不勾选接受捐赠。",
            en="A compliance offset takes no citizens' gifts; open another use, or do not ask for "
            "them.",
        )
    wanted = ["object", "period_from", "period_to"] if purpose in MEASURED else []
    wanted += ["product_batch"] if purpose == PRODUCT else []
    if missing := [key for key in wanted if key not in moment.data]:
        raise InputRefused(
            "use.details_missing",
            zh=f"该用途还须写明：{'、'.join(missing)}。",
            en=f"This purpose also needs {', '.join(missing)}.",
            missing=missing,
        )
    if moment.data.get("period_from", "") > moment.data.get("period_to", "9999"):
        raise InputRefused(
            "use.period_backwards",
            zh="期间的起日晚于止日；请改正。",
            en="The period ends before it begins; correct it.",
        )


def run_plan(moment: Moment) -> Done:
    """Say whether the event is a large one by the region's thresholds."""
    rules = moment.platform.rulesets.at(region=moment.matter.region, on=moment.today)
    limits = rules.event_thresholds()
    is_large: bool | None = None
    if limits is not None:
        kind, people = moment.data["event_kind"], moment.data["attendance"]
        least = limits.expo_visits if kind == "expo" else getattr(limits, f"{kind}_people")
        area = int(moment.data.get("area_m2", "0").partition(".")[0])
        is_large = people >= least or (kind == "expo" and area >= limits.expo_m2)
    return Done(result={"is_large": is_large}, keep={"is_large": is_large})


def check_calculate(moment: Moment) -> None:
    """An event has a plan and has ended."""
    ended = moment.said("ended_on")
    if moment.said("purpose") == EVENT:
        if moment.matter.state == "drafted":
            raise Conflict(
                "use.no_plan",
                zh="大型活动应先提交中和方案，再核算；请先办理 plan。",
                en="An event hands in its plan before it is calculated; take the step plan first.",
            )
        if ended is None or date.fromisoformat(ended) > moment.today:
            raise Conflict(
                "use.event_not_over",
                zh="活动结束后才能核算；请写明已过去的结束日期。",
                en="An event is calculated after it ended; give its last day, which must be past.",
            )


def run_calculate(moment: Moment) -> Done:
    """Work out the inventory and hold every claimed figure to the platform's factors.

    A green certificate that a line rests on is claimed: nobody else's inventory, project or scheme
    may count it too. Calculated again, the use claims what its new inventory names.
    """
    _claim_certificates(moment)
    platform, region = moment.platform, moment.matter.region
    lines = work_out(moment.data["inventory"], tables_of(platform), region=region)
    total = total_mg(lines)
    claims = held_to_factors(moment.data.get("claims", []), moment)
    found = {
        "lines": [line.shown() for line in lines],
        "total_t": tonnes_text(total),
        "units": _units_of(moment, total),
        "claims": claims,
    }
    said = {"total_t": found["total_t"], "units_needed": found["units"], "claims": claims}
    return Done(result=found, keep={"calculated": found}, public=said)


def _units_of(moment: Moment, mg: Fraction) -> int:
    """The units that cover a mass, rounded as the rule says; raises where nobody knows how."""
    rules = moment.platform.rulesets.at(region=moment.matter.region, on=moment.today)
    assert rules.rounds_up(), "no other way of rounding can be written"
    return whole_units(mg, unit_mg(moment.platform))


def _claim_certificates(moment: Moment) -> None:
    named = [row["certificate"] for row in moment.data["inventory"] if row.get("certificate")]
    own_withdrawal(moment.platform, reference=moment.matter.number, journal=moment.journal)
    if named:
        own_claim(
            moment.platform,
            reference=moment.matter.number,
            kind="certificate",
            texts=[text for number in named for text in digests.certificate(number)],
            journal=moment.journal,
        )


def run_release(moment: Moment) -> Done:
    """Free the units that the use locked and the certificates that it claimed."""
    own_withdrawal(moment.platform, reference=moment.matter.number, journal=moment.journal)
    return offsets.run_release(moment)


def held_to_factors(claims: list[dict[str, Any]], moment: Moment) -> list[dict[str, Any]]:
    """Claimed reductions beside what the named factor gives, and the factor a claim implies."""
    lines = work_out(claims, tables_of(moment.platform), region=moment.matter.region)
    shown = []
    for row, line in zip(claims, lines, strict=True):
        claimed = row["claimed_t"]
        shown.append(
            line.shown()
            | {
                "implied_kg_per_unit": kilograms_each(claimed, row["activity"]),
                "agrees": agrees(claimed, line.mg),
                "claim_source": row["source"],
            }
        )
    return shown


def tables_of(platform: Platform) -> dict[str, FactorTable]:
    """The factor tables of the library by name."""
    return {table.id: table for table in platform.library.factors}


def kilograms_each(claimed: str, activity: str) -> str:
    """What a claim amounts to for each unit of activity, in kg to four decimals; '' of nothing.

    >>> kilograms_each("179000", "180000000"), kilograms_each("5", "0")
    ('0.9944', '')
    """
    if not Fraction(activity):
        return ""
    exact = implied(claimed, activity)
    whole = (exact.numerator * 10**4 * 2 + exact.denominator) // (2 * exact.denominator)
    return f"{whole // 10**4}.{whole % 10**4:04d}"


def check_retire(moment: Moment) -> None:
    """The purpose is allowed and what it needs has been done."""
    purpose, second = moment.said("purpose"), moment.data.get("second_purpose")
    if second == OFFSET:
        raise Conflict(
            "use.offset_needs_acceptance",
            zh="配额抵销由主管部门同意后注销；请办理 apply。",
            en="An offset is retired when the authority accepts it; take the step apply.",
        )
    region = moment.matter.region
    check_allowed(moment.platform, purpose, second, region=region, on=moment.today)
    if purpose in MEASURED and moment.matter.state != "calculated":
        raise Conflict(
            "use.not_calculated",
            zh="该用途应先核算排放，再注销；请先办理 calculate。",
            en="This purpose is calculated before it is retired for; take calculate first.",
        )
    if purpose == EVENT:
        check_in_time(moment)


def run_retire(moment: Moment) -> Done:
    """Retire the units, at least those of the inventory, and certify it."""
    organisation, purpose = holder(moment), moment.said("purpose")
    units, text = moment.data.get("units"), moment.data.get("serials")
    needed = moment.matter.data["calculated"]["units"] if purpose in MEASURED else 0
    if units is None and text is None and needed:
        units = needed
    parts = chosen(moment, organisation, units=units, text=text)
    if units_in(parts) < needed:
        raise Conflict(
            "use.too_few_units",
            zh=f"排放清单需要 {needed} 个单位，只选了 {units_in(parts)} 个；请补足。",
            en=f"The inventory takes {needed} units and {units_in(parts)} were chosen; add more.",
            needed=needed,
            chosen=units_in(parts),
        )
    if purpose == EVENT:
        check_forest(moment, parts)
    purposes = tuple(filter(None, (purpose, moment.data.get("second_purpose"))))
    words = wording(
        moment.platform,
        moment.matter,
        beneficiary=moment.said("beneficiary"),
        purposes=purposes,
        details={
            "object": moment.said("object") or "",
            "second_object": moment.data.get("second_object", ""),
            "period": _period(moment),
            "product_batch": moment.said("product_batch") or "",
            "report": report_digest(moment.matter, "emissions_report"),
        },
    )
    return done(
        retire(
            moment.platform,
            words,
            parts,
            organisation=organisation,
            journal=moment.journal,
            at=moment.at,
        )
    )


def done(retired: Retired) -> Done:
    """What a retirement leaves in its matter and in the log."""
    units, serials = retired.public["units"], ", ".join(retired.public["serials"])
    said = {"certificate": retired.certificate.token, "units": units, "serials": serials}
    kept = {f"retired_{key}" if key != "certificate" else key: text for key, text in said.items()}
    return Done(result=said, keep=kept, public=retired.public)


def _period(moment: Moment) -> str:
    """The period as certificates write it, `2025-01-01/2025-12-31`; '' for none."""
    ends = (moment.said("period_from"), moment.said("period_to"))
    return "/".join(filter(None, ends))


EFFECTS: Effects = {
    ("use", "open"): Effect(check=check_opening),
    ("use", "plan"): Effect(run=run_plan),
    ("use", "calculate"): Effect(check=check_calculate, run=run_calculate),
    ("use", "apply"): Effect(check=offsets.check_apply, run=offsets.run_apply),
    ("use", "accept"): Effect(
        check=offsets.check_surrender, run=lambda moment: done(offsets.accepted(moment))
    ),
    ("use", "reject"): Effect(run=run_release),
    ("use", "retire"): Effect(check=check_retire, run=run_retire),
    ("use", "withdraw"): Effect(run=run_release),
}
