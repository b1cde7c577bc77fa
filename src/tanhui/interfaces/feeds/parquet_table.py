"""Canonical records in Parquet, turned into the same texts as CSV, exactly or not at all.

Binary floats are refused: 0.1 is not 0.1 in them. Content is limited by the sizes the file
declares, texts stay dictionary-coded until their lengths are known, so a small file cannot
unfold into a large one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tanhui.core.errors import InputRefused, TooLarge
from tanhui.engine.batch.landing_file import SourceFile
from tanhui.engine.batch.limits import (
    COLUMNS_MAX,
    DECOMPRESSED_BYTES_MAX,
    RAW_BYTES_MAX,
    ROWS_MAX,
)

TIME_COLUMNS = ("started_at", "ended_at")
_BATCH_ROWS = 131_072
_TEXT_BYTES_MAX = 1_024
"""No field may be near this long; a longer text rejects its row before it is unfolded."""


class ParquetRows:
    """Gives back rows as JSON objects: Parquet has no bytes of one row.

    Keeps the texts of one batch; a row of an earlier batch is read from the file again.
    """

    def __init__(self, source: SourceFile, columns: list[str]) -> None:
        self._source = source
        self._columns = columns
        self._first_row = 1
        self._texts = pl.DataFrame()

    def hold(self, first_row: int, texts: pl.DataFrame) -> None:
        """Keep the texts of the batch that starts with `first_row`."""
        self._first_row, self._texts = first_row, texts

    def raw(self, row: int) -> bytes:
        """The row as a JSON object, at most RAW_BYTES_MAX of it."""
        if not 0 <= row - self._first_row < self._texts.height:
            with open_parquet(self._source) as file:
                for block in read_parquet(file, self._columns, self):
                    if row < block.first_row + block.rows:
                        break
        values = self._texts.row(row - self._first_row, named=True)
        return json.dumps(values, ensure_ascii=False).encode()[:RAW_BYTES_MAX]


@dataclass(frozen=True)
class ParquetBlock:
    """Rows of one record batch as texts."""

    frame: pl.DataFrame
    rejects: list[tuple[int, str]]
    rows: int
    first_row: int


def open_parquet(source: SourceFile) -> pq.ParquetFile:
    """The file, its declared sizes and column types checked.

    Raises InputRefused `parquet.unreadable`, `parquet.float_column`, `parquet.column_type`,
    `parquet.timestamp_without_zone`; TooLarge for rows, columns or content.
    """
    try:
        plain = pq.ParquetFile(source.path)
        _check_sizes(plain.metadata)
        schema = plain.schema_arrow
        for field in schema:
            _check_type(field)
        texts = [field.name for field in schema if _is_text(field.type)]
        return pq.ParquetFile(source.path, read_dictionary=texts)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _unreadable() from error


def read_parquet(
    file: pq.ParquetFile, columns: list[str], keeper: ParquetRows
) -> Iterator[ParquetBlock]:
    """The rows as texts, batch by batch; raises InputRefused `parquet.unreadable`."""
    row = 1
    batches = file.iter_batches(batch_size=_BATCH_ROWS, use_threads=False)
    while True:
        try:
            batch = next(batches, None)
        except (pa.ArrowException, OSError, ValueError) as error:
            raise _unreadable() from error
        if batch is None:
            return
        yield _read_batch(batch, columns, row, keeper)
        row += batch.num_rows


def _read_batch(
    batch: pa.RecordBatch, columns: list[str], first_row: int, keeper: ParquetRows
) -> ParquetBlock:
    reasons = np.full(batch.num_rows, "", dtype=object)
    series = []
    for name in columns:
        texts, wrong, reason = _texts_of(batch.column(name), name)
        reasons[wrong & (reasons == "")] = reason
        series.append(pl.Series(name, texts.cast(pa.large_string())))
    texts = pl.DataFrame(series)
    rows = pl.int_range(first_row, first_row + batch.num_rows, dtype=pl.Int64, eager=True)
    keeper.hold(first_row, texts)
    frame = texts.select(rows.alias("row"), pl.all())
    bad = np.flatnonzero(reasons != "")
    rejects = [(first_row + int(place), str(reasons[place])) for place in bad]
    kept = frame.filter(pl.Series(reasons == "")) if len(bad) else frame
    return ParquetBlock(kept, rejects, batch.num_rows, first_row)


def _texts_of(array: pa.Array, name: str) -> tuple[pa.Array, npt.NDArray[np.bool_], str]:
    """Texts of a column, the rows that cannot be, and why."""
    good = np.zeros(len(array), dtype=bool)
    kind = array.type
    if pa.types.is_dictionary(kind):
        return _unfold(array)
    if pa.types.is_timestamp(kind):
        return _instants(array), good, ""
    if pa.types.is_null(kind):
        return pa.nulls(len(array), pa.string()), good, ""
    return pc.cast(array, pa.string()), good, ""


def _unfold(array: pa.DictionaryArray) -> tuple[pa.Array, npt.NDArray[np.bool_], str]:
    """Plain texts of a dictionary column without its over-long or undecodable words."""
    words = array.dictionary.cast(pa.large_binary())
    values = words.to_pylist()
    bad = [len(word) > _TEXT_BYTES_MAX or not _decodes(word) for word in values]
    if not any(bad):
        return array.cast(pa.large_string()), np.zeros(len(array), dtype=bool), ""
    known = np.array([*bad, False], dtype=bool)
    places = array.indices.fill_null(len(values)).to_numpy(zero_copy_only=False)
    texts = [None if wrong else word.decode() for word, wrong in zip(values, bad, strict=True)]
    safe = pa.array([*texts, None], pa.large_string()).take(pa.array(places))
    return safe, known[places], "row.unreadable_value"


def _decodes(word: bytes) -> bool:
    try:
        word.decode()
    except UnicodeDecodeError:
        return False
    return True


def _instants(array: pa.TimestampArray) -> pa.Array:
    """ISO texts in UTC, to the millisecond, or finer when the value is finer (refused later)."""
    unit = array.type.unit
    per_second = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}[unit]
    digits = {"s": 0, "ms": 3, "us": 6, "ns": 9}[unit]
    counts = array.cast(pa.int64()).to_pylist()
    return pa.array([_instant(count, per_second, digits) for count in counts], pa.string())


def _instant(count: int | None, per_second: int, digits: int) -> str | None:
    """
    >>> _instant(1_500, 1_000, 3), _instant(None, 1, 0)
    ('1970-01-01T00:00:01.500Z', None)
    """
    if count is None:
        return None
    seconds, fraction = divmod(count, per_second)
    try:
        whole = str(np.datetime64(seconds, "s"))
    except (ValueError, OverflowError):
        return "?"
    text = str(fraction).rjust(digits, "0") if digits else ""
    shortened = text[:3] if text[3:].strip("0") == "" else text
    return f"{whole}.{shortened}Z" if shortened else f"{whole}Z"


def _check_sizes(metadata: pq.FileMetaData) -> None:
    if metadata.num_columns > COLUMNS_MAX:
        raise TooLarge(
            "header.too_many_columns",
            zh=f"文件有 {metadata.num_columns} 列，上限为 {COLUMNS_MAX} 列。",
            en=f"The file has {metadata.num_columns} columns, the limit is {COLUMNS_MAX}.",
        )
    if metadata.num_rows > ROWS_MAX:
        raise TooLarge(
            "file.too_many_rows",
            zh=f"文件超过 {ROWS_MAX} 行；请分成几个文件提交。",
            en=f"The file has more than {ROWS_MAX} rows; split it.",
        )
    content = sum(
        metadata.row_group(group).column(column).total_uncompressed_size
        for group in range(metadata.num_row_groups)
        for column in range(metadata.num_columns)
    )
    if content > DECOMPRESSED_BYTES_MAX:
        raise TooLarge(
            "parquet.too_large_decompressed",
            zh=f"文件解压后有 {content} 字节，上限为 {DECOMPRESSED_BYTES_MAX}。",
            en=f"The file unfolds to {content} bytes, the limit is {DECOMPRESSED_BYTES_MAX}.",
        )


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _check_type(field: pa.Field) -> None:
    kind, name = field.type, field.name[:40]
    if pa.types.is_floating(kind):
        raise InputRefused(
            "parquet.float_column",
            zh=f"列 {name} 是二进制浮点数，不能精确表示小数；请用文本、decimal 或整数。",
            en=f"Column {name} holds binary floats, which cannot hold decimals exactly; "
            "use text, decimal or integer.",
        )
    if pa.types.is_timestamp(kind) and name in TIME_COLUMNS:
        if kind.tz is None:
            raise InputRefused(
                "parquet.timestamp_without_zone",
                zh=f"列 {name} 的时间没有时区；请使用带时区的 timestamp 或 ISO 文本。",
                en=f"Column {name} has timestamps without a zone; give a zone or ISO text.",
            )
        return
    if _is_text(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        return
    if pa.types.is_null(kind) or (pa.types.is_dictionary(kind) and _is_text(kind.value_type)):
        return
    raise InputRefused(
        "parquet.column_type",
        zh=f"列 {name} 的类型为 {kind}；只接受文本、decimal、整数和时间列的 timestamp。",
        en=f"Column {name} is of type {kind}; use text, decimal, integer, "
        "or timestamp for the time columns.",
    )


def _unreadable() -> InputRefused:
    return InputRefused(
        "parquet.unreadable",
        zh="Parquet 文件无法读取，可能不完整或已损坏；请重新导出。",
        en="The Parquet file cannot be read; it may be cut or damaged. Export it again.",
    )
