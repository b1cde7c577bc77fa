"""Acts over units: offered and answered, shared out, recognised abroad and back, frozen, used."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from typing import Any

from tests.conserving.grams_model import fairly
from tests.conserving.history import FEW, History, Pending, Violation, as_text
from tests.conserving.units_model import (
    CANCELLED,
    HELD,
    LISTED,
    LOCKED,
    POOLED,
    RECOGNISED,
    RETIRED,
)
from tests.conserving.world import ABROAD, AGREED_DAYS, TERMS

from tanhui.core.serials import read_serials
from tanhui.domain.matters.models import Matter


def units_are_offered(history: History) -> None:
    """A firm lists units for another one."""
    giver, receiver = history.a_firm(), history.luck.choice([*history.world.firms])
    said, serials, is_theirs = history.chosen(giver)
    bodies = history.world.firms
    data = {"receiver": bodies[receiver].pk, "reason": "donation"} | said
    found = history.tried(
        f"{giver} offers {said} to {receiver}",
        is_theirs and receiver != giver,
        lambda: history.office.open(
            history.world.owners[giver], "transfer", organisation=bodies[giver].pk, data=data
        ),
    )
    if found is not None:
        history.units.move(serials, state=LISTED)
        about = {"receiver": receiver, "listed": list(serials)}
        history.wait_for("transfer", Pending(found, giver, serials, about))


def an_offer_is_answered(history: History) -> None:
    """Taken by the other side, declined, or withdrawn; sometimes tried by the wrong side. What a
    freeze took off the market is not given.
    """
    offer = history.one_of("transfer")
    if offer is None:
        return
    receiver, listed = offer.about["receiver"], offer.about["listed"]
    verb = history.luck.choice(["accept", "accept", "accept", "decline", "withdraw"])
    right = offer.owner if verb == "withdraw" else receiver
    who = history.luck.choice([right] * 9 + [*history.world.firms])
    caller = history.world.owners[who]
    done = history.tried(
        f"{verb} by {who}: {as_text(offer.serials)} of {offer.owner}",
        who == right and (verb != "accept" or listed == offer.serials),
        lambda: history.office.step(caller, offer.matter, verb),
    )
    if done is None:
        history.wait_for("transfer", offer)
    elif verb == "accept":
        history.units.move(offer.serials, state=HELD, owner=receiver)
    else:
        history.units.move(listed, state=HELD)


def units_are_shared_out(history: History) -> None:
    """A firm's units divided by weights: every part to the unit, by largest remainder."""
    luck, world, firm = history.luck, history.world, history.a_firm()
    names = luck.sample([*world.firms], luck.randint(1, 4))
    weights = [luck.randint(0, 9) for _ in names[1:]] + [luck.randint(1, 9)]
    units = luck.randint(1, min(history.units.held(firm), 2 * FEW) + 1)
    rows = [
        {"party": name, "kind": "owner", "organisation": world.firms[name].pk, "weight": f"{n}"}
        for name, n in zip(names, weights, strict=True)
    ]
    body, owner = world.firms[firm].pk, world.owners[firm]
    data: dict[str, Any] = {"units": units, "parties": rows}
    matter = history.office.open(owner, "sharing", organisation=body, data=data)
    history.office.paper(owner, matter, "sharing_agreement")
    going = history.units.lowest(firm, units)
    done = history.tried(
        f"{firm} shares {units} units by {weights} among {names}",
        units <= history.units.held(firm) and not history.lapsed(firm, going),
        history.both((owner, world.operator), matter, "settle"),
    )
    if done is None:
        return
    parts = fairly([Fraction(units * weight, sum(weights)) for weight in weights])
    said = [one["units"] for one in done.result["statements"]]
    if parts != said:
        raise Violation(f"{units} units by {weights}: {said}, not {parts}")
    for name, count in zip(names, parts, strict=True):
        if count and name != firm:
            history.units.move(history.units.lowest(firm, count), state=HELD, owner=name)


