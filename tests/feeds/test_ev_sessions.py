"""Charging sessions: nothing is repaired that the partner has not declared."""

from __future__ import annotations

from pathlib import Path

import pytest

from tanhui.core.errors import InputRefused

from .bad_partner_files import a_session, sessions_file
from .reading import a_feed, a_file, read_answers

DECLARED = {"year_offset": "2000", "utc_offset": "+08:00"}


def test_a_declared_session_is_an_event(tmp_path: Path) -> None:
    source = a_file(tmp_path, sessions_file(a_session()))
    answers = read_answers(a_feed("ev-sessions", **DECLARED), source)
    row = answers.landed.row(0, named=True)
    assert row["external_id"] == "1366563"
    assert row["person_ref"] == "ev:35897499"
    assert (row["scene"], row["region"], row["q0"]) == ("ev-charging", 100000, 7_780)
    assert row["start"] == 1_416_296_426_000  # 2014-11-18T15:40:26+08:00
    assert row["end"] - row["start"] == 5_438_000


def test_region_and_zone_are_as_declared(tmp_path: Path) -> None:
    source = a_file(tmp_path, sessions_file(a_session()))
    feed = a_feed("ev-sessions", year_offset="2000", utc_offset="-05:00", region="440300")
    row = read_answers(feed, source).landed.row(0, named=True)
    assert row["region"] == 440300
    assert row["start"] == 1_416_296_426_000 + 13 * 3_600_000


def test_a_full_year_is_left_as_it_is(tmp_path: Path) -> None:
    line = a_session(created="2014-11-18 15:40:26", ended="2014-11-18 17:11:04")
    source = a_file(tmp_path, sessions_file(line))
    row = read_answers(a_feed("ev-sessions", **DECLARED), source).landed.row(0, named=True)
    assert row["start"] == 1_416_296_426_000


def test_a_session_of_nothing_is_an_event_of_nothing(tmp_path: Path) -> None:
    source = a_file(tmp_path, sessions_file(a_session(kwh="0")))
    answers = read_answers(a_feed("ev-sessions", **DECLARED), source)
    assert answers.landed["q0"].to_list() == [0]


def test_columns_that_are_not_used_may_be_left_out(tmp_path: Path) -> None:
    data = (
        b"userId,sessionId,created,ended,kwhTotal\n7,8,0014-11-18 15:40:26,0014-11-18 16:40:26,1\n"
    )
    answers = read_answers(a_feed("ev-sessions", **DECLARED), a_file(tmp_path, data))
    assert answers.landed["q0"].to_list() == [1_000]


@pytest.mark.parametrize(
    "config",
    [
        {"year_offset": "two thousand"}, {"year_offset": "-14"}, {"utc_offset": "8"},
        {"utc_offset": "+25:00"}, {"utc_offset": "Asia/Shanghai"}, {"region": "深圳"},
        {"zone": "+08:00"},
    ],
)  # fmt: skip
def test_a_wrong_declaration_is_refused(config: dict[str, str]) -> None:
    with pytest.raises(InputRefused):
        a_feed("ev-sessions", **config)
