"""One record to quantify: where, when, of which class, and its quantities in the fields' units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from tanhui.core.errors import InputRefused

from .rendering import number_text

if TYPE_CHECKING:
    from .methodology import Field, Methodology


@dataclass(frozen=True)
class Record:
    """`quantities` by field name, in the field's unit; `day` is a day number of the region."""

    region: str
    class_: str
    day: int
    quantities: Mapping[str, Fraction]

    @classmethod
    def of_counts(
        cls,
        methodology: Methodology,
        counts: Sequence[int],
        *,
        region: str,
        day: int,
        class_: str = "",
    ) -> Record:
        """A record from whole counts of each field's step, in field order (q0, q1, ...)."""
        quantities = {
            field.name: count * field.step
            for field, count in zip(methodology.fields, counts, strict=True)
        }
        return cls(region, class_, day, quantities)


def counts_of(methodology: Methodology, record: Record) -> tuple[int, ...]:
    """Whole counts of each field's step, in field order.

    Raises `InputRefused` for a missing or unknown field, a value finer than the step, or one
    outside min and max: the proof of the integer form holds only inside.
    """
    wanted = {field.name for field in methodology.fields}
    for name in sorted(wanted - record.quantities.keys()):
        raise InputRefused(
            "record.field.missing",
            zh=f"{methodology.code} 的记录缺少字段 {name}；请补上。",
            en=f"A record of {methodology.code} needs the field {name}; add it.",
        )
    for name in sorted(record.quantities.keys() - wanted):
        raise InputRefused(
            "record.field.unknown",
            zh=f"{methodology.code} 的记录没有字段 {name}；请核对名称。",
            en=f"A record of {methodology.code} has no field {name}; check the name.",
        )
    counts = []
    for field in methodology.fields:
        count = record.quantities[field.name] / field.step
        if count.denominator != 1:
            raise InputRefused(
                "record.quantity.finer_than_step",
                zh=f"{field.title.zh}（{field.name}）比步长 {_text(field, 1)} 更细；请舍入。",
                en=f"{field.name} is finer than its step of {_text(field, 1)}; give whole steps.",
            )
        if not field.min_count <= count <= field.max_count:
            low, high = _text(field, field.min_count), _text(field, field.max_count)
            found = _text(field, int(count))
            raise InputRefused(
                "record.quantity.out_of_bounds",
                zh=f"{field.title.zh}（{field.name}）为 {found}，"
                f"应在 {low} 与 {high} 之间；请核对单位。",
                en=f"{field.name} is {found}, it must lie from {low} to {high}; check the unit.",
            )
        counts.append(int(count))
    return tuple(counts)


def _text(field: Field, count: int) -> str:
    return f"{number_text(count * field.step)} {field.unit.text}"
