"""Typeset an equation as MathML from the engine's own reading of it."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from tanhui.engine.expression import (
    Binary,
    Choose,
    Compare,
    Expression,
    Extreme,
    Logic,
    Name,
    Negative,
    Not,
    Number,
    parse_expression,
)
from tanhui.engine.problems import Mistake

_SIGNS = {"*": "×", "-": "−", "<=": "≤", ">=": "≥", "==": "=", "!=": "≠"}


def typeset(symbol: str, expression: str, names: Mapping[str, str]) -> SafeString:
    """`symbol = expression` as a MathML block, each symbol by its name in `names`.

    An expression the engine cannot read is shown as plain text.
    """
    try:
        right = _row(_markup(parse_expression(expression), names))
    except Mistake:
        return mark_safe(f"<code>{escape(symbol)} = {escape(expression)}</code>")
    left = _name(symbol, names)
    return mark_safe(f'<math display="block">{_row(left + _sign("=") + right)}</math>')


def plain(text: str) -> str:
    """The signs of a substituted line as people write them.

    >>> plain("6.825 km * 78.4 gCO2e/km")
    '6.825 km × 78.4 gCO₂e/km'
    """
    for sign, shown in ((" * ", " × "), (" - ", " − "), (" <= ", " ≤ "), (" >= ", " ≥ ")):
        text = text.replace(sign, shown)
    return text.replace("CO2", "CO₂").replace(" == ", " = ").replace(" / ", " ÷ ")


def _markup(part: Expression, names: Mapping[str, str]) -> str:
    match part:
        case Number(text=text):
            return f"<mn>{escape(text)}</mn>"
        case Name(name=name):
            return _name(name, names)
        case Negative(of=of):
            return _sign("−") + _inner(of, names)
        case Binary(op="/", left=left, right=right):
            return f"<mfrac>{_row(_markup(left, names))}{_row(_markup(right, names))}</mfrac>"
        case Binary(op=op, left=left, right=right):
            inner = _inner if op == "*" else _markup
            tail = _inner(right, names) if op in "*-" else _markup(right, names)
            return inner(left, names) + _sign(op) + tail
        case _:
            return _condition(part, names)


def _condition(part: Expression, names: Mapping[str, str]) -> str:
    match part:
        case Extreme(op=op, of=several):
            inside = "<mo>,</mo>".join(_markup(one, names) for one in several)
            return f"<mi>{op}</mi><mo>(</mo>{inside}<mo>)</mo>"
        case Compare(first=first, rest=rest):
            chain = "".join(_sign(op) + _inner(value, names) for op, value in rest)
            return _inner(first, names) + chain
        case Logic(op=op, of=several):
            return _word(op).join(_markup(one, names) for one in several)
        case Not(of=of):
            return _word("not") + _inner(of, names)
        case Choose(condition=condition, then=then, other=other):
            return (
                _markup(then, names)
                + _word("if")
                + _markup(condition, names)
                + _word("else")
                + _markup(other, names)
            )
        case _:
            return _markup(part, names)


def _inner(part: Expression, names: Mapping[str, str]) -> str:
    """With brackets where the part binds loosely."""
    if isinstance(part, Name | Number | Extreme) or (isinstance(part, Binary) and part.op in "*/"):
        return _markup(part, names)
    return f"<mrow><mo>(</mo>{_markup(part, names)}<mo>)</mo></mrow>"


def _name(symbol: str, names: Mapping[str, str]) -> str:
    return f"<mtext>{escape(names.get(symbol, symbol.replace('_', ' ')))}</mtext>"


def _sign(op: str) -> str:
    return f"<mo>{escape(_SIGNS.get(op, op))}</mo>"


def _word(word: str) -> str:
    return f"<mtext>&#160;{word}&#160;</mtext>"


def _row(inside: str) -> str:
    return f"<mrow>{inside}</mrow>"
