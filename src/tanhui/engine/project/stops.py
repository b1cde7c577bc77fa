"""Why a result cannot be worked out: an unknown value, a member outside, nothing creditable."""

from __future__ import annotations

from ..section import Text
from .members import Member
from .nouns import Lookup
from .tables import Row


class Stop(Exception):
    """The calculation ends here; `reason` is unknown, undefined or not_creditable."""

    def __init__(self, reason: str, *, zh: str, en: str) -> None:
        super().__init__(en)
        self.reason, self.zh, self.en = reason, zh, en


def unknown_value(name: str, title: Text, at: tuple[str, ...]) -> Stop:
    """No value is in force, or it is an honest unknown."""
    shown = f"[{', '.join(at)}]" if at else ""
    return Stop(
        "unknown",
        zh=f"{title.zh}（{name}{shown}）没有已知的值；由主管部门补充，"
        "或在示例（illustration）的 assume 中写出假设。",
        en=f"{title.en} ({name}{shown}) has no known value; the authority must fill it in, or an "
        "illustration may state one under assume",
    )


def out_of_range(name: str, at: tuple[Member, ...]) -> Stop:
    """An index led outside what was given or calculated."""
    shown = ", ".join(map(str, at))
    return Stop(
        "undefined",
        zh=f"{name} 没有 [{shown}] 的值；请在公式中限制下标，或补充数据。",
        en=f"{name} has no value for [{shown}]; limit the index in the formula or add data",
    )


def undefined(name: str, at: tuple[Member, ...]) -> Stop:
    """A division by zero, a logarithm of nothing, or a number beyond all bounds."""
    shown = f"[{', '.join(map(str, at))}]" if at else ""
    return Stop(
        "undefined",
        zh=f"{name}{shown} 无法计算（除以零、对零或负数取对数，或数值过大）；请核对输入。",
        en=f"{name}{shown} cannot be worked out (a division by zero, a logarithm of zero or less, "
        "or a number too large); check the inputs",
    )


def nothing_creditable(lookup: Lookup, row: Row, at: tuple[str, ...]) -> Stop:
    """The band says that nothing may be issued."""
    note_zh = "" if row.note is None else row.note.zh
    note = "" if row.note is None else row.note.en
    return Stop(
        "not_creditable",
        zh=f"{lookup.table.title.zh}：{'、'.join(at)} 一档不得签发。{note_zh}",
        en=f"{lookup.table.title.en}: for {', '.join(at)} nothing may be issued. {note}",
    )
