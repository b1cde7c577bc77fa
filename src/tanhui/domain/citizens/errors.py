"""What citizens can refuse."""

from __future__ import annotations

from tanhui.core.errors import Conflict, InputRefused, NotFound


def reference_malformed(ref: str) -> InputRefused:
    """A person reference without a scheme."""
    return InputRefused(
        "person.reference.malformed",
        zh=f"“{ref[:40]}”不是人员引用；应为“体系:值”，如 szt:FIAAAEIFD，体系 1 至 32 个字符。",
        en=f"'{ref[:40]}' is no person reference; write scheme:value, such as szt:FIAAAEIFD, "
        "with a scheme of 1 to 32 characters.",
    )


def person_unknown(what: str) -> NotFound:
    """Nobody goes by this reference or number."""
    return NotFound(
        "person.unknown",
        zh=f"没有找到“{what[:40]}”对应的账户。",
        en=f"Nobody here goes by '{what[:40]}'.",
    )


def person_erased() -> Conflict:
    """There is nothing left to erase."""
    return Conflict(
        "person.erased",
        zh="这个账户已经注销，个人数据已删除；不需要再做什么。",
        en="This account was closed and its personal data erased; nothing more needs to be done.",
    )


def log_in_taken() -> Conflict:
    """The name is somebody's, or the log-in shows another person's account."""
    return Conflict(
        "person.log_in.taken",
        zh="这个登录名已被使用；请换一个登录名。没有改动任何数据。",
        en="This log-in name is taken; choose another one. Nothing was changed.",
    )
