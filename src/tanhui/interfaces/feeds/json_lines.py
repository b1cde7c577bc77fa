"""NDJSON by physical lines: every line is one flat JSON object with known keys.

Numbers keep the text they were written with, so 0.1 stays 0.1. Most files repeat a few layouts
(the same keys in the same order): such lines are read by one pattern per layout for the whole
block; every other line is parsed strictly one by one. Both accept exactly the same lines.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from tanhui.engine.batch.landing_file import LineReader, SourceFile
from tanhui.engine.batch.limits import BLOCK_BYTES, ROW_BYTES_MAX

from .blocks import LineBlock, read_blocks
from .csv_table import TextBlock, line_problem
from .sniff import is_utf8

_LAYOUTS_MAX = 24
"""Layouts tried per file; what fits none of them is parsed line by line."""

_TRIES_MAX = 48
_SPACE = "[ \\t]*"
_TEXT = '"([^"\\\\\\x00-\\x1f\\x7f]*)"'
_NUMBER = "(-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?)"
_NUMBER_EXACT = re.compile(_NUMBER)

Pairs = list[tuple[str, object]]


class _Written(str):
    """A JSON number as it was written."""


def read_json_line(text: str, columns: Sequence[str]) -> tuple[dict[str, str | None], str | None]:
    """Texts by column of one line, or the reason against it.

    >>> read_json_line('{"distance_km": 0.10}', ["distance_km"])
    ({'distance_km': '0.10'}, None)
    >>> read_json_line('{"person": NaN}', ["person"])[1]
    'row.not_json'
    """
    pairs, problem = _parse(text)
    if problem is not None:
        return {}, problem
    values: dict[str, str | None] = {}
    for key, value in pairs:
        if key in values:
            return {}, "row.duplicate_key"
        if key not in columns:
            return {}, "row.unknown_key"
        if value is not None and not isinstance(value, str):
            return {}, "row.nested_value"
        if value is not None and not _is_encodable(value):
            return {}, "text.control_character"
        values[key] = value or None
    return values, None


def _parse(text: str) -> tuple[Pairs, str | None]:
    try:
        found = json.loads(
            text,
            object_pairs_hook=_ObjectPairs,
            parse_int=_Written,
            parse_float=_Written,
            parse_constant=_refuse_constant,
        )
    except RecursionError:
        return [], "row.too_deep"
    except ValueError:
        return [], "row.not_json"
    return (found, None) if isinstance(found, _ObjectPairs) else ([], "row.not_json")


class _ObjectPairs(list[tuple[str, object]]):
    """The pairs of an object in order, doubled keys included; a JSON list is a plain list."""


def _refuse_constant(name: str) -> str:
    raise ValueError(name)


def _is_encodable(text: str) -> bool:
    """False for half a surrogate pair, which no encoding can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


@dataclass(frozen=True)
class _Layout:
    """Keys of a line in order and the pattern that reads all lines like it."""

    keys: tuple[str, ...]
    pattern: str


@dataclass
class _Layouts:
    """Layouts met so far in one file."""

    columns: Sequence[str]
    known: list[_Layout] = field(default_factory=list)

    def learn(self, line: str) -> _Layout | None:
        """A layout for this line, unless it is special or there are too many."""
        if len(self.known) >= _LAYOUTS_MAX:
            return None
        values, problem = read_json_line(line, self.columns)
        if problem is not None or not any(values.values()):
            return None
        parts, keys = [], []
        for key, value in _parse(line)[0]:
            if value is None:
                shape = "null"
            elif isinstance(value, _Written):
                if not _NUMBER_EXACT.fullmatch(value):
                    return None
                shape = _NUMBER
                keys.append(key)
            else:
                shape = _TEXT
                keys.append(key)
            parts.append(f'{_SPACE}"{re.escape(key)}"{_SPACE}:{_SPACE}{shape}{_SPACE}')
        pattern = f"^{_SPACE}\\{{{','.join(parts)}\\}}{_SPACE}\\r?\\n?$"
        layout = _Layout(tuple(keys), pattern)
        self.known.append(layout)
        return layout


def read_json(
    source: SourceFile, columns: list[str], start: int, *, block_bytes: int = BLOCK_BYTES
) -> Iterator[TextBlock]:
    """The lines from offset `start` on as texts under `columns`, block by block."""
    layouts = _Layouts(columns)
    reader = LineReader(source)
    for block in read_blocks(source, start, block_bytes=block_bytes):
        rows, lines, rejects = _lines(block)
        frame, refused = _read_lines(rows, lines, layouts)
        yield TextBlock(
            frame, sorted(rejects + refused), block.rows, block.first_row, block.index(reader)
        )


