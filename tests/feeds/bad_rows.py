"""Lines that are no record: broken CSV and NDJSON structure, bytes and rows of Parquet."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pyarrow as pa

from .bad_inputs import BadInput, rejected
from .records import a_record, csv_line, csv_of_lines, json_line, parquet_file

_GOOD = csv_line(a_record()).encode()


def bad_rows() -> list[BadInput]:
    return [*_csv_lines(), *_json_lines(), *_parquet_rows()]


def _line(name: str, line: bytes, *reasons: str) -> BadInput:
    return rejected(name, csv_of_lines(line), *reasons)


def _csv_lines() -> Iterator[BadInput]:
    yield _line("blank line", b"", "row.blank")
    yield _line("three blank lines", b"\n\n", "row.blank", "row.blank", "row.blank")
    yield _line("line of blanks", b"  \t ", "row.blank")
    yield _line("blank line with CRLF", b"\r", "row.blank")
    yield _line("only commas", b"," * 9, "external_id.missing")
    yield _line("one column too few", _GOOD.rsplit(b",", 1)[0], "row.too_few_columns")
    yield _line("one column too many", _GOOD + b",1", "row.too_many_columns")
    yield _line("one word", b"hello", "row.too_few_columns")
    yield _line("10,000 commas", b"," * 10_000, "row.too_many_columns")
    yield _line("file cut in a line", _GOOD[:40], "row.too_few_columns")
    yield rejected(
        "file cut in a character", csv_of_lines(_GOOD + "碳".encode())[:-2], "row.not_utf8"
    )
    yield _line("open quote", b'"' + _GOOD, "row.unbalanced_quote")
    yield _line("text behind a quote", b'"m"1' + _GOOD[3:], "row.misplaced_quote")
    two = "row.unbalanced_quote"
    yield _line("line break in quotes", b'"m\n1"' + _GOOD[3:], two, two)
    yield _line("NUL byte", b"m\x001" + _GOOD[3:], "row.nul_byte")
    yield _line("line of NUL bytes", bytes(20), "row.nul_byte")
    yield _line("byte FF", b"\xff" + _GOOD, "row.not_utf8")
    yield _line("lone continuation byte", b"\x80" + _GOOD, "row.not_utf8")
    yield _line("overlong UTF-8", b"\xc0\xaf" + _GOOD, "row.not_utf8")
    yield _line("surrogate in UTF-8", b"\xed\xa0\x80" + _GOOD, "row.not_utf8")
    yield _line("beyond Unicode", b"\xf5\x80\x80\x80" + _GOOD, "row.not_utf8")
    yield _line("one Latin-1 line", b"caf\xe9" + _GOOD, "row.not_utf8")
    yield _line("one GBK line", "地铁站".encode("gbk") + _GOOD, "row.not_utf8")
    yield _line("row of 70,000 bytes", b"m" * 70_000 + _GOOD, "row.too_long")
    yield _line(
        "row of 70,000 quoted bytes", b'"' + b"m" * 70_000 + b'"' + _GOOD[3:], "row.too_long"
    )
    yield _line("70,000 commas", b"," * 70_000, "row.too_long")
    yield _line("carriage return inside", b"m\r1" + _GOOD[3:], "text.control_character")
    yield _line("byte-order mark inside", b"\xef\xbb\xbf" + _GOOD, "text.control_character")


def _json(name: str, line: bytes, *reasons: str) -> BadInput:
    return rejected(
        name, line + b"\n", *reasons, filename="file.ndjson", config={"format": "ndjson"}
    )


def _json_lines() -> Iterator[BadInput]:
    good = json_line()
    no = "row.not_json"
    yield _json("JSON cut", good[:-5], no)
    yield _json("JSON cut in a text", good[:20], no)
    yield _json("JSON list line", b'["m-1"]', no)
    yield _json("JSON number line", b"42", no)
    yield _json("JSON text line", b'"m-1"', no)
    yield _json("JSON null line", b"null", no)
    yield _json("JSON with trailing comma", good[:-1] + b",}", no)
    yield _json("JSON in single quotes", good.replace(b'"', b"'"), no)
    yield _json("JSON with comment", good + b" // ride", no)
    yield _json("two objects in a line", good + good, no)
    yield _json("objects with comma", good + b",", no)
    yield _json("JSON keys without quotes", b"{external_id: 1}", no)
    yield _json("JSON leading zero", good.replace(b'"6.825"', b"007"), no)
    yield _json("JSON hexadecimal", good.replace(b'"6.825"', b"0x10"), no)
    yield _json("JSON plus sign", good.replace(b'"6.825"', b"+6"), no)
    yield _json("JSON NaN", good.replace(b'"6.825"', b"NaN"), no)
    yield _json("JSON Infinity", good.replace(b'"6.825"', b"Infinity"), no)
    yield _json("JSON minus Infinity", good.replace(b'"6.825"', b"-Infinity"), no)
    yield _json("JSON control character", good.replace(b"m-1", b"m\x01"), no)
    yield _json("JSON bad escape", good.replace(b"m-1", b"\\x41"), no)
    yield _json("CSV line in NDJSON", _GOOD, no)
    same = b'{"external_id": "m-0", ' + good[1:]
    yield _json("JSON key twice", same, "row.duplicate_key")
    yield _json(
        "JSON key twice, same value", good[:-1] + b', "scene": "metro"}', "row.duplicate_key"
    )
    sly = good[:-1] + b', "distance\\u005fkm": 99}'
    yield _json("JSON key twice by escape", sly, "row.duplicate_key")
    yield _json("JSON unknown key", json_line(distance_m=6825), "row.unknown_key")
    yield _json("JSON __proto__", json_line(__proto__="x"), "row.unknown_key")
    yield _json("JSON HTML key", good[:-1] + b', "<script>": 1}', "row.unknown_key")
    yield _json("JSON empty object", b"{}", "external_id.missing")
    yield _json("JSON nested object", json_line(person={"card": "AA17"}), "row.nested_value")
    yield _json("JSON nested list", json_line(distance_km=[6.8]), "row.nested_value")
    yield _json("JSON true", json_line(distance_km=True), "row.nested_value")
    yield _json("30,000 brackets", b'{"person":' + b"[" * 30_000, "row.too_deep")
    yield _json("30,000 objects", b'{"person":' * 6_000, "row.too_deep")
    yield _json("half a surrogate pair", good.replace(b"m-1", b"\\ud800"), "text.control_character")
    yield _json("escaped NUL", good.replace(b"m-1", b"m\\u0000"), "text.control_character")
    yield _json(
        "escaped direction mark", good.replace(b"m-1", b"\\u202e"), "text.control_character"
    )
    yield _json("JSON exponent", good.replace(b'"6.825"', b"1e1"), _km("not_a_number"))
    yield _json("JSON huge exponent", good.replace(b'"6.825"', b"1e400"), _km("not_a_number"))
    yield _json("JSON long number", good.replace(b'"6.825"', b"9" * 60), _km("too_long"))
    yield _json("JSON negative", good.replace(b'"6.825"', b"-1"), _km("below_min"))
    yield _json(
        "JSON binary fraction",
        good.replace(b'"6.825"', b"6.8250000000000002"),
        _km("finer_than_step"),
    )
    yield _json("JSON null quantity", good.replace(b'"6.825"', b"null"), _km("missing"))
    yield _json("JSON not UTF-8", good.replace(b"m-1", b"\xff"), "row.not_utf8")
    yield _json("JSON NUL byte", good.replace(b"m-1", b"\x00"), "row.nul_byte")
    yield _json("JSON of 70,000 bytes", good.replace(b"m-1", b"m" * 70_000), "row.too_long")
    yield _json("JSON blank lines", b"\n", "row.blank", "row.blank")


def _km(what: str) -> str:
    return f"quantity.distance_km.{what}"


def _parquet_row(name: str, column: str, values: pa.Array, reason: str) -> BadInput:
    return rejected(name, parquet_file({column: values}), reason, filename="a.parquet")


def _parquet_rows() -> Iterator[BadInput]:
    long = pa.array(["m" * 100_000])
    yield _parquet_row("Parquet long text", "external_id", long, "row.unreadable_value")
    foreign = pa.StringArray.from_buffers(
        1, pa.py_buffer(b"\x00\x00\x00\x00\x02\x00\x00\x00"), pa.py_buffer(b"\xff\xfe")
    )
    yield _parquet_row("Parquet bad UTF-8", "external_id", foreign, "row.unreadable_value")
    fine = pa.array([Decimal("6.82501")])
    yield _parquet_row("Parquet fine decimal", "distance_km", fine, _km("finer_than_step"))
    minus = pa.array([-1], pa.int32())
    yield _parquet_row("Parquet negative", "distance_km", minus, _km("below_min"))
    nothing = pa.nulls(1)
    yield _parquet_row("Parquet null column", "person", nothing, "person.missing")
    micro = pa.array([1_727_740_800_000_001], pa.timestamp("us", "UTC"))
    yield _parquet_row("Parquet microseconds", "started_at", micro, "time.unreadable")
    far = pa.array([4_102_444_800_000], pa.timestamp("ms", "UTC"))
    yield _parquet_row("Parquet future", "ended_at", far, "time.in_future")
    beyond = pa.array([2**62], pa.timestamp("ms", "UTC"))
    yield _parquet_row("Parquet year beyond all", "ended_at", beyond, "time.unreadable")
