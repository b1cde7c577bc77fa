"""A witness (C2SP tlog-witness): cosigns a checkpoint that extends the last one it saw.

Without outside witnesses a signed log can still show two histories to two readers. A witness keeps
one small file per log and never signs a second history.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tanhui.core.errors import InputRefused

from . import notes
from .checkpoint import PATH_MAX, Checkpoint, decode_hash, parse
from .notes import Cosigner, NoteRefused, VerifierKey
from .tiles import write_durably
from .tree import is_consistent

TEXT = "text/plain; charset=utf-8"
SIZE = "text/x.tlog.size"


@dataclass(frozen=True)
class Answer:
    """What a witness answers over HTTP."""

    status: int
    content_type: str
    body: str


@dataclass(frozen=True)
class Request:
    """A log's request: from `old` entries, by this proof, to this signed checkpoint."""

    old: int
    path: Sequence[bytes]
    note: str

    def body(self) -> str:
        """As it is sent."""
        hashes = "".join(base64.b64encode(each).decode() + "\n" for each in self.path)
        return f"old {self.old}\n{hashes}\n{self.note}"

    @classmethod
    def parse(cls, body: str) -> Request:
        """As it came; raises InputRefused."""
        head, gap, note = body.partition("\n\n")
        lines = head.split("\n")
        number = lines[0].removeprefix("old ")
        if not lines[0].startswith("old ") or not gap or len(lines) > PATH_MAX + 1:
            raise NoteRefused("witness.request.malformed", zh="请求", en="the request")
        if not number.isascii() or not number.isdecimal() or str(int(number)) != number:
            raise NoteRefused("witness.request.malformed", zh="请求", en="the request")
        return cls(int(number), [decode_hash(line) for line in lines[1:]], note)


@dataclass(frozen=True)
class Witness:
    """Cosigns the logs it knows; `logs` maps an origin to the keys it is trusted by."""

    folder: Path
    name: str
    key: Ed25519PrivateKey
    logs: Mapping[str, Sequence[VerifierKey]]
    clock_s: Callable[[], int]

    def add_checkpoint(self, body: str) -> Answer:
        """The answer to one request; state is on disk before a signature is given."""
        try:
            request = Request.parse(body)
            text, _ = notes.split(request.note)
            new = parse(text)
        except InputRefused as error:
            return Answer(400, TEXT, f"{error.en}\n")
        keys = self.logs.get(new.origin)
        if keys is None:
            return Answer(404, TEXT, "this witness does not know the log\n")
        try:
            notes.open_note(request.note, keys)
        except InputRefused as error:
            return Answer(403, TEXT, f"{error.en}\n")
        if request.old > new.size:
            return Answer(400, TEXT, "the old size is larger than the checkpoint\n")
        with self._last(new.origin) as (path, last):
            refusal = _refusal(request, last, new)
            if refusal is None:
                write_durably({path: text.encode()})
        if refusal is not None:
            return refusal
        cosigner = Cosigner(self.name, self.key, self.clock_s())
        return Answer(200, TEXT, notes.signature_line(text, cosigner))

    @contextmanager
    def _last(self, origin: str) -> Iterator[tuple[Path, Checkpoint | None]]:
        """The last checkpoint cosigned for a log; nobody else looks or writes meanwhile."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / hashlib.sha256(origin.encode()).hexdigest()
        with path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield path, parse(path.read_text(encoding="utf-8")) if path.is_file() else None


def _refusal(request: Request, last: Checkpoint | None, new: Checkpoint) -> Answer | None:
    """Why the checkpoint does not extend what the witness last saw, or None."""
    size = last.size if last else 0
    if request.old != size:
        return Answer(409, SIZE, f"{size}\n")
    if last is None or not size:
        return Answer(422, TEXT, "a first proof is empty\n") if request.path else None
    if new.size == size and new.root != last.root:
        return Answer(409, SIZE, f"{size}\n")
    if not is_consistent(size, new.size, last.root, new.root, request.path):
        return Answer(422, TEXT, "the consistency proof does not hold\n")
    return None


def with_cosignature(note: str, answer: str, keys: Sequence[VerifierKey]) -> str:
    """The checkpoint with the lines of known witnesses that hold; raises InputRefused.

    A newer signature of a witness takes the place of its older one.
    """
    text, _ = notes.split(note)
    given = f"{text}\n{answer}"
    notes.open_note(given, keys)
    known = {(key.name, key.key_id) for key in keys}
    fresh = {who: line for who, line in _lines(given) if who in known}
    kept = [line for who, line in _lines(note) if who not in fresh]
    return text + "\n" + "".join([*kept, *fresh.values()])


def _lines(note: str) -> list[tuple[tuple[str, bytes], str]]:
    """Each signature line of a note with who signed it."""
    text, signatures = notes.split(note)
    lines = note[len(text) + 1 :].splitlines(keepends=True)
    return [
        ((name, key_id), line) for (name, key_id, _), line in zip(signatures, lines, strict=True)
    ]
