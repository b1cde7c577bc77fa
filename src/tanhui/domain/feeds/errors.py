"""What waiting rows can refuse."""

from __future__ import annotations

from tanhui.core.errors import Conflict


def rows_gone(missing: int) -> Conflict:
    """Another intake consumed rows that this one wanted."""
    return Conflict(
        "feed.waiting.gone",
        zh=f"有 {missing} 条等待中的记录已被另一批次配对；请重新处理这份文件。",
        en=f"{missing} waiting rows were paired by another batch; take the file in again.",
        missing=missing,
    )
