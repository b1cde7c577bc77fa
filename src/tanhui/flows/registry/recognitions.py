"""Mutual recognition: another region's units, locked at home, stand here under their own serials.

An agreement of two authorities says which product, at what factor, up to what cap and until when.
From the request on the origin is locked, so it can be used in one place alone. Units that come
back or lapse are cancelled and their origin is freed; what was used here stays locked there for
ever. Whoever bought recognised units keeps them: at expiry only the requester's unused ones lapse.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from tanhui.books import serials
from tanhui.books.models import CANCELLED, HELD, Issue
from tanhui.books.serial_choice import issues_of, standing_in, take_parts
from tanhui.books.serials import Origin
from tanhui.core.errors import Conflict
from tanhui.core.serials import SerialRange, read_serials, write_serials
from tanhui.domain.matters import queries, services
from tanhui.domain.matters.models import Matter
from tanhui.flows.retirement import account_of, asset_of, is_demo

from .agreements import factor_of
from .effects import Done, Effect, Effects, Moment
from .holdings import chosen, holder, is_over, kept_parts, lock, units_in, unlock


def check_request(moment: Moment) -> None:
    """The agreement is in force today."""
    holder(moment)
    agreement = _agreement(moment)
    first = date.fromisoformat(agreement.data["valid_from"])
    end = date.fromisoformat(agreement.data["valid_to"])
    if agreement.state != "in_force" or not first <= moment.today < end:
        raise Conflict(
            "recognition.no_agreement",
            zh=f"协议 {agreement.number} 今天不生效（{first} 至 {end}）；"
            "请由两地主管部门先签协议。",
            en=f"The agreement {agreement.number} is not in force today ({first} to {end}); the "
            "two authorities must agree first.",
        )


def run_request(moment: Moment) -> Done:
    """Lock the origin's units, all of the product and region that the agreement names."""
    organisation, agreement = holder(moment), _agreement(moment)
    parts = chosen(
        moment, organisation, units=moment.data.get("units"), text=moment.data.get("serials")
    )
    for issue, _ in issues_of(parts):
        is_origin = (issue.region, issue.product) == (
            agreement.data["other_region"],
            agreement.data["product"],
        )
        if not is_origin or _is_recognised(issue.source):
            raise Conflict(
                "recognition.not_of_the_origin",
                zh=f"{issue.batch} 不是 {agreement.data['other_region']} 签发的"
                f"“{agreement.data['product']}”，或本身已是互认单位；不能按该协议互认。",
                en=f"{issue.batch} is not {agreement.data['product']} issued by "
                f"{agreement.data['other_region']}, or is recognised itself; the agreement does "
                "not cover it.",
            )
    lock(moment, organisation, parts)
    kept = {"parts": write_serials(parts), "locked_units": units_in(parts)}
    return Done(result=kept, keep=kept, public={"locked": [str(part) for part in parts]})


def run_recognise(moment: Moment) -> Done:
    """Issue recognised units to the holder, within the cap, linked to their origin."""
    check_request(moment)
    services.lock(_agreement(moment).number)
    agreement, organisation, parts = _agreement(moment), holder(moment), kept_parts(moment)
    exact = units_in(parts) * factor_of(agreement)
    units = exact.numerator // exact.denominator
    cap, used = agreement.data.get("cap_units"), _recognised_under(agreement, but=moment.matter)
    if units < 1 or (cap is not None and used + units > cap):
        raise Conflict(
            "recognition.cap_exceeded",
            zh=f"协议上限 {cap} 个单位，已互认 {used} 个，这次 {units} 个；不能互认。",
            en=f"The agreement allows {cap} units, {used} are recognised and these are {units}; "
            "they cannot be.",
            cap=cap,
            used=used,
            units=units,
        )
    days = [issue for issue, _ in issues_of(parts) if issue.first_day and issue.last_day]
    block = serials.issue(
        journal=moment.journal,
        asset=asset_of(moment.platform),
        batch=moment.matter.number,
        units=units,
        owner=account_of(moment.platform, organisation),
        origin=Origin(
            region=agreement.region,
            product=agreement.data["recognised_product"],
            first_day=min((issue.first_day for issue in days if issue.first_day), default=None),
            last_day=max((issue.last_day for issue in days if issue.last_day), default=None),
            source=moment.matter.number,
            is_demo=is_demo(parts),
        ),
    )
    kept = {"recognised": str(block.serials), "recognised_units": units}
    said = {
        "units": units,
        "serials": [str(block.serials)],
        "origin": [str(part) for part in parts],
        "agreement": agreement.number,
    }
    return Done(result=kept, keep=kept, public=said)