def recognition_is_requested(history: History) -> None:
    """The origin of pooled units is locked, to be recognised abroad."""
    firm = history.a_firm(POOLED)
    said, serials, is_theirs = history.chosen(firm, history.luck.choice(["", POOLED, POOLED]))
    is_pooled = all(history.units.origin.get(serial) == POOLED for serial in serials)
    world = history.world
    found = history.tried(
        f"{firm} requests recognition of {said}",
        is_theirs and is_pooled and history.agreed(),
        lambda: history.office.open(
            world.owners[firm],
            "recognition",
            region=ABROAD,
            organisation=world.firms[firm].pk,
            parent=world.agreement.number,
            data=said,
        ),
    )
    if found is not None:
        history.units.move(serials, state=LOCKED)
        history.wait_for("request", Pending(found, firm, serials))


def a_request_is_decided(history: History) -> None:
    """Recognised within the cap, rejected, or withdrawn."""
    request = history.one_of("request")
    if request is None:
        return
    world, firm, matter = history.world, request.owner, request.matter
    verb = history.luck.choice(["recognise"] * 4 + ["reject", "withdraw"])
    if verb != "recognise":
        caller = world.there[0] if verb == "reject" else world.owners[firm]
        history.tried(f"{verb}: {firm}", True, lambda: history.office.step(caller, matter, verb))
        history.units.move(request.serials, state=HELD)
        return
    exact = len(request.serials) * Fraction(TERMS["factor"])
    units, cap = exact.numerator // exact.denominator, int(TERMS["cap_units"])
    used = sum(one.about["units"] for one in history.recognised)
    is_allowed = 1 <= units <= cap - used and history.agreed()
    what = f"recognise {len(request.serials)} units of {firm} as {units}"
    done = history.tried(what, is_allowed, history.both(world.there, matter, verb))
    if done is None:
        history.wait_for("request", request)
        return
    own = history.units.issue(units, owner=firm, origin=RECOGNISED)
    request.about = {"own": own, "units": units}
    history.recognised.append(request)
    history.wait_for("recognised", request)


