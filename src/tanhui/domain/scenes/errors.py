"""What the scene directory can refuse."""

from __future__ import annotations

from pathlib import Path

from tanhui.core.errors import LibraryBroken


def directory_broken(path: Path, what: str) -> LibraryBroken:
    """The directory file cannot be read."""
    return LibraryBroken(
        "library.scenes.broken",
        zh=f"场景目录 {path.name} 有误：{what}。每个场景应写成“代码: {{zh: 名称, en: name}}”。",
        en=f"The scene directory {path.name} is broken: {what}. "
        "Write each scene as code: {zh: ..., en: ...}.",
    )
