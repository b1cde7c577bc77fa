"""Close a holder's points for good: all that can still be spent lapses, as one journalled act.

Reductions stay where they are counted: they happened. What lapsed by its day before is the
nightly job's (`lapsing`).
"""

from __future__ import annotations

from datetime import date

from django.db.models import Sum

from tanhui.core.errors import Conflict

from .accounts import ensure_system
from .acts import Act, Recorded, record
from .lapsing import LAPSED
from .models import HOLDER_ROLE, OPEN, PERSON, Account, Hold, Lot
from .transfers import Leg, lock_balances, transfer


def close_points(act: Act, person: int, *, day: date) -> tuple[Recorded, int]:
    """Let every point of the person lapse under `act`; returns it and how many points.

    In the caller's transaction. Raises Conflict while an order still holds something of theirs.
    """
    accounts = list(
        Account.objects.filter(owner_kind=PERSON, owner_id=person, role=HOLDER_ROLE).values_list(
            "id", "asset_id"
        )
    )
    lock_balances(account for account, _ in accounts)
    if Hold.objects.filter(account_id__in=[each for each, _ in accounts], state=OPEN).exists():
        raise Conflict(
            "account.held",
            zh="还有未完成的订单占用着您的积分；请先完成或取消订单，再注销账户。",
            en="An order that is not finished holds some of your points; finish or cancel it, "
            "then close the account.",
        )
    left = dict(
        Lot.objects.filter(
            account_id__in=[each for each, _ in accounts], left__gt=0, expires_on__gt=day
        )
        .values_list("account_id")
        .annotate(points=Sum("left"))
    )
    sinks = ensure_system((asset, LAPSED) for account, asset in accounts if left.get(account))
    legs = [
        Leg(account, sinks[asset, LAPSED], int(left[account]))
        for account, asset in accounts
        if left.get(account)
    ]
    done = transfer(act, legs, day=day) if legs else record(act)
    return done, sum(leg.amount for leg in legs)
