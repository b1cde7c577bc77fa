"""An expression back as text, with each name as the caller wants to see it."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from .expression import (
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
)
from .steps import StepTable

# How tightly each form binds, loosest first, as in Python.
_CHOOSE, _OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _SIGN, _ATOM = range(9)
SHOWN_DIGITS = 12


def render(expression: Expression, shown: Callable[[str], str] = str) -> str:
    """The text of `expression`; brackets only where they change the meaning.

    >>> from .expression import parse_expression
    >>> render(parse_expression("(a+b) * c"), {"a": "1 km", "b": "2 km", "c": "3"}.__getitem__)
    '(1 km + 2 km) * 3'
    """
    return _render(expression, shown)[0]


def _render(expression: Expression, shown: Callable[[str], str]) -> tuple[str, int]:
    def inside(part: Expression, tightness: int) -> str:
        text, own = _render(part, shown)
        return text if own >= tightness else f"({text})"

    match expression:
        case Number(text=text):
            return text, _ATOM
        case Name(name=name):
            return shown(name), _ATOM
        case Negative(of=of):
            return "-" + inside(of, _ATOM), _SIGN
        case Not(of=of):
            return "not " + inside(of, _NOT), _NOT
        case Binary(op=op, left=left, right=right):
            own = _PRODUCT if op in "*/" else _SUM
            return f"{inside(left, own)} {op} {inside(right, own + 1)}", own
        case Extreme(op=op, of=several):
            return f"{op}({', '.join(_render(part, shown)[0] for part in several)})", _ATOM
        case Compare(first=first, rest=rest):
            texts = [inside(first, _COMPARE + 1)]
            texts += [f"{op} {inside(value, _COMPARE + 1)}" for op, value in rest]
            return " ".join(texts), _COMPARE
        case Logic(op=op, of=several):
            own = _AND if op == "and" else _OR
            return f" {op} ".join(inside(part, own + 1) for part in several), own
        case Choose(condition=condition, then=then, other=other):
            return (
                f"{inside(then, _OR)} if {inside(condition, _OR)} else {inside(other, _CHOOSE)}",
                _CHOOSE,
            )
        case Stepped(table=table, of=of):
            return f"{shown(table)}({_render(of, shown)[0]})", _ATOM
        case Further():
            return expression.text(shown), _ATOM


def steps_text(steps: StepTable) -> str:
    """A table of steps on one line: what holds below the first start, then start and value.

    >>> steps_text(StepTable(Fraction(0), (Fraction(5), Fraction(10)), (Fraction(1), Fraction(3))))
    '0; ≥ 5: 1; ≥ 10: 3'
    """
    pairs = zip(steps.starts, steps.values, strict=True)
    told = [f"≥ {number_text(start)}: {number_text(value)}" for start, value in pairs]
    return "; ".join([number_text(steps.below), *told])


def number_text(value: Fraction) -> str:
    """Exact decimal text; a value without one is shown cut, with its exact fraction behind it.

    >>> number_text(Fraction("535.080")), number_text(Fraction(-4, 3))
    ('535.08', '-1.333333333333… (-4/3)')
    """
    sign, size = ("-", -value) if value < 0 else ("", value)
    places, rest = 0, size.denominator
    for prime, step in ((10, 1), (5, 1), (2, 1)):
        while rest % prime == 0:
            rest //= prime
            places += step
    if rest != 1:
        cut = size * 10**SHOWN_DIGITS
        digits = f"{cut.numerator // cut.denominator:0{SHOWN_DIGITS + 1}d}"
        return f"{sign}{digits[:-SHOWN_DIGITS]}.{digits[-SHOWN_DIGITS:]}… ({value})"
    if places == 0:
        return f"{sign}{size}"
    scaled = size * 10**places
    digits = f"{scaled.numerator:0{places + 1}d}"
    return f"{sign}{digits[:-places]}.{digits[-places:]}".rstrip("0").rstrip(".")