def run_release(moment: Moment) -> Done:
    """Free the origin of a request that came to nothing."""
    parts = kept_parts(moment)
    unlock(moment, holder(moment), parts)
    return Done(public={"unlocked": [str(part) for part in parts]})


def run_give_back(moment: Moment) -> Done:
    """Cancel every recognised unit, all still with the holder and free, and unlock the origin."""
    organisation, origin = holder(moment), kept_parts(moment)
    own = kept_parts(moment, "recognised")
    account = account_of(moment.platform, organisation)
    take_parts(own, journal=moment.journal, owner=account, state=CANCELLED)
    unlock(moment, organisation, origin)
    return _ended(cancelled=own, unlocked=origin)


def check_expire(moment: Moment) -> None:
    """Only after the agreement's last day, or its end."""
    agreement = _agreement(moment)
    if not is_over(agreement, today=moment.today):
        raise Conflict(
            "recognition.still_valid",
            zh=f"协议 {agreement.number} 有效至 {agreement.data['valid_to']} 前一日，还不能结清。",
            en=f"The agreement {agreement.number} holds until {agreement.data['valid_to']}; it "
            "cannot be settled yet.",
        )


def run_expire(moment: Moment) -> Done:
    """Cancel what the holder has left of the recognised units and free the origin of just these.

    For k units that were used or sold on, ceil(k / factor) of the origin stay locked.
    """
    organisation, origin = holder(moment), kept_parts(moment)
    account = account_of(moment.platform, organisation)
    whole = kept_parts(moment, "recognised")
    own = [
        block.serials
        for part in whole
        for block in standing_in(part)
        if block.owner == account and block.state == HELD
    ]
    if own:
        take_parts(own, journal=moment.journal, owner=account, state=CANCELLED)
    used = units_in(whole) - units_in(own)
    exact = Fraction(used) / factor_of(_agreement(moment))
    stay = -(-exact.numerator // exact.denominator)
    free = _last(origin, max(units_in(origin) - stay, 0))
    if free:
        unlock(moment, organisation, free)
    return _ended(cancelled=own, unlocked=free)


def origins_of(issue: Issue) -> list[Issue]:
    """The issues behind recognised units, in the region they came from; others are their own."""
    matter = queries.search(kind="recognition").filter(number=issue.source).first()
    if matter is None:
        return [issue]
    return [one for one, _ in issues_of(read_serials(matter.data["parts"]))]


def _ended(*, cancelled: list[SerialRange], unlocked: list[SerialRange]) -> Done:
    said = {
        "cancelled": [str(part) for part in cancelled],
        "unlocked": [str(part) for part in unlocked],
    }
    kept = {"cancelled_units": units_in(cancelled), "unlocked_units": units_in(unlocked)}
    return Done(result=said | kept, keep=kept, public=said)


def _last(parts: list[SerialRange], units: int) -> list[SerialRange]:
    """The highest serials of ranges, so many of them, in order."""
    found: list[SerialRange] = []
    for part in reversed(parts):
        if not units:
            break
        taken = part if part.units <= units else part.split_high(units)[1]
        found.insert(0, taken)
        units -= taken.units
    return found


def _recognised_under(agreement: Matter, *, but: Matter) -> int:
    """Units recognised under the agreement by other matters that were not given back."""
    rows = agreement.children.filter(kind="recognition", state__in=("recognised", "expired"))
    rows = rows.exclude(pk=but.pk)
    return sum(row.data["recognised_units"] - row.data.get("cancelled_units", 0) for row in rows)


def _is_recognised(source: str) -> bool:
    return bool(source) and queries.search(kind="recognition").filter(number=source).exists()


def _agreement(moment: Moment) -> Matter:
    parent = moment.matter.parent
    assert parent is not None, "a recognition belongs to an agreement"
    return Matter.objects.get(pk=parent.pk)


EFFECTS: Effects = {
    ("recognition", "open"): Effect(check=check_request, run=run_request),
    ("recognition", "recognise"): Effect(check=check_request, run=run_recognise),
    ("recognition", "reject"): Effect(run=run_release),
    ("recognition", "withdraw"): Effect(run=run_release),
    ("recognition", "give_back"): Effect(run=run_give_back),
    ("recognition", "expire"): Effect(check=check_expire, run=run_expire),
}