def _lines(
    block: LineBlock,
) -> tuple[npt.NDArray[np.int64], pl.Series, list[tuple[int, str]]]:
    """Row numbers and lines that may be parsed, and the rejected others."""
    if is_utf8(block.data):
        breaks = np.flatnonzero(np.frombuffer(block.data, dtype=np.uint8) == ord("\n"))
        offsets = np.concatenate([np.zeros(1, np.int64), breaks.astype(np.int64) + 1])
        if int(np.diff(offsets).max()) <= ROW_BYTES_MAX:
            array = pa.LargeStringArray.from_buffers(
                block.rows, pa.py_buffer(offsets), pa.py_buffer(block.data)
            )
            lines = pl.Series("line", array, dtype=pl.String)
            return np.arange(block.first_row, block.first_row + block.rows), lines, []
    rows: list[int] = []
    kept: list[str] = []
    rejects: list[tuple[int, str]] = []
    for row, line in enumerate(block.data.split(b"\n")[:-1], start=block.first_row):
        problem = line_problem(line)
        if problem is None:
            rows.append(row)
            kept.append(line.decode())
        else:
            rejects.append((row, problem))
    return np.array(rows, dtype=np.int64), pl.Series("line", kept, dtype=pl.String), rejects


def _read_lines(
    rows: npt.NDArray[np.int64], lines: pl.Series, layouts: _Layouts
) -> tuple[pl.DataFrame, list[tuple[int, str]]]:
    """Frame of the lines that are records, in row order, and the rows that are not."""
    frames: list[pl.DataFrame] = []
    odd: list[int] = []
    left = np.arange(len(rows))
    for layout in layouts.known:
        left = _take_layout(layout, (rows, lines), left, frames)
    for _ in range(_TRIES_MAX):
        if not len(left):
            break
        learnt = layouts.learn(lines[int(left[0])])
        if learnt is None:
            odd.append(int(left[0]))
            left = left[1:]
        else:
            left = _take_layout(learnt, (rows, lines), left, frames)
    odd.extend(left.tolist())
    frame, rejects = _read_one_by_one(rows, lines, (odd, layouts.columns))
    schema = {"row": pl.Int64, **dict.fromkeys(layouts.columns, pl.String)}
    whole = pl.concat([pl.DataFrame(schema=schema), *frames, frame], how="diagonal")
    return (whole if len(frames) == 1 and not odd else whole.sort("row")), rejects


def _take_layout(
    layout: _Layout,
    block: tuple[npt.NDArray[np.int64], pl.Series],
    left: npt.NDArray[np.intp],
    frames: list[pl.DataFrame],
) -> npt.NDArray[np.intp]:
    """Read the lines of this layout into `frames`; returns the places of the others."""
    rows, lines = block
    if not len(left):
        return left
    chosen = lines if len(left) == len(lines) else lines.gather(left)
    texts = chosen.str.extract_groups(layout.pattern).struct.unnest()
    texts.columns = list(layout.keys)
    fits = texts.to_series(0).is_not_null().to_numpy()
    if fits.all():
        frames.append(texts.insert_column(0, pl.Series("row", rows[left])))
        return left[:0]
    if fits.any():
        found = texts.filter(pl.Series(fits))
        frames.append(found.insert_column(0, pl.Series("row", rows[left[fits]])))
    others: npt.NDArray[np.intp] = left[~fits]
    return others


def _read_one_by_one(
    rows: npt.NDArray[np.int64], lines: pl.Series, odd: tuple[list[int], Sequence[str]]
) -> tuple[pl.DataFrame, list[tuple[int, str]]]:
    places, columns = odd
    records: list[list[object]] = []
    rejects: list[tuple[int, str]] = []
    for place in sorted(places):
        row, line = int(rows[place]), lines[place]
        problem = line_problem(line.encode().removesuffix(b"\n"))
        values: dict[str, str | None] = {}
        if problem is None:
            values, problem = read_json_line(line, columns)
        if problem is not None:
            rejects.append((row, problem))
        else:
            records.append([row, *(values.get(column) for column in columns)])
    schema = {"row": pl.Int64, **dict.fromkeys(columns, pl.String)}
    return pl.DataFrame(records, schema=schema, orient="row"), rejects
