"""A partner's file as evidence keeps it: every piece sealed under the key of whom it is about.

    source.sealed    Parquet; a row group per block of the file, a row per person in the block

Lines of a person stand under that person's key; lines whose person could not be read, the header,
and files that have no lines (Parquet) under the key of the batch, a negative number in the key
store. With all keys the file comes back byte for byte; without one, its lines are gone for good.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from tanhui.core.errors import Gone

from .keystore import KeyStore
from .sealing import Sealer, sealer

SOURCE_FILE = "source.sealed"
REST, LINES, SHOWN = 0, 1, 2
"""What a piece is: bytes that are nobody's lines; lines of one person; a row as people read it,
where the file has no lines."""

_SCHEMA = pa.schema(
    [
        ("kind", pa.uint8()),
        ("whose", pa.int64()),
        ("rows", pa.list_(pa.int64())),
        ("sealed", pa.binary()),
    ]
)
_SEALER = b"tanhui.seal"
_LINE = re.compile(rb"[^\n]*\n|[^\n]+")


class SealedWriter:
    """Writes the blocks of one file in their order; keys are made as people appear."""

    def __init__(self, path: Path, batch: int, keys: KeyStore, how: Sealer) -> None:
        self.batch, self.keys, self.how = batch, keys, how
        self._block = 0
        schema = _SCHEMA.with_metadata({_SEALER: how.name.encode()})
        self._writer = pq.ParquetWriter(
            path, schema, compression={"sealed": "none"}, use_dictionary=False
        )

    def __enter__(self) -> SealedWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.close()

    def add_rest(self, data: bytes) -> None:
        """The next bytes of the file that are nobody's lines."""
        self._add(REST, np.array([-self.batch]), [0, 0], [], [data])

    def add_lines(
        self, lines: Sequence[bytes], first_row: int, whose: npt.NDArray[np.int64]
    ) -> None:
        """The next lines of the file with their ends; `whose` is each one's person or batch."""
        order = np.argsort(whose, kind="stable")
        people, starts = np.unique(whose[order], return_index=True)
        edges = [*starts.tolist(), len(order)]
        places = order.tolist()
        data = [
            lines[places[first]]
            if end - first == 1
            else b"".join([lines[at] for at in places[first:end]])
            for first, end in pairwise(edges)
        ]
        self._add(LINES, people, edges, order + first_row, data)

    def add_shown(self, row: int, text: bytes) -> None:
        """A row of a file without lines, as people are to read it; under the batch's key."""
        self._add(SHOWN, np.array([-self.batch]), [0, 1], [row], [text])

    def _add(
        self,
        kind: int,
        whose: npt.NDArray[np.int64],
        edges: Sequence[int],
        rows: npt.NDArray[np.int64] | list[int],
        data: Sequence[bytes],
    ) -> None:
        people = whose.tolist()
        held = self.keys.make(people, wait=False)
        context = _context(self.batch, self._block)
        sealed = self.how.seal_all([held[each] for each in people], data, context)
        columns = [
            pa.array([kind] * len(people), pa.uint8()),
            pa.array(people, pa.int64()),
            pa.ListArray.from_arrays(pa.array(edges, pa.int32()), pa.array(rows, pa.int64())),
            pa.array(sealed, pa.binary()),
        ]
        self._writer.write_table(pa.table(columns, schema=self._writer.schema), len(people))
        self._block += 1


