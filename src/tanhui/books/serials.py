"""Units with serial numbers: issued once, moved as blocks, retired or cancelled for good.

A change closes a block and opens others on the same units, so the open blocks of an issue tile its
serials exactly and the closed ones are the lineage. In a partial move the owner keeps the low part
and the high part goes. Every verb runs in the caller's transaction under an act of the journal;
that two open blocks overlap is refused by the database itself.

    held -> locked, pledged, listed, retired, cancelled    locked, pledged, listed -> held
    a change of owner goes from held, pledged or listed to held; retired and cancelled are the end
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from itertools import pairwise

from django.db import connection
from django.db.backends.postgresql.psycopg_any import NumericRange
from django.db.models import Q

from tanhui.core.errors import Conflict, InputRefused, NotFound
from tanhui.core.serials import SerialRange

from .models import CANCELLED, HELD, LISTED, LOCKED, PLEDGED, RETIRED, Account, CreditBlock, Issue

_ISSUING = 0x7461_6E68_0004  # beside the locks of books.locks: who issues does it alone
UNITS_MAX = 2**53

MOVES = {
    HELD: {HELD, LOCKED, PLEDGED, LISTED, RETIRED, CANCELLED},
    LOCKED: {HELD},
    PLEDGED: {HELD},
    LISTED: {HELD},
    RETIRED: set[str](),
    CANCELLED: set[str](),
}
GIVES_AWAY = {HELD, PLEDGED, LISTED}


@dataclass(frozen=True, kw_only=True)
class Origin:
    """What units are, written once when they are issued; empty where nobody knows.

    `product` is the market's word for them (PHCER, CDCER), `region` the registry that stands for
    them, the days those on which the reductions arose, `source` the number of the matter.
    """

    region: str = ""
    product: str = ""
    first_day: date | None = None
    last_day: date | None = None
    source: str = ""
    is_demo: bool = False


NO_ORIGIN = Origin()


@dataclass(frozen=True)
class Block:
    """An open block as a value."""

    id: int
    issue: int
    serials: SerialRange
    owner: int
    state: str


def issue(
    *,
    journal: int,
    asset: int,
    batch: str,
    units: int,
    owner: int,
    origin: Origin = NO_ORIGIN,
) -> Block:
    """Bring `units` into being for an account; they follow the last unit ever issued.

    `origin` says what they are; give it, for rules of use ask. Raises InputRefused for no units,
    Conflict when the batch was issued before.
    """
    if not 0 < units <= UNITS_MAX:
        raise InputRefused(
            "serials.units.out_of_range",
            zh=f"签发数量 {units} 不对：应为 1 至 {UNITS_MAX} 的整数单位。",
            en=f"{units} units cannot be issued; give a whole number from 1 to {UNITS_MAX}.",
        )
    lock_issuing()
    first = next_serial()
    if Issue.objects.filter(batch=batch).exists():
        raise Conflict(
            "serials.batch.issued",
            zh=f"“{batch}”已经签发过，不能再次签发。",
            en=f"'{batch}' was issued before and cannot be issued again.",
        )
    serials = SerialRange(first, first + units - 1)
    Issue.objects.create(
        journal_id=journal,
        asset_id=asset,
        batch=batch,
        serials=_stored(serials),
        **asdict(origin),
    )
    return _open(journal, serials, issue_id=journal, owner=owner, state=HELD, parents=[])


def lock_issuing() -> None:
    """Hold the right to issue until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ISSUING])


