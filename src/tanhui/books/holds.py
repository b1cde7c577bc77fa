"""Two-phase movements: reserve an amount, then post, void or let it expire, once.

What is held stays on its account but cannot be spent or held again. Posting may take less than
the hold, the rest is free at once: an order is filled or ended, never left half open. A hold that
is past its time cannot be posted, whether or not the nightly job has closed it yet.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import connection

from .acts import Act, Recorded, record
from .models import EXPIRED, OPEN, POSTED, SETTLE, VOIDED, Hold
from .partitions import ensure_partitions
from .refusals import in_words
from .transfers import PLACE_BITS, Leg, lock_balances, move

EXPIRED_AT_ONCE_MAX = 10_000
VERB_EXPIRED = "books.hold.expired"


def reserve(
    act: Act, account: int, amount: int, *, day: date, expires_at: datetime | None = None
) -> tuple[Recorded, int]:
    """Hold an amount under its own act; returns the act and the hold's number.

    Raises Conflict `balance.short` or `points.lapsed`; a repeated key gives the first hold.
    """
    done = record(act)
    number = done.journal << PLACE_BITS
    if done.is_new:
        with in_words(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT books_reserve(%s, %s, %s, %s, %s)",
                [number, account, amount, expires_at, day],
            )
    return done, number


def post(act: Act, hold: int, credit: int, *, day: date, amount: int | None = None) -> Recorded:
    """Move what is held (or `amount` of it) to `credit`; the rest is free again.

    Raises Conflict `hold.not_open` when it is closed or past its time, InputRefused
    `hold.too_small`.
    """
    done = record(act)
    if not done.is_new:
        return done
    ensure_partitions(connection, [day])
    with in_words():
        held = Hold.objects.select_for_update(no_key=True).filter(id=hold).first()
        posted = amount or (held.amount if held else 1)
        lock_balances([held.account_id, credit] if held else [])
        account = _release(hold, POSTED, act, posted=posted, journal=done.journal)
        leg = Leg(account, credit, posted)
        move(done.journal << PLACE_BITS, leg, day=day, code=SETTLE)
    return done


def void(act: Act, hold: int) -> Recorded:
    """Free what is held; raises Conflict `hold.not_open`."""
    done = record(act)
    if done.is_new:
        with in_words():
            _release(hold, VOIDED, act, journal=done.journal)
    return done


def void_all(act: Act, journal: int, *, opened_by: int) -> int:
    """Void every open hold of the act `opened_by` under the act `journal`; returns how many."""
    first = opened_by << PLACE_BITS
    found = Hold.objects.filter(id__gte=first, id__lt=first + (1 << PLACE_BITS), state=OPEN)
    return _close(list(found.order_by("id").select_for_update(no_key=True)), VOIDED, act, journal)


def expire(*, at: datetime, actor: str) -> int:
    """Close the open holds whose time is past, under one act; returns how many.

    At most EXPIRED_AT_ONCE_MAX; call again until it returns 0.
    """
    due = list(
        Hold.objects.filter(state=OPEN, expires_at__lte=at)
        .order_by("id")
        .select_for_update(no_key=True)[:EXPIRED_AT_ONCE_MAX]
    )
    if not due:
        return 0
    key = f"holds/expired/{due[0].pk}"
    numbers = [str(hold.pk) for hold in due]
    act = Act(verb=VERB_EXPIRED, actor=actor, at=at, key=key, request={"holds": numbers})
    return _close(due, EXPIRED, act, record(act).journal)


def _close(holds: list[Hold], state: str, act: Act, journal: int) -> int:
    """Close locked holds; their balances are locked in order first."""
    with in_words():
        lock_balances(hold.account_id for hold in holds)
        for hold in holds:
            _release(hold.pk, state, act, journal=journal)
    return len(holds)


def _release(hold: int, state: str, act: Act, *, journal: int, posted: int = 0) -> int:
    """Close a hold; returns its account."""
    with connection.cursor() as cursor:
        values: list[Any] = [hold, state, posted, journal, act.at]
        cursor.execute("SELECT books_release(%s, %s, %s, %s, %s)", values)
        (account,) = cursor.fetchone() or (0,)
    return int(account)