@dataclass(frozen=True)
class SealedSource:
    """A kept file of batch number `batch`, opened with the keys that are left."""

    path: Path
    batch: int
    keys: KeyStore

    @cached_property
    def how(self) -> Sealer:
        """The way it was sealed."""
        return sealer(pq.read_schema(self.path).metadata[_SEALER].decode())

    def restore(self, out: Path) -> None:
        """Write the file as it came; raises Gone when a key of it was destroyed."""
        lost = 0
        with out.open("wb") as file, pq.ParquetFile(self.path) as kept:
            for block in range(kept.num_row_groups):
                table = kept.read_row_group(block).to_pydict()
                opened = self._open(block, table)
                lost += sum(data is None for data in opened)
                file.write(b"".join(_in_order(table, opened)))
        if lost:
            raise self._gone(lost)

    def restore_readable(self, out: Path) -> int:
        """As `restore`, with an empty line for each line whose key is gone; returns how many.

        Raises Gone where what is nobody's, such as the header, has no key any more.
        """
        lost = 0
        with out.open("wb") as file, pq.ParquetFile(self.path) as kept:
            for block in range(kept.num_row_groups):
                table = kept.read_row_group(block).to_pydict()
                opened = self._open(block, table)
                for at, (kind, rows) in enumerate(zip(table["kind"], table["rows"], strict=True)):
                    if opened[at] is None and kind == LINES:
                        opened[at] = b"\n" * len(rows)
                        lost += len(rows)
                    elif opened[at] is None and kind == REST:
                        raise self._gone(1)
                file.write(b"".join(_in_order(table, opened)))
        return lost

    def rows(self, wanted: Collection[int]) -> dict[int, bytes | None]:
        """The bytes of these rows without line ends; None where the key was destroyed."""
        found: dict[int, bytes | None] = {}
        sought = np.unique(np.array(sorted(wanted), dtype=np.int64))
        with pq.ParquetFile(self.path) as kept:
            for block in range(kept.num_row_groups):
                rows = kept.read_row_group(block, ["rows"])["rows"].combine_chunks()
                inside = np.isin(rows.values.to_numpy(), sought)
                if not inside.any():
                    continue
                owner = np.repeat(np.arange(len(rows)), rows.value_lengths().to_numpy())
                there = np.unique(owner[inside])
                table = kept.read_row_group(block).take(there).to_pydict()
                found |= _lines_of(table, self._open(block, table), set(sought.tolist()))
        return found

    def people_of(self, wanted: Collection[int]) -> set[int]:
        """Whose these rows are, nobody's left out."""
        sought = np.array(sorted(wanted), dtype=np.int64)
        found: set[int] = set()
        with pq.ParquetFile(self.path) as kept:
            for block in range(kept.num_row_groups):
                table = kept.read_row_group(block, ["whose", "rows"])
                rows = table["rows"].combine_chunks()
                piece = np.repeat(np.arange(len(rows)), rows.value_lengths().to_numpy())
                there = np.unique(piece[np.isin(rows.values.to_numpy(), sought)])
                found |= set(table["whose"].take(there).to_pylist())
        return {whose for whose in found if whose > 0}

    def _gone(self, lost: int) -> Gone:
        return Gone(
            "source.key_destroyed",
            zh=f"批次 {self.batch} 的原文件有 {lost} 处已无密钥（本人要求删除或保存期满），"
            "不能逐字节还原；其结果、承诺和证明不受影响。",
            en=f"{lost} pieces of the file of batch {self.batch} have no key any more (erased "
            "as their person asked, or past their retention), so it cannot be restored; "
            "results, commitments and proofs stay as they are.",
            batch=self.batch,
            pieces=lost,
        )

    def _open(self, block: int, table: dict[str, Any]) -> list[bytes | None]:
        """The pieces of a block; None where there is no key."""
        held = self.keys.find(set(table["whose"]))
        context = _context(self.batch, block)
        return [
            self.how.open(held[whose], sealed, context) if whose in held else None
            for whose, sealed in zip(table["whose"], table["sealed"], strict=True)
        ]


def _context(batch: int, block: int) -> bytes:
    return b"source %d %d" % (batch, block)


def _in_order(table: dict[str, Any], opened: Sequence[bytes | None]) -> Iterator[bytes]:
    """The block's bytes as the file had them."""
    lines: list[tuple[int, bytes]] = []
    for kind, rows, data in zip(table["kind"], table["rows"], opened, strict=True):
        if kind == REST and data is not None:
            yield data
        if kind == LINES and data is not None:
            lines += zip(rows, _lines(data, len(rows)), strict=True)
    yield from (line for _, line in sorted(lines, key=lambda each: each[0]))


def _lines_of(
    table: dict[str, Any], opened: Sequence[bytes | None], wanted: set[int]
) -> dict[int, bytes | None]:
    found: dict[int, bytes | None] = {}
    for kind, rows, data in zip(table["kind"], table["rows"], opened, strict=True):
        lines = [None] * len(rows) if data is None else _lines(data, len(rows))
        for row, line in zip(rows, lines, strict=True):
            if row in wanted and row not in found:
                found[row] = _without_end(line) if line and kind == LINES else line
    return found


def _lines(data: bytes, rows: int) -> list[bytes]:
    """The lines of a piece with their ends; a single one is not looked into."""
    return [data] if rows == 1 else _LINE.findall(data)


def _without_end(line: bytes) -> bytes:
    return line.removesuffix(b"\n").removesuffix(b"\r")
