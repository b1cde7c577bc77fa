"""Freeze and recall: units locked by an instrument, then released, or cancelled and replaced.

Two people of the authority, or of who handles the case, take every step. What is retired stays
retired: it has been used, and is made good by the reversal of its project, not here.
"""

from __future__ import annotations

from tanhui.books import serials
from tanhui.books.models import CANCELLED, HELD, LISTED
from tanhui.books.serial_choice import issues_of, take_parts
from tanhui.core.errors import Conflict
from tanhui.core.region import Region
from tanhui.core.serials import SerialRange, read_serials, write_serials
from tanhui.domain.organisations import queries as organisations
from tanhui.domain.organisations.models import AUTHORITY
from tanhui.flows.retirement import account_of

from .effects import Done, Effect, Effects, Moment
from .holdings import holder, kept_parts, lock, refuse_lapsed, units_in, unlock


def check_opening(moment: Moment) -> None:
    """The matter names whose units they are, and serials that can be read."""
    holder(moment)
    read_serials(moment.data["serials"])


def run_freeze(moment: Moment) -> Done:
    """Lock the named units, all of which must be held; one on offer is taken off the market."""
    organisation = holder(moment)
    _break_offers(moment, organisation)
    parts = read_serials(moment.said("serials"))
    _check_reach(moment, organisation, parts)
    lock(moment, organisation, parts)
    return Done(keep={"parts": write_serials(parts)}, public=_public(moment, parts))


def run_release(moment: Moment) -> Done:
    """Free what the instrument froze."""
    parts = kept_parts(moment)
    unlock(moment, holder(moment), parts)
    return Done(public=_public(moment, parts))


def run_cancel(moment: Moment) -> Done:
    """Cancel the frozen units; the responsible organisation gives the holder as many of its own."""
    organisation, parts = holder(moment), kept_parts(moment)
    account = account_of(moment.platform, organisation)
    unlock(moment, organisation, parts)
    take_parts(parts, journal=moment.journal, owner=account, state=CANCELLED)
    said = _public(moment, parts)
    responsible = moment.data.get("replaced_by")
    if responsible is not None and responsible != organisation:
        theirs = account_of(moment.platform, responsible)
        own = serials.plan(theirs, units_in(parts))
        refuse_lapsed(moment, responsible, own)
        _check_reach(moment, responsible, own)
        take_parts(own, journal=moment.journal, owner=theirs, state=HELD, to=account)
        said["replaced_with"] = [str(part) for part in own]
    return Done(result=said, keep={"cancelled": said["serials"]}, public=said)


def _break_offers(moment: Moment, organisation: int) -> None:
    """Give the holder back what it offers of the named units, so that no offer outruns a freeze."""
    named = read_serials(moment.said("serials"))
    account = account_of(moment.platform, organisation)
    for block in serials.open_blocks(account, state=LISTED, lock=True):
        if any(block.serials.touches(part) for part in named):
            serials.change(block, block.serials, journal=moment.journal, state=HELD)


def _check_reach(moment: Moment, organisation: int, parts: list[SerialRange]) -> None:
    """An authority reaches its own region: units it stands for, or a holder there.

    Who handles a case is bound by the instrument, not by the region.
    """
    if moment.who.role != AUTHORITY:
        return
    own = Region(moment.matter.region)
    is_holder_here = own.holds(organisations.get(organisation).region)
    if not is_holder_here and not all(
        issue.region and own.holds(issue.region) for issue, _ in issues_of(parts)
    ):
        raise Conflict(
            "recall.out_of_reach",
            zh=f"持有人和这些单位都不属于 {own.code}；请由其所在地区的主管部门办理，或凭法院文书。",
            en=f"Neither the holder nor these units are of {own.code}; let the authority there do "
            "it, or a court's instrument.",
        )


def _public(moment: Moment, parts: list[SerialRange]) -> dict[str, object]:
    return {
        "instrument": moment.said("instrument_number"),
        "serials": [str(part) for part in parts],
        "units": units_in(parts),
    }


EFFECTS: Effects = {
    ("recall", "open"): Effect(check=check_opening),
    ("recall", "freeze"): Effect(run=run_freeze),
    ("recall", "release"): Effect(run=run_release),
    ("recall", "cancel"): Effect(run=run_cancel),
}
