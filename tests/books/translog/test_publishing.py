"""From acts to a published log: years, late commits, two publishers at once, append-only."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction
from tests.books.test_acts import an_act
from tests.books.translog.logs import a_key

from tanhui.books.acts import record
from tanhui.books.models import LogPlace
from tanhui.books.translog import places
from tanhui.books.translog.checkpoint import check_proof
from tanhui.books.translog.notes import Ed25519Signer
from tanhui.books.translog.publishing import PublicLog

NEW_YEAR = datetime(2024, 12, 31, 16, 0, 0, tzinfo=UTC)  # midnight in Shanghai
LAST_SECOND = datetime(2024, 12, 31, 15, 59, 59, tzinfo=UTC)


def _log(folder: Path) -> PublicLog:
    return PublicLog(folder, "log.example.com", lambda origin: Ed25519Signer(origin, a_key("log")))


def _act(key: str, at: datetime = NEW_YEAR) -> None:
    with transaction.atomic():
        record(an_act(key=key, request={"key": key}, at=at, public={"key": key}))


@pytest.mark.django_db
def test_each_year_has_its_log_by_shanghai_time(tmp_path: Path) -> None:
    log = _log(tmp_path)
    _act("a", LAST_SECOND)
    _act("b")
    _act("c")
    sizes = {year: found.size for year, found in log.publish().items()}
    assert sizes == places.sizes() == {2024: 1, 2025: 2}
    assert log.years() == [2024, 2025]
    year = log.year(2025)
    (last,) = places.bodies(2025, 1, 2)
    assert b'"key":"c"' in last
    assert check_proof(year.proof(1), last, year.keys, origin=year.origin).size == 2
    assert log.publish() == log.publish(), "nothing new changes nothing"


@pytest.mark.django_db
def test_places_are_never_changed(tmp_path: Path) -> None:
    _act("a")
    _log(tmp_path).publish()
    for change in ("UPDATE books_logplace SET index = 7", "DELETE FROM books_logentry"):
        with (
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(change)


@pytest.mark.django_db(transaction=True)
def test_acts_and_publishers_at_once_leave_no_gap(tmp_path: Path) -> None:
    """An act that commits late gets a later place; nothing is skipped and nothing doubled."""
    log, errors = _log(tmp_path), list[BaseException]()

    def work(number: int) -> None:
        try:
            for at in range(10):
                _act(f"{number}/{at}")
                if at % 3 == number % 3:
                    log.publish()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    found = log.publish()[2025]
    assert found.size == 60
    assert list(LogPlace.objects.order_by("index").values_list("index", flat=True)) == list(
        range(60)
    )
    assert log.year(2025).check() == found
