"""Typeset an equation from the engine's own reading of it, as text that may wrap on a phone.

MathML does not break lines, and a formula cut off at 390 px explains nothing; so fractions are
small stacks of text, and the whole is announced as one line of mathematics.
"""

from __future__ import annotations

import re
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
    Stepped,
    parse_expression,
)
from tanhui.engine.problems import Mistake
from tanhui.engine.rendering import render

_SIGNS = {"*": "×", "-": "−", "<=": "≤", ">=": "≥", "==": "=", "!=": "≠"}
_CARBON = re.compile(r"(?<![A-Za-z])([mkMG]?g|k?t)CO2e")


def typeset(symbol: str, expression: str, names: Mapping[str, str]) -> SafeString:
    """`symbol = expression`, each symbol by its name in `names`.

    An expression the engine cannot read is shown as plain text.
    """
    try:
        tree = parse_expression(expression)
    except Mistake:
        return mark_safe(f"<code>{escape(symbol)} = {escape(expression)}</code>")
    spoken = f"{_named(symbol, names)} = {plain(render(tree, lambda name: _named(name, names)))}"
    markup = _name(symbol, names) + _sign("=") + _markup(tree, names)
    return mark_safe(
        f'<span class="math" role="math" aria-label="{escape(spoken)}">{markup}</span>'
    )


def condition(clause: str, names: Mapping[str, str]) -> SafeString:
    """A condition of applicability, each symbol by its name; plain text when unreadable."""
    try:
        return mark_safe(f'<span class="math">{_markup(parse_expression(clause), names)}</span>')
    except Mistake:
        return mark_safe(f"<code>{escape(clause)}</code>")


def plain(text: str) -> str:
    """The signs and units of a line as people write them.

    >>> plain("6.825 km * 78.4 gCO2e/km")
    '6.825 km × 78.4 g\\xa0CO₂e/km'
    """
    for sign, shown in ((" * ", " × "), (" - ", " − "), (" <= ", " ≤ "), (" >= ", " ≥ ")):
        text = text.replace(sign, shown)
    text = text.replace(" == ", " = ").replace(" / ", " ÷ ")
    return _CARBON.sub("\\1\N{NO-BREAK SPACE}CO₂e", text)


def _markup(part: Expression, names: Mapping[str, str]) -> str:
    match part:
        case Number(text=text):
            return f"<span>{escape(text)}</span>"
        case Name(name=name):
            return _name(name, names)
        case Negative(of=of):
            return _sign("-") + _inner(of, names)
        case Binary(op="/", left=left, right=right):
            over, under = _markup(left, names), _markup(right, names)
            return f'<span class="frac"><span>{over}</span><span>{under}</span></span>'
        case Binary(op=op, left=left, right=right):
            head = _inner(left, names) if op == "*" else _markup(left, names)
            tail = _inner(right, names) if op in "*-" else _markup(right, names)
            return head + _sign(op) + tail
        case _:
            return _condition(part, names)


def _condition(part: Expression, names: Mapping[str, str]) -> str:
    match part:
        case Extreme(op=extreme, of=several):
            inside = "<span>，</span>".join(_markup(one, names) for one in several)
            return f"<span>{extreme}（</span>{inside}<span>）</span>"
        case Stepped(table=table, of=of):
            return f"{_name(table, names)}<span>（</span>{_markup(of, names)}<span>）</span>"
        case Compare(first=first, rest=rest):
            chain = "".join(_sign(sign) + _inner(value, names) for sign, value in rest)
            return _inner(first, names) + chain
        case Logic(op=joint, of=several):
            return _word(joint).join(_markup(one, names) for one in several)
        case Not(of=of):
            return _word("not") + _inner(of, names)
        case Choose(condition=condition, then=then, other=other):
            holds, fails = _markup(then, names), _markup(other, names)
            return holds + _word("if") + _markup(condition, names) + _word("else") + fails
        case _:
            return _markup(part, names)


def _inner(part: Expression, names: Mapping[str, str]) -> str:
    """With brackets where the part binds loosely."""
    is_tight = isinstance(part, Binary) and part.op in "*/"
    if is_tight or isinstance(part, Name | Number | Extreme | Stepped):
        return _markup(part, names)
    return f"<span>（</span>{_markup(part, names)}<span>）</span>"


def _named(symbol: str, names: Mapping[str, str]) -> str:
    return names.get(symbol, symbol.replace("_", " "))


def _name(symbol: str, names: Mapping[str, str]) -> str:
    return f'<span class="symbol">{escape(_named(symbol, names))}</span>'


def _sign(op: str) -> str:
    return f' <span class="sign">{escape(_SIGNS.get(op, op))}</span> '


def _word(word: str) -> str:
    return f" <em>{word}</em> "
