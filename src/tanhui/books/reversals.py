"""Take an act back: every movement the other way, each naming the one it takes back.

Nothing is changed or deleted. Points that were spent come back as they were, with the day they
were earned and the day they expire. An act is taken back once, and what takes back is not taken
back itself: who did so by mistake acts anew. Batches have their own corrections (`posting`).
"""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, connection, transaction

from tanhui.core.errors import Conflict, NotFound

from .acts import Act, Recorded, record
from .holds import void_all
from .models import LAPSE, MOVE, POSTED, SETTLE, SPEND, UNDO, Hold, Journal, Reversal
from .partitions import ensure_partitions
from .refusals import in_words
from .transfers import PLACE_BITS, Leg, lock_balances, move

_MOVED = """
SELECT id, debit_account_id, credit_account_id, amount, code FROM books_transfer
WHERE id >= %s AND id < %s ORDER BY id
"""


def reverse(act: Act, reversed_: int, *, day: date) -> Recorded:
    """Take back the act `reversed_` (a journal number) and void what it still holds.

    Raises NotFound; Conflict `act.reversed` (it was before), `act.not_reversible` (a batch or a
    reversal), `act.hold_posted` (take back the posting first), `balance.short` (what was given
    is spent).
    """
    done = record(act)
    if not done.is_new:
        return done
    if not Journal.objects.filter(pk=reversed_).exists():
        raise NotFound(
            "act.unknown",
            zh=f"没有编号为 {reversed_} 的账务事项。",
            en=f"There is no act number {reversed_}.",
        )
    _name(reversed_, done.journal)
    ensure_partitions(connection, [day])
    _refuse_posted(reversed_)
    void_all(act, done.journal, opened_by=reversed_)
    moved = _movements(reversed_)
    with in_words():
        lock_balances(account for _, debit, credit, _ in moved for account in (debit, credit))
        for place, (number, debit, credit, amount) in enumerate(moved):
            back = Leg(credit, debit, amount)
            mine = (done.journal << PLACE_BITS) + place
            move(mine, back, day=day, code=UNDO, origin=number)
    return done


def _name(reversed_: int, journal: int) -> None:
    """One row per act that was taken back: the key refuses a second."""
    try:
        with transaction.atomic():
            Reversal.objects.create(reversed_id=reversed_, journal_id=journal)
    except IntegrityError as error:
        raise Conflict(
            "act.reversed",
            zh=f"事项 {reversed_} 已经冲回过，不能再次冲回。",
            en=f"Act {reversed_} was taken back before and cannot be taken back again.",
        ) from error


def _movements(journal: int) -> list[tuple[int, int, int, int]]:
    first = journal << PLACE_BITS
    with connection.cursor() as cursor:
        cursor.execute(_MOVED, [first, first + (1 << PLACE_BITS)])
        found = cursor.fetchall()
    if any(code not in {MOVE, SPEND, SETTLE, LAPSE} for *_, code in found):
        raise Conflict(
            "act.not_reversible",
            zh=f"事项 {journal} 是批次入账或冲回，不能这样冲回；请按更正流程办理。",
            en=f"Act {journal} is a batch or a reversal and is not taken back so; send a "
            "correction, or act anew.",
        )
    return [(number, debit, credit, amount) for number, debit, credit, amount, _ in found]


def _refuse_posted(journal: int) -> None:
    first = journal << PLACE_BITS
    posted = Hold.objects.filter(id__gte=first, id__lt=first + (1 << PLACE_BITS), state=POSTED)
    closed_by = posted.values_list("closed_by_id", flat=True).first()
    if closed_by is not None:
        raise Conflict(
            "act.hold_posted",
            zh=f"事项 {journal} 的冻结已由事项 {closed_by} 入账；请先冲回后者。",
            en=f"What act {journal} held was posted by act {closed_by}; take that back first.",
        )
