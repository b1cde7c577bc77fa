"""Typed reading of one YAML mapping; every mistake names the file, the line and the fix."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from fractions import Fraction

from tanhui.core.errors import InputRefused
from tanhui.core.region import Region

from .problems import Mistake, Problems, Unreadable, Where
from .typing_slips import plain, slip_of_number
from .yamlfile import Mapping, Node, Scalar, Sequence

TEXT_MAX = 4_000
_DECIMAL = re.compile(r"-?\d{1,30}(\.\d{1,30})?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


@dataclass(frozen=True)
class Text:
    """The same words in Chinese and in English."""

    zh: str
    en: str


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name closest to `name`, or the empty text.

    >>> nearest("sorce", ["source", "value"])
    'source'
    """
    return next(iter(get_close_matches(name, list(known), n=1)), "")


def exact_decimal(text: str) -> Fraction:
    """The number written; raises `Mistake` for anything but digits with an optional point.

    >>> exact_decimal("78.4")
    Fraction(392, 5)
    """
    if not _DECIMAL.fullmatch(text):
        raise slip_of_number(text) or Mistake(
            zh=f"“{text[:40]}”不是十进制数；请写成 78.4 这样，不用逗号、指数或百分号。",
            en=f"'{text[:40]}' is no decimal number; write it like 78.4, "
            "without commas, exponents or percent signs",
        )
    return Fraction(text)


