"""The table of the bench: work, ours, limit, ratio, hold, verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from .measure import Facts, Measured


@dataclass(frozen=True)
class Row:
    """One comparison; a verdict is a ratio within its hold. Units are named in the texts."""

    name: str
    work: str
    ours: str
    limit: str
    ratio: float
    hold: float  # 0: nothing to hold, a figure to know
    facts: Facts

    @classmethod
    def of(cls, name: str, work: str, *, ours: Measured, limit: Measured, hold: float) -> Row:
        """Compare CPU seconds."""
        return cls(
            name,
            work,
            f"{ours.cpu_s:.2f} CPU-s, {ours.memory_bytes / 1e6:,.0f} MB",
            f"{limit.cpu_s:.2f} CPU-s, {limit.memory_bytes / 1e6:,.0f} MB",
            ours.cpu_s / limit.cpu_s,
            hold,
            {"ours": ours.__dict__, "limit": limit.__dict__},
        )

    @classmethod
    def same(cls, name: str, work: str, *, ours: str, oracle: str) -> Row:
        """Two answers that must be equal; the ratio is 1 or infinite."""
        ratio = 1.0 if ours == oracle else float("inf")
        return cls(name, work, ours, oracle, ratio, 1.0, {})

    @property
    def is_held(self) -> bool:
        """Whether the ratio is within the hold."""
        return not self.hold or self.ratio <= self.hold

    def document(self) -> dict[str, Any]:
        """JSON-ready values."""
        return {**self.__dict__, "is_held": self.is_held}


def show(rows: list[Row]) -> None:
    """The table, for a person."""
    table = Table(title="tanhui bench: ours over the limit measured beside it")
    for heading in ("work", "ours", "limit", "ratio", "hold", "verdict"):
        table.add_column(heading, justify="right" if heading in ("ratio", "hold") else "left")
    for row in rows:
        verdict = "[green]held[/green]" if row.is_held else "[red]NOT HELD[/red]"
        hold = f"<= {row.hold:g}x" if row.hold else "-"
        table.add_row(row.work, row.ours, row.limit, f"{row.ratio:.2f}x", hold, verdict)
    Console(highlight=False).print(table)
