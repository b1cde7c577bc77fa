"""Damage compensation: what a case orders to be bought is locked for it, retired, and confirmed.

The liable party's name stays in the case file; certificate, log and public register show it
masked. What was bought for a case cannot be sold on: it is locked from the day it is entered.
Rules: provisions on damage compensation 2022 no. 31; judicial interpretation 2022 no. 16 art. 20.
"""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from tanhui.books.models import LOCKED
from tanhui.core.errors import Conflict, InputRefused
from tanhui.core.mass import MG_PER
from tanhui.core.money import read_yuan, yuan_text
from tanhui.core.serials import write_serials
from tanhui.engine.inventory import whole_units
from tanhui.engine.rules_at import RulesAt
from tanhui.flows.retirement import retire, unit_mg

from . import uses
from .effects import Done, Effect, Effects, Moment
from .holdings import (
    check_own_lock,
    check_real,
    chosen,
    holder,
    kept_parts,
    lock,
    units_in,
    unlock,
)
from .purposes import DAMAGE, check_allowed, report_digest, wording

_MASK = "某"


def masked(name: str, kind: str) -> str:
    """A liable party as the public sees it.

    >>> masked("张三丰", "person"), masked("陆丰市东海化工有限公司", "organisation")
    ('张某', '陆丰某单位')
    """
    return f"{name[0]}{_MASK}" if kind == "person" else f"{name[:2]}{_MASK}单位"


def check_opening(moment: Moment) -> None:
    """The title is public, so it does not name the party."""
    if moment.data["party"] in moment.matter.title:
        raise InputRefused(
            "damage.title_names_party",
            zh="事项名称会公开，不能写赔偿义务人的姓名或名称；请改用案由。",
            en="The title is public and must not name the liable party; name the cause instead.",
        )


def check_appraise(moment: Moment) -> None:
    """An appraisal gives a mass or an amount."""
    if not {"appraised_t", "damages_yuan"} & moment.data.keys():
        raise InputRefused(
            "damage.appraisal_empty",
            zh="评估须给出吨数或金额；请填写其一。",
            en="An appraisal gives tonnes or yuan; fill one in.",
        )
    if "damages_yuan" in moment.data:
        read_yuan(moment.data["damages_yuan"])


def check_order(moment: Moment) -> None:
    """The order is in whole units, not fewer than appraised, and its day lies ahead."""
    data = moment.data
    appraised = Fraction(moment.said("appraised_t") or 0) * MG_PER["tCO2e"]
    least = max(whole_units(appraised, unit_mg(moment.platform)), 1)
    if data["ordered_units"] < least:
        raise InputRefused(
            "damage.order_below_appraisal",
            zh=f"评估量折合 {least} 个单位（不足一单位进一），责令数量不能更少。",
            en=f"The appraisal takes {least} units, rounded up; no fewer can be ordered.",
            least=least,
        )
    if date.fromisoformat(data["deadline"]) < moment.today:
        raise InputRefused(
            "damage.deadline_past",
            zh="期限已过；请写今天或以后的日期。",
            en="The deadline is past; give today or a later day.",
        )
    rules = moment.platform.rulesets.at(region=moment.matter.region, on=moment.today)
    if data["basis"] == "mediation":
        check_published(moment, rules)
    if data["price_basis"] not in rules.damage_price_basis():
        raise Conflict(
            "damage.price_basis",
            zh=f"规则不准许计价依据“{data['price_basis']}”；请另选。",
            en=f"The rules do not allow the price basis '{data['price_basis']}'; choose another.",
        )


def check_published(moment: Moment, rules: RulesAt) -> None:
    """A mediated agreement was public for as long as the rule says before it is carried out."""
    days = rules.whole("notice.mediation_days")
    published = moment.data.get("published_on")
    if published is None:
        raise InputRefused(
            "damage.mediation_unpublished",
            zh=f"调解协议须公告 {days} 天；请写明公告日期。",
            en=f"A mediated agreement is published for {days} days; give the day of publication.",
        )
    last = date.fromisoformat(published) + timedelta(days=days)
    if moment.today < last:
        raise Conflict(
            "damage.mediation_notice_open",
            zh=f"调解协议的公告到 {last} 才满 {days} 天；请届时再办理。",
            en=f"The agreement will have been published for {days} days on {last}; come back then.",
            last_day=last.isoformat(),
        )


def run_order(moment: Moment) -> Done:
    """Published with the party masked."""
    return Done(public={"party": _masked(moment), "units": moment.data["ordered_units"]})


