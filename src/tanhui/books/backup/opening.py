"""A backup opened: its manifest read, every file of it compared, before anything else is done.

No database here: a torn backup is refused before a server is started or a folder made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tanhui.core.errors import Conflict

from ..manifest import FileDigest
from .files import check, choose, read_manifest
from .tables import Tables


@dataclass(frozen=True)
class Backup:
    """One backup whose manifest and files were checked."""

    folder: Path
    name: str
    said: Mapping[str, Any]

    @property
    def own(self) -> Path:
        """The folder of what belongs to this backup alone."""
        return self.folder / self.name

    @property
    def files(self) -> list[FileDigest]:
        """Everything that belongs to it."""
        return [FileDigest(**file) for file in self.said["files"]]

    @property
    def tables(self) -> Tables:
        """What the database must be."""
        return Tables.from_json(self.said["database"])

    def below(self, room: str) -> list[tuple[str, Path]]:
        """The files that go under `room` of a data folder: their place there, and the copy."""
        found = []
        for file in self.files:
            place = file.name.removeprefix(f"{self.name}/")
            if place.startswith(f"{room}/"):
                found.append((place, self.folder / file.name))
        return found


def open_backup(folder: Path, name: str | None = None) -> Backup:
    """A backup, every file of it read and compared; raises NotFound, InputRefused."""
    chosen = choose(folder, name)
    found = Backup(folder, chosen, read_manifest(folder / chosen))
    check(folder, found.files)
    return found


def refuse_other_evidence(backup: Backup, home: Path) -> None:
    """Raises Conflict `restore.not_empty` when the data folder has evidence of its own."""
    known = {Path(place).parts[1] for place, _ in backup.below("evidence")} | {"staging"}
    there = home / "evidence"
    others = (
        sorted(p.name for p in there.iterdir() if p.name not in known) if there.is_dir() else []
    )
    if others:
        raise Conflict(
            "restore.not_empty",
            zh=f"{there} 已有这份备份里没有的证据（{others[0]}）；"
            "请恢复到新的数据目录（TANHUI_HOME）。没有改动任何数据。",
            en=f"{there} has evidence that this backup does not have ({others[0]}); restore to "
            "a new data folder (TANHUI_HOME). Nothing was changed.",
        )
