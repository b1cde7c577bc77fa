"""Back up: the log's files, one snapshot of the database, then the evidence it names.

In this order the parts fit: a log entry is committed before it is published, so the snapshot has
everything the copied log says; evidence is only ever added, so what is copied last has every file
the snapshot names. Keys are not in it (`books/backup/keys.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tanhui.books import evidence
from tanhui.books import queries as books
from tanhui.books.backup import files, tables
from tanhui.books.manifest import FileDigest
from tanhui.books.proofs import prove as prove_books
from tanhui.books.translog.folder import TILES
from tanhui.books.translog.publishing import position, standing_still, years_in
from tanhui.core.clock import utc_seconds
from tanhui.core.errors import Conflict

from .platform import Platform

LOGS = ("log", "log-sm")
KEPT = ("documents", "pools")  # files that are on disk before a row names them, and never change
TABLES = "tables"


def back_up(platform: Platform, folder: Path, *, about: Mapping[str, Any]) -> dict[str, Any]:
    """Add one backup to `folder`; returns its manifest and `digest`.

    `about` is what a restore must find again: the log's name, fingerprints of the secrets. What is
    already wrong (a proof, a file of evidence) is told in `problems`; the rest is backed up.
    Raises Conflict when the folder holds another installation's log, or keys.
    """
    _refuse_keys(folder)
    at = platform.clock()
    name = files.name_of(at)
    with files.making(folder, name) as staged:
        digests, logs = [], {}
        for log in LOGS:
            copied, logs[log] = _copy_log(platform.home / log, folder, staged)
            digests += copied
        with tables.snapshot():
            said = tables.dump(staged / TABLES)
            named = [
                (batch.seq, batch.public_id, [FileDigest(**file) for file in batch.files])
                for batch in books.batches().order_by("seq")
            ]
            problems = [f"{p.name_en}: {p.detail}" for p in prove_books() if not p.ok]
        digests += [
            files.digest_of(path, f"{name}/{TABLES}/{path.name}")
            for path in files.files_below(staged / TABLES)
        ]
        kept, missing = _copy_evidence(platform.home, folder, named)
        kept += _copy_kept(platform.home, folder)
        manifest = {
            "name": name,
            "at": utc_seconds(at),
            "code_version": platform.code_version,
            "programme": platform.programme,
            "library": library_versions(platform),
            "logs": logs,
            "database": said.as_json(),
            "batches": len(named),
            "problems": problems + missing,
            "files": [vars(file) for file in digests + kept],
            **about,
        }
        digest = files.write_manifest(staged, manifest)
    return manifest | {"digest": digest}


def library_versions(platform: Platform) -> list[str]:
    """Every methodology of the library with its version and digest."""
    law = platform.library
    found = [(each.code, each.version, each.digest) for each in law.methodologies]
    found += [(each.code, each.version, each.digest) for each in law.projects]
    return sorted(f"{code}@{version} {digest}" for code, version, digest in found)


def _copy_log(
    source: Path, folder: Path, staged: Path
) -> tuple[list[FileDigest], dict[str, dict[str, int | str]]]:
    """Tiles to the shared folder, checkpoints to this backup; and size and root of each year."""
    if not source.is_dir():
        return [], {}
    digests: list[FileDigest] = []
    positions: dict[str, dict[str, int | str]] = {}
    with standing_still(source):
        for year in years_in(source):
            checkpoint = position(source / str(year))
            if checkpoint is None:
                continue
            positions[str(year)] = {"size": checkpoint.size, "root": checkpoint.root.hex()}
            for path in files.files_below(source / str(year)):
                own = path.relative_to(source.parent)
                is_shared = TILES in own.parts
                place = folder / own if is_shared else staged / own
                name = own.as_posix() if is_shared else f"{_final(staged)}/{own.as_posix()}"
                digests.append(_add_once(path, place, name))
    return digests, positions


def _add_once(source: Path, target: Path, name: str) -> FileDigest:
    """Copy a file that never changes; raises Conflict when another one is in its place."""
    digest = files.digest_of(source, name)
    if not target.is_file():
        files.add(source, target)
    if files.digest_of(target, name) != digest:
        raise Conflict(
            "backup.differs",
            zh=f"备份中的 {target} 与现在的日志不同：那是另一个平台的备份，或其中一份已损坏。"
            "请换一个文件夹，并用 tanhui log check 检查日志。",
            en=f"{target} of the backup is not the log's file: it is another platform's backup, "
            "or one of the two is damaged. Use another folder, and run 'tanhui log check'.",
        )
    return digest


def _copy_evidence(
    home: Path, folder: Path, named: list[tuple[int, str, list[FileDigest]]]
) -> tuple[list[FileDigest], list[str]]:
    """Bring the files of all batches to the backup; returns what is there and what is wrong."""
    kept, problems = [], []
    for seq, public_id, expected in named:
        source = evidence.locate(home, public_id)
        for file in expected:
            name = f"evidence/{public_id}/{file.name}"
            wanted = FileDigest(name, file.sha256, file.bytes)
            target = folder / name
            if not _is(target, wanted) and (source / file.name).is_file():
                files.add(source / file.name, target)
            if _is(target, wanted):
                kept.append(wanted)
            else:
                target.unlink(missing_ok=True)
                problems.append(f"batch {seq}: {file.name}: missing or changed")
    return kept, problems


def _copy_kept(home: Path, folder: Path) -> list[FileDigest]:
    """Bring documents of matters and traces of pools to the backup."""
    kept = []
    for path in (path for room in KEPT for path in files.files_below(home / room)):
        digest = files.digest_of(path, path.relative_to(home).as_posix())
        if not _is(folder / digest.name, digest):
            files.add(path, folder / digest.name)
        kept.append(digest)
    return kept


def _is(path: Path, wanted: FileDigest) -> bool:
    return path.is_file() and files.digest_of(path, wanted.name) == wanted


def _final(staged: Path) -> str:
    return staged.name.removeprefix(files.MAKING)


def _refuse_keys(folder: Path) -> None:
    if any(folder.glob("*/*.key")):
        raise Conflict(
            "backup.keys_beside_data",
            zh=f"{folder} 里有密钥备份；数据必须放在别处，否则拿到一处就能读出全部个人数据。",
            en=f"{folder} holds a copy of the keys; data belong elsewhere, or whoever gets one "
            "folder reads everybody's data.",
        )
