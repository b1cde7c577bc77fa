"""What consents can refuse."""

from __future__ import annotations

from datetime import datetime

from tanhui.core.errors import Conflict, InputRefused


def nothing_changes(given: bool) -> Conflict:
    """The same answer to the same question, again."""
    return Conflict(
        "consent.unchanged",
        zh="这项授权已是现在的状态；没有改动。" if given else "这项授权已经撤回；没有改动。",
        en="This consent stands already; nothing was changed."
        if given
        else "This consent is withdrawn already; nothing was changed.",
    )


def version_unknown(version: str) -> InputRefused:
    """A text that nobody wrote, or that is not the one in force."""
    return InputRefused(
        "consent.text.unknown",
        zh=f"没有版本为“{version[:32]}”的授权文本；请先取得现行文本，再请本人确认。",
        en=f"There is no consent text of version '{version[:32]}'; fetch the present text "
        "and ask the person again.",
    )


def in_future(at: datetime) -> InputRefused:
    """A receipt of tomorrow."""
    return InputRefused(
        "consent.in_future",
        zh=f"授权时间 {at.isoformat()} 在将来；请核对时钟。",
        en=f"The consent's time {at.isoformat()} is in the future; check the clock.",
    )
