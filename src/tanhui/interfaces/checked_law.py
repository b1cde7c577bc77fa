"""Law that was checked once is not checked again until a byte of it, or of the engine, changes.

Reading the library and working through all its cases takes longer than most commands; so the
library as it was found whole is kept in `<home>/cache/law`. It is taken from there only under the
SHA-256 of every file of law and of the engine's code, and sealed with a key of the installation:
what somebody without that key wrote there is never opened. The file may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import pickle
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import tanhui.core
import tanhui.engine
from tanhui.engine.library import FILES_MAX, Library

SEAL_BYTES = 32
PURPOSE = b"tanhui checked law\n"
CODE = tuple(Path(folder) for floor in (tanhui.core, tanhui.engine) for folder in floor.__path__)


def checked_law(path: Path, *, home: Path, key: bytes) -> Library:
    """`Library.load(path)`, worked out once for the same bytes; raises `LibraryBroken` alike."""
    kept = home / "cache" / "law"
    files = [each for each in path.rglob("*") if each.is_file()]
    if len(files) > FILES_MAX:  # not a library, or a huge one; load says what is too much
        return Library.load(path)
    state = _state(path, files)
    found = _kept(kept, state, key)
    if found is None:
        found = Library.load(path)
        if _state(path, files) == state:
            with suppress(OSError):  # a full or read-only disk costs time, nothing else
                _keep(kept, found, state, key)
    return found


def _state(path: Path, files: Iterable[Path]) -> bytes:
    """SHA-256 over names and bytes of the law and of the code that reads it."""
    digest = hashlib.sha256(sys.version.encode() + b"\n")
    code = [(root, file) for root in CODE for file in root.rglob("*") if _is_source(file)]
    for root, file in (*sorted(code), *((path, each) for each in sorted(files))):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        digest.update(f"{content} {file.relative_to(root).as_posix()}\n".encode())
    return digest.digest()


def _is_source(file: Path) -> bool:
    return file.suffix in {".py", ".yaml"}


def _kept(file: Path, state: bytes, key: bytes) -> Library | None:
    """The library that was kept for this state, or None."""
    try:
        content = file.read_bytes()
    except OSError:
        return None
    seal, body = content[:SEAL_BYTES], content[SEAL_BYTES:]
    if not hmac.compare_digest(seal, _seal(body, state, key)):
        return None
    library: Library = pickle.loads(body)
    return library


def _keep(file: Path, library: Library, state: bytes, key: bytes) -> None:
    """Write whole or not at all, readable by the owner only."""
    file.parent.mkdir(mode=0o700, exist_ok=True)
    body = pickle.dumps(library, protocol=5)
    fresh = file.with_name(f".law.{os.getpid()}")
    fresh.touch(mode=0o600)
    try:
        fresh.write_bytes(_seal(body, state, key) + body)
        fresh.replace(file)
    finally:
        fresh.unlink(missing_ok=True)


def _seal(body: bytes, state: bytes, key: bytes) -> bytes:
    return hmac.digest(key, PURPOSE + state + body, "sha256")