class Section:
    """A mapping with the keys it may have; unknown and missing keys are noted at once."""

    def __init__(
        self,
        node: Node,
        problems: Problems,
        *,
        what: str,
        required: tuple[str, ...] = (),
        optional: tuple[str, ...] = (),
    ) -> None:
        if not isinstance(node, Mapping):
            raise problems.stop(
                node.where,
                zh=f"{what} 应为“键: 值”的形式。",
                en=f"{what} must be a mapping; write 'key: value' lines",
            )
        self.mapping = node
        self.problems = problems
        self.what = what
        self.where = node.where
        self._check_keys(required, tuple(dict.fromkeys(required + optional)))

    def _check_keys(self, required: tuple[str, ...], known: tuple[str, ...]) -> None:
        for key, where in self.mapping.lines.items():
            if key not in known:
                if self._is_cut_number(key):
                    continue
                close = nearest(plain(key).split(":")[0], known)
                hint = f"did you mean '{close}'?" if close else f"known keys: {', '.join(known)}"
                hint_zh = f"是否想写“{close}”？" if close else f"可用的键：{', '.join(known)}。"
                self.problems.add(
                    where,
                    zh=f"{self.what} 中不认识的键“{key[:60]}”；{hint_zh}",
                    en=f"unknown key '{key[:60]}' in {self.what}; {hint}",
                )
        misspelt = {nearest(key, known) for key in self.mapping.lines if key not in known}
        for key in required:
            if key not in self.mapping.entries and key not in misspelt:
                self.problems.add(
                    self.where,
                    zh=f"{self.what} 缺少“{key}”；请补上。",
                    en=f"{self.what} lacks '{key}'; add it",
                )

    def _is_cut_number(self, key: str) -> bool:
        """Whether `key` is what follows the comma of `{value: 78,4}`; noted as such if so."""
        keys = list(self.mapping.entries)
        before = self.mapping.entries[keys[keys.index(key) - 1]]
        after = self.mapping.entries[key]
        cut = isinstance(before, Scalar) and f"{before.text},{key}"
        if not cut or not isinstance(after, Scalar) or after.text or keys[0] == key:
            return False
        mistake = slip_of_number(cut)
        if mistake is not None:
            self.problems.add(self.mapping.lines[key], zh=mistake.zh, en=mistake.en)
        return mistake is not None

    def __contains__(self, key: str) -> bool:
        return key in self.mapping.entries

    def at(self, key: str) -> Where:
        """Where the key stands (the section itself when it is missing)."""
        return self.mapping.lines.get(key, self.where)

    def node(self, key: str) -> Node:
        """The node under `key`; raises `Unreadable` when missing (already noted)."""
        if key not in self.mapping.entries:
            raise Unreadable
        return self.mapping.entries[key]

    def text(self, key: str) -> str:
        """A non-empty text of at most `TEXT_MAX` characters."""
        return scalar_text(self.node(key), self.problems, what=f"{self.what}.{key}")

    def optional_text(self, key: str) -> str | None:
        """The text, or None when the key is absent."""
        return self.text(key) if key in self else None

    def decimal(self, key: str) -> Fraction:
        """An exact number."""
        text = self.text(key)
        try:
            return exact_decimal(text)
        except Mistake as mistake:
            raise self.problems.stop(self.at(key), zh=mistake.zh, en=mistake.en) from None

    def day(self, key: str) -> date:
        """A calendar day written 2024-10-01."""
        text = self.text(key)
        try:
            if not _DAY.fullmatch(text):
                raise ValueError(text)
            return date.fromisoformat(text)
        except ValueError:
            raise self.problems.stop(
                self.at(key),
                zh=f"“{text[:40]}”不是日期；请写成 2024-10-01。",
                en=f"'{text[:40]}' is no day; write it like 2024-10-01",
            ) from None

    def optional_day(self, key: str) -> date | None:
        """The day, or None when the key is absent."""
        return self.day(key) if key in self else None

    def region(self, key: str) -> str:
        """A GB/T 2260 code."""
        return region_code(self.node(key), self.problems)

    def choice(self, key: str, choices: tuple[str, ...]) -> str:
        """One of the words allowed."""
        text = self.text(key)
        if text not in choices:
            close = nearest(text, choices)
            hint = f"did you mean '{close}'?" if close else f"choose from {', '.join(choices)}"
            hint_zh = f"是否想写“{close}”？" if close else f"可选：{'、'.join(choices)}。"
            raise self.problems.stop(
                self.at(key),
                zh=f"{self.what}.{key} 不能是“{text[:40]}”；{hint_zh}",
                en=f"{self.what}.{key} cannot be '{text[:40]}'; {hint}",
            )
        return text

    def bilingual(self, key: str) -> Text:
        """A text in both languages: {zh: ..., en: ...}."""
        part = Section(
            self.node(key), self.problems, what=f"{self.what}.{key}", required=("zh", "en")
        )
        return Text(part.text("zh"), part.text("en"))

    def optional_bilingual(self, key: str) -> Text | None:
        """The text in both languages, or None when the key is absent."""
        return self.bilingual(key) if key in self else None

    def items(self, key: str) -> tuple[Node, ...]:
        """The items of a list."""
        node = self.node(key)
        if not isinstance(node, Sequence):
            raise self.problems.stop(
                self.at(key),
                zh=f"{self.what}.{key} 应为列表；请用 [ ] 或“- ”。",
                en=f"{self.what}.{key} must be a list; write [ ] or lines with '- '",
            )
        return node.items

    def words(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(
            scalar_text(item, self.problems, what=f"{self.what}.{key}") for item in self.items(key)
        )


def scalar_text(node: Node, problems: Problems, *, what: str) -> str:
    """The text of a scalar, not empty and within the limit."""
    if not isinstance(node, Scalar):
        raise problems.stop(
            node.where, zh=f"{what} 应为一个值。", en=f"{what} must be a single value; write one"
        )
    text = node.text.strip()
    if not text or len(text) > TEXT_MAX:
        raise problems.stop(
            node.where,
            zh=f"{what} 为空或超过 {TEXT_MAX} 字；请填写。",
            en=f"{what} is empty or longer than {TEXT_MAX} characters; fill it in",
        )
    return text


def region_code(node: Node, problems: Problems) -> str:
    """A scalar that is a GB/T 2260 code."""
    text = scalar_text(node, problems, what="region")
    try:
        return Region(text).code
    except InputRefused as refused:
        raise problems.stop(node.where, zh=refused.zh, en=refused.en) from None
