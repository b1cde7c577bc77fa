"""Immutable evidence under `<home>/evidence`: staged, sealed once, checked for ever.

    <home>/evidence/staging/<random>/            files being written by a running intake
    <home>/evidence/staging/<public_id>.sealing  the note that this folder is about to be sealed
    <home>/evidence/<public_id>/                 sealed files of one batch, named in its manifest

Order of an intake: stage -> seal (files and folders on disk, then renamed) -> database commit.
A process killed before the commit leaves a note and a folder that no batch names; `sweep`, run
by the next intake under the intake lock, removes both. A folder without a note is never
touched: after a restore from an old backup the database may simply not know it yet. No Django
here: the folder can be checked anywhere.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tanhui.core.errors import Conflict, InputRefused

from .manifest import FileDigest

_STAGING = "staging"
_NOTE = ".sealing"
_OPENED = "opened-"
_PUBLIC_ID = re.compile(r"[a-z0-9][a-z0-9-]{3,39}")
_READ_BYTES = 1 << 20


@dataclass(frozen=True)
class Problem:
    """One way in which evidence is not what its manifest says."""

    file: str
    zh: str
    en: str


def stage(home: Path) -> Path:
    """An empty folder for the files of one intake; only this intake writes there."""
    staging = home / "evidence" / _STAGING
    staging.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(prefix="intake-", dir=staging))


@contextmanager
def opened(home: Path) -> Iterator[Path]:
    """An empty folder for what is opened in clear for a moment; gone when the work ends.

    A killed process leaves it to the next `sweep`, which spares those of living processes.
    """
    staging = home / "evidence" / _STAGING
    staging.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{_OPENED}{os.getpid()}-", dir=staging))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _is_in_use(folder: Path) -> bool:
    """Whether a living process has opened something in clear there."""
    if not folder.name.startswith(_OPENED):
        return False
    try:
        os.kill(int(folder.name.split("-")[1]), 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # of another user, so it lives
        pass
    return True


def seal(staged: Path, public_id: str) -> list[FileDigest]:
    """Make the staged files immutable as `evidence/<public_id>`; returns their digests by name.

    Every file and folder is on disk before the rename, so the folder is there whole or not at
    all. Raises Conflict when the batch is already sealed; the staged files then stay.
    """
    sealed = _folder(staged.parent.parent, public_id)
    if sealed.exists():
        raise Conflict(
            "evidence.sealed",
            zh=f"证据 {public_id} 已封存，不能改写；请用新的批次编号。",
            en=f"Evidence {public_id} is sealed and never rewritten; use a new batch id.",
        )
    digests = []
    for path in sorted(_files(staged)):
        digests.append(FileDigest(_name(path, staged), _sha256(path), path.stat().st_size))
        path.chmod(0o444)
        _sync(path)
    folders = {path for path in staged.rglob("*") if path.is_dir()}
    for folder in sorted(folders | {staged}, reverse=True):
        _sync(folder)
    note = staged.parent / f"{public_id}{_NOTE}"
    note.touch()
    _sync(note.parent)
    staged.rename(sealed)
    _sync(sealed.parent)
    return digests


def put_back(home: Path, public_id: str, fill: Callable[[Path], None]) -> None:
    """Bring a sealed batch back that is not here any more; `fill` writes its files into a folder.

    Raises Conflict when the batch is here, whatever its state: nothing is repaired silently.
    """
    sealed = _folder(home / "evidence", public_id)
    if sealed.exists():
        raise Conflict(
            "evidence.here",
            zh=f"存证 {public_id} 已在本机；若已损坏，请先把该文件夹移走并查明原因。",
            en=f"Evidence {public_id} is here; if it is damaged, find out why and move the folder "
            "away first.",
        )
    with opened(home) as folder:
        whole = folder / public_id
        whole.mkdir()
        fill(whole)
        for path in _files(whole):
            path.chmod(0o444)
            _sync(path)
        whole.rename(sealed)
    _sync(sealed.parent)


def settled(home: Path, public_id: str) -> None:
    """The batch is committed: take its note away, so that nobody doubts the folder."""
    (home / "evidence" / _STAGING / f"{public_id}{_NOTE}").unlink(missing_ok=True)


def in_doubt(evidence: Path) -> set[str]:
    """Sealed folders whose commit is not known: a crash came between the two."""
    return {note.stem for note in (evidence / _STAGING).glob(f"*{_NOTE}")}


def sweep(home: Path, known_ids: Collection[str]) -> list[str]:
    """Remove what killed intakes left: staged files, and noted folders that no batch names.

    The caller holds the intake lock and read `known_ids` under it, so nothing is in progress.
    Returns the names of what was removed; notes of known batches just go.
    """
    staging = home / "evidence" / _STAGING
    removed = []
    for path in sorted(staging.iterdir()) if staging.is_dir() else []:
        if _is_in_use(path):
            continue
        if path.suffix != _NOTE:
            shutil.rmtree(path)
            removed.append(path.name)
            continue
        if path.stem not in known_ids and (folder := staging.parent / path.stem).is_dir():
            shutil.rmtree(folder)
            removed.append(path.stem)
        path.unlink()
    return removed


def verify(home: Path, public_id: str, files: Iterable[FileDigest]) -> list[Problem]:
    """Recompute every digest of a sealed batch; an empty list is intact."""
    folder = _folder(home / "evidence", public_id)
    expected = {file.name: file for file in files}
    found = {_name(path, folder): path for path in _files(folder)} if folder.is_dir() else {}
    problems = [
        Problem(name, "文件缺失。", "The file is missing.")
        for name in expected.keys() - found.keys()
    ]
    problems += [
        Problem(name, "清单中没有这个文件。", "The manifest does not name this file.")
        for name in found.keys() - expected.keys()
    ]
    for name in expected.keys() & found.keys():
        if _sha256(found[name]) != expected[name].sha256:
            problems.append(
                Problem(name, "内容与清单的摘要不符。", "The content does not fit its digest.")
            )
    return sorted(problems, key=lambda problem: problem.file)


def locate(home: Path, public_id: str) -> Path:
    """The folder of a sealed batch (it may be missing: `verify` says so)."""
    return _folder(home / "evidence", public_id)


def _folder(evidence: Path, public_id: str) -> Path:
    """The batch's folder; an id that could leave the evidence folder is refused."""
    if not _PUBLIC_ID.fullmatch(public_id) or public_id == _STAGING:
        raise InputRefused(
            "evidence.id.malformed",
            zh=f"“{public_id[:40]}”不能作批次编号；请用 4 至 40 个小写字母、数字或连字符。",
            en=f"'{public_id[:40]}' cannot be a batch id; "
            "use 4 to 40 lower-case letters, digits or hyphens.",
        )
    return evidence / public_id


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _name(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_READ_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _sync(path: Path) -> None:
    """Wait until the file or folder entry is on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
