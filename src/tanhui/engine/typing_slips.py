"""Slips of typing told by name: full-width signs, a comma as decimal point, units glued on.

Whoever writes Chinese types ：， × ≥ and ７８ without noticing, because they look right. Parsers
only say that something is wrong somewhere; here it is said what was typed and what to type instead.
"""

from __future__ import annotations

import ast
import re

from .problems import Mistake

_SIGNS = {chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F)}  # ！ to ～
_SIGNS |= {"。": ".", "、": ",", "　": " ", "“": '"', "”": '"', "‘": "'", "’": "'"}
_SIGNS |= {"×": "*", "÷": "/", "−": "-", "–": "-", "≥": ">=", "≤": "<=", "≠": "!="}
_TABLE = str.maketrans(_SIGNS)
_NUMBER = r"-?\d+(?:\.\d+)?"
_DECIMAL_COMMA = re.compile(r"(-?\d+),(\d+)", re.ASCII)
_THOUSANDS = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)
_WITH_UNIT = re.compile(rf"({_NUMBER})\s*((?![eE]-?\d)[A-Za-z][\w/*() ]*)", re.ASCII)
_GLUED = re.compile(
    r"(?<![\w.])(\d+(?:\.\d+)?)\s*(?!(?:and|or|if|else|not|for|in)\b)([A-Za-z_]\w*)", re.ASCII
)


def plain(text: str) -> str:
    """The text with full-width and typographic signs as a keyboard in English writes them.

    >>> plain("０．５ × ｋｍ")
    '0.5 * km'
    """
    return text.translate(_TABLE)


def odd_signs(text: str) -> str:
    """The signs of `text` that `plain` would change, once each, in order."""
    return "".join(dict.fromkeys(sign for sign in text if sign in _SIGNS))


def slip_of_number(text: str) -> Mistake | None:
    """What was typed in place of a decimal number, if it can be told."""
    short = text[:40]
    if re.fullmatch(_NUMBER, plain(text).strip(), re.ASCII):
        return Mistake(
            zh=f"“{short}”用了全角的“{odd_signs(text)}”；请用半角写成 {plain(text).strip()}。",
            en=f"'{short}' has the full-width '{odd_signs(text)}'; write {plain(text).strip()}",
        )
    if _THOUSANDS.fullmatch(text) and (text.count(",") > 1 or "." in text):
        whole = text.replace(",", "")
        return Mistake(
            zh=f"“{short}”中有逗号；请去掉千位分隔，写成 {whole}。",
            en=f"'{short}' has commas; write {whole} without them",
        )
    if _DECIMAL_COMMA.fullmatch(text):
        return Mistake(
            zh=f"“{short}”用逗号作小数点；请写成 {text.replace(',', '.')}。",
            en=f"'{short}' has a comma as decimal point; write {text.replace(',', '.')}",
        )
    if found := _WITH_UNIT.fullmatch(plain(text)):
        return Mistake(
            zh=f"“{short}”把单位 {found[2]} 写进了数里；这里只写 {found[1]}，单位写在 unit。",
            en=f"'{short}' has the unit {found[2]} in the number; write {found[1]} here, the unit "
            "stands under 'unit'",
        )
    return None


def slip_of_amount(text: str) -> Mistake | None:
    """What was typed in place of an amount with its unit, such as `5 kgCO2e`."""
    found = _WITH_UNIT.fullmatch(plain(text).strip())
    if found is None or f"{found[1]} {found[2]}" == text:
        return None
    return Mistake(
        zh=f"“{text[:40]}”的数与单位没有按“数 空格 单位”写；请写成 {found[1]} {found[2]}。",
        en=f"'{text[:40]}' is not number, space, unit; write {found[1]} {found[2]}",
    )


def slip_of_formula(text: str) -> Mistake | None:
    """What was typed that makes `text` no formula, if it can be told."""
    short, repaired = text[:60], _GLUED.sub(r"\1*\2", plain(text))
    signs = odd_signs(text)
    if repaired == text or not _is_formula(repaired):
        return None
    if signs:
        return Mistake(
            zh=f"公式“{short}”中的“{signs}”不是半角符号；请写成 {repaired[:80]}。",
            en=f"'{short}' has '{signs}', signs no formula takes; write {repaired[:80]}",
        )
    return Mistake(
        zh=f"公式“{short}”的数与单位之间没有乘号；请写成 {repaired[:80]}。",
        en=f"'{short}' has no * between a number and its unit; write {repaired[:80]}",
    )


def _is_formula(text: str) -> bool:
    try:
        ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
