"""The demo city taken in: every kind of answer is there, the books hold, twice adds nothing."""

from __future__ import annotations

from collections import Counter

import pytest

from tanhui.books.models import Batch, Transfer
from tanhui.books.proofs import prove
from tanhui.domain.partners.models import Partner
from tanhui.interfaces.demo import loading
from tanhui.interfaces.demo.city import DemoFile
from tanhui.interfaces.demo.loading import load_demo

pytestmark = pytest.mark.django_db

FIRST_WEEK = 3


def load(
    files: list[DemoFile], monkeypatch: pytest.MonkeyPatch
) -> tuple[list[bool], Counter[str], int]:
    """Whether each file was known, rows per status, rows in all."""
    monkeypatch.setattr(loading, "generate", lambda folder: files)
    receipts = load_demo(files[0].path.parent)
    counts: Counter[str] = Counter()
    for receipt in receipts:
        counts.update(receipt["counts"])
    repeated = [receipt["repeated"] for receipt in receipts]
    return repeated, counts, sum(receipt["rows"] for receipt in receipts)


def test_a_second_time_adds_nothing(
    demo_files: list[DemoFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    files = demo_files[:FIRST_WEEK]
    repeated, counts, rows = load(files, monkeypatch)
    assert not any(repeated)
    assert counts.total() == rows
    assert counts["credited"] > 10_000
    assert counts["overlapping"] > 2_000  # the payment app's view of the operator's rides
    assert counts["rejected"] > 5
    assert counts["no_parameter"] > 100
    before = Batch.objects.count(), Transfer.objects.count()
    assert load(files, monkeypatch) == ([True] * FIRST_WEEK, counts, rows)
    assert (Batch.objects.count(), Transfer.objects.count()) == before
    assert all(Partner.objects.values_list("is_demo", flat=True))
    assert [proof for proof in prove() if not proof.ok] == []


@pytest.mark.slow
def test_the_whole_month_ends_in_every_status(
    demo_files: list[DemoFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, counts, rows = load(demo_files, monkeypatch)
    assert counts.total() == rows
    assert counts == {
        "credited": 170_451,
        "overlapping": 22_227,
        "partly_capped": 1_606,
        "no_parameter": 901,
        "duplicate": 837,
        "not_applicable": 566,
        "rejected": 103,
        "capped": 75,
    }
    assert [proof for proof in prove() if not proof.ok] == []
