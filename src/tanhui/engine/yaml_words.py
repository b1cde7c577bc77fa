"""What the YAML parser found, in our words, with the line where the hand slipped and the fix.

Two parsers (in C and in Python) word the same mistake differently and only in English, and often
notice it a line late; their own text is never shown.
"""

from __future__ import annotations

import re

import yaml

from .problems import Mistake
from .typing_slips import plain

_KEY = re.compile(r"(\s*-?\s*\{?\s*)([\w.-]+)：")
_COMMA = re.compile(r"[{\[].*，")
_BACK_MAX = 2  # lines before the one where the parser noticed


def told(error: yaml.MarkedYAMLError, text: str) -> tuple[int, Mistake]:
    """The line (from 1) and the mistake."""
    lines = text.splitlines() or [""]
    mark, context = error.problem_mark, error.context_mark
    at = min(mark.line if mark else 0, len(lines) - 1)
    opened = at if context is None else min(context.line, at)
    for line in range(at, max(-1, min(opened, at - _BACK_MAX) - 1), -1):
        slip = _full_width(lines[line])
        if slip is not None:
            return line + 1, slip
    unpaired = [n for n in range(at + 1) if lines[n].split("#", 1)[0].count('"') % 2]
    if len(unpaired) % 2:
        return unpaired[-1] + 1, _mistake("quote")
    problem = error.problem or ""
    if "could not find expected ':'" in problem:
        return opened + 1, _mistake("no_colon")
    if "end of stream" in problem and "quoted" in (error.context or ""):
        return opened + 1, _mistake("quote")
    if "cannot start any token" in problem:
        sign = lines[at][mark.column : mark.column + 1] if mark else ""
        return at + 1, _mistake("tab") if sign == "\t" else _mistake("sign", sign)
    for part, which in _TOLD:
        if part in problem:
            return at + 1, _mistake(which, str(opened + 1))
    return at + 1, _mistake("other")


def _full_width(line: str) -> Mistake | None:
    code = line.split("#", 1)[0]
    key = _KEY.match(code)
    if key is not None or _COMMA.search(code):
        sign, name_zh, name = ("：", "冒号", "colon") if key else ("，", "逗号", "comma")
        fixed = re.sub(r"([:,])(?=\S)", r"\1 ", plain(code).strip())
        return Mistake(
            zh=f"{name_zh}“{sign}”是全角；请用半角，后面空一格：{fixed[:80]}",
            en=f"the {name} '{sign}' is full-width; type it half-width, a space after it: "
            f"{fixed[:80]}",
        )
    return None


_TOLD = (
    ("mapping values are not allowed", "second_colon"),
    ("',' or '}'", "brace"),
    ("',' or ']'", "bracket"),
    ("unknown escape", "escape"),
    ("expected key", "indent"),
    ("<block end>", "indent"),
    ("'-' indicator", "indent"),
)

_WORDS = {
    "second_colon": (
        "这里不能再有“: ”：文字中有冒号就给文字加引号，否则是这一行缩进多了；请改正。",
        "': ' cannot stand here; put a text that has a colon into quotes, or indent the line less",
    ),
    "no_colon": (
        "这一行不是“键: 值”；请在键后写半角冒号和一个空格。",
        "the line is no 'key: value'; write a colon and a space after the key",
    ),
    "quote": (
        "这一行的引号没有成对；请补上结尾的引号。",
        "a quote opened in this line never closes; write the second one",
    ),
    "tab": (
        "这一行用制表符（Tab）缩进；请改用空格。",
        "the line is indented by a tab; use spaces",
    ),
    "sign": (
        "文字不能以“{0}”开头；请给整段文字加引号。",
        "a text cannot start with '{0}'; put the whole text into quotes",
    ),
    "brace": (
        "第 {0} 行的大括号没有写完或少了逗号；请补上，含冒号或逗号的文字请加引号。",
        "the brace of line {0} is not closed, or a comma is missing; add it, and put a text with a "
        "colon or a comma into quotes",
    ),
    "bracket": (
        "第 {0} 行的方括号没有写完或少了逗号；请补上。",
        "the bracket of line {0} is not closed, or a comma is missing; add it",
    ),
    "escape": (
        "双引号中的反斜杠另有含义；请改用单引号。",
        "a backslash means something else in double quotes; use single quotes",
    ),
    "indent": (
        "这一行与第 {0} 行开始的一组对不齐；请与同级的键用一样的缩进。",
        "the line does not line up with the group that starts in line {0}; indent it as its "
        "neighbours",
    ),
    "other": (
        "YAML 写法有误；请检查缩进、冒号与引号。",
        "not valid YAML; check indent, colons and quotes",
    ),
}


def _mistake(which: str, about: str = "") -> Mistake:
    zh, en = _WORDS[which]
    return Mistake(zh=zh.format(about), en=en.format(about))
