"""The keys, on a short cycle of their own: one copy, and the one before it is overwritten.

    <folder>/<moment>/*.key            secrets of the installation
    <folder>/<moment>/<store>/*.keys   the key stores: of people, of links

Whoever asks to be erased must be gone from the copies too, so a folder never holds more than the
newest copy, and never the data. A store that lost keys without an erasure is refused: it would
overwrite the only good copy.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from tanhui.core.errors import Conflict, InputRefused, ProofFailed

from ..keystore import KeyStore
from ..manifest import FileDigest
from .files import (
    add,
    check,
    digest_of,
    files_below,
    making,
    names,
    read_manifest,
    sync,
    write_manifest,
)

OWN = frozenset({"web", "demo"})  # secrets that a new installation may make anew
_ZEROS = bytes(1 << 16)


def fingerprints(keys: Path) -> dict[str, str]:
    """What names each secret without telling it; those that may be made anew are left out."""
    return {
        path.stem: hashlib.sha256(b"tanhui secret\0" + path.read_bytes()).hexdigest()
        for path in sorted(keys.glob("[!.]*.key"))
        if path.stem not in OWN
    }


def back_up_keys(keys: Path, folder: Path, name: str) -> int:
    """Copy secrets and key store, then destroy earlier copies; returns how many files.

    Raises Conflict beside data, ProofFailed `backup.keys_lost` for a store that lost keys.
    """
    if any((folder / each).exists() for each in ("evidence", "log", "log-sm")):
        raise Conflict(
            "backup.keys_beside_data",
            zh=f"{folder} 里有数据备份；密钥必须放在别处，否则拿到一处就能读出全部个人数据。",
            en=f"{folder} holds a backup of data; keys belong elsewhere, or whoever gets one "
            "folder reads everybody's data.",
        )
    with making(folder, name) as staged:
        earlier = names(folder)
        for store in _stores(keys):
            KeyStore(store).copy_to(staged / store.name)
        for copy in [folder / each for each in earlier]:
            for store in _stores(copy):
                _refuse_lost(KeyStore(staged / store.name).lost_since(KeyStore(store)), copy)
        for path in keys.glob("[!.]*.key"):
            add(path, staged / path.name)
        files = _digests(staged)
        for path in files_below(staged):
            path.chmod(0o600)
            sync(path)
        write_manifest(staged, {"name": name, "files": [vars(file) for file in files]})
    for each in earlier:
        _destroy(folder / each)
    return len(files)


def read_keys(folder: Path) -> Path:
    """The one copy in a folder, checked; raises InputRefused `backup.torn`."""
    there = names(folder)
    if not there:
        raise InputRefused(
            "backup.keys_none",
            zh=f"{folder} 中没有密钥备份；请指明 tanhui backup keys 写过的文件夹。",
            en=f"There is no copy of keys in {folder}; name the folder that "
            "'tanhui backup keys' wrote.",
        )
    copy = folder / there[-1]
    check(copy, [FileDigest(**file) for file in read_manifest(copy)["files"]])
    return copy


def require_keys(keys: Path, wanted: Mapping[str, str]) -> None:
    """Raises InputRefused `restore.keys_missing` unless the secrets of the backup are there."""
    there = fingerprints(keys)
    missing = [name for name, value in wanted.items() if there.get(name) != value]
    if missing:
        raise InputRefused(
            "restore.keys_missing",
            zh=f"缺少这份备份的密钥，或密钥不同：{'、'.join(missing)}。"
            "请用 --keys 指明 tanhui backup keys 写过的文件夹。没有改动任何数据。",
            en=f"These keys of the backup are missing or others: {', '.join(missing)}. Name the "
            "folder that 'tanhui backup keys' wrote with --keys. Nothing was changed.",
            keys=missing,
        )


def refuse_other_keys(keys: Path, copy: Path) -> None:
    """Raises Conflict `restore.not_empty` when other keys stand where the copy's would go."""
    for path in files_below(copy):
        target = keys / path.relative_to(copy)
        if target.is_file() and target.read_bytes() != path.read_bytes():
            if path.stem in OWN:
                continue
            raise Conflict(
                "restore.not_empty",
                zh=f"{target} 已有另一个密钥；请恢复到新的数据目录（TANHUI_HOME）。",
                en=f"{target} is another key; restore to a new data folder (TANHUI_HOME).",
            )


def restore_keys(copy: Path, keys: Path) -> None:
    """Put the copied keys in place, readable by the owner only."""
    for folder in (keys, *(keys / store.name for store in _stores(copy))):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for file in read_manifest(copy)["files"]:
        add(copy / file["name"], keys / file["name"])
        (keys / file["name"]).chmod(0o600)


def _stores(keys: Path) -> list[Path]:
    """The key stores are the folders beside the secrets."""
    found = keys.iterdir() if keys.is_dir() else ()
    return sorted(path for path in found if path.is_dir())


def _digests(folder: Path) -> list[FileDigest]:
    return [digest_of(path, path.relative_to(folder).as_posix()) for path in files_below(folder)]


def _refuse_lost(lost: list[int], copy: Path) -> None:
    if lost:
        raise ProofFailed(
            "backup.keys_lost",
            zh=f"密钥库少了 {len(lost)} 个密钥，而它们并未被销毁；{copy} 保持原样。"
            "请停止运行并查明磁盘；需要时由这份副本恢复。",
            en=f"The key store lost {len(lost)} keys that nobody destroyed; {copy} stays as it "
            "is. Stop, look at the disk, and restore from this copy if need be.",
            lost=len(lost),
        )


def _destroy(copy: Path) -> None:
    """Overwrite every file where it stands, wait for the disk, then remove the copy."""
    paths = sorted(copy.rglob("*"), reverse=True)
    for path in paths:
        if path.is_file():
            with path.open("r+b") as file:
                for at in range(0, path.stat().st_size, len(_ZEROS)):
                    file.write(_ZEROS[: min(len(_ZEROS), path.stat().st_size - at)])
                file.flush()
                os.fsync(file.fileno())
    for path in paths:
        path.rmdir() if path.is_dir() else path.unlink()
    copy.rmdir()
    sync(copy.parent)
