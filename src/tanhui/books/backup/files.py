"""Files of a backup: added once, never changed, each with its SHA-256 in a manifest.

    <backup>/evidence/, log/, log-sm/    shared by all backups in this folder, only ever added to
    <backup>/<moment>/                   one backup: tables/, the checkpoints, its manifest
    <backup>/<moment>/manifest.json      everything that belongs to it; manifest.sha256 beside it

A backup appears by renaming its folder when everything in it is on disk, so half a backup is none.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from tanhui.core.clock import utc_text
from tanhui.core.errors import InputRefused, NotFound

from ..manifest import FileDigest

MANIFEST, MANIFEST_DIGEST = "manifest.json", "manifest.sha256"
FORMAT = "tanhui-backup-v1"
MAKING = ".making-"
_READ_BYTES = 1 << 20
_SHOWN_MAX = 5


@contextmanager
def making(folder: Path, name: str) -> Iterator[Path]:
    """A folder to write the backup `name` in; renamed into place when the block ends well.

    One backup at a time is made in `folder`; what a killed one left is removed.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in folder.glob(f"{MAKING}*"):
            shutil.rmtree(left)
        staged = folder / f"{MAKING}{name}"
        staged.mkdir(mode=0o700)
        yield staged
        staged.rename(folder / name)
        sync(folder)


def add(source: Path, target: Path) -> None:
    """Copy a file so that it is there whole or not at all, and on disk."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.new")
    shutil.copyfile(source, fresh)
    sync(fresh)
    fresh.replace(target)
    sync(target.parent)


def digest_of(path: Path, name: str) -> FileDigest:
    """SHA-256 and size of a file, under the name it has in a manifest."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_READ_BYTES):
            digest.update(chunk)
    return FileDigest(name, digest.hexdigest(), path.stat().st_size)


def files_below(folder: Path) -> list[Path]:
    """All files under a folder, without those being written or held as a lock."""
    found = folder.rglob("*") if folder.is_dir() else ()
    return sorted(path for path in found if path.is_file() and not path.name.startswith("."))


def write_manifest(folder: Path, said: dict[str, Any]) -> str:
    """Write what belongs to a backup, last of all; returns the manifest's SHA-256."""
    data = json.dumps({"format": FORMAT, **said}, ensure_ascii=False, indent=1).encode()
    digest = hashlib.sha256(data).hexdigest()
    for name, content in ((MANIFEST, data), (MANIFEST_DIGEST, f"{digest}  {MANIFEST}\n".encode())):
        (folder / name).write_bytes(content)
        sync(folder / name)
    sync(folder)
    return digest


def name_of(at: datetime) -> str:
    """The name of what is copied at a moment; names stand in order of time.

    >>> name_of(datetime.fromisoformat("2026-11-22T08:00:00.123+08:00"))
    '20261122T000000.123Z'
    """
    return utc_text(at).replace("-", "").replace(":", "")


def names(folder: Path) -> list[str]:
    """The backups in a folder, oldest first."""
    found = folder.glob(f"[!.]*/{MANIFEST}") if folder.is_dir() else ()
    return sorted(path.parent.name for path in found)


def choose(folder: Path, name: str | None) -> str:
    """The backup asked for, or the newest; raises NotFound `backup.unknown`."""
    there = names(folder)
    if not there or (name is not None and name not in there):
        raise NotFound(
            "backup.unknown",
            zh=f"{folder} 中没有{'备份 ' + name if name else '备份'}；"
            f"已有：{'、'.join(there) or '无'}。",
            en=f"There is no backup {name or ''} in {folder}; there are: {', '.join(there)}.",
        )
    return name or there[-1]


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of one backup, its own digest checked; raises InputRefused `backup.torn`."""
    data = _bytes(folder / MANIFEST)
    told = _bytes(folder / MANIFEST_DIGEST).decode("ascii", "replace")
    if told != f"{hashlib.sha256(data).hexdigest()}  {MANIFEST}\n":
        raise _torn(folder, [f"{MANIFEST}: {MANIFEST_DIGEST}"])
    said: dict[str, Any] = json.loads(data)
    if said.get("format") != FORMAT:
        raise _torn(folder, [f"{MANIFEST}: format {said.get('format')}"])
    return said


def check(folder: Path, files: Iterable[FileDigest]) -> int:
    """Read every file again; returns how many, raises InputRefused `backup.torn`."""
    wrong, count = [], 0
    for file in files:
        count += 1
        path = folder / file.name
        if not path.resolve().is_relative_to(folder.resolve()):
            wrong.append(f"{file.name}: 在备份之外 outside")
        elif not path.is_file():
            wrong.append(f"{file.name}: 缺失 missing")
        elif digest_of(path, file.name) != file:
            wrong.append(f"{file.name}: SHA-256")
    if wrong:
        raise _torn(folder, wrong)
    return count


def sync(path: Path) -> None:
    """Wait until the file or folder entry is on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise _torn(path.parent, [f"{path.name}: 缺失 missing"])
    return path.read_bytes()


def _torn(folder: Path, wrong: list[str]) -> InputRefused:
    shown = "; ".join(wrong[:_SHOWN_MAX])
    return InputRefused(
        "backup.torn",
        zh=f"备份 {folder} 不完整，{len(wrong)} 个文件与清单不符：{shown}。没有改动任何数据；"
        "请用另一份备份，或从别的副本补回这些文件。",
        en=f"The backup {folder} is not whole, {len(wrong)} files do not fit its manifest: "
        f"{shown}. Nothing was changed; use another backup, or bring these files back from "
        "another copy.",
        files=wrong,
    )