def next_serial() -> int:
    """The serial that the next unit will get; true only for who holds the right to issue."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(upper(serials)), 1) FROM books_issue")
        (first,) = cursor.fetchone() or (1,)
    return int(first)


def issued_by(journal: int) -> SerialRange:
    """The serials that an act issued."""
    stored = Issue.objects.get(journal_id=journal).serials
    return SerialRange(stored.lower, stored.upper - 1)


def change(
    block: Block,
    part: SerialRange,
    *,
    journal: int,
    state: str,
    owner: int | None = None,
) -> Block:
    """Give a part of an open block another state or owner; returns the block that it became.

    `block` is what the caller saw; raises Conflict when it is no longer so, or when the move is
    not among MOVES, InputRefused when the part is not inside the block. A whole block that goes
    keeps its serials.
    """
    new_owner = block.owner if owner is None else owner
    _check_move(block, state, changes_owner=new_owner != block.owner)
    if not block.serials.holds(part):
        raise InputRefused(
            "serials.not_in_block",
            zh=f"序列号 {part} 不在区块 {block.serials} 内。",
            en=f"The serials {part} do not stand in the block {block.serials}.",
        )
    _close([block], journal)
    for left in block.serials.without(part):
        _open(
            journal,
            left,
            issue_id=block.issue,
            owner=block.owner,
            state=block.state,
            parents=[block.id],
        )
    return _open(
        journal, part, issue_id=block.issue, owner=new_owner, state=state, parents=[block.id]
    )


def take(
    *,
    journal: int,
    owner: int,
    units: int,
    state: str,
    to: int | None = None,
    from_state: str = HELD,
) -> list[Block]:
    """Change `units` of what an account has: whole blocks from the lowest, then the high part
    of the next. Raises Conflict `serials.too_few` when it has fewer, and nothing changes.
    """
    found = {block.serials: block for block in open_blocks(owner, state=from_state, lock=True)}
    changed = []
    for part in _parts(list(found), units):
        (block,) = (found[whole] for whole in found if whole.holds(part))
        changed.append(change(block, part, journal=journal, state=state, owner=to))
    return changed


def plan(owner: int, units: int, *, from_state: str = HELD) -> list[SerialRange]:
    """The serials that `take` takes now; the account stays locked, so it will. Raises as it."""
    return _parts(
        [block.serials for block in open_blocks(owner, state=from_state, lock=True)], units
    )


def _parts(wholes: list[SerialRange], units: int) -> list[SerialRange]:
    """Whole ranges from the lowest, then the high part of the next, in order of serial."""
    has = sum(whole.units for whole in wholes)
    if not 0 < units <= has:
        raise Conflict(
            "serials.too_few",
            zh=f"该账户有 {has} 个单位可用，您要用 {units} 个；请减少数量。",
            en=f"The account has {has} units to use, you asked for {units}; ask for fewer.",
            has=has,
            asked=units,
        )
    parts, left = [], units
    for whole in wholes:
        part = whole if whole.units <= left else whole.split_high(left)[1]
        parts.append(part)
        left -= part.units
        if not left:
            break
    return parts


def merge(blocks: Sequence[Block], *, journal: int) -> Block:
    """Join neighbouring blocks of one issue, owner and state; raises Conflict otherwise."""
    ordered = sorted(blocks, key=lambda block: block.serials)
    touch = all(low.serials.last + 1 == high.serials.first for low, high in pairwise(ordered))
    alike = len({(block.issue, block.owner, block.state) for block in ordered}) == 1
    if len(ordered) < 2 or not touch or not alike:
        raise Conflict(
            "serials.not_neighbours",
            zh="只能合并同一批、同一持有人、同一状态的相邻区块。",
            en="Only neighbouring blocks of one issue, owner and state can be joined.",
        )
    _close(ordered, journal)
    return _open(
        journal,
        SerialRange(ordered[0].serials.first, ordered[-1].serials.last),
        issue_id=ordered[0].issue,
        owner=ordered[0].owner,
        state=ordered[0].state,
        parents=[block.id for block in ordered],
    )


def open_blocks(owner: int, *, state: str | None = None, lock: bool = False) -> list[Block]:
    """The open blocks of an account by serial; `lock` lets nobody else take of it meanwhile.

    The account is locked, not the blocks: who waits for it then sees the blocks of now, where who
    waits for a block finds it closed and misses those that took its place.
    """
    if lock:
        Account.objects.select_for_update(no_key=True).get(id=owner)
    rows = CreditBlock.objects.filter(owner_id=owner, closed_by__isnull=True)
    if state is not None:
        rows = rows.filter(state=state)
    return [_value(row) for row in rows.order_by("serials")]


def block_at(serial: int) -> Block:
    """The open block in which a unit stands; raises NotFound for one that was never issued."""
    at = NumericRange(serial, serial, "[]")
    row = CreditBlock.objects.filter(serials__contains=at, closed_by__isnull=True).first()
    if row is None:
        raise NotFound(
            "serials.unknown",
            zh=f"没有签发过序列号 {serial}。",
            en=f"No unit with the serial {serial} was ever issued.",
        )
    return _value(row)


def standing_of(wanted: Iterable[int]) -> dict[int, tuple[str, int]]:
    """Serial -> state of the open block in which it stands, and the act that opened it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT w.serial, b.state, b.opened_by_id"
            " FROM unnest(%s::bigint[]) AS w(serial) JOIN books_creditblock b"
            " ON b.serials @> w.serial AND b.closed_by_id IS NULL",
            [sorted(set(wanted))],
        )
        return {serial: (state, act) for serial, state, act in cursor.fetchall()}


