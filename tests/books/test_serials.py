"""Units with serial numbers: a published lineage, every refusal, random histories, two at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tanhui.books import serials
from tanhui.books.acts import Act, record
from tanhui.books.models import (
    CANCELLED,
    HELD,
    LISTED,
    LOCKED,
    PLEDGED,
    RETIRED,
    Account,
    Asset,
    CreditBlock,
)
from tanhui.books.proofs import prove
from tanhui.books.serial_proofs import issued_and_standing
from tanhui.books.serials import Block
from tanhui.core.errors import Conflict, InputRefused, NotFound, TanhuiError
from tanhui.core.serials import SerialRange

STATES = [HELD, LOCKED, PLEDGED, LISTED, RETIRED, CANCELLED]


def an_act(verb: str = "registry.block.changed") -> int:
    """A journal row to change blocks under."""
    global _acts  # noqa: PLW0603
    _acts += 1
    at = datetime(2025, 1, 1, tzinfo=UTC)
    key = f"test/{_acts}"
    return record(Act(verb=verb, actor="test", at=at, key=key, request={"n": _acts})).journal


_acts = 0


def an_account(owner: int, asset: Asset) -> int:
    found, _ = Account.objects.get_or_create(
        owner_id=owner, asset=asset, owner_kind="firm", role="holder", floor_zero=True
    )
    return found.pk


@pytest.fixture
def asset(db: None) -> Asset:
    return Asset.objects.create(code="credit:test", unit="credit")


def an_issue(asset: Asset, units: int, owner: int = 1, batch: str = "batch") -> Block:
    with transaction.atomic():
        holder = an_account(owner, asset)
        journal = an_act("registry.units.issued")
        return serials.issue(
            journal=journal, asset=asset.pk, batch=batch, units=units, owner=holder
        )


def changed(block: Block, part: SerialRange, **changes: Any) -> Block:
    with transaction.atomic():
        return serials.change(block, part, journal=an_act(), **changes)


def shown(asset: Asset) -> list[tuple[str, str, int]]:
    rows = CreditBlock.objects.filter(issue__asset=asset, closed_by__isnull=True)
    return [
        (f"{row.serials.lower}-{row.serials.upper - 1}", row.state, row.owner.owner_id)
        for row in rows.order_by("serials").select_related("owner")
    ]


def test_a_published_lineage(asset: Asset) -> None:
    """UNDP's credit block history: the owner keeps the low part, the high part goes."""
    river, developer, buyer = (an_account(owner, asset) for owner in (1, 2, 3))
    an_issue(asset, 1000)
    with transaction.atomic():
        serials.take(journal=an_act(), owner=river, units=400, state=HELD, to=developer)
    assert shown(asset) == [("1-600", HELD, 1), ("601-1000", HELD, 2)]
    with transaction.atomic():
        serials.take(journal=an_act(), owner=river, units=300, state=RETIRED)
    assert shown(asset) == [("1-300", HELD, 1), ("301-600", RETIRED, 1), ("601-1000", HELD, 2)]
    with transaction.atomic():
        serials.take(journal=an_act(), owner=river, units=300, state=HELD, to=buyer)
        serials.take(journal=an_act(), owner=buyer, units=150, state=RETIRED)
    assert shown(asset) == [
        ("1-150", HELD, 3),
        ("151-300", RETIRED, 3),
        ("301-600", RETIRED, 1),
        ("601-1000", HELD, 2),
    ]
    states = [(str(row.serials.lower), row.state) for row in serials.lineage(150)]
    assert states == [("1", HELD), ("1", HELD), ("1", HELD), ("1", HELD), ("1", HELD)]
    assert serials.totals(asset.pk) == {HELD: 550, RETIRED: 450}


def test_issues_follow_each_other_on_one_line(asset: Asset) -> None:
    other = Asset.objects.create(code="credit:other", unit="credit")
    assert an_issue(asset, 3000, batch="1").serials == SerialRange(1, 3000)
    assert an_issue(other, 2000, batch="2").serials == SerialRange(3001, 5000)
    assert an_issue(asset, 1, batch="3").serials == SerialRange(5001, 5001)
    assert serials.block_at(3001).serials == SerialRange(3001, 5000)
    with pytest.raises(NotFound, match="5002"):
        serials.block_at(5002)


@pytest.mark.parametrize("units", [0, -1, 2**53 + 1])
def test_no_units_are_no_issue(asset: Asset, units: int) -> None:
    with pytest.raises(InputRefused, match="cannot be issued"):
        an_issue(asset, units)
    assert shown(asset) == []


def test_a_batch_is_issued_once(asset: Asset) -> None:
    an_issue(asset, 10)
    with pytest.raises(Conflict, match="issued before"):
        an_issue(asset, 10)
    assert shown(asset) == [("1-10", HELD, 1)]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("wanted", STATES)
