"""Files that are refused as a whole: encodings, headers, archives, pictures, broken Parquet."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from collections.abc import Iterator

import pyarrow as pa

from .bad_inputs import BadInput, refused
from .records import COLUMNS, a_record, csv_file, parquet_file

_GOOD = csv_file(a_record())
_REQUIRED = COLUMNS[:6]


def bad_files() -> list[BadInput]:
    return [
        *_encodings(), *_headers(), *_archives(), *_other_formats(), *_parquet(), *_parquet_types(),
    ]  # fmt: skip


def _encodings() -> Iterator[BadInput]:
    text = csv_file(a_record(class_="地铁"), a_record(class_="一号线")).decode()
    yield refused("UTF-16 little endian", text.encode("utf-16"), "file.utf16")
    yield refused("UTF-16 big endian", b"\xfe\xff" + text.encode("utf-16-be"), "file.utf16")
    yield refused("UTF-16 without mark", text.encode("utf-16-le"), "file.utf16")
    yield refused("UTF-32", text.encode("utf-32"), "file.utf16")
    yield refused("GBK rows", text.encode("gbk"), "file.gbk")
    yield refused("GB 18030 rows", text.encode("gb18030"), "file.gbk")
    yield refused(
        "Big5 rows", text.replace("铁", "鐵").replace("号线", "號線").encode("big5"), "file.gbk"
    )
    yield refused("GBK header", "编号,人员\n1,2\n".encode("gbk"), "header.not_utf8")
    header = text.replace("class", "类别").splitlines()[0].encode("gbk")
    yield refused("GBK column name", header + b"\n", "header.not_utf8")


def _headers() -> Iterator[BadInput]:
    yield refused("empty file", b"", "file.empty")
    for column in _REQUIRED:
        rest = [name for name in COLUMNS if name != column]
        data = csv_file(a_record(), columns=rest)
        yield refused(f"no column {column}", data, "header.missing_columns")
    for column in COLUMNS:
        data = csv_file(a_record(), columns=[*COLUMNS, column])
        yield refused(f"column {column} twice", data, "header.duplicated_columns")
    for wrong in (
        "distance_m", "distance_mile", "energy_mwh", "energy_wh", "Distance_KM", "distance_km ",
        "distance-km", "distance", "start_at", "user", "ｄistance_km", "<script>", "a' OR '1'='1",
    ):  # fmt: skip
        data = csv_file(a_record(), columns=[*COLUMNS, wrong])
        yield refused(f"column {wrong}", data, "header.unknown_columns")
    foreign = "header.not_recognised"
    yield refused("semicolons", _GOOD.replace(b",", b";"), foreign)
    yield refused("tabs", _GOOD.replace(b",", b"\t"), foreign)
    yield refused("no header", _GOOD.split(b"\n", 1)[1], foreign)
    yield refused("web page", b"<!DOCTYPE html>\n<html></html>\n", foreign)
    yield refused("SQL dump", b"INSERT INTO rides VALUES (1);\n", foreign)
    breaks = _GOOD.replace(b"\n", b"\r")
    yield refused("old Macintosh line breaks", breaks, "header.line_breaks")
    twice = b"\xef\xbb\xbf\xef\xbb\xbf" + _GOOD
    yield refused("two byte-order marks", twice, "header.unknown_columns")
    yield refused("header cut", _GOOD[:30], "header.unknown_columns")
    yield refused("header blank", b"\n" + _GOOD, "header.missing")
    yield refused("header of blanks", b"   \n" + _GOOD, "header.missing")
    yield refused("only a byte-order mark", b"\xef\xbb\xbf", "header.missing")
    yield refused("header with open quote", b'"' + _GOOD, "header.malformed")
    yield refused("header without end", b"external_id," * 6_000, "header.too_long")
    many = [*COLUMNS, *(f"x{number}_km" for number in range(60))]
    yield refused("70 columns", csv_file(a_record(), columns=many), "header.too_many_columns")
    array = b'[{"external_id": "1"}]\n'
    yield refused("JSON array", array, "file.json_array", filename="file.json")
    yield refused("JSON array behind a mark", b"\xef\xbb\xbf \n" + array, "file.json_array")


def _zip(name: str, content: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return sink.getvalue()


def _archives() -> Iterator[BadInput]:
    bomb = b"0" * 10_000_000
    code = "file.compressed"
    empty = io.BytesIO()
    zipfile.ZipFile(empty, "w").close()
    yield refused("zip", _zip("rides.csv", _GOOD), code, filename="rides.zip")
    yield refused("zip bomb", _zip("rides.csv", bomb), code)
    yield refused("zip in zip", _zip("inner.zip", _zip("rides.csv", bomb)), code)
    yield refused("zip with a path that climbs", _zip("../../etc/passwd", _GOOD), code)
    yield refused("empty zip", empty.getvalue(), code)
    yield refused("spreadsheet", _zip("xl/workbook.xml", b"<workbook/>"), code, filename="a.xlsx")
    yield refused("gzip", gzip.compress(_GOOD), code, filename="rides.csv.gz")
    yield refused("gzip bomb", gzip.compress(bomb), code)
    yield refused("bzip2 bomb", bz2.compress(bomb), code)
    yield refused("xz bomb", lzma.compress(bomb), code)
    yield refused("zstd", b"\x28\xb5\x2f\xfd" + bytes(40), code)
    yield refused("7z", b"7z\xbc\xaf\x27\x1c" + bytes(40), code)
    yield refused("rar", b"Rar!\x1a\x07\x01\x00" + bytes(40), code)
    yield refused("lz4", b"\x04\x22\x4d\x18" + bytes(40), code)


def _other_formats() -> Iterator[BadInput]:
    code = "file.not_text"
    yield refused("PDF", b"%PDF-1.7\n" + bytes(60), code, filename="rides.pdf")
    yield refused("old spreadsheet", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(60), code)
    yield refused("database file", b"SQLite format 3\x00" + bytes(60), code)
    yield refused("picture PNG", b"\x89PNG\r\n\x1a\n" + bytes(60), code)
    yield refused("picture JPEG", b"\xff\xd8\xff\xe0" + bytes(60), code)
    yield refused("program", b"\x7fELF\x02\x01" + bytes(60), code)
    yield refused("only NUL bytes", bytes(5_000), "file.utf16")


def _parquet() -> Iterator[BadInput]:
    good = parquet_file({"distance_km": pa.array(["6.825"] * 50)})
    code = "parquet.unreadable"
    yield refused("Parquet cut at the end", good[:-20], code, filename="a.parquet")
    yield refused("Parquet cut in the middle", good[: len(good) // 2], code)
    yield refused("only the magic of Parquet", b"PAR1", code)
    yield refused("Parquet magic and noise", b"PAR1" + bytes(range(256)) * 4 + b"PAR1", code)
    yield refused("Parquet with a damaged page", good[:4] + bytes(200) + good[204:], code)
    missing = parquet_file({"distance_km": pa.array(["1"])}).replace(b"person", b"parson")
    yield refused("Parquet column renamed", missing, "header.unknown_columns")
    metres = parquet_file({"distance_m": pa.array(["6825"])})
    yield refused("Parquet in metres", metres, "header.unknown_columns")
    many = {f"x{number}_km": pa.array(["1"]) for number in range(70)}
    yield refused("Parquet of 79 columns", parquet_file(many), "header.too_many_columns")


def _parquet_types() -> Iterator[BadInput]:
    floats, kind = "parquet.float_column", "parquet.column_type"
    time = pa.array([1_700_000_000_000])
    cases = {
        "double": ("distance_km", pa.array([6.825]), floats),
        "single": ("distance_km", pa.array([6.825], pa.float32()), floats),
        "half": ("distance_km", pa.array([6.5], pa.float16()), floats),
        "double id": ("external_id", pa.array([1.0]), floats),
        "boolean": ("distance_km", pa.array([True]), kind),
        "list": ("distance_km", pa.array([["6.825"]]), kind),
        "struct": ("person", pa.array([{"card": "AA17"}]), kind),
        "binary": ("person", pa.array([b"card:AA17"]), kind),
        "date": ("started_at", time.cast(pa.timestamp("ms")).cast(pa.date32()), kind),
        "duration": ("ended_at", pa.array([5], pa.duration("s")), kind),
        "timestamp id": ("external_id", time.cast(pa.timestamp("ms", "UTC")), kind),
        "timestamp without zone": (
            "started_at", time.cast(pa.timestamp("ms")), "parquet.timestamp_without_zone",
        ),
    }  # fmt: skip
    for name, (column, values, code) in cases.items():
        yield refused(f"Parquet {name}", parquet_file({column: values}), code)
