"""Chosen serials: named by the holder, taken over several blocks, or nothing at all."""

from __future__ import annotations

import pytest
from tests.books.test_serials import an_account, an_act, an_issue

from tanhui.books.models import CREDIT_UNIT, HELD, LISTED, LOCKED, RETIRED, Asset
from tanhui.books.serial_choice import issues_of, opened_by, standing_in, take_parts
from tanhui.books.serials import change, open_blocks, totals
from tanhui.core.errors import Conflict, InputRefused
from tanhui.core.serials import SerialRange, read_serials, write_serials


@pytest.fixture
def asset(db: None) -> Asset:
    return Asset.objects.create(code="credit:test", unit=CREDIT_UNIT)


def test_named_serials_are_taken_over_block_borders(asset: Asset) -> None:
    first = an_issue(asset, 10, batch="a")
    an_issue(asset, 10, batch="b")
    owner = first.owner
    journal = an_act()
    taken = take_parts(read_serials("4-15, 18"), journal=journal, owner=owner, state=RETIRED)
    assert write_serials(block.serials for block in taken) == "4-10, 11-15, 18-18"
    assert {opened_by(block) for block in taken} == {journal}
    held = write_serials(block.serials for block in open_blocks(owner, state=HELD))
    assert held == "1-3, 16-17, 19-20"
    assert totals(asset.pk) == {HELD: 7, RETIRED: 13}
    found = issues_of(read_serials("4-15, 18"))
    assert [(issue.batch, units) for issue, units in found] == [("a", 7), ("b", 6)]


def test_what_is_not_the_holders_changes_nothing(asset: Asset) -> None:
    block = an_issue(asset, 10)
    other = an_account(2, asset)
    change(block, SerialRange(6, 10), journal=an_act(), state=HELD, owner=other)
    before = [(one.serials, one.owner, one.state) for one in standing_in(SerialRange(1, 10))]
    for text in ("4-7", "8", "11-12"):
        with pytest.raises(Conflict) as refused:
            take_parts(read_serials(text), journal=an_act(), owner=block.owner, state=LOCKED)
        assert refused.value.code == "serials.not_yours"
    assert [(one.serials, one.owner, one.state) for one in standing_in(SerialRange(1, 10))] == (
        before
    )


@pytest.mark.parametrize("state", [LOCKED, LISTED, RETIRED])
def test_what_is_not_held_is_not_taken(asset: Asset, state: str) -> None:
    block = an_issue(asset, 10)
    change(block, SerialRange(3, 4), journal=an_act(), state=state)
    with pytest.raises(Conflict, match=state):
        take_parts([SerialRange(1, 5)], journal=an_act(), owner=block.owner, state=RETIRED)


@pytest.mark.parametrize("text", ["", "0", "5-4", "1-2, x", "1.5", "1--2"])
def test_what_is_no_serial_is_refused(text: str) -> None:
    with pytest.raises(InputRefused) as refused:
        read_serials(text)
    assert refused.value.code == "serials.unreadable"


def test_a_unit_is_named_once() -> None:
    with pytest.raises(InputRefused) as refused:
        read_serials("1-5, 5-9")
    assert refused.value.code == "serials.named_twice"
