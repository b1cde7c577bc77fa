"""Instants: columns and single texts follow one rule, the one of the standard library."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanhui.engine.batch.validate_time import read_time, read_times
from tanhui.engine.batch.validate_verdicts import Verdicts

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
FIRST, LAST = (datetime.fromisoformat(day) for day in ("0001-01-03", "9998-12-30"))
TIMES = st.datetimes(FIRST, LAST, timezones=OFFSETS)


def read_column(texts: list[str | None]) -> tuple[list[int], list[str]]:
    verdicts = Verdicts(len(texts))
    times = read_times(pl.Series(texts, dtype=pl.String), verdicts)
    return times.tolist(), verdicts.reasons()


@given(TIMES, st.booleans(), st.booleans())
def test_every_instant_is_read_as_the_standard_library_reads_it(
    time: datetime, in_utc: bool, with_millis: bool
) -> None:
    time = time.replace(microsecond=time.microsecond // 1000 * 1000 if with_millis else 0)
    if in_utc:
        text = time.astimezone(UTC).isoformat(timespec="milliseconds" if with_millis else "seconds")
        text = text.replace("+00:00", "Z")
    else:
        text = time.isoformat(timespec="milliseconds" if with_millis else "seconds")
    expected = (time - EPOCH) // timedelta(milliseconds=1)
    assert read_time(text) == (expected, None)
    assert read_column([text]) == ([expected], [""])


@given(st.lists(st.text(alphabet="0123456789-:+TZ. ", max_size=30) | TIMES.map(str), max_size=8))
def test_columns_and_single_texts_agree(texts: list[str]) -> None:
    singles = [read_time(text) for text in texts]
    assert read_column(list(texts)) == (
        [value for value, _ in singles],
        [problem or "" for _, problem in singles],
    )


@given(TIMES, st.integers(0, 24), st.sampled_from("0123456789-:+TZ. /x٣"))
def test_a_changed_character_is_read_alike_by_column_and_alone(
    time: datetime, place: int, character: str
) -> None:
    text = time.isoformat(timespec="seconds")
    changed = text[:place] + character + text[place + 1 :]
    value, problem = read_time(changed)
    assert read_column([changed, text])[0][0] == value
    assert read_column([changed, text])[1][0] == (problem or "")


def test_every_day_of_four_hundred_years_is_known() -> None:
    first = datetime(1900, 1, 1, tzinfo=UTC)
    days = [first + timedelta(days=number) for number in range(146_097)]
    texts = [day.strftime("%Y-%m-%dT00:00:00Z") for day in days]
    times, reasons = read_column(list(texts))
    assert set(reasons) == {""}
    assert times == [(day - EPOCH).days * 86_400_000 for day in days]


@pytest.mark.parametrize("year", [1900, 2023, 2100, 2200])
def test_29_february_is_impossible_in_a_common_year(year: int) -> None:
    assert read_column([f"{year}-02-29T00:00:00Z"])[1] == ["time.impossible"]


def test_mixed_shapes_keep_their_rows() -> None:
    texts = [
        "1970-01-01T00:00:00Z",
        None,
        "1970-01-01T08:00:01+08:00",
        "x",
        "1970-01-01T00:00:00.002Z",
        "1970-01-01T00:00:00.003+00:00",
        "1970-01-01T00:00:00.04Z",
    ]
    times, reasons = read_column(texts)
    assert times == [0, 0, 1_000, 0, 2, 3, 40]
    assert reasons == ["", "time.missing", "", "time.unreadable", "", "", ""]
