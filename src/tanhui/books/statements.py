"""The statement of any account over any period: opening + movements = closing.

A holder's statement has a line per movement, earned points a line per lot. A system account moves
with everybody, so its lines are days, most of them summed before (`system_days`). All of it is one
query, so it is true at one moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from tanhui.core.errors import InputRefused, NotFound, ProofFailed

from .models import HOLDER_ROLE, PERSON, SYSTEM, Account

LINES_MAX = 100_000


@dataclass(frozen=True)
class Line:
    """One movement, or of a system account one day's, with the balance after it.

    `number` is the transfer's (0 for a day and for earned points), `act` the journal's; `other`
    is the account on the other side in words, never a person's number.
    """

    day: date
    number: int
    act: int
    verb: str
    code: str
    other: str
    debit: int
    credit: int
    balance: int


@dataclass(frozen=True)
class Statement:
    """Everything that moved an account in a period; both days are in it."""

    account: int
    asset: str
    unit: str
    first: date
    last: date
    opening: int
    lines: tuple[Line, ...]
    closing: int

    @property
    def debits(self) -> int:
        """What went out."""
        return sum(line.debit for line in self.lines)

    @property
    def credits(self) -> int:
        """What came in."""
        return sum(line.credit for line in self.lines)


_OTHER = f"""
CASE WHEN o.owner_kind = '{SYSTEM}' THEN o.role
     WHEN o.owner_kind = '{PERSON}' THEN '{PERSON}'
     ELSE o.owner_kind || ':' || o.owner_id || ':' || o.role END
"""

# Earned points have no index by holder: their lots lead to them.
_HOLDER = f"""
WITH moves AS (
    SELECT effective_day AS day, id, journal_id, debit_account_id AS other, code, amount
    FROM books_transfer
    WHERE credit_account_id = %(account)s AND code NOT IN ('earn', 'spend', 'lapse')
    UNION ALL
    SELECT l.earned_on, 0, l.journal_id, l.source_id, 'earn', l.amount
    FROM books_lot l JOIN books_account i ON i.id = l.source_id AND i.role LIKE 'issued:%%'
    WHERE l.account_id = %(account)s
    UNION ALL
    SELECT effective_day, id, journal_id, credit_account_id, code, -amount
    FROM books_transfer WHERE debit_account_id = %(account)s AND code NOT IN ('credit', 'earn')
)
SELECT NULL AS day, 0 AS id, 0, '', '', '', coalesce(sum(amount), 0)::bigint
FROM moves WHERE day < %(first)s
UNION ALL (
    SELECT m.day, m.id, m.journal_id, j.verb, m.code, {_OTHER}, m.amount
    FROM moves m JOIN books_journal j ON j.id = m.journal_id
    JOIN books_account o ON o.id = m.other
    WHERE m.day BETWEEN %(first)s AND %(last)s LIMIT {LINES_MAX} + 1
)
ORDER BY day NULLS FIRST, 3, id
"""

_SYSTEM = f"""
WITH sums AS MATERIALIZED (
    SELECT day, code, debits, credits FROM books_system_moves(%(account)s) WHERE day <= %(last)s
), moves AS (
    SELECT day, code, credits AS amount FROM sums WHERE credits > 0
    UNION ALL
    SELECT day, code, -debits FROM sums WHERE debits > 0
), days AS (
    SELECT CASE WHEN day >= %(first)s THEN day END AS day,
           CASE WHEN day >= %(first)s THEN code ELSE '' END AS code,
           coalesce(sum(amount), 0)::bigint AS amount
    FROM moves GROUP BY 1, 2, amount > 0
)
SELECT NULL AS day, 0, 0, '', '', '', coalesce(sum(amount), 0)::bigint FROM days WHERE day IS NULL
UNION ALL
(SELECT day, 0, 0, '', code, '', amount FROM days WHERE day IS NOT NULL LIMIT {LINES_MAX} + 1)
ORDER BY day NULLS FIRST, 5, 7
"""


def statement(account: int, *, first: date = date.min, last: date = date.max) -> Statement:
    """The statement of an account from `first` to `last`, both included.

    Raises NotFound `account.unknown`, InputRefused for a period that ends before it begins or
    has more than LINES_MAX lines.
    """
    if last < first:
        raise InputRefused(
            "statement.period",
            zh=f"时段 {first} 至 {last} 倒置；请先起始日后结束日。",
            en=f"The period {first} to {last} ends before it begins.",
        )
    found = Account.objects.select_related("asset").filter(id=account).first()
    if found is None:
        raise NotFound(
            "ledger.account.unknown",
            zh=f"没有编号为 {account} 的账户。",
            en=f"There is no account number {account}.",
        )
    values: dict[str, Any] = {"account": account, "first": first, "last": last}
    with connection.cursor() as cursor:
        cursor.execute(_SYSTEM if found.owner_kind == SYSTEM else _HOLDER, values)
        opening, *moved = cursor.fetchall()
    if len(moved) > LINES_MAX:
        raise InputRefused(
            "statement.too_long",
            zh=f"这段时间多于 {LINES_MAX} 行；请缩短时段分次查询。",
            en=f"The period has more than {LINES_MAX} lines; ask for shorter ones.",
        )
    return _statement(found, first, last, int(opening[-1]), moved)


def account_of(
    owner_kind: str, owner_id: int, asset: str, *, role: str = HOLDER_ROLE
) -> int | None:
    """The account an owner has for an asset, or None."""
    return (
        Account.objects.filter(
            owner_kind=owner_kind, owner_id=owner_id, asset__code=asset, role=role
        )
        .values_list("id", flat=True)
        .first()
    )


def _statement(
    account: Account, first: date, last: date, opening: int, moved: list[tuple[Any, ...]]
) -> Statement:
    lines, balance = [], opening
    for day, number, act, verb, code, other, amount in moved:
        balance += amount
        debit, credit = max(-amount, 0), max(amount, 0)
        lines.append(Line(day, number, act, verb, code, other, debit, credit, balance))
    asset = account.asset
    made = Statement(
        account.pk, asset.code, asset.unit, first, last, opening, tuple(lines), balance
    )
    if made.opening + made.credits - made.debits != made.closing:
        raise ProofFailed(
            "statement.differs",
            zh=f"账户 {account.pk} 的对账单不平；未出具。",
            en=f"The statement of account {account.pk} does not add up; none was made.",
        )
    return made
