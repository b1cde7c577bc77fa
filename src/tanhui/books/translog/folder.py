"""One log in its folder: tiles, then a look at what is really stored, then the signature.

The order never changes: tiles are on disk; leaf hashes and root are computed again from the bytes
read back, and compared with the checkpoint before; the note is signed; the checkpoint is renamed
into place. A log was once lost to one flipped bit that got signed. A kill between any two steps
leaves the old checkpoint, and publishing again writes the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tanhui.core.errors import ProofFailed

from .checkpoint import Checkpoint, open_checkpoint, write_proof
from .notes import Signer, VerifierKey, key_of
from .tiles import TileFolder, write_durably
from .tree import (
    Hash,
    consistency_path,
    inclusion_path,
    is_consistent,
    leaf_hash,
    root,
    sha256,
)

CHECKPOINT_FILE, TILES = "checkpoint", "tile"
APPEND_MAX = 100_000  # entries held in memory at once

Entries = Callable[[int, int], Sequence[bytes]]  # entries first to end, from the database


@dataclass(frozen=True)
class LogFolder:
    """A log's files. `keys` are all keys it was ever signed with; the last one signs now."""

    folder: Path
    origin: str
    keys: tuple[VerifierKey, ...]
    hash_of: Hash = sha256
    tiles: TileFolder = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tiles", TileFolder(self.folder, self.hash_of))

    def note(self) -> str | None:
        """The published checkpoint as it stands, or None."""
        path = self.folder / CHECKPOINT_FILE
        return path.read_text(encoding="utf-8") if path.is_file() else None

    def published(self) -> Checkpoint | None:
        """The published checkpoint, its signature checked; raises InputRefused."""
        note = self.note()
        return self._open(note) if note else None

    def publish(self, entries: Entries, size: int, signer: Signer) -> str:
        """Grow the log to `size` entries; returns the signed checkpoint.

        Raises ProofFailed when the stored bytes differ from the entries, or would rewrite what
        was published before: then nothing is signed.
        """
        assert key_of(signer) in self.keys, "the signer is one of the log's keys"
        published = self.note()
        before = self._open(published) if published else None
        old = before.size if before else 0
        if size < old or not self._ends_as_published(entries, old):
            raise self._rewritten(old, size)
        if published and size == old:
            return published
        for first in range(old, size, APPEND_MAX):
            self._append(first, entries(first, min(first + APPEND_MAX, size)))
        node = self.tiles.nodes(size)
        new = Checkpoint(self.origin, size, root(node, size, self.hash_of))
        if before and before.size:
            path = consistency_path(node, old, size, self.hash_of)
            held = (before.root, new.root, path)
            if not is_consistent(old, size, *held, hash_of=self.hash_of):
                raise self._rewritten(old, size)
        note = new.signed([signer])
        self.replace_note(note)
        self.tiles.prune(size, old)
        return note

    def restore(self, entries: Entries) -> None:
        """Write the tiles of the published checkpoint again; raises ProofFailed at a difference.

        The checkpoint itself stays: nothing new is signed.
        """
        now = self.published()
        if now is None:
            return
        for first in range(0, now.size, APPEND_MAX):
            some = entries(first, min(first + APPEND_MAX, now.size))
            if first + len(some) < min(first + APPEND_MAX, now.size):
                raise self._rewritten(now.size, first + len(some))
            self._append(first, some)
        if root(self.tiles.nodes(now.size), now.size, self.hash_of) != now.root:
            raise self._rewritten(now.size, now.size)

    def replace_note(self, note: str) -> None:
        """Put a checkpoint in place, such as the same one with a witness's signature added."""
        self._open(note)
        write_durably({self.folder / CHECKPOINT_FILE: note.encode()})

    def proof(self, index: int) -> str:
        """The `.tlog-proof` of one published entry."""
        note = self.note()
        assert note is not None, "a proof comes from a published log"
        now = self._open(note)
        node = self.tiles.nodes(now.size)
        return write_proof(index, inclusion_path(node, index, now.size, self.hash_of), note)

    def growth(self, old: int) -> list[bytes]:
        """The consistency proof from `old` entries to what is published."""
        now = self.published()
        assert now is not None, "a proof comes from a published log"
        return consistency_path(self.tiles.nodes(now.size), old, now.size, self.hash_of)

    def check(self) -> Checkpoint | None:
        """Compute the whole log again from its entries; raises ProofFailed at a difference."""
        now = self.published()
        if now is None:
            return None
        for first in range(0, now.size, APPEND_MAX):
            self._compare(first, min(first + APPEND_MAX, now.size), now.size)
        if root(self.tiles.nodes(now.size), now.size, self.hash_of) != now.root:
            raise self._differs(0)
        return now

    def _open(self, note: str) -> Checkpoint:
        return open_checkpoint(note, self.keys, origin=self.origin)

    def _ends_as_published(self, entries: Entries, old: int) -> bool:
        """Whether the last published entry is the one now given for its place.

        Tiles alone would not tell: a restored older database with as many new acts has a size
        that looks right.
        """
        return not old or [*entries(old - 1, old)] == [*self.tiles.entries(old - 1, old, old)]

    def _append(self, size: int, entries: Sequence[bytes]) -> None:
        new = self.tiles.append(size, entries)
        self._compare(size, new, new, entries)

    def _compare(
        self, first: int, end: int, size: int, expected: Sequence[bytes] | None = None
    ) -> None:
        """Entries read back are the expected ones, and their hashes stand in the tiles."""
        node = self.tiles.nodes(size)
        for index, entry in enumerate(self.tiles.entries(first, end, size), start=first):
            if expected is not None and entry != expected[index - first]:
                raise self._differs(index)
            if node(0, index) != leaf_hash(entry, self.hash_of):
                raise self._differs(index)

    def _differs(self, index: int) -> ProofFailed:
        return ProofFailed(
            "log.entry.differs",
            zh=f"日志 {self.origin} 第 {index} 条的存储字节与其哈希不符；未签名。请检查磁盘。",
            en=f"Entry {index} of the log {self.origin} is stored with other bytes than its hash; "
            "nothing was signed. Check the disk.",
            origin=self.origin,
            index=index,
        )

    def _rewritten(self, old: int, size: int) -> ProofFailed:
        return ProofFailed(
            "log.rewritten",
            zh=f"日志 {self.origin} 已公布 {old} 条，现在的 {size} 条不以它们开头；未签名。"
            "数据库多半是旧备份：请恢复更新的备份；若没有，按 docs/backup.zh.md"
            "“比日志旧的数据库”一节办理。",
            en=f"The log {self.origin} has {old} published entries, and the {size} of now do not "
            "begin with them; nothing was signed. The database is probably an old backup: restore "
            "a newer one, and if there is none follow docs/backup.md, 'A database older than the "
            "log'.",
            origin=self.origin,
        )
