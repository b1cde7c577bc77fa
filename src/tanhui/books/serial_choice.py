"""Chosen serials: the units somebody names, and what they are.

`serials.take` takes the lowest of an account; here the holder says which. A range may run over
several blocks; every unit of it must stand with the holder and in the state the caller expects,
or nothing changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connection
from django.db.backends.postgresql.psycopg_any import NumericRange

from tanhui.core.errors import Conflict
from tanhui.core.serials import SerialRange

from .models import HELD, Account, CreditBlock, Issue
from .serials import Block, change, forbidden


def take_parts(
    parts: Sequence[SerialRange],
    *,
    journal: int,
    owner: int,
    state: str,
    to: int | None = None,
    from_state: str = HELD,
) -> list[Block]:
    """Change the named units of an account; raises Conflict as `check_parts`, nothing changes."""
    Account.objects.select_for_update(no_key=True).get(id=owner)
    changed = []
    for part in parts:
        for block in _standing(part, owner=owner, state=from_state, wanted=state):
            inside = _common(block.serials, part)
            changed.append(change(block, inside, journal=journal, state=state, owner=to))
    return changed


def check_parts(parts: Sequence[SerialRange], *, owner: int, state: str, wanted: str) -> None:
    """Refuse serials that are not the holder's, or stand in another state than `state`.

    The account stays locked. Raises Conflict `serials.not_yours` or `serials.move.forbidden`.
    """
    Account.objects.select_for_update(no_key=True).get(id=owner)
    for part in parts:
        _standing(part, owner=owner, state=state, wanted=wanted)


def standing_in(part: SerialRange) -> list[Block]:
    """The open blocks over a range of serials, in order."""
    rows = CreditBlock.objects.filter(serials__overlap=_stored(part), closed_by__isnull=True)
    return [
        Block(
            row.pk,
            row.issue_id,
            SerialRange(row.serials.lower, row.serials.upper - 1),
            row.owner_id,
            row.state,
        )
        for row in rows.order_by("serials")
    ]


def issues_of(parts: Iterable[SerialRange]) -> list[tuple[Issue, int]]:
    """The issues that the serials belong to, each with how many of the units are its own."""
    found: dict[int, tuple[Issue, int]] = {}
    for part in parts:
        for row in Issue.objects.filter(serials__overlap=_stored(part)):
            whole = SerialRange(row.serials.lower, row.serials.upper - 1)
            units = found.get(row.pk, (row, 0))[1] + _common(whole, part).units
            found[row.pk] = row, units
    return [found[number] for number in sorted(found)]


def first_owner(issue: int) -> Account:
    """The account to which an issue's units first came."""
    row = CreditBlock.objects.filter(issue_id=issue).order_by("id").select_related("owner")[0]
    return row.owner


def opened_by(block: Block) -> int:
    """The act that brought a block into its state."""
    return CreditBlock.objects.values_list("opened_by_id", flat=True).get(pk=block.id)


_TOTALS = """
SELECT i.region, i.product, b.state, sum(upper(b.serials) - lower(b.serials))::bigint
FROM books_creditblock b JOIN books_issue i ON i.journal_id = b.issue_id
WHERE b.closed_by_id IS NULL GROUP BY 1, 2, 3
UNION ALL
SELECT i.region, i.product, 'issued', sum(upper(i.serials) - lower(i.serials))::bigint
FROM books_issue i GROUP BY 1, 2
"""


def totals_by_product() -> dict[tuple[str, str], dict[str, int]]:
    """Units issued and units in each state, by region and product."""
    with connection.cursor() as cursor:
        cursor.execute(_TOTALS)
        rows = cursor.fetchall()
    found: dict[tuple[str, str], dict[str, int]] = {}
    for region, product, state, units in rows:
        found.setdefault((region, product), {})[state] = units
    return found


def _standing(part: SerialRange, *, owner: int, state: str, wanted: str) -> list[Block]:
    blocks = standing_in(part)
    own = [block for block in blocks if block.owner == owner]
    if sum(_common(block.serials, part).units for block in own) != part.units:
        raise Conflict(
            "serials.not_yours",
            zh=f"序列号 {part} 不全属于该账户；请核对持有的区块。",
            en=f"The serials {part} are not all in this account; look at its blocks.",
            serials=str(part),
        )
    for block in own:
        if block.state != state:
            raise forbidden(block, wanted)
    return own


def _common(one: SerialRange, other: SerialRange) -> SerialRange:
    return SerialRange(max(one.first, other.first), min(one.last, other.last))


def _stored(part: SerialRange) -> NumericRange:
    return NumericRange(part.first, part.last + 1, "[)")
