"""Stored events of one version as another reads them: columns in, counts, cells and codes out.

Quantities are read by the name of the field and turned into the steps of the new one; what is no
whole number of its steps, or outside its bounds, cannot be compared and is said so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tanhui.core.errors import InputRefused

from .cells import NO_CELL
from .integer import compile as compile_form
from .intexpr import NARROW_MAX
from .kernel import quantify
from .methodology import Field, Methodology

I64 = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Requantified:
    """Rows under another version; `mg` and `code` as the kernel gives them, `quantities` by slot.

    Read only where `comparable`. Under own history mg and code are 0: they wait for their turn.
    """

    mg: I64
    code: npt.NDArray[np.uint8]
    cells: npt.NDArray[np.int32]
    quantities: list[I64]
    comparable: npt.NDArray[np.bool_]


class Requantifier:
    """Rows of `old` under `new`. Raises InputRefused when `new` asks what `old` never recorded."""

    def __init__(self, old: Methodology, new: Methodology) -> None:
        self.old = old
        self.form = compile_form(new)
        self.new = new
        self._slots = [None if each.derived else self._slot(each) for each in new.fields]
        self._cells: dict[tuple[int, str, int], int] = {}
        self._classes = [cell.class_ for cell in compile_form(old).cells]

    @property
    def slots(self) -> list[str]:
        """The columns of quantities that are needed."""
        return [f"q{each[0]}" for each in self._slots if each is not None]

    def rows(self, events: Mapping[str, npt.NDArray[np.int64]]) -> Requantified:
        """Needs the columns region, day, cell and `slots`."""
        count = len(events["day"])
        comparable = np.ones(count, dtype=bool)
        quantities: list[I64] = []
        for found, field in zip(self._slots, self.new.fields, strict=True):
            if found is None:  # filled from own history in its turn
                quantities.append(np.zeros(count, dtype=np.int64))
                continue
            slot, above, below = found
            own = events[f"q{slot}"].astype(np.int64)
            bound = NARROW_MAX // above
            fits = (own >= -bound) & (own <= bound)
            scaled = np.where(fits, own, 0) * above
            counts = scaled // below
            fits &= counts * below == scaled
            fits &= (counts >= field.min_count) & (counts <= field.max_count)
            comparable &= fits
            quantities.append(np.where(fits, counts, field.min_count))
        cells = self._cells_of(events)
        if self.new.history:
            nothing = np.zeros(count, dtype=np.int64)
            return Requantified(nothing, nothing.astype(np.uint8), cells, quantities, comparable)
        answer = quantify(self.form, quantities, cells)
        return Requantified(answer.mg, answer.code, cells, quantities, comparable)

    def _slot(self, field: Field) -> tuple[int, int, int]:
        """Slot of the field in the old evidence, and new steps in one old step as a fraction."""
        for slot, each in enumerate(self.old.fields):
            if each.name == field.name and each.unit.dimension == field.unit.dimension:
                ratio = each.base_per_count / field.base_per_count
                return slot, ratio.numerator, ratio.denominator
        names = ", ".join(each.name for each in self.old.fields)
        raise InputRefused(
            "impact.field_absent",
            zh=f"新版本需要字段 {field.name}，{self.old.code} {self.old.version} 的存证中没有"
            f"（有：{names}）；无法比较。",
            en=f"The new version needs the field {field.name}, which the evidence of "
            f"{self.old.code} {self.old.version} does not have (it has {names}); they cannot be "
            "compared.",
        )

    def _cells_of(self, events: Mapping[str, npt.NDArray[np.int64]]) -> npt.NDArray[np.int32]:
        """The new cell of each row; the class is that of the row's old cell."""
        places = np.stack([events["region"], events["cell"], events["day"]]).astype(np.int64)
        unique, inverse = np.unique(places, axis=1, return_inverse=True)
        cells = [self._cell(*place) for place in unique.T.tolist()]
        return np.array(cells, dtype=np.int32)[inverse.reshape(-1)]

    def _cell(self, region: int, cell: int, day: int) -> int:
        """The cell as if the new version had always been in force: a day before its first is
        worked out with the values of its first day, one after its end with those of its last.
        """
        day = max(day, self.new.first_day)
        if self.new.end_day is not None:
            day = min(day, self.new.end_day - 1)
        class_ = self._classes[cell] if cell != NO_CELL else ""
        key = region, class_, day
        if key not in self._cells:
            self._cells[key] = self.form.cell_of(f"{region:06d}", class_, day)
        return self._cells[key]


def exact_sum(values: I64) -> int:
    """The sum as a Python integer; halves of 32 bits are added, so no column overflows.

    >>> exact_sum(np.array([2**62, 2**62, 2**62]))
    13835058055282163712
    """
    high, low = values >> 32, values & 0xFFFFFFFF
    return (int(high.sum()) << 32) + int(low.sum())