def lineage(serial: int) -> list[CreditBlock]:
    """Every block in which a unit ever stood, from its issue on."""
    at = NumericRange(serial, serial, "[]")
    return list(CreditBlock.objects.filter(serials__contains=at).order_by("id"))


def totals(asset: int) -> dict[str, int]:
    """Units of an asset by state, over the open blocks."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT b.state, sum(upper(b.serials) - lower(b.serials))::bigint"
            " FROM books_creditblock b JOIN books_issue i ON i.journal_id = b.issue_id"
            " WHERE i.asset_id = %s AND b.closed_by_id IS NULL GROUP BY 1",
            [asset],
        )
        return dict(cursor.fetchall())


def _check_move(block: Block, state: str, *, changes_owner: bool) -> None:
    is_allowed = state in MOVES[block.state]
    if changes_owner:
        is_allowed = is_allowed and state == HELD and block.state in GIVES_AWAY
    elif state == block.state:
        is_allowed = False
    if not is_allowed:
        raise forbidden(block, state, changes_owner=changes_owner)


def forbidden(block: Block, state: str, *, changes_owner: bool = False) -> Conflict:
    """The block's state does not allow the move."""
    return Conflict(
        "serials.move.forbidden",
        zh=f"区块 {block.serials} 的状态是 {block.state}，不能变为 {state}"
        f"{'并换持有人' if changes_owner else ''}。",
        en=f"The block {block.serials} is {block.state} and cannot become {state}"
        f"{' with another owner' if changes_owner else ''}.",
        state=block.state,
        wanted=state,
    )


def _close(blocks: Iterable[Block], journal: int) -> None:
    """Close the blocks if they are still open and as the caller saw them."""
    for block in blocks:
        is_same = Q(id=block.id, owner_id=block.owner, state=block.state, closed_by__isnull=True)
        if not CreditBlock.objects.filter(is_same).update(closed_by_id=journal):
            raise Conflict(
                "serials.block.changed",
                zh=f"区块 {block.serials} 刚刚被另一项操作改变；请重新查看后再试。",
                en=f"The block {block.serials} was just changed by another act; look again and "
                "repeat.",
            )


def _open(
    journal: int,
    serials: SerialRange,
    *,
    issue_id: int,
    owner: int,
    state: str,
    parents: list[int],
) -> Block:
    row = CreditBlock.objects.create(
        issue_id=issue_id,
        serials=_stored(serials),
        owner_id=owner,
        state=state,
        opened_by_id=journal,
        parents=parents,
    )
    return Block(row.pk, issue_id, serials, owner, state)


def _stored(serials: SerialRange) -> NumericRange:
    return NumericRange(serials.first, serials.last + 1, "[)")


def _value(row: CreditBlock) -> Block:
    serials = SerialRange(row.serials.lower, row.serials.upper - 1)
    return Block(row.pk, row.issue_id, serials, row.owner_id, row.state)