@pytest.mark.parametrize("to", [None, 2])
def test_every_move_is_in_the_table_or_refused(
    asset: Asset, state: str, wanted: str, to: int | None
) -> None:
    block = an_issue(asset, 10)
    if state != HELD:
        block = changed(block, block.serials, state=state)
    owner = None if to is None else an_account(to, asset)
    moves = wanted in serials.MOVES[state]
    allowed = (
        moves and wanted != state
        if to is None
        else moves and wanted == HELD and state in serials.GIVES_AWAY
    )
    before = shown(asset)
    if allowed:
        changed(block, SerialRange(8, 10), state=wanted, owner=owner)
        assert shown(asset) == [("1-7", state, 1), ("8-10", wanted, to or 1)]
    else:
        with pytest.raises(Conflict, match="cannot become"):
            changed(block, SerialRange(8, 10), state=wanted, owner=owner)
        assert shown(asset) == before


def test_what_was_seen_must_still_be_so(asset: Asset) -> None:
    block = an_issue(asset, 10)
    changed(block, SerialRange(6, 10), state=RETIRED)
    with pytest.raises(Conflict, match="just changed"):
        changed(block, SerialRange(6, 10), state=RETIRED)
    with pytest.raises(InputRefused, match="do not stand in the block"):
        changed(serials.block_at(1), SerialRange(4, 6), state=RETIRED)
    assert shown(asset) == [("1-5", HELD, 1), ("6-10", RETIRED, 1)]


def test_too_few_units_change_nothing(asset: Asset) -> None:
    block = an_issue(asset, 10)
    changed(block, SerialRange(6, 10), state=LISTED)
    for units in (6, 0, -3):
        with pytest.raises(Conflict, match="has 5 units"), transaction.atomic():
            serials.take(journal=an_act(), owner=block.owner, units=units, state=RETIRED)
    assert shown(asset) == [("1-5", HELD, 1), ("6-10", LISTED, 1)]


def test_neighbours_join_and_others_do_not(asset: Asset) -> None:
    block = an_issue(asset, 10)
    changed(block, SerialRange(4, 6), state=LISTED)
    low, middle, high = (serials.block_at(serial) for serial in (1, 4, 10))
    for wrong in ([low, high], [low, middle], [low]):
        with pytest.raises(Conflict, match="Only neighbouring blocks"), transaction.atomic():
            serials.merge(wrong, journal=an_act())
    back = changed(middle, middle.serials, state=HELD)
    with transaction.atomic():
        joined = serials.merge([high, low, back], journal=an_act())
    assert joined.serials == SerialRange(1, 10)
    assert CreditBlock.objects.get(id=joined.id).parents == [low.id, back.id, high.id]


def test_the_database_itself_refuses_overlaps_and_rewriting(asset: Asset) -> None:
    block = an_issue(asset, 10)
    row = CreditBlock.objects.get(id=block.id)
    row.pk = None
    with pytest.raises(IntegrityError, match="books_block_no_overlap"), transaction.atomic():
        row.save(force_insert=True)
    for change in (
        "UPDATE books_creditblock SET owner_id = owner_id + 1",
        "DELETE FROM books_creditblock",
        "UPDATE books_issue SET batch = 'x'",
    ):
        with (
            pytest.raises(DatabaseError),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(change)
    assert shown(asset) == [("1-10", HELD, 1)]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_random_histories_tile_every_issue(asset: Asset, data: st.DataObject) -> None:
    """Issue, give, retire, list, take back, join in any order: the blocks always tile."""
    with transaction.atomic():
        owners = [an_account(owner, asset) for owner in (1, 2, 3)]
        for number in range(data.draw(st.integers(1, 3))):
            an_issue(asset, data.draw(st.integers(1, 50)), 1 + number, batch=f"b{number}")
        for _ in range(data.draw(st.integers(1, 25))):
            _one_act(data, owners)
            issued, standing, broken = issued_and_standing()
            assert (issued, broken) == (standing, [])
        totals = serials.totals(asset.pk)
        assert sum(totals.values()) == issued
        transaction.set_rollback(True)


def _one_act(data: st.DataObject, owners: list[int]) -> None:
    owner, state = data.draw(st.sampled_from(owners)), data.draw(st.sampled_from(STATES))
    to = data.draw(st.sampled_from([None, *owners]))
    wanted = data.draw(st.sampled_from(STATES))
    units = data.draw(st.integers(1, 40))
    try:
        with transaction.atomic():
            serials.take(
                journal=an_act(), owner=owner, units=units, state=wanted, to=to, from_state=state
            )
    except Conflict:
        blocks = serials.open_blocks(owner, state=state)
        if len(blocks) > 1:
            _try(lambda: serials.merge(blocks, journal=an_act()))


def _try(act: Callable[[], object]) -> None:
    try:
        with transaction.atomic():
            act()
    except TanhuiError:
        pass


@pytest.mark.django_db(transaction=True)
def test_the_same_units_are_used_once_however_many_try() -> None:
    asset = Asset.objects.create(code="credit:test", unit="credit")
    block = an_issue(asset, 100)
    outcomes: list[str] = []

    def use(number: int) -> None:
        state = (RETIRED, LISTED, CANCELLED)[number % 3]
        try:
            with transaction.atomic():
                serials.take(journal=an_act(), owner=block.owner, units=30, state=state)
            outcomes.append("used")
        except (Conflict, DatabaseError) as error:
            outcomes.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=use, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("used") == 3, outcomes
    totals = serials.totals(asset.pk)
    assert sum(totals.values()) == 100
    assert totals[HELD] == 10
    assert all(proof.ok for proof in prove())
