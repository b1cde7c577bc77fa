"""Checkpoints (C2SP tlog-checkpoint): the size and root of a log at one moment, signed.

A proof for the pocket (C2SP tlog-proof) is a checkpoint with the path of one entry: it needs no
server to be checked.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass

from . import notes
from .notes import NoteRefused, Signer, VerifierKey
from .tree import HASH_BYTES, Hash, is_included, leaf_hash, sha256

PROOF_HEAD = "c2sp.org/tlog-proof@v1"
PATH_MAX = 63
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True)
class Checkpoint:
    """What a log says of itself: its name, how many entries, their root."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The signed text."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    def signed(self, signers: Sequence[Signer]) -> str:
        """The checkpoint as a signed note."""
        return notes.sign(self.text(), signers)


def parse(text: str) -> Checkpoint:
    """A checkpoint's text (extension lines are passed over); raises InputRefused."""
    lines = text.split("\n")
    if len(lines) < 4 or not lines[0] or not _SIZE.fullmatch(lines[1]) or "" in lines[:-1]:
        raise NoteRefused("log.checkpoint.malformed", zh="检查点", en="the checkpoint")
    return Checkpoint(lines[0], int(lines[1]), decode_hash(lines[2]))


def open_checkpoint(note: str, keys: Sequence[VerifierKey], *, origin: str) -> Checkpoint:
    """A checkpoint of `origin` that the log's own key signed; raises InputRefused."""
    opened = notes.open_note(note, keys)
    found = parse(opened.text)
    if found.origin != origin or all(key.name != origin for key in opened.signed_by):
        raise NoteRefused(
            "log.checkpoint.foreign", zh="别的日志的检查点", en="another log's checkpoint"
        )
    return found


def decode_hash(line: str) -> bytes:
    """One hash in base64; raises InputRefused."""
    try:
        data = base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if len(data) != HASH_BYTES or base64.b64encode(data).decode() != line:
        raise NoteRefused("log.hash.malformed", zh="哈希行", en="a line with a hash")
    return data


def write_proof(index: int, path: Sequence[bytes], checkpoint: str) -> str:
    """A `.tlog-proof` of one entry."""
    hashes = "".join(base64.b64encode(each).decode() + "\n" for each in path)
    return f"{PROOF_HEAD}\nindex {index}\n{hashes}\n{checkpoint}"


def read_proof(proof: str) -> tuple[int, list[bytes], str]:
    """Index, path and the signed checkpoint of a `.tlog-proof`; raises InputRefused."""
    head, gap, checkpoint = proof.partition("\n\n")
    lines = head.split("\n")
    if len(lines) > 1 and lines[1].startswith("extra "):
        del lines[1]
    number = lines[1].removeprefix("index ") if len(lines) > 1 else ""
    is_index = len(lines) > 1 and lines[1].startswith("index ") and _SIZE.fullmatch(number)
    if lines[0] != PROOF_HEAD or not gap or not is_index or len(lines) > PATH_MAX + 2:
        raise NoteRefused("log.proof.malformed", zh="日志证明", en="the log proof")
    return int(number), [decode_hash(line) for line in lines[2:]], checkpoint


def check_proof(
    proof: str, entry: bytes, keys: Sequence[VerifierKey], *, origin: str, hash_of: Hash = sha256
) -> Checkpoint:
    """The checkpoint that contains the entry; raises InputRefused when the proof does not hold."""
    index, path, note = read_proof(proof)
    found = open_checkpoint(note, keys, origin=origin)
    leaf = leaf_hash(entry, hash_of)
    if not is_included(leaf, index, found.size, path, found.root, hash_of=hash_of):
        raise NoteRefused("log.proof.wrong", zh="日志证明（条目不在其中）", en="the log proof")
    return found
