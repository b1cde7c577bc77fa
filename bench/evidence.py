"""What evidence costs besides settling: a leaf for every row, and every line sealed.

Both beside the bare cryptography of the same bytes: the hashes of a leaf (five of HMAC and leaf,
one of the tree) and AES-256-GCM of the file in one piece. A quarter as many people as rows, in no
order, is the worst case for sealing: nearly every line is a piece of its own.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tanhui.books.batch_tree import TreeWriter
from tanhui.books.commitments import leaf_hashes
from tanhui.books.keystore import KeyStore
from tanhui.books.sealed_source import SealedWriter
from tanhui.books.sealing import AES_256_GCM
from tanhui.engine.batch.events import Columns
from tanhui.flows.committed_rows import BatchNames, GroupRows

from .measure import Facts, measure, middle
from .report import Row

ROWS, PEOPLE = 1_000_000, 250_000
LINES_AT_ONCE = 100_000  # about what a feed hands over
LINE = b"%012d,card:%06d,metro,420100,2024-10-08T08:00:00+08:00,2024-10-08T08:30:00+08:00,10\n"
TEXT_BYTES = 290  # a row's canonical text
HASHES = 6
STARTED = 1_728_345_600_000


def committed(folder: str) -> Generator[None, None, Facts]:
    """Rows to canonical texts, leaves and a tree on disk."""
    own = Path(tempfile.mkdtemp(dir=folder))
    group = GroupRows(BatchNames(1, ["metro"], [{"code": "A", "version": "1"}]), *_columns())
    keys = {person: os.urandom(32) for person in range(1, PEOPLE + 1)}
    yield
    with TreeWriter(own / "tree.bin", ROWS) as writer:
        for part in group.slices():
            people = part.person.tolist()
            held = {person: keys[person] for person in set(people)}
            writer.put(part.row - 1, leaf_hashes(held, people, part.ids, part.texts))
        root = writer.finish().hex()
    return {"root": root, "bytes": (own / "tree.bin").stat().st_size}


def hashed(folder: str) -> Generator[None, None, Facts]:
    """The hashes alone."""
    text = bytes(TEXT_BYTES)
    yield
    for _ in range(ROWS):
        for _ in range(HASHES):
            hashlib.sha256(text).digest()
    return {}


def sealed(folder: str) -> Generator[None, None, Facts]:
    """Every line of a file under its person's key, the keys made as people appear."""
    own = Path(tempfile.mkdtemp(dir=folder))
    keys = KeyStore(own / "keys")
    yield
    with SealedWriter(own / "source.sealed", 1, keys, AES_256_GCM) as writer:
        for first in range(0, ROWS, LINES_AT_ONCE):
            lines = [LINE % (row, row) for row in range(first, first + LINES_AT_ONCE)]
            writer.add_lines(lines, first + 1, _people(np.arange(first, first + LINES_AT_ONCE)))
    keys.sync()
    return {"bytes": (own / "source.sealed").stat().st_size}


def encrypted(folder: str) -> Generator[None, None, Facts]:
    """The same bytes in one piece."""
    yield
    data = b"".join(LINE % (row, row) for row in range(ROWS))
    AESGCM(bytes(32)).encrypt(bytes(12), data, b"")
    return {"bytes": len(data)}


def _people(rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return rows * 104_729 % PEOPLE + 1


def _columns() -> tuple[Columns, Columns]:
    """Rides as events and results hold them."""
    rows = np.arange(ROWS, dtype=np.int64)
    nothing = np.zeros(ROWS, dtype=np.int64)
    small = nothing.astype(np.int32)
    events: Columns = dict.fromkeys(("scene", "method", "cell", "q1", "q2", "q3"), small)
    events |= {"row": rows + 1, "person": _people(rows), "region": small + 420_100}
    events |= {"start": STARTED + rows, "end": STARTED + rows + 1_800_000}
    events |= {"day": small + 20_004, "q0": nothing + 10_000}
    results: Columns = dict.fromkeys(("status", "detail", "other_batch", "other_row"), small)
    results |= {"quantified": nothing + 784_000, "mg": nothing + 784_000, "points": nothing + 78}
    return events, results


def rows(folder: Path, *, rounds: int) -> Iterator[Row]:
    """The rows of the report."""
    pairs = (
        ("evidence/tree", "rows committed to and put into a tree, against their hashes alone",
         "committed", "hashed"),
        ("evidence/sealed", "lines sealed under 250,000 keys, against one piece under one key",
         "sealed", "encrypted"),
    )  # fmt: skip
    for name, work, ours, limit in pairs:
        place = folder / name.replace("/", "-")
        place.mkdir(parents=True)
        runs = [
            [measure(f"evidence:{side}", folder=str(place)) for side in (ours, limit)]
            for _ in range(rounds)
        ]
        first, second = (middle(list(each)) for each in zip(*runs, strict=True))
        yield Row.of(name, f"{ROWS:,} {work}", ours=first, limit=second, hold=0)
        shutil.rmtree(place)
