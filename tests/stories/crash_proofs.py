"""What the books must hold after a crash, computed from the acknowledged acts of the clients."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Protocol

import psycopg


class Acknowledged(Protocol):
    """A request and its answer; status 0 was never answered."""

    key: str
    path: str
    status: int
    number: int


_ORDERS = """
SELECT j.id, h.state, t.amount, u.id IS NOT NULL
FROM books_journal j JOIN books_hold h ON h.id = j.id << 32
JOIN books_transfer t ON t.id = j.id << 32
LEFT JOIN books_transfer u ON u.origin = t.id AND u.code = 'undo'
WHERE j.verb = 'books.item.redeemed'
"""

_BALANCES = """
SELECT b.account_id, b.debits, b.credits, b.held, a.owner_kind,
    (SELECT coalesce(sum(amount), 0) FROM books_transfer WHERE debit_account_id = b.account_id),
    (SELECT coalesce(sum(amount), 0) FROM books_transfer WHERE credit_account_id = b.account_id),
    (SELECT coalesce(sum(amount), 0) FROM books_hold
     WHERE account_id = b.account_id AND state = 'open'),
    s.unit, (SELECT coalesce(sum("left"), 0) FROM books_lot WHERE account_id = b.account_id)
FROM books_balance b JOIN books_account a ON a.id = b.account_id
JOIN books_asset s ON s.id = a.asset_id
"""


def differences(
    connection: psycopg.Connection, acts: Iterable[Acknowledged], stock: int
) -> list[str]:
    """Sentences about acknowledged acts that are lost or doubled, and balances that are wrong."""
    answered = [act for act in acts if act.status]
    redeemed = [act for act in answered if act.path.endswith("/redemptions") and act.status < 300]
    found = [f"{act.key} was never answered" for act in acts if not act.status]
    orders = {row[0]: row[1:] for row in connection.execute(_ORDERS)}
    counted = Counter(act.number for act in redeemed)
    found += [f"order {n} answers {times} keys" for n, times in counted.items() if times > 1]
    found += [f"order {act.number} is lost" for act in redeemed if act.number not in orders]
    found += [f"order {number} is nobody's" for number in orders.keys() - counted.keys()]
    ends = {"delivery": "posted", "cancellation": "voided"}
    expected = {act.number: "open" for act in redeemed}
    for act in answered:
        last = act.path.rpartition("/")[2]
        if act.status < 300 and last in ends:
            expected[act.number] = ends[last]
    for number, state in expected.items():
        stored, _, is_undone = orders.get(number, ("lost", 0, False))
        if stored != state or is_undone != (state == "voided"):
            found.append(f"order {number} is {stored}, acknowledged as {state}")
    return found + _wrong_balances(connection, expected, stock)


def _wrong_balances(
    connection: psycopg.Connection, expected: dict[int, str], stock: int
) -> list[str]:
    found = []
    for row in connection.execute(_BALANCES):
        account, debits, credits_, held, kind, given, received, open_holds, unit, lots = row
        if (debits, credits_, held) != (given, received, open_holds):
            found.append(f"account {account}: {row[1:4]} stored, {row[5:8]} moved")
        if unit == "points" and credits_ - debits != lots:
            found.append(f"account {account}: {credits_ - debits} points, lots {lots}")
        if unit == "piece" and kind == "partner":
            states = Counter(expected.values())
            if (credits_ - debits, held) != (stock - states["posted"], states["open"]):
                found.append(f"stock {credits_ - debits}, held {held}: acknowledged {states}")
    return found
