"""Acts over citizens' grams: rides come and are corrected, pools gather them and issue units."""

from __future__ import annotations

import copy
from datetime import timedelta
from fractions import Fraction

from tests.conserving.grams_model import Chain, Issued, Piece
from tests.conserving.history import History, Pending, Violation
from tests.conserving.units_model import POOLED
from tests.conserving.world import MONTHS, PARTNERS, UNIT_MG, deliver

from tanhui.domain.pools.models import PoolIssue

DISCOUNTS = ("0", "0", "2.5", "33.3333333", "0.0000001")
NOTICE = timedelta(days=21)  # working days, holidays among them
FIGURES = ("gathered", "taken_back", "discount", "carried_in", "debts", "made_good")


def rides_come(history: History) -> None:
    """New rides, and now and then corrections of earlier ones."""
    luck = history.luck
    partner = luck.choice(PARTNERS)
    known = [row.key for row in history.grams.rows.values() if row.partner == partner]
    known = sorted(set(known) - history.grams.gone)
    corrected = luck.sample(known, min(len(known), luck.choice([0, 1, 1, 3])))
    before = sum(row.mg for row in history.grams.rows.values())
    gone = sum(history.grams.rows[key].mg for key in corrected)
    told = f"rides of {partner}, {len(corrected)} corrected"
    receipt = history.tried(
        told,
        True,
        lambda: deliver(
            history.world,
            history.grams,
            history.rides,
            luck,
            partner=partner,
            corrected=tuple(corrected),
        ),
    )
    assert receipt is not None
    given = sum(row.mg for row in history.grams.rows.values()) - before
    said = receipt["mg_credited"], receipt["mg_reversed"]
    if said != (given, gone):
        raise Violation(f"{told}: {said}, not {given} mg and {gone} mg taken back")


def a_pool_gathers(history: History) -> None:
    """Slices that stand in no pool go into one."""
    luck, world = history.luck, history.world
    partner, owner = luck.choice(PARTNERS), f"firm {luck.randrange(2)}"
    months = luck.choice([MONTHS[:1], MONTHS[1:], MONTHS])
    free = history.grams.free(partner, months)
    data = {
        "scene": "metro",
        "partner": partner,
        "first_month": months[0],
        "last_month": months[-1],
    }
    pool = history.tried(
        f"pool of {partner} for {owner} over {len(months)} months",
        bool(free),
        lambda: history.office.open(
            world.operator, "pool", organisation=world.firms[owner].pk, data=data
        ),
    )
    if pool is None:
        return
    history.grams.pooled |= {(partner, piece) for piece in free}
    discount = luck.choice(DISCOUNTS)
    history.office.paper(world.here[0], pool, "assessment_opinion")
    said = {"discount_percent": discount, "grounds": "抽样比对"}
    history.office.step(world.here[0], pool, "assess", data=said)
    history.office.step(world.here[0], pool, "give_notice")
    about = {"partner": partner, "pieces": free, "discount": discount}
    about["from"] = history.office.now + NOTICE
    history.wait_for("pool", Pending(pool, owner, about=about))


def a_pool_issues(history: History) -> None:
    """A pool's line is poured into units, unless not one can be filled."""
    waiting = history.one_of("pool")
    if waiting is None:
        return
    partner, owner = waiting.about["partner"], waiting.owner
    before = copy.deepcopy(history.grams.chains)
    chain = history.grams.chains.setdefault((partner, owner), Chain())
    rows = history.grams.of(waiting.about["pieces"])
    share = 1 - Fraction(waiting.about["discount"]) / 100
    issued = chain.issue(rows, history.grams.gone, kept=share, unit_mg=UNIT_MG)
    history.office.now = max(history.office.now, waiting.about["from"])
    callers = history.world.here
    what = f"pool of {partner} for {owner} issues {len(issued.units)} units"
    done = history.tried(what, bool(issued.units), history.both(callers, waiting.matter, "issue"))
    if done is None:
        history.grams.chains = before
        history.wait_for("pool", waiting)
        return
    serials = history.units.issue(len(issued.units), owner=owner, origin=POOLED)
    history.grams.filled |= dict(zip(serials, issued.units, strict=True))
    _check_figures(what, waiting, issued)


def _check_figures(what: str, waiting: Pending, issued: Issued) -> None:
    written = PoolIssue.objects.get(pool__matter=waiting.matter.number)
    for name in (*FIGURES, "carried", "owed"):
        if getattr(written, name) != getattr(issued, name):
            raise Violation(f"{what}: {name} {getattr(written, name)}, not {getattr(issued, name)}")


def a_pool_is_cancelled(history: History) -> None:
    """Its slices are free again."""
    waiting = history.one_of("pool")
    if waiting is None:
        return
    operator = history.world.operator
    history.tried(
        "a pool is cancelled", True, lambda: history.office.step(operator, waiting.matter, "cancel")
    )
    pieces: list[Piece] = waiting.about["pieces"]
    history.grams.pooled -= {(waiting.about["partner"], piece) for piece in pieces}
