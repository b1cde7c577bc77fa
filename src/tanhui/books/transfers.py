"""Move any asset between two accounts: the act, the balances, the lots, in one transaction.

A movement stays inside one asset. Points go between a holder and the programme only, never from
one holder to another; who is given points is given a lot with the day it expires, who spends them
spends the oldest that have not. What batches move they move themselves (`posting`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from tanhui.core.errors import InputRefused

from .acts import Act, Recorded, record
from .models import MOVE, SYSTEM, Account
from .partitions import ensure_partitions
from .refusals import in_words

PLACE_BITS = 32  # a transfer's id is its journal's number and its place in the act
LEGS_MAX = 1_000
AMOUNT_MAX = 2**62
BATCH_ROLES = ("measured:", "issued:")  # system accounts that batches alone draw from


@dataclass(frozen=True)
class Leg:
    """One movement: `amount` of the accounts' asset from `debit` to `credit`.

    `expires_on` is the first day on which points that are given can no longer be spent.
    """

    debit: int
    credit: int
    amount: int
    expires_on: date | None = None


def transfer(act: Act, legs: Sequence[Leg], *, day: date) -> Recorded:
    """Move every leg under one act, all or none; the same key gives the first answer.

    In the caller's transaction. Raises Conflict `balance.short`, `points.lapsed`,
    `points.not_transferable`, InputRefused for accounts or amounts that cannot be.
    """
    _check(legs)
    done = record(act)
    if done.is_new:
        _move_all(done.journal, legs, day=day)
    return done


def transfer_under(journal: int, legs: Sequence[Leg], *, day: date) -> None:
    """Move every leg under an act that is in the journal and moved nothing yet; raises as above."""
    _check(legs)
    _move_all(journal, legs, day=day)


def _move_all(journal: int, legs: Sequence[Leg], *, day: date) -> None:
    ensure_partitions(connection, [day])
    with in_words():
        lock_balances(account for leg in legs for account in (leg.debit, leg.credit))
        for place, leg in enumerate(legs):
            move((journal << PLACE_BITS) + place, leg, day=day)


def move(number: int, leg: Leg, *, day: date, code: str = MOVE, origin: int | None = None) -> None:
    """One movement under its number, whose act and partition are there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT books_move(%s, %s, %s, %s, %s, %s, %s, %s)",
            [number, leg.debit, leg.credit, leg.amount, day, code, origin, leg.expires_on],
        )


def lock_balances(accounts: Iterable[int]) -> None:
    """Lock the balances in order of account: who waits for whom is the same for all."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT 1 FROM books_balance WHERE account_id = ANY(%s)"
            " ORDER BY account_id FOR NO KEY UPDATE) locked",
            [sorted(set(accounts))],
        )


def _check(legs: Sequence[Leg]) -> None:
    if not 0 < len(legs) <= LEGS_MAX:
        raise InputRefused(
            "transfer.legs",
            zh=f"一次划转应有 1 至 {LEGS_MAX} 笔，这里有 {len(legs)} 笔。",
            en=f"A transfer has 1 to {LEGS_MAX} movements; this one has {len(legs)}.",
        )
    for leg in legs:
        if not 0 < leg.amount <= AMOUNT_MAX or leg.debit == leg.credit:
            raise InputRefused(
                "transfer.amount",
                zh=f"划转 {leg.amount} 不对：数量应为 1 至 {AMOUNT_MAX}，且在两个不同账户之间。",
                en=f"{leg.amount} cannot be moved: give 1 to {AMOUNT_MAX}, between two "
                "different accounts.",
            )
    accounts = {account for leg in legs for account in (leg.debit, leg.credit)}
    roles = Account.objects.filter(id__in=accounts, owner_kind=SYSTEM).values_list(
        "role", flat=True
    )
    if own := [role for role in roles if role.startswith(BATCH_ROLES)]:
        raise InputRefused(
            "transfer.batch_account",
            zh=f"账户“{own[0]}”只由批次入账使用；请用另一个系统账户。",
            en=f"The account '{own[0]}' belongs to batches alone; use another system account.",
        )
