"""CSV by physical lines: every data line becomes a row of texts or a rejected row.

Clean blocks go to Polars whole; where a block has quotes, odd bytes or a wrong number of columns,
only the doubtful lines are read one by one. Rules of RFC 4180, but a quoted text cannot hold a
line break: a row is a line, so that any row can be shown as it came.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from tanhui.engine.batch.landing_file import LineIndex, LineReader, SourceFile
from tanhui.engine.batch.limits import BLOCK_BYTES, ROW_BYTES_MAX

from .blocks import LineBlock, count_bytes, read_blocks
from .sniff import UTF8_MARK, is_utf8


@dataclass(frozen=True)
class TextBlock:
    """Rows of one block: `frame` has the columns as texts (null = empty) and `row`."""

    frame: pl.DataFrame
    rejects: list[tuple[int, str]]
    rows: int
    first_row: int
    index: LineIndex


def read_csv(
    source: SourceFile, columns: list[str], start: int, *, block_bytes: int = BLOCK_BYTES
) -> Iterator[TextBlock]:
    """The data lines from offset `start` on as texts under `columns`, block by block."""
    reader = LineReader(source)
    for block in read_blocks(source, start, block_bytes=block_bytes):
        frame = _parse_clean(block.data, columns, block.rows)
        rejects: list[tuple[int, str]] = []
        if frame is None:
            frame, rejects = _parse_by_line(block, columns)
        else:
            frame = _with_row(frame, block.first_row)
        yield TextBlock(frame, rejects, block.rows, block.first_row, block.index(reader))


def _parse_clean(data: bytes, columns: list[str], rows: int) -> pl.DataFrame | None:
    """The block by Polars when nothing in it is doubtful, else None."""
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
    if b'"' in data or b"\r" in data or b"\x00" in data or not is_utf8(data):
        return None
    if data.startswith(UTF8_MARK) or len(columns) == 1:
        return None
    # as many commas as wanted and no line with more (Polars refuses it): each line has its own
    if count_bytes(data, b",") != rows * (len(columns) - 1):
        return None
    frame = _parse(data, columns)
    if frame is None or frame.height != rows:
        return None
    # a line over the limit has a text over its share; short texts prove short lines
    longest = frame.select(pl.max_horizontal(pl.all().str.len_bytes().max())).item() or 0
    return frame if (longest + 1) * len(columns) <= ROW_BYTES_MAX else None


def _parse(data: bytes, columns: list[str]) -> pl.DataFrame | None:
    """All-text frame, None when some line has too many columns."""
    try:
        return pl.read_csv(
            data,
            has_header=False,
            schema=dict.fromkeys(columns, pl.String),
            quote_char=None,
        )
    except pl.exceptions.ComputeError:
        return None


def _with_row(frame: pl.DataFrame, first_row: int) -> pl.DataFrame:
    rows = pl.int_range(first_row, first_row + frame.height, dtype=pl.Int64, eager=True)
    return frame.insert_column(0, rows.alias("row"))


def _parse_by_line(
    block: LineBlock, columns: list[str]
) -> tuple[pl.DataFrame, list[tuple[int, str]]]:
    """Split the lines into clean ones (parsed together), quoted ones and rejected ones."""
    clean: list[bytes] = []
    clean_rows: list[int] = []
    parsed: list[list[str]] = []
    parsed_rows: list[int] = []
    rejects: list[tuple[int, str]] = []
    commas = len(columns) - 1
    for row, line in enumerate(block.data.split(b"\n")[:-1], start=block.first_row):
        text = line.removesuffix(b"\r")
        problem = line_problem(text)
        if problem is not None:
            rejects.append((row, problem))
        elif _is_clean(text, commas):
            clean.append(text)
            clean_rows.append(row)
        else:
            fields, problem = parse_line(text.decode(), len(columns))
            if problem is not None:
                rejects.append((row, problem))
            else:
                parsed.append(fields)
                parsed_rows.append(row)
    frame = _join(columns, (clean, clean_rows), (parsed, parsed_rows))
    return frame, rejects


def _is_clean(line: bytes, commas: int) -> bool:
    return (
        line.count(b",") == commas
        and b'"' not in line
        and b"\r" not in line
        and not line.startswith(UTF8_MARK)
    )


def _join(
    columns: list[str],
    clean: tuple[list[bytes], list[int]],
    parsed: tuple[list[list[str]], list[int]],
) -> pl.DataFrame:
    """One frame in row order from clean lines and from fields read one by one."""
    schema = dict.fromkeys(columns, pl.String)
    lines, line_rows = clean
    fields, field_rows = parsed
    frame = _parse(b"\n".join([*lines, b""]), columns) if lines else pl.DataFrame(schema=schema)
    assert frame is not None
    assert frame.height == len(lines)
    if fields:
        texts = pl.DataFrame(fields, schema=schema, orient="row")
        frame = pl.concat([frame, texts.with_columns(pl.when(pl.all() != "").then(pl.all()))])
    rows = pl.Series("row", line_rows + field_rows, dtype=pl.Int64)
    return frame.insert_column(0, rows).sort("row")


def line_problem(line: bytes) -> str | None:
    """Reason against a line whatever its format, None when it may be parsed.

    >>> line_problem(b""), line_problem(b"a,\\xff"), line_problem(b"a,b")
    ('row.blank', 'row.not_utf8', None)
    """
    if len(line) > ROW_BYTES_MAX:
        return "row.too_long"
    if b"\x00" in line:
        return "row.nul_byte"
    if not line.strip():
        return "row.blank"
    if not is_utf8(line):
        return "row.not_utf8"
    return None


def parse_line(text: str, columns: int) -> tuple[list[str], str | None]:
    """Fields of one CSV line, or the reason against it.

    >>> parse_line('a,"b,c"', 2), parse_line('a,"b', 2)[1], parse_line('a,"b"c', 2)[1]
    ((['a', 'b,c'], None), 'row.unbalanced_quote', 'row.misplaced_quote')
    """
    if text.count('"') % 2:
        return [], "row.unbalanced_quote"
    if "\r" in text:
        return [], "text.control_character"
    try:
        fields = next(csv.reader([text], strict=True))
    except csv.Error:
        return [], "row.misplaced_quote"
    if len(fields) < columns:
        return [], "row.too_few_columns"
    if len(fields) > columns:
        return [], "row.too_many_columns"
    return fields, None
