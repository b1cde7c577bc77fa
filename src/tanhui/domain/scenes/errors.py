"""What the scene directory can refuse; mistakes inside the file are `library.broken`."""

from __future__ import annotations

from pathlib import Path

from tanhui.core.errors import LibraryBroken


def directory_missing(path: Path) -> LibraryBroken:
    """There is no directory file."""
    return LibraryBroken(
        "library.scenes.missing",
        zh=f"读不到场景目录 {path.name}；请检查资料库文件夹是否完整。",
        en=f"The scene directory {path.name} cannot be read; check that the library is complete.",
    )
