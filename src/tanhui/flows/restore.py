"""Restore a backup to an empty platform: check everything, change, then prove what came of it.

Evidence and log files first, the database last in one transaction: a restore that is killed can be
repeated, and a database that is filled was filled wholly. A log in the data folder that is newer
than the backup stays: it was published, and nobody can take that back.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import transaction

from tanhui.books import log_proofs
from tanhui.books.backup import files, tables
from tanhui.books.backup.opening import Backup
from tanhui.books.system_days import roll_up
from tanhui.books.translog import restored
from tanhui.books.translog.folder import CHECKPOINT_FILE
from tanhui.books.translog.publishing import position
from tanhui.core.errors import Conflict, ProofFailed, TanhuiError

from . import erasure
from .backup import KEPT, LOGS, TABLES, library_versions
from .platform import Platform
from .prove import prove

SEALED_MODE = 0o444


def refuse_other_version(backup: Backup, *, log_name: str) -> None:
    """Raises Conflict when program or settings are not those of the backup."""
    if backup.tables.migrations != tables.known_migrations():
        made_by = backup.said["code_version"]
        raise Conflict(
            "restore.other_version",
            zh=f"备份由 {made_by} 版写成，数据库结构与本版不同；请先用该版本恢复，再升级。"
            "没有改动任何数据。",
            en=f"The backup was written by version {made_by}, whose tables are others; restore "
            "with that version and upgrade afterwards. Nothing was changed.",
        )
    if backup.said["log_name"] != log_name:
        raise Conflict(
            "restore.other_log",
            zh=f"备份的日志名为 {backup.said['log_name']}，这里是 {log_name}；"
            "请设置 TANHUI_LOG_NAME。没有改动任何数据。",
            en=f"The log of the backup is {backup.said['log_name']}, here it is {log_name}; set "
            "TANHUI_LOG_NAME. Nothing was changed.",
        )


def restore(
    platform: Platform, backup: Backup, *, check_log: Callable[[], object]
) -> dict[str, Any]:
    """Fill an empty platform and compare it with the backup; returns what was compared.

    `check_log` computes the public log again and holds it against the database. Raises
    ProofFailed: `restore.differs` (nothing stays in the database), or `restore.older_than_log`
    when the data are back but the published log is newer and nothing may be signed.
    """
    tables.refuse_filled()
    for place, copy in (each for room in ("evidence", *KEPT) for each in backup.below(room)):
        _put(copy, platform.home / place)
        (platform.home / place).chmod(SEALED_MODE)
    logs = {log: _put_log(backup, platform.home, log) for log in LOGS}
    with transaction.atomic():
        tables.load(backup.own / TABLES, backup.tables)
        restored.mark(backup.name, backup.said["log_name"], at=platform.clock())
    roll_up()
    erasure.finish(platform)  # an older copy of the keys knows people who left since
    proofs = prove(platform)
    older = any(each["kept_newer"] for years in logs.values() for each in years.values())
    if not older:
        check_log()
    compared = {
        "backup": backup.name,
        "tables": len(backup.tables.tables),
        "rows": sum(table.rows for table in backup.tables.tables),
        "files": len(backup.files),
        "logs": logs,
        "library_differs": _library_differs(platform, backup),
        "proofs": [vars(proof) for proof in proofs],
        "ok": all(proof.ok for proof in proofs),
    }
    if older:
        raise _older(platform, compared)
    return compared


def _put(copy: Path, target: Path) -> None:
    if not target.is_file() or target.read_bytes() != copy.read_bytes():
        files.add(copy, target)


def _put_log(backup: Backup, home: Path, log: str) -> dict[str, dict[str, Any]]:
    """The years of one log, checkpoints last; a newer year that is there stays as it is."""
    found: dict[str, dict[str, Any]] = {}
    for year, said in backup.said["logs"][log].items():
        here = position(home / log / year)
        kept_newer = here is not None and here.size > said["size"]
        found[year] = dict(said) | {"kept_newer": kept_newer}
        if kept_newer:
            continue
        parts = backup.below(f"{log}/{year}")
        for place, copy in sorted(parts, key=lambda part: part[0].endswith(CHECKPOINT_FILE)):
            _put(copy, home / place)
    return found | _newer_years(backup, home, log)


def _newer_years(backup: Backup, home: Path, log: str) -> dict[str, dict[str, Any]]:
    """Years that were published after the backup."""
    known = backup.said["logs"][log]
    folders = (home / log).iterdir() if (home / log).is_dir() else ()
    years = sorted(path for path in folders if path.name.isdecimal() and path.name not in known)
    return {
        path.name: {"size": at.size, "root": at.root.hex(), "kept_newer": True}
        for path in years
        if (at := position(path)) is not None and at.size
    }


def _library_differs(platform: Platform, backup: Backup) -> list[str]:
    """Methodologies that the library here has not, or has otherwise than the backup's."""
    return sorted(set(backup.said["library"]) - set(library_versions(platform)))


def _older(platform: Platform, compared: dict[str, Any]) -> ProofFailed:
    try:
        found = "; ".join(map(str, log_proofs.compare(platform.home / LOGS[0])))
    except TanhuiError as error:
        found = error.en
    return ProofFailed(
        "restore.older_than_log",
        zh=f"数据已恢复，但这里的公开日志比备份新（{found}）：日志原样保留，不会再签名。"
        "请在新的平台上恢复更新的备份；若没有，按 docs/backup.zh.md“比日志旧的数据库”一节办理。",
        en=f"The data are back, but the public log here is newer than the backup ({found}): the "
        "log was left as it is and nothing more is signed. Restore a newer backup to a new "
        "platform; if there is none, follow docs/backup.md, 'A database older than the log'.",
        **compared,
    )