def recognition_ends(history: History) -> None:
    """Given back whole, or settled at expiry: what was used stays locked at home for ever."""
    found = history.one_of("recognised")
    if found is None:
        return
    firm, own, units = found.owner, found.about["own"], history.units
    if history.luck.random() < (0.9 if history.agreed() else 0.2):
        caller = history.world.owners[firm]
        done = history.tried(
            f"{firm} gives {as_text(own)} back",
            units.stand(own, firm),
            lambda: history.office.step(caller, found.matter, "give_back"),
        )
        left, free = own, found.serials
    else:
        caller = history.world.there[0]
        done = history.tried(
            f"recognition of {firm} expires",
            not history.agreed(),
            lambda: history.office.step(caller, found.matter, "expire"),
        )
        left = [serial for serial in own if units.stand([serial], firm)]
        exact = (len(own) - len(left)) / Fraction(TERMS["factor"])
        stay = -(-exact.numerator // exact.denominator)
        free = found.serials[stay:]
    if done is None:
        history.wait_for("recognised", found)
        return
    units.move(left, state=CANCELLED)
    units.move(free, state=HELD)
    found.about["units"] -= len(left)


def units_are_frozen(history: History) -> None:
    """Two of the authority lock what an instrument names; what of it is on offer no longer is."""
    firm, world, units = history.a_firm(), history.world, history.units
    serials = history.some_serials(firm)
    broken = [
        serial
        for block in units.of(firm, LISTED)
        if not set(block.serials).isdisjoint(serials)
        for serial in block.serials
    ]
    data = {"instrument_kind": "ruling", "instrument_number": "1", "reason": "保全"}
    matter = history.office.open(
        world.here[0],
        "recall",
        organisation=world.firms[firm].pk,
        data=data | {"serials": as_text(serials)},
    )
    papers = ("instrument", "release_instrument", "cancel_instrument")
    history.office.paper(world.here[0], matter, *papers)
    free = [serial for serial in serials if serial not in broken]
    done = history.tried(
        f"freeze {as_text(serials)} of {firm}",
        units.stand(free, firm) and _reached(history, firm, serials),
        history.both(world.here, matter, "freeze"),
    )
    if done is not None:
        units.move(broken, state=HELD)
        units.move(serials, state=LOCKED)
        history.wait_for("frozen", Pending(matter, firm, serials))
        for offer in history.pending.get("transfer", []):
            offer.about["listed"] = [n for n in offer.about["listed"] if n not in broken]


def a_freeze_ends(history: History) -> None:
    """Released, or recalled for good; somebody may have to replace what is cancelled."""
    found = history.one_of("frozen")
    if found is None:
        return
    world, luck, firm, units = history.world, history.luck, found.owner, history.units
    if luck.random() < 0.4:
        act = history.both(world.here, found.matter, "release")
        history.tried(f"release {as_text(found.serials)} of {firm}", True, act)
        units.move(found.serials, state=HELD)
        return
    liable = luck.choice([None, *world.firms])
    owed = 0 if liable in (None, firm) else len(found.serials)
    given = units.lowest(liable, owed) if liable is not None and owed else []
    data = {} if liable is None else {"replaced_by": world.firms[liable].pk}
    done = history.tried(
        f"recall {as_text(found.serials)} of {firm}, replaced by {liable}",
        len(given) == owed
        and not history.lapsed(str(liable), given)
        and (not owed or _reached(history, str(liable), given)),
        history.both(world.here, found.matter, "cancel", data=data),
    )
    if done is None:
        history.wait_for("frozen", found)
        return
    units.move(found.serials, state=CANCELLED)
    units.move(given, state=HELD, owner=firm)


def units_are_retired(history: History) -> None:
    """A firm retires what it holds, voluntarily, and gets a certificate."""
    origin = history.luck.choice(["", "", RECOGNISED])
    firm = history.a_firm(origin)
    said, serials, is_theirs = history.chosen(firm, origin)
    use, caller = _a_use(history, firm, "voluntary"), history.world.owners[firm]
    done = history.tried(
        f"{firm} retires {said}",
        is_theirs,
        lambda: history.office.step(caller, use, "retire", data=said),
    )
    if done is not None:
        _retired(history, done.result["serials"], serials)


def an_offset_is_applied_for(history: History) -> None:
    """Pooled units, first issued to somebody else, locked against a compliance duty."""
    firm, units = history.a_firm(POOLED), history.units
    said, serials, is_theirs = history.chosen(firm, history.luck.choice(["", POOLED]))
    use, caller = _a_use(history, firm, "offset"), history.world.owners[firm]
    history.office.paper(caller, use, "verified_emissions")
    data = {"compliance_year": 2024, "emissions": "1000000"} | said
    is_fit = all(
        units.origin.get(serial) == POOLED and units.first_owner[serial] != firm
        for serial in serials
    )
    done = history.tried(
        f"{firm} applies to offset with {said}",
        is_theirs and is_fit,
        lambda: history.office.step(caller, use, "apply", data=data),
    )
    if done is not None:
        units.move(serials, state=LOCKED)
        history.wait_for("offset", Pending(use, firm, serials))


def an_offset_is_decided(history: History) -> None:
    """Accepted and retired, rejected, or withdrawn."""
    found = history.one_of("offset")
    if found is None:
        return
    verb = history.luck.choice(["accept", "accept", "reject", "withdraw"])
    caller = history.world.owners[found.owner] if verb == "withdraw" else history.world.here[0]
    what = f"{verb} the offset of {found.owner}"
    done = history.tried(what, True, lambda: history.office.step(caller, found.matter, verb))
    if verb == "accept" and done is not None:
        _retired(history, done.result["serials"], found.serials)
    else:
        history.units.move(found.serials, state=HELD)


def days_go_by(history: History) -> None:
    """Some days, after many of which the agreement is over."""
    days = history.luck.choice([1, 7, AGREED_DAYS])
    history.told.append(f"{days} days go by")
    history.office.now += timedelta(days=days)


def _a_use(history: History, firm: str, purpose: str) -> Matter:
    caller, body = history.world.owners[firm], history.world.firms[firm]
    data = {"purpose": purpose, "beneficiary": "某公司"}
    return history.office.open(caller, "use", organisation=body.pk, data=data)


def _retired(history: History, said: str, serials: list[int]) -> None:
    """The certificate names the units that go."""
    named = [n for part in read_serials(said) for n in range(part.first, part.last + 1)]
    if named != serials:
        raise Violation(f"{history.told[-1]}: the certificate says {said}")
    history.units.move(serials, state=RETIRED)
    history.certificates.append(serials)


def _reached(history: History, firm: str, serials: list[int]) -> bool:
    """Whether the city's authority reaches the holder, or stands for the units."""
    origin = history.units.origin
    return firm.startswith("firm ") or all(origin.get(one) == POOLED for one in serials)
