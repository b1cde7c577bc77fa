"""The fields that own history gives: whole numbers like any other, with proven bounds.

The pipeline fills them and the evidence stores them, so every executor sees plain fields.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from .intexpr import NARROW_MAX
from .methodology import QUANTITY_SLOTS, Field
from .section import Section, Text
from .terms import History
from .units import NO_UNIT


def with_history_fields(
    section: Section, fields: Sequence[Field], histories: Sequence[History]
) -> tuple[Field, ...]:
    """All fields in the order of their columns: the reported ones, then sum and count of each
    history. Raises `Unreadable` for a history of no reported field, or too many fields.
    """
    found = list(fields)
    reported = {each.name: each for each in fields}
    for history in histories:
        if history.of not in reported:
            raise section.problems.stop(
                section.at("history"),
                zh=f"history {history.name} 的 of“{history.of[:40]}”不是字段；"
                f"已有：{', '.join(reported)}。",
                en=f"the 'of' of history {history.name}, '{history.of[:40]}', is no field; "
                f"there are: {', '.join(reported)}",
            )
        total, count = _fields_of(history, reported[history.of])
        if max(-total.min_count, total.max_count) > NARROW_MAX:
            raise section.problems.stop(
                section.at("history"),
                zh=f"history {history.name} 的合计超出 64 位整数；请缩短 window 或放大 step。",
                en=f"the sum of history {history.name} leaves 64 bits; shorten its window or "
                "widen the step",
            )
        found += [total, count]
    if len(found) > QUANTITY_SLOTS:
        raise section.problems.stop(
            section.at("history"),
            zh=f"字段与 history 的字段合计超过 {QUANTITY_SLOTS} 个；请减少。",
            en=f"fields and those that history gives are more than {QUANTITY_SLOTS}; drop some",
        )
    return tuple(found)


def _fields_of(history: History, of: Field) -> tuple[Field, Field]:
    """Sum: at most every period at the field's max. Count: at most the periods of the window."""
    most = history.window.count
    total = Field(
        name=history.sum_field,
        title=Text(f"此前各期{of.title.zh}之和", f"{of.title.en}, sum of earlier periods"),
        unit=of.unit,
        step=of.step,
        min_count=min(0, most * of.min_count),
        max_count=max(0, most * of.max_count),
        derived=True,
    )
    count = Field(
        name=history.count_field,
        title=Text("此前期数", "earlier periods found"),
        unit=NO_UNIT,
        step=Fraction(1),
        min_count=0,
        max_count=most,
        derived=True,
    )
    return total, count
