"""The corpus of bad inputs through the whole platform: clear answers, nothing posted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.feeds.bad_inputs import BadInput, bad_inputs
from tests.feeds.reading import RECEIVED_MS

from tanhui.books.models import Account, Balance, Batch, Journal, Lot, Transfer
from tanhui.books.proofs import prove
from tanhui.core.errors import TanhuiError
from tanhui.domain.partners import services as partners
from tanhui.flows import reading
from tanhui.interfaces import intake
from tanhui.interfaces.intake import take_in
from tanhui.interfaces.platform import platform

CASES = bad_inputs()


@pytest.fixture(autouse=True)
def as_of_the_corpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is in the future was written down for this moment."""
    moment = datetime.fromtimestamp(RECEIVED_MS / 1000, UTC)
    then = replace(platform(), clock=lambda: moment)
    monkeypatch.setattr(intake, "platform", lambda: then)


def deliver(case: BadInput, folder: Path) -> dict[str, object]:
    partners.register("bad-co", name_zh="坏数据（测试）", name_en="Bad input (test)")
    path = folder / case.filename
    path.write_bytes(case.data)
    return take_in(
        path,
        name=case.filename,
        partner="bad-co",
        feed=case.feed,
        config=dict(case.config),
        actor="test",
        may_name_files=True,
    )


def assert_nothing_posted() -> None:
    for table in (Transfer, Balance, Lot, Account):
        assert not table.objects.exists(), table.__name__
    assert [proof for proof in prove() if not proof.ok] == []


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace("/", "_"))
def test_bad_input_posts_nothing(case: BadInput, tmp_path: Path) -> None:
    if case.refused is not None:
        with pytest.raises(TanhuiError) as told:
            deliver(case, tmp_path)
        assert told.value.code == case.refused
        assert told.value.zh
        assert told.value.en
        assert not Batch.objects.exists()
        assert not Journal.objects.filter(verb="books.batch.posted").exists()
    else:
        receipt = deliver(case, tmp_path)
        assert receipt["counts"] == {"rejected": len(case.rejected)}
        assert receipt["rows"] == len(case.rejected)
        page = reading.quarantine(platform(), 1, limit=reading.PAGE_MAX)
        assert {item["row"]: item["reason"] for item in page["items"]} == case.rejected
        assert all(item["zh"] and item["en"] for item in page["items"])
        again = deliver(case, tmp_path)
        assert again["repeated"]
        assert Batch.objects.count() == 1
    assert_nothing_posted()
