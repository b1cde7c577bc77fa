"""What real partners also send: rows twice, corrections, and rows that cannot be taken.

Chosen by the row's own number, so the same rows are flawed in every run.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .draws import I64, draw
from .month import DAY_S
from .reports import Report

RESENT_PER_MYRIAD = 40
CHANGED_PER_MYRIAD = 2
CORRECTED_PER_MYRIAD = 3
BROKEN_PER_MYRIAD = 5

Cells = dict[str, str]


def with_flaws(partner: str, reports: list[Report]) -> list[Report]:
    """The reports of one partner with its flaws, in the order it sends them."""
    index = np.arange(len(reports), dtype=np.int64)
    sent: list[Report] = list(reports)
    for at in _chosen(f"{partner} broken", BROKEN_PER_MYRIAD, index):
        spoil = SPOILERS[at % len(SPOILERS)]
        sent[at] = Report(reports[at].sent_s, spoil(dict(reports[at].cells)))
    delay_s = (600 + draw(f"{partner} resends", 9 * DAY_S, index)).tolist()
    for at in _chosen(f"{partner} resent", RESENT_PER_MYRIAD, index):
        sent.append(Report(sent[at].sent_s + delay_s[at], sent[at].cells))
    for at in _chosen(f"{partner} changed", CHANGED_PER_MYRIAD, index):
        cells = _scaled(reports[at].cells, 11, 10)
        sent.append(Report(reports[at].sent_s + delay_s[at], cells))
    for at in _chosen(f"{partner} corrected", CORRECTED_PER_MYRIAD, index):
        number = reports[at].cells["external_id"]
        cells = _scaled(reports[at].cells, 4, 5) | {
            "external_id": f"{number}-R1",
            "corrects": number,
        }
        sent.append(Report(reports[at].sent_s + delay_s[at], cells))
    return sorted(sent, key=_by_time)


def _chosen(purpose: str, per_myriad: int, index: I64) -> list[int]:
    """Places of the reports to which something rare happens."""
    chosen: list[int] = np.flatnonzero(draw(purpose, 10_000, index) < per_myriad).tolist()
    return chosen


def _by_time(report: Report) -> tuple[int, str, str]:
    return report.sent_s, report.cells["external_id"], report.cells["person"]


def _amount(cells: Cells) -> str:
    """Name of the first quantity column."""
    return next(name for name in cells if name.endswith(("_km", "_kwh")))


def _scaled(cells: Cells, times: int, over: int) -> Cells:
    """The same row with its first quantity multiplied, cut to its own decimals."""
    name = _amount(cells)
    whole, _, decimals = cells[name].partition(".")
    count = int(whole + decimals) * times // over
    digits = f"{count:0{len(decimals) + 1}d}"
    edge = len(digits) - len(decimals)
    return cells | {name: f"{digits[:edge]}.{digits[edge:]}"}


def _with(name: str, value: str) -> Callable[[Cells], Cells]:
    return lambda cells: cells | {name: value}


def _with_amount(change: Callable[[str], str]) -> Callable[[Cells], Cells]:
    def spoil(cells: Cells) -> Cells:
        name = _amount(cells)
        return cells | {name: change(cells[name])}

    return spoil


def _ten_years_later(cells: Cells) -> Cells:
    times = ("started_at", "ended_at")
    return cells | {name: cells[name].replace("2024-", "2034-") for name in times}


SPOILERS: tuple[Callable[[Cells], Cells], ...] = (
    _with_amount(lambda amount: f"{amount} km"),
    _with_amount(lambda amount: f"-{amount}"),
    _with_amount(lambda amount: amount.replace(".", ",")),
    _with_amount(lambda amount: amount.replace(".", "") + "000"),  # metres, or worse
    _with_amount(lambda amount: f"{amount}1234"),
    _with_amount(lambda _: ""),
    _with_amount(lambda _: "NaN"),
    _with("external_id", ""),
    _with("person", ""),
    _ten_years_later,
    _with("ended_at", "2024-09-30T08:00:00+08:00"),
    _with("started_at", "2024/10/08 08:00"),
    _with("region", "武汉"),
    _with("scene", "metr0"),
)
"""Ways a row goes wrong; each ends in quarantine."""