def run_purchase(moment: Moment) -> Done:
    """Lock what was bought for the case, and add it to the list of purchases."""
    organisation = holder(moment)
    parts = chosen(
        moment,
        organisation,
        units=moment.data["bought_units"],
        text=moment.data.get("bought_serials"),
    )
    check_real(moment, parts)
    if date.fromisoformat(moment.data["bought_on"]) > moment.today:
        raise InputRefused(
            "damage.bought_later",
            zh="购买日期还没到；请改正。",
            en="The day of purchase is still to come; correct it.",
        )
    rules = moment.platform.rulesets.at(region=moment.matter.region, on=moment.today)
    if rules.damage_venue_required() and "venue" not in moment.data:
        raise InputRefused(
            "damage.venue_missing",
            zh="规则要求在规范的碳市场平台购买；请写明交易平台。",
            en="The rules ask for a regulated market platform; name it.",
        )
    if rules.damage_resale_forbidden():  # what is locked for the case cannot be sold on
        lock(moment, organisation, parts)
    before = moment.matter.data
    purchase = {
        "units": units_in(parts),
        "serials": write_serials(parts),
        "paid_fen": read_yuan(moment.data["paid_yuan"]),
        "bought_on": moment.data["bought_on"],
        "seller": moment.data["seller"],
        "venue": moment.data.get("venue", ""),
    }
    purchases = [*before.get("purchases", []), purchase]
    all_parts = ", ".join(filter(None, (before.get("parts", ""), purchase["serials"])))
    paid = sum(one["paid_fen"] for one in purchases)
    kept = {"purchases": purchases, "parts": all_parts, "paid_fen": paid}
    return Done(result=purchase, keep=kept)


def check_retire(moment: Moment) -> None:
    """As much was bought, and as much paid, as the order says."""
    data = moment.matter.data
    bought = sum(one["units"] for one in data.get("purchases", []))
    if bought < data["ordered_units"]:
        raise Conflict(
            "damage.bought_too_little",
            zh=f"须注销 {data['ordered_units']} 个单位，只登记购买了 {bought} 个；请补足。",
            en=f"{data['ordered_units']} units are ordered and {bought} bought; buy the rest.",
            ordered=data["ordered_units"],
            bought=bought,
        )
    least = read_yuan(data.get("least_yuan", "0"))
    if data["paid_fen"] < least:
        raise Conflict(
            "damage.paid_too_little",
            zh=f"至少须支付 {yuan_text(least)} 元，已登记 {yuan_text(data['paid_fen'])} 元。",
            en=f"At least {yuan_text(least)} yuan are to be paid; {yuan_text(data['paid_fen'])} "
            "are entered.",
        )
    check_allowed(
        moment.platform,
        DAMAGE,
        moment.data.get("second_purpose"),
        region=moment.matter.region,
        on=moment.today,
    )


def run_retire(moment: Moment) -> Done:
    """Retire what is locked for the case; late is late, and said so."""
    organisation, parts = holder(moment), kept_parts(moment)
    check_own_lock(moment, parts)
    second = moment.data.get("second_purpose")
    words = wording(
        moment.platform,
        moment.matter,
        beneficiary=_masked(moment),
        purposes=tuple(filter(None, (DAMAGE, second))),
        details={
            "court_case": moment.said("case_number"),
            "second_object": moment.data.get("second_object", ""),
            "report": report_digest(moment.matter, "instrument"),
        },
    )
    retired = retire(
        moment.platform,
        words,
        parts,
        organisation=organisation,
        journal=moment.journal,
        at=moment.at,
        from_state=LOCKED,
    )
    done = uses.done(retired)
    late = {"is_late": moment.today > date.fromisoformat(moment.said("deadline"))}
    return Done(result={**done.result, **late}, keep={**done.keep, **late}, public=done.public)


def run_confirm(moment: Moment) -> Done:
    """The public learns that the order was carried out."""
    return Done(public={"party": _masked(moment), "units": moment.matter.data["retired_units"]})


def run_dismiss(moment: Moment) -> Done:
    """Free what was bought for a case that ends without a retirement."""
    if moment.matter.data.get("parts"):
        unlock(moment, holder(moment), kept_parts(moment))
    return Done()


def _masked(moment: Moment) -> str:
    return masked(moment.said("party"), moment.said("party_kind"))


EFFECTS: Effects = {
    ("damage", "open"): Effect(check=check_opening),
    ("damage", "appraise"): Effect(check=check_appraise),
    ("damage", "order"): Effect(check=check_order, run=run_order),
    ("damage", "purchase"): Effect(run=run_purchase),
    ("damage", "retire"): Effect(check=check_retire, run=run_retire),
    ("damage", "confirm"): Effect(run=run_confirm),
    ("damage", "dismiss"): Effect(run=run_dismiss),
}
