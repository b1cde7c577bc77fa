"""The canonical feed: CSV, NDJSON and Parquet give the same rows, whatever the block size."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tanhui.core.errors import InputRefused, NotFound, TooLarge
from tanhui.engine.batch import landing_file, limits
from tanhui.interfaces.feeds import open_feed, parquet_table
from tanhui.interfaces.feeds.canonical import CanonicalFeed
from tanhui.interfaces.feeds.csv_table import parse_line
from tanhui.interfaces.feeds.json_lines import read_json_line
from tanhui.interfaces.feeds.sniff import is_utf8

from .reading import a_feed, a_file, around, read_answers, read_chunks
from .records import COLUMNS, a_record, csv_file, csv_text, json_line, parquet_file

IN_FOLDER = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
FIELD = st.one_of(
    st.sampled_from(
        ["", "metro", "6.825", "card:AA17", '"', '""', 'a"b', "碳惠", "\ufeffx", " ", "'"]
    ),
    st.text(st.characters(exclude_characters="\n\r\x00", exclude_categories=["Cs"]), max_size=9),
)
LINE = st.binary(max_size=12).map(lambda data: data.replace(b"\n", b""))


def small(block_bytes: int) -> CanonicalFeed:
    return CanonicalFeed(around().quantities, "csv", block_bytes)


@IN_FOLDER
@given(
    rows=st.lists(st.lists(FIELD, min_size=7, max_size=7), max_size=6), block=st.integers(1, 300)
)
def test_csv_gives_back_every_field(rows: list[list[str]], block: int, tmp_path: Path) -> None:
    names = ["external_id", "person", "scene", "region", "started_at", "ended_at", "distance_km"]
    lines = [",".join(csv_text(field) for field in row) for row in rows]
    data = "\n".join([",".join(names), *lines]).encode() + b"\n"
    chunks, _ = read_chunks(small(block), a_file(tmp_path, data))
    events = {
        row[0]: [field or "" for field in row[1:]]
        for chunk in chunks
        for row in chunk.events.select("row", *names).iter_rows()
    }
    expected = {
        number: row
        for number, row in enumerate(rows, start=1)
        if "".join(lines[number - 1].split()) and parse_line(lines[number - 1], 7)[1] is None
    }
    assert {row: fields for row, fields in events.items() if row in expected} == expected
    assert set(events) - set(expected) == set()


@IN_FOLDER
@given(
    lines=st.lists(LINE, max_size=10),
    block=st.integers(5, 60),
    ending=st.sampled_from([b"\n", b"\r\n"]),
)
def test_every_line_is_a_row_with_its_bytes_whatever_the_blocks(
    lines: list[bytes], block: int, ending: bytes, tmp_path: Path
) -> None:
    header = csv_file().rstrip(b"\n")
    data = ending.join([header, *lines]) + ending
    assume(b"\x00" not in data)
    assume(sum(not is_utf8(line) for line in lines) < 2)  # noise may look like GBK
    answers = read_answers(small(block), a_file(tmp_path, data))
    assert answers.rows == len(lines)
    for row, raw in answers.raws.items():
        assert raw == (lines[row - 1] + ending).removesuffix(b"\n").removesuffix(b"\r")


def three_forms() -> dict[str, bytes]:
    records = [
        a_record(external_id=f"m-{number}", distance_km=f"{number}.25") for number in range(9)
    ]
    present = [{k: v for k, v in record.items() if v is not None} for record in records]
    columns = {name: pa.array([each[name] for each in present]) for name in present[0]}
    return {
        "csv": csv_file(*records),
        "ndjson": b"\n".join(json_line(**each) for each in present),
        "parquet": parquet_file(columns),
    }


def test_three_formats_land_the_same(tmp_path: Path) -> None:
    landed = [
        read_answers(a_feed("canonical"), a_file(tmp_path, data, f"file.{name}")).landed
        for name, data in three_forms().items()
    ]
    assert landed[0].height == 9
    assert landed[0].equals(landed[1])
    assert landed[0].equals(landed[2])


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: data.rstrip(b"\n"),
        lambda data: data.replace(b"metro", b'"metro"'),
        lambda data: data.replace(b"m-3", b'"m-3"'),
    ],
    ids=["byte-order mark", "CRLF", "no last line break", "quoted", "one quoted"],
)  # fmt: skip
def test_harmless_spellings_change_nothing(change: object, tmp_path: Path) -> None:
    assert callable(change)
    data = three_forms()["csv"]
    expected = read_answers(a_feed("canonical"), a_file(tmp_path, data)).landed
    assert read_answers(a_feed("canonical"), a_file(tmp_path, change(data))).landed.equals(expected)


def test_columns_may_stand_in_any_order(tmp_path: Path) -> None:
    turned = csv_file(a_record(), columns=COLUMNS[::-1])
    answers = read_answers(a_feed("canonical"), a_file(tmp_path, turned))
    assert answers.landed["q0"].to_list() == [6_825]


@IN_FOLDER
@given(
    objects=st.lists(
        st.dictionaries(
            st.sampled_from(["external_id", "person", "distance_km", "other"]),
            st.one_of(st.none(), st.text(max_size=5), st.integers(-5, 5), st.booleans(),
                      st.sampled_from(["a", "1.50"]), st.just([1])),
            max_size=4,
        ),
        max_size=8,
    ),
    block=st.integers(1, 200),
)  # fmt: skip
def test_json_by_layout_equals_json_by_line(
    objects: list[dict[str, object]], block: int, tmp_path: Path
) -> None:
    lines = [json.dumps(each) for each in objects]
    feed = CanonicalFeed(around().quantities, "ndjson", block)
    chunks, _ = read_chunks(feed, a_file(tmp_path, "\n".join(lines).encode() + b"\n"))
    columns = ["external_id", "person", "distance_km"]
    found = {}
    for chunk in chunks:
        for row, *values in chunk.events.select("row", *columns).iter_rows():
            found[row] = [value or None for value in values]
        for row, _, reason, _ in chunk.outcomes.iter_rows():
            found[row] = reason
    expected = {}
    for row, line in enumerate(lines or [""], start=1):
        values, problem = read_json_line(line, [*columns, "scene"])
        blank = "row.blank" if not line else problem
        expected[row] = blank or [values.get(column) for column in columns]
    assert found == expected


def test_json_numbers_keep_their_text(tmp_path: Path) -> None:
    line = json_line().replace(b'"6.825"', b"6.8250000000000000000")
    answers = read_answers(a_feed("canonical"), a_file(tmp_path, line + b"\n" + line))
    assert answers.landed["q0"].to_list() == [6_825, 6_825]


def test_many_layouts_in_one_file_keep_row_order(tmp_path: Path) -> None:
    lines = []
    for number in range(300):
        line = json_line(external_id=f"m-{number}")
        if number % 3 == 1:
            line = line.replace(b": ", b":").replace(b", ", b" , ")
        if number % 7 == 2:
            line = json_line(external_id=f"m\\{number}")
        if number % 5 == 4:
            line = json_line(external_id=f"m-{number}", scene="ev-charging", distance_km=None,
                             energy_kwh="2")  # fmt: skip
        lines.append(line)
    answers = read_answers(a_feed("canonical"), a_file(tmp_path, b"\n".join(lines)))
    assert answers.reasons() == {}
    assert answers.landed["row"].to_list() == list(range(1, 301))


def test_parquet_takes_decimals_integers_instants_and_dictionaries(tmp_path: Path) -> None:
    columns = {
        "distance_km": pa.array([Decimal("6.825"), Decimal("2.000")], pa.decimal128(12, 3)),
        "region": pa.array([440300, 420100], pa.int32()),
        "started_at": pa.array([1_727_740_800_000] * 2, pa.timestamp("ms", "Asia/Shanghai")),
        "ended_at": pa.array([1_727_740_900_000_000] * 2, pa.timestamp("us", "UTC")),
        "scene": pa.array(["metro", "metro"]).dictionary_encode(),
    }
    source = a_file(tmp_path, parquet_file(columns), "a.parquet")
    answers = read_answers(a_feed("canonical"), source)
    assert answers.landed["q0"].to_list() == [6_825, 2_000]
    assert answers.landed["start"].to_list() == [1_727_740_800_000] * 2
    assert answers.landed["end"].to_list() == [1_727_740_900_000] * 2


def test_a_parquet_row_is_given_back_from_any_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_table, "_BATCH_ROWS", 10)
    ids = pa.array([f"m-{number}" for number in range(35)])
    source = a_file(tmp_path, parquet_file({"external_id": ids}), "a.parquet")
    chunks, _ = read_chunks(a_feed("canonical"), source)
    assert [chunk.rows for chunk in chunks] == [10, 10, 10, 5]
    for row in (1, 35, 11, 30):
        assert f'"m-{row - 1}"'.encode() in chunks[(row - 1) // 10].raw(row)


def test_parquet_content_has_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_table, "DECOMPRESSED_BYTES_MAX", 500)
    source = a_file(tmp_path, parquet_file({"distance_km": pa.array(["1"] * 1_000)}))
    with pytest.raises(TooLarge) as told:
        read_chunks(a_feed("canonical"), source)
    assert told.value.code == "parquet.too_large_decompressed"


def test_a_small_parquet_file_cannot_unfold_into_a_large_one(tmp_path: Path) -> None:
    """One word of 1 MB, 100,000 times: 100 GB as text, a few kilobytes as a dictionary."""
    words = pa.DictionaryArray.from_arrays(
        pa.array([0] * 100_000, pa.int32()), pa.array(["m" * 10**6])
    )
    data = parquet_file({"external_id": words}, compression="zstd")
    assert len(data) < 10**5
    chunks, _ = read_chunks(a_feed("canonical"), a_file(tmp_path, data))
    assert sum(chunk.outcomes.height for chunk in chunks) == 100_000
    assert set(chunks[0].outcomes["reason"]) == {"row.unreadable_value"}


def test_rows_and_bytes_have_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = csv_file(*(a_record(external_id=f"m-{number}") for number in range(50)))
    monkeypatch.setattr("tanhui.interfaces.feeds.blocks.ROWS_MAX", 40)
    with pytest.raises(TooLarge) as told:
        read_chunks(small(500), a_file(tmp_path, data))
    assert told.value.code == "file.too_many_rows"
    path = tmp_path / "sparse"
    with path.open("wb") as stream:
        stream.truncate(limits.FILE_BYTES_MAX + 1)
    with pytest.raises(TooLarge) as told:
        landing_file.SourceFile(path, "sparse.csv")
    assert told.value.code == "file.too_large"


def test_a_giant_row_is_one_rejected_row_and_is_never_loaded(tmp_path: Path) -> None:
    good = csv_file(a_record(), a_record(external_id="m-2"))
    header, first, second = good.splitlines()
    giant = b"g" * 3_000_000
    data = b"\n".join([header, first, giant, second, giant])
    answers = read_answers(small(100_000), a_file(tmp_path, data))
    assert answers.reasons() == {2: "row.too_long", 4: "row.too_long"}
    assert answers.landed["row"].to_list() == [1, 3]
    assert answers.raws[2] == giant[: limits.RAW_BYTES_MAX]


def test_the_hash_is_of_the_bytes(tmp_path: Path) -> None:
    source = a_file(tmp_path, b"abc")
    assert source.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_a_header_in_metres_says_what_is_wanted(tmp_path: Path) -> None:
    data = csv_file(a_record(), columns=[*COLUMNS, "distance_m"])
    with pytest.raises(InputRefused) as told:
        read_chunks(a_feed("canonical"), a_file(tmp_path, data))
    assert "distance_km" in told.value.en
    assert "km" in told.value.zh


def test_feeds_refuse_unknown_names_and_configuration() -> None:
    with pytest.raises(NotFound):
        open_feed("csv", {}, around=around())
    with pytest.raises(InputRefused) as told:
        open_feed("canonical", {"encoding": "gbk"}, around=around())
    assert told.value.code == "feed.config_unknown"
    with pytest.raises(InputRefused) as told:
        open_feed("canonical", {"format": "xlsx"}, around=around())
    assert told.value.code == "feed.config_value"


def test_an_empty_text_is_no_text_in_every_format(tmp_path: Path) -> None:
    record = {name: value or "" for name, value in a_record().items()}
    texts = {name: pa.array([value], pa.string()) for name, value in record.items()}
    ndjson = json.dumps(record).encode() + b"\n"
    landed = [
        read_answers(a_feed("canonical"), a_file(tmp_path, data)).landed
        for data in (csv_file(record), ndjson, parquet_file(texts))
    ]
    assert landed[0].height == 1
    assert landed[0]["corrects"].to_list() == [None]
    assert landed[0].equals(landed[1])
    assert landed[0].equals(landed[2])
