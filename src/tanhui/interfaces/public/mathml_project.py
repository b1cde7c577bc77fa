"""MathML of the forms only project formulas have: indices, sums over sets, powers, functions."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.html import escape

from tanhui.engine.expression import Expression, Further
from tanhui.engine.project.formula import (
    Edge,
    Function,
    Indexed,
    Offset,
    Power,
    Reduce,
    Same,
    Word,
)

Markup = Callable[[Expression], str]
_SIGNS = {"sum": "∑", "min": "min", "max": "max"}


def further(tree: Further, markup: Markup, named: Callable[[str], str]) -> str:
    """The form as MathML; `markup` writes what stands inside, `named` names a symbol."""
    match tree:
        case Indexed(name=name, at=at):
            index = "<mo>,</mo>".join(f"<mrow>{markup(part)}</mrow>" for part in at)
            return f"<msub><mi>{escape(named(name))}</mi><mrow>{index}</mrow></msub>"
        case Reduce(op=op, body=body, loops=loops, condition=condition):
            over = "<mo>,</mo>".join(
                f"<mi>{escape(variable)}</mi><mo>∈</mo><mi>{escape(named(set_))}</mi>"
                for variable, set_ in loops
            )
            if condition is not None:
                over += f"<mo>|</mo>{markup(condition)}"
            sign = (
                f'<munder><mo movablelimits="false">{_SIGNS[op]}</mo><mrow>{over}</mrow></munder>'
            )
            return f"{sign}<mo>(</mo>{markup(body)}<mo>)</mo>"
        case Power(base=base, exponent=exponent):
            inner = f"<mrow><mo>(</mo>{markup(base)}<mo>)</mo></mrow>"
            return f"<msup>{inner}<mn>{exponent}</mn></msup>"
        case Function(op="exp", of=(part,)):
            return f"<msup><mi>e</mi><mrow>{markup(part)}</mrow></msup>"
        case Function(op="abs", of=(part,)):
            return f"<mo>|</mo>{markup(part)}<mo>|</mo>"
        case Function(op=op, of=several):
            inside = "<mo>,</mo>".join(f"<mrow>{markup(part)}</mrow>" for part in several)
            return f"<mi>{op}</mi><mo>(</mo>{inside}<mo>)</mo>"
        case Same(op=op, left=left, right=right):
            sign = "=" if op == "==" else "≠"
            return f"{markup(left)}<mo>{sign}</mo>{markup(right)}"
        case Offset(variable=variable, by=by):
            sign = "−" if by < 0 else "+"
            return f"<mi>{escape(variable)}</mi><mo>{sign}</mo><mn>{abs(by)}</mn>"
        case Edge(op=op, of=of):
            return f"<mi>{op}</mi><mo>(</mo><mi>{escape(named(of))}</mi><mo>)</mo>"
        case Word(value=value):
            return f"<mtext>{escape(value)}</mtext>"
        case _:
            return f"<mtext>{escape(tree.text(str))}</mtext>"
