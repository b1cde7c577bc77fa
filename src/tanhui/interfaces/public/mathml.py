"""Typeset an equation as MathML, from the engine's own tree; no script, no font to load.

A formula wider than a phone is cut at its sums and products into several `<math>` parts, because
a browser breaks lines between them and never inside one. The whole is announced as one line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from tanhui.engine.expression import (
    Binary,
    Choose,
    Compare,
    Expression,
    Extreme,
    Further,
    Logic,
    Name,
    Negative,
    Not,
    Number,
    Stepped,
    parse_expression,
)
from tanhui.engine.problems import Mistake
from tanhui.engine.project.formula import FormulaReader
from tanhui.engine.rendering import render

from .mathml_project import further
from .signs import SIGNS, plain

INFIX = ("+", "-", "*", "=", "<", "<=", ">", ">=", "==", "!=")
WORDS = {"if": _("当"), "else": _("否则"), "and": _("且"), "or": _("或"), "not": _("非")}
_JOINT = re.compile(r"(?<= )(?:if|else|and|or)(?= )|\bnot(?= )")
Names = Mapping[str, str]


def equation(
    symbol: str, expression: str, names: Names, *, index: tuple[str, ...] = ()
) -> SafeString:
    """`symbol = expression`, each symbol by its name in `names`; `index` stands below the symbol.

    An expression the engine cannot read is shown as it is written.
    """
    try:
        tree = _read(expression)
    except Mistake:
        return mark_safe(f"<code>{escape(symbol)} = {escape(expression)}</code>")
    spoken = f"{named(symbol, names)} = {spoken_line(tree, names)}"
    left = _name(symbol, names)
    if index:
        below = "<mo>,</mo>".join(f"<mi>{escape(each)}</mi>" for each in index)
        left = f"<msub>{left}<mrow>{below}</mrow></msub>"
    return _whole([left, *_with_sign("=", _lines(tree, names))], spoken)


def condition(clause: str, names: Names) -> SafeString:
    """A condition of applicability."""
    try:
        tree = _read(clause)
    except Mistake:
        return mark_safe(f"<code>{escape(clause)}</code>")
    return _whole([_markup(tree, names)], spoken_line(tree, names))


def _read(text: str) -> Expression:
    """The tree of a formula of either kind."""
    try:
        return parse_expression(text)
    except Mistake:
        return parse_expression(text, reader=FormulaReader)


def named(symbol: str, names: Names) -> str:
    """The name of a symbol; one without a name is read as words."""
    return names.get(symbol, symbol.replace("_", " "))


def spoken_line(tree: Expression, names: Names) -> str:
    """The expression as one line of text."""
    text = plain(render(tree, lambda name: named(name, names)))
    return _JOINT.sub(lambda found: str(WORDS[found[0]]), text)


def _whole(parts: list[str], spoken: str) -> SafeString:
    maths = " ".join(f'<math displaystyle="true"><mrow>{part}</mrow></math>' for part in parts)
    return mark_safe(
        f'<span class="maths" role="math" aria-label="{escape(spoken)}">{maths}</span>'
    )


def _lines(tree: Expression, names: Names) -> list[str]:
    """The parts a line may break between: terms, factors, and values of min and max."""
    match tree:
        case Binary(op="+" | "-" as op, left=left, right=right):
            tail = _inner_lines(right, names) if op == "-" else _lines(right, names)
            return [*_lines(left, names), *_with_sign(op, tail)]
        case Binary(op="*", left=left, right=right):
            return [*_inner_lines(left, names), *_with_sign("*", _inner_lines(right, names))]
        case Extreme(op=extreme, of=several):
            parts: list[str] = []
            for one in several:
                if parts:
                    parts[-1] += "<mo>,</mo>"
                parts += _lines(one, names)
            return _enclosed(f"<mi>{extreme}</mi><mo>(</mo>", parts, "<mo>)</mo>")
        case Choose(condition=holds, then=then, other=other):
            last = _lines(other, names)
            head = [*_lines(then, names), _word("if") + _markup(holds, names)]
            return [*head, _word("else") + last[0], *last[1:]]
        case Stepped(table=table, of=of):
            return _enclosed(_name(table, names) + "<mo>(</mo>", _lines(of, names), "<mo>)</mo>")
        case _:
            return [_markup(tree, names)]


def _inner_lines(tree: Expression, names: Names) -> list[str]:
    """The parts of an operand, in brackets where it binds loosely."""
    lines = _lines(tree, names)
    return lines if _is_tight(tree) else _enclosed("<mo>(</mo>", lines, "<mo>)</mo>")


def _enclosed(before: str, parts: list[str], after: str) -> list[str]:
    found = [before + parts[0], *parts[1:]]
    return [*found[:-1], found[-1] + after]


def _with_sign(sign: str, parts: list[str]) -> list[str]:
    return [_operator(sign) + parts[0], *parts[1:]]


def _markup(tree: Expression, names: Names) -> str:
    match tree:
        case Number(text=text):
            return f"<mn>{escape(text)}</mn>"
        case Name(name=name):
            return _name(name, names)
        case Negative(of=of):
            return "<mo>−</mo>" + _inner(of, names)
        case Binary(op="/", left=left, right=right):
            over, under = (f"<mrow>{_markup(part, names)}</mrow>" for part in (left, right))
            return f"<mfrac>{over}{under}</mfrac>"
        case Binary(op=op, left=left, right=right):
            head = _inner(left, names) if op == "*" else _markup(left, names)
            tail = _inner(right, names) if op in "*-" else _markup(right, names)
            return head + _operator(op) + tail
        case _:
            return _further(tree, names)


def _further(tree: Expression, names: Names) -> str:
    match tree:
        case Extreme(op=extreme, of=several):
            inside = "<mo>,</mo>".join(f"<mrow>{_markup(one, names)}</mrow>" for one in several)
            return f"<mi>{extreme}</mi><mo>(</mo>{inside}<mo>)</mo>"
        case Stepped(table=table, of=of):
            return f"{_name(table, names)}<mo>(</mo>{_markup(of, names)}<mo>)</mo>"
        case Compare(first=first, rest=rest):
            chain = "".join(_operator(sign) + _inner(value, names) for sign, value in rest)
            return _inner(first, names) + chain
        case Logic(op=joint, of=several):
            return _word(joint).join(_inner(one, names) for one in several)
        case Not(of=of):
            return _word("not") + _inner(of, names)
        case Choose(condition=holds, then=then, other=other):
            when, otherwise = _markup(holds, names), _markup(other, names)
            return _markup(then, names) + _word("if") + when + _word("else") + otherwise
        case Further():
            return further(tree, lambda part: _markup(part, names), lambda name: named(name, names))
        case _:
            return f"<mtext>{escape(spoken_line(tree, names))}</mtext>"


def _inner(tree: Expression, names: Names) -> str:
    """With brackets where the part binds loosely."""
    markup = _markup(tree, names)
    return markup if _is_tight(tree) else f"<mo>(</mo>{markup}<mo>)</mo>"


def _is_tight(tree: Expression) -> bool:
    is_product = isinstance(tree, Binary) and tree.op in "*/"
    return is_product or isinstance(tree, Name | Number | Extreme | Stepped | Compare | Further)


def _name(symbol: str, names: Names) -> str:
    return f"<mi>{escape(named(symbol, names))}</mi>"


def _operator(op: str) -> str:
    form = (
        ' form="infix" lspace=".28em" rspace=".28em"' if op in INFIX else ""
    )  # also where it begins a line
    return f"<mo{form}>{escape(SIGNS.get(op, op))}</mo>"


def _word(word: str) -> str:
    return f"<mtext>&#160;{WORDS[word]}&#160;</mtext>"
