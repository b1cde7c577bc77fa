"""Canonical rows to landed integers with the shipped library."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from tanhui.core.period import day_number
from tanhui.engine.batch.events import NO_METHOD
from tanhui.engine.batch.validate import Validated, Validator, quantity_columns, validate

from .reading import RECEIVED_MS, library
from .records import COLUMNS, a_record


def a_frame(*records: dict[str, str | None]) -> pl.DataFrame:
    schema = dict.fromkeys(COLUMNS, pl.String)
    frame = pl.DataFrame([list(each.values()) for each in records], schema=schema, orient="row")
    return frame.with_row_index("row", 1).cast({"row": pl.Int64})


def check(*records: dict[str, str | None]) -> Validated:
    return validate_frame(a_frame(*records))


def validate_frame(frame: pl.DataFrame) -> Validated:
    return validate(frame, library=library(), received_ms=RECEIVED_MS)


def landed_row(validated: Validated, place: int = 0) -> dict[str, Any]:
    return validated.landed.row(place, named=True)


def test_a_good_row_lands_as_integers() -> None:
    validated = check(a_record())
    row = landed_row(validated)
    method = validated.methods[row["method"]]
    assert method.code == "shenzhen-metro"
    assert row["cell"] == library().form(method).cell_of("440300", "", row["day"])
    assert (row["q0"], row["q1"], row["q2"], row["q3"]) == (6_825, 0, 0, 0)
    assert (row["region"], row["scene"], row["person_ref"]) == (440300, "metro", "card:AA17")
    assert row["end"] - row["start"] == 20 * 60_000
    assert row["start"] == 1_727_740_800_000
    assert validated.rejects.is_empty()


def test_types_are_as_promised() -> None:
    landed = check(a_record()).landed
    assert landed.schema == {
        "row": pl.Int64, "external_id": pl.String, "person_ref": pl.String, "corrects": pl.String,
        "scene": pl.String, "method": pl.UInt16, "cell": pl.Int32, "region": pl.Int32,
        "start": pl.Int64, "end": pl.Int64, "day": pl.Int32, "q0": pl.Int64, "q1": pl.Int64,
        "q2": pl.Int64, "q3": pl.Int64,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("started", "day"),
    [
        ("2024-10-01T00:00:00+08:00", "2024-10-01"),
        ("2024-09-30T23:59:59.999+08:00", "2024-09-30"),
        ("2024-09-30T16:00:00Z", "2024-10-01"),
        ("2024-09-30T15:59:59Z", "2024-09-30"),
        ("2024-09-30T12:00:00-04:00", "2024-10-01"),
    ],
)
def test_the_day_is_counted_where_the_region_lies(started: str, day: str) -> None:
    validated = check(a_record(started_at=started, ended_at="2024-10-01T09:00:00+08:00"))
    assert landed_row(validated)["day"] == day_number(date.fromisoformat(day))


def test_a_known_scene_without_methodology_lands_without_one() -> None:
    validated = check(a_record(region="110000"), a_record(region="110000", distance_km=None))
    assert validated.rejects.is_empty()
    assert validated.landed["method"].to_list() == [NO_METHOD, NO_METHOD]
    assert validated.landed["cell"].to_list() == [-1, -1]


def test_a_city_takes_the_law_of_its_parent() -> None:
    charging = a_record(scene="ev-charging", region="110105", distance_km=None, energy_kwh="7.78")
    validated = check(charging)
    row = landed_row(validated)
    assert validated.methods[row["method"]].code == "china-ev-charging"
    assert row["q0"] == 7_780


def test_scenes_of_many_methodologies_mix_in_one_frame() -> None:
    rides = [
        a_record(),
        a_record(scene="ev-charging", distance_km=None, energy_kwh="1.5"),
        a_record(region="420106", distance_km="2"),
        a_record(scene="ev-charging", region="420100", distance_km=None, energy_kwh="0"),
    ]
    validated = check(*rides)
    codes = [validated.methods[place].code for place in validated.landed["method"]]
    assert codes == ["shenzhen-metro", "shenzhen-ev-charging", "wuhan-metro", "wuhan-ev-charging"]
    assert validated.landed["q0"].to_list() == [6_825, 1_500, 2_000, 0]


def test_the_first_reason_of_a_row_is_given() -> None:
    validated = check(a_record(external_id=None, scene="subway", distance_km="x"))
    assert validated.rejects.rows() == [(1, "external_id.missing")]


def test_blocks_of_one_file_keep_the_places_of_methodologies() -> None:
    validator = Validator(library(), RECEIVED_MS)
    first = validator.validate(a_frame(a_record()))
    second = validator.validate(a_frame(a_record(region="420100"), a_record()))
    assert first.methods == second.methods
    assert first.landed["method"][0] == second.landed["method"][1]


def test_words_of_refused_rows_change_no_good_row() -> None:
    garbage = 130_000  # distinct scenes x regions x classes x days: more than 64 bits can number
    good = [a_record(class_=f"c{year}", **a_morning_of(year)) for year in (2000, 2024)]
    places = pl.int_range(garbage, eager=True)
    refused = a_frame(a_record()).select(pl.all().repeat_by(garbage).explode())
    refused = refused.with_columns(
        **{"scene": pl.format("s{}", places), "class": pl.format("c{}", places)},
        region=pl.format("{}", places + 100_000),
        row=places + len(good) + 1,
    )
    alone, among = check(*good), validate_frame(pl.concat([refused, a_frame(*good)]))
    assert among.landed.equals(alone.landed)
    assert alone.landed["method"][1] != NO_METHOD
    assert among.rejects["reason"].unique().to_list() == ["scene.unknown"]
    assert among.rejects["row"].equals(refused["row"])


def a_morning_of(year: int) -> dict[str, str]:
    return {"started_at": f"{year}-10-08T08:00:00Z", "ended_at": f"{year}-10-08T08:20:00Z"}


def test_an_empty_frame_lands_empty() -> None:
    validated = check()
    assert validated.landed.is_empty()
    assert validated.rejects.is_empty()


def test_nulls_and_empty_texts_mean_the_same() -> None:
    empty = {name: value or "" for name, value in a_record().items()}
    assert check(a_record()).landed.equals(check(empty).landed)
    nothing = dict.fromkeys(COLUMNS, "")
    assert check(nothing).rejects.equals(check(dict.fromkeys(COLUMNS)).rejects)


def test_the_library_names_its_quantity_columns() -> None:
    assert {"distance_km", "energy_kwh", "rides_ride"} <= quantity_columns(library())
