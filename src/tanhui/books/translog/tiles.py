"""Tiles of a log (C2SP tlog-tiles): 256 hashes or entries a file, partial ones with their width.

    tile/<level>/<index>[.p/<width>]     256 hashes of subtrees of 2**(8 * level) leaves
    tile/entries/<index>[.p/<width>]     256 entries, each after its length in two bytes

A right-edge appender: adding entries reads and writes only the last tile of each level.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from tanhui.core.errors import InputRefused, ProofFailed

from .tree import HASH_BYTES, Hash, Node, leaf_hash, levels_of, sha256

HEIGHT = 8
WIDTH = 1 << HEIGHT
ENTRY_BYTES_MAX = 65_535
_THOUSAND = 1000
TILES_KEPT = 64  # whose subtrees are kept in memory, 30 kB each


def tile_path(level: int | str, index: int, width: int = WIDTH) -> str:
    """Where a tile stands below the log's address; `level` may be "entries".

    >>> tile_path(0, 1234067), tile_path("entries", 0, 15)
    ('tile/0/x001/x234/067', 'tile/entries/000.p/15')
    """
    parts = [f"{index % _THOUSAND:03d}"]
    while index >= _THOUSAND:
        index //= _THOUSAND
        parts.append(f"x{index % _THOUSAND:03d}")
    partial = "" if width == WIDTH else f".p/{width}"
    return f"tile/{level}/{'/'.join(reversed(parts))}{partial}"


def bundle(entries: Iterable[bytes]) -> bytes:
    """The bytes of an entry tile; raises InputRefused for an entry that is too long."""
    parts = []
    for entry in entries:
        if len(entry) > ENTRY_BYTES_MAX:
            raise InputRefused(
                "log.entry.too_long",
                zh=f"日志条目有 {len(entry)} 字节，上限 {ENTRY_BYTES_MAX}；"
                "请把明细放入存证，日志只记摘要。",
                en=f"A log entry has {len(entry)} bytes, the most is {ENTRY_BYTES_MAX}; "
                "keep the detail in evidence and log its digest.",
            )
        parts += [len(entry).to_bytes(2, "big"), entry]
    return b"".join(parts)


def unbundle(data: bytes) -> Iterator[bytes]:
    """The entries of an entry tile; raises ProofFailed where the bytes end early."""
    at = 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if len(data) < at + 2 or end > len(data):
            raise _damaged("tile/entries")
        yield data[at + 2 : end]
        at = end


class TileFolder:
    """The tiles of one log in a folder; nothing but this class knows their names."""

    def __init__(self, folder: Path, hash_of: Hash = sha256) -> None:
        self.folder = folder
        self.hash_of = hash_of

    def nodes(self, size: int) -> Node:
        """Hashes of complete subtrees of a log of `size` entries, read from its tiles."""
        known: dict[tuple[int, int], list[list[bytes]]] = {}

        def node(level: int, index: int) -> bytes:
            tile_level, inner = divmod(level, HEIGHT)
            first = index << inner
            at = (tile_level, first // WIDTH)
            if at not in known:
                known[at] = _levels(tuple(self.hashes(*at, size)), self.hash_of)
            return known[at][inner][(first % WIDTH) >> inner]

        return node

    def hashes(self, level: int, index: int, size: int) -> list[bytes]:
        """The hashes of one tile as a log of `size` entries has it; none where it ends before."""
        width = _width(size, level, index)
        if not width:
            return []
        data = self._read(level, index, width)
        if len(data) != width * HASH_BYTES:
            raise _damaged(tile_path(level, index, width))
        return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]

    def entries(self, first: int, end: int, size: int) -> Iterator[bytes]:
        """Entries `first` to `end` of a log of `size`, from the stored bytes."""
        for index in range(first // WIDTH, -(-end // WIDTH)):
            held = list(unbundle(self._read("entries", index, _width(size, 0, index))))
            start = index * WIDTH
            yield from held[max(first - start, 0) : end - start]

    def append(self, size: int, entries: Sequence[bytes]) -> int:
        """Write the tiles that `entries` change in a log of `size`; returns the new size.

        Doing it again with the same entries writes the same bytes, so a killed append is simply
        repeated.
        """
        new = size + len(entries)
        start = size - size % WIDTH
        held = [*self.entries(start, size, size), *entries] if entries else []
        files: dict[Path, bytes] = {}
        for at in range(0, len(held), WIDTH):
            some = held[at : at + WIDTH]
            files[self._place("entries", (start + at) // WIDTH, len(some))] = bundle(some)
        fresh = [leaf_hash(entry, self.hash_of) for entry in entries]
        level, count = 0, size
        while fresh:
            tiles, fresh = self._grown(level, count, fresh, size)
            files |= tiles
            level, count = level + 1, count >> HEIGHT
        write_durably(files)
        return new

    def _grown(
        self, level: int, count: int, fresh: list[bytes], size: int
    ) -> tuple[dict[Path, bytes], list[bytes]]:
        """One level of `count` hashes with more of them: its tiles, and what full ones come to."""
        first = count // WIDTH
        held = (self.hashes(level, first, size) if count % WIDTH else []) + fresh
        files, full = {}, []
        for at in range(0, len(held), WIDTH):
            some = held[at : at + WIDTH]
            files[self._place(level, first + at // WIDTH, len(some))] = b"".join(some)
            if len(some) == WIDTH:
                full.append(levels_of(some, self.hash_of)[HEIGHT][0])
        return files, full

    def prune(self, size: int, grown_from: int) -> None:
        """Remove partial tiles that a full one replaced while the log grew to `size`."""
        level = 0
        while grown_from >> (HEIGHT * level):
            index = (grown_from >> (HEIGHT * level)) // WIDTH
            if _width(size, level, index) == WIDTH:
                for kind in (level, "entries") if level == 0 else (level,):
                    shutil.rmtree(self.folder / f"{tile_path(kind, index)}.p", ignore_errors=True)
            level += 1

    def _read(self, level: int | str, index: int, width: int) -> bytes:
        """A tile; where only the full one is left, the beginning of that one."""
        path = self.folder / tile_path(level, index, width)
        if path.is_file():
            return path.read_bytes()
        full = self.folder / tile_path(level, index)
        if not full.is_file():
            raise _damaged(tile_path(level, index, width))
        data = full.read_bytes()
        if level == "entries":
            return bundle(list(unbundle(data))[:width])
        return data[: width * HASH_BYTES]

    def _place(self, level: int | str, index: int, width: int) -> Path:
        return self.folder / tile_path(level, index, width)


def write_durably(files: Mapping[Path, bytes]) -> None:
    """Replace files, each whole: on disk under another name, then renamed.

    All are written before the first is waited for, so that the disk takes them together.
    """
    fresh = {path: path.with_name(f".{path.name}.new") for path in files}
    for folder in {path.parent for path in files}:
        folder.mkdir(parents=True, exist_ok=True)
    for path, data in files.items():
        fresh[path].write_bytes(data)
    for each in fresh.values():
        handle = os.open(each, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    for path, each in fresh.items():
        each.replace(path)


@lru_cache(maxsize=TILES_KEPT)
def _levels(hashes: tuple[bytes, ...], hash_of: Hash) -> list[list[bytes]]:
    """The subtrees of one tile, known by its bytes: proofs share the tiles above their own."""
    return levels_of(hashes, hash_of)


def _width(size: int, level: int, index: int) -> int:
    """How many hashes of a tile a log of `size` entries has."""
    return min(max((size >> (HEIGHT * level)) - index * WIDTH, 0), WIDTH)


def _damaged(path: str) -> ProofFailed:
    return ProofFailed(
        "log.tile.damaged",
        zh=f"日志文件 {path} 缺失或已损坏；请用“tanhui log rebuild”由数据库重建，并查明原因。",
        en=f"The log file {path} is missing or damaged; rebuild it from the database with "
        "'tanhui log rebuild', and find out why.",
        path=path,
    )
