"""Search files for texts the way somebody with time would: every layer of packing opened."""

from __future__ import annotations

import base64
import gzip
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

_BYTEA = re.compile(rb"\\\\x((?:[0-9a-f]{2})+)")  # as COPY writes it


def forms(text: str) -> set[bytes]:
    """A text as it may lie in a file: plain, in hex, in base64 at each of three places."""
    raw = text.encode()
    coded = {base64.b64encode(b"\0" * gap + raw)[4 if gap else 0 : -4] for gap in range(3)}
    plain = {raw, text.encode("utf-16-le"), ascii(text)[1:-1].encode()}
    return {*plain, raw.hex().encode(), raw.hex().upper().encode(), *coded}


def layers(data: bytes) -> Iterator[bytes]:
    """The bytes as they are, and opened: gzip, zstd, Parquet cells, bytea cells of a COPY."""
    yield data
    if data.startswith(b"\x1f\x8b"):
        yield from layers(gzip.decompress(data))
    elif data.startswith(b"\x28\xb5\x2f\xfd"):
        with pa.input_stream(pa.py_buffer(data), compression="zstd") as packed:
            yield from layers(packed.read())
    elif data.startswith(b"PAR1"):
        table = pq.read_table(pa.BufferReader(data))
        yield from (b"\n".join(_cells(column.to_pylist())) for column in table.columns)
    else:
        yield from (bytes.fromhex(cell[1].decode()) for cell in _BYTEA.finditer(data))


def found_in(folder: Path, wanted: Iterable[bytes]) -> list[str]:
    """Files below the folder in which any of the byte strings stands, in any layer.

    What a running server takes away between the listing and the reading is gone, and shows nothing.
    """
    sought = set(wanted)
    told = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            continue
        if any(each in layer for layer in layers(content) for each in sought):
            told.append(path.relative_to(folder).as_posix())
    return told


def _cells(values: list[Any]) -> Iterator[bytes]:
    for value in values:
        yield value if isinstance(value, bytes) else str(value).encode()
