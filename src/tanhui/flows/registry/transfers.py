"""Units between organisations: offered by one, accepted by the other, at a price or given.

While they are offered they are listed: nobody can retire, pledge or offer them again.
"""

from __future__ import annotations

from tanhui.books import serials
from tanhui.books.models import HELD, LISTED
from tanhui.books.serial_choice import issues_of, take_parts
from tanhui.core.errors import Conflict, Denied, InputRefused
from tanhui.core.money import read_yuan
from tanhui.core.serials import SerialRange, write_serials
from tanhui.domain.matters import errors, queries, services
from tanhui.domain.organisations import queries as organisations
from tanhui.domain.organisations.models import OWNER
from tanhui.flows.retirement import account_of

from . import drives
from .effects import Done, Effect, Effects, Moment
from .holdings import chosen, holder, kept_parts, locker, units_in

GRAMS = "grams"


def check_offer(moment: Moment) -> None:
    """The other side is another; a sale has a price; a donation has its use."""
    seller, receiver = holder(moment), moment.data["receiver"]
    if receiver == seller:
        raise InputRefused(
            "transfer.to_oneself",
            zh="不能过户给自己；请改正受让机构。",
            en="Units cannot be transferred to oneself; correct the receiving organisation.",
        )
    price = moment.data.get("price_yuan")
    if (moment.data["reason"] == "sale") != (price is not None):
        raise InputRefused(
            "transfer.price",
            zh="出让须写总价；捐赠与集团内部过户不写价。",
            en="A sale has its price in all; donations and transfers within a group have none.",
        )
    if price is not None:
        read_yuan(price)
    if (use := moment.data.get("for_use")) is not None:
        found = queries.get(use)
        if found.kind != "use" or found.organisation != receiver:
            raise errors.matter_unknown(use)
    elif moment.data["reason"] == GRAMS:
        raise InputRefused(
            "transfer.no_drive",
            zh="公众捐赠成单位须写明捐给哪一使用事项。",
            en="Units for donated grams name the use they are donated to.",
        )


def run_offer(moment: Moment) -> Done:
    """List the units for this transfer alone, and let the other side act in it."""
    seller = holder(moment)
    parts = chosen(moment, seller, units=moment.data.get("units"), text=moment.data.get("serials"))
    if moment.data["reason"] == GRAMS:
        _check_grams(moment, parts)
    account = account_of(moment.platform, seller)
    take_parts(parts, journal=moment.journal, owner=account, state=LISTED)
    services.assign(
        moment.matter,
        OWNER,
        organisation=moment.data["receiver"],
        why={"receiver": True},
        at=moment.at,
    )
    price = moment.data.get("price_yuan")
    kept = {
        "parts": write_serials(parts),
        "transferred_units": units_in(parts),
        "price_fen": read_yuan(price) if price is not None else 0,
    }
    return Done(result=kept, keep=kept)


def check_receiver(moment: Moment) -> None:
    """Only the receiving organisation, or one above it, answers an offer."""
    _check_side(moment, moment.matter.data["receiver"])


def check_seller(moment: Moment) -> None:
    """Only the offering organisation, or one above it, takes an offer back."""
    _check_side(moment, holder(moment))


def run_accept(moment: Moment) -> Done:
    """The listed units change their holder."""
    seller, receiver = holder(moment), moment.matter.data["receiver"]
    parts = kept_parts(moment)
    if units_in(_on_offer(moment, seller)) < units_in(parts):
        raise Conflict(
            "transfer.broken",
            zh="所提单位已不在挂出状态（如已被冻结）；请由出让方撤回后另行提出。",
            en="Some of the units are no longer on offer, frozen for instance; let the other side "
            "withdraw and offer anew.",
        )
    take_parts(
        parts,
        journal=moment.journal,
        owner=account_of(moment.platform, seller),
        to=account_of(moment.platform, receiver),
        state=HELD,
        from_state=LISTED,
    )
    said = {
        "units": units_in(parts),
        "serials": [str(part) for part in parts],
        "from": f"organisation:{seller}",
        "to": f"organisation:{receiver}",
    }
    return Done(result=said, public=said)


def run_release(moment: Moment) -> Done:
    """The units are the holder's to use again; what a freeze took off the market stays as it is."""
    seller = holder(moment)
    account, parts = account_of(moment.platform, seller), _on_offer(moment, seller)
    take_parts(parts, journal=moment.journal, owner=account, state=HELD, from_state=LISTED)
    return Done()


def donated_to(use: str) -> list[dict[str, object]]:
    """The units that organisations donated to a use, by completed transfers."""
    rows = queries.search(kind="transfer").filter(state="completed", data__for_use=use)
    return [
        {
            "transfer": row.number,
            "organisation": row.organisation,
            "units": row.data["transferred_units"],
            "serials": row.data["parts"],
        }
        for row in rows.order_by("pk")
    ]


def _on_offer(moment: Moment, seller: int) -> list[SerialRange]:
    """What this transfer listed and is listed still; the account stays locked."""
    account, parts = account_of(moment.platform, seller), kept_parts(moment)
    return [
        block.serials
        for block in serials.open_blocks(account, state=LISTED, lock=True)
        if any(part.holds(block.serials) for part in parts)
        and locker(block) == moment.matter.number
    ]


def _check_grams(moment: Moment, parts: list[SerialRange]) -> None:
    """Pooled units only, no more than the donated grams cover; one drive at a time."""
    use = moment.data["for_use"]
    services.lock(use)
    drives.check_forming(moment.platform, use, units_in(parts), but=moment.matter.number)
    for issue, _ in issues_of(parts):
        if not queries.search(kind="pool").filter(number=issue.source).exists():
            raise InputRefused(
                "transfer.not_pooled",
                zh=f"{issue.batch} 不是汇集公众减排量签发的；请选汇集签发的单位。",
                en=f"{issue.batch} was not issued from a pool of citizens' reductions; choose "
                "pooled units.",
            )


def _check_side(moment: Moment, organisation: int) -> None:
    above = organisations.above(organisations.get(organisation))
    if moment.who.organisation not in {one.pk for one in above}:
        raise _WrongSide(
            "transfer.other_side",
            zh="这一步由过户的另一方办理。",
            en="This step is for the other side of the transfer.",
        )


class _WrongSide(Denied):
    """Known to us, on the other side of the transfer."""

    status = 403


EFFECTS: Effects = {
    ("transfer", "open"): Effect(check=check_offer, run=run_offer),
    ("transfer", "accept"): Effect(check=check_receiver, run=run_accept),
    ("transfer", "decline"): Effect(check=check_receiver, run=run_release),
    ("transfer", "withdraw"): Effect(check=check_seller, run=run_release),
}
