"""From a serial to the rows that fill it, and from a row to the serials that hold it.

What is shown of a serial names batches, rows and methodologies, never a person; a person asks for
the serials of their own rows alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tanhui.books.serials import issued_by
from tanhui.core.errors import NotFound
from tanhui.core.ids import ResultId
from tanhui.core.serials import SerialRange
from tanhui.domain.pools import queries
from tanhui.domain.pools.models import PoolIssue, Settled
from tanhui.engine.pooling.line import Cut
from tanhui.engine.pooling.trace import Trace, TraceRow
from tanhui.flows.platform import Platform

from .pool_evidence import trace_of

Json = dict[str, Any]


def cut_of(issue: PoolIssue) -> Cut:
    """How the line of an issue was cut."""
    total = issue.made_good + issue.units * issue.unit_mg + issue.carried
    return Cut(total, issue.unit_mg, issue.made_good, issue.units, issue.carried, issue.owed)


def fillings(platform: Platform, issue: PoolIssue, part: SerialRange) -> list[TraceRow]:
    """The rows that fill some neighbouring units of an issue, in the order of its line."""
    first = issued_by(issue.journal_id).first
    cut = cut_of(issue)
    begin = cut.first_of(part.first - first)
    return Trace(platform.home / issue.trace).between(begin, begin + part.units * cut.unit_mg)


def rows_of_serial(platform: Platform, serial: int) -> Json:
    """The rows that fill a unit: their mg add up to it. Raises NotFound for one of no pool."""
    issue = queries.issue_of_serial(serial)
    if issue is None:
        raise NotFound(
            "pool.serial_unknown",
            zh=f"序列号 {serial} 没有签发过，或不是从公众减排量汇集签发的。",
            en=f"The serial {serial} was never issued, or not from a pool of citizens' reductions.",
        )
    laws = [f"{law['code']} {law['version']}" for law in issue.methodologies]
    rows = fillings(platform, issue, SerialRange(serial, serial))
    return {
        "serial": serial,
        "pool": issue.pool.matter,
        "unit_mg": str(issue.unit_mg),
        "trace": issue.trace_sha256,
        "rows": [
            {
                "result": str(ResultId(row.batch, row.row)),
                "mg": str(row.mg),
                "methodology": laws[row.method],
            }
            for row in rows
        ],
    }


def serials_of_row(platform: Platform, result: ResultId) -> Json:
    """Which serials hold a row's mg, what of it waits for the next pool or made good a debt.

    `taken_back` says that the row was reversed after it was used.
    """
    units: list[Json] = []
    made_good, carried = 0, {}  # what an earlier line of a chain carried stands on the next one
    for issue in queries.issues_with([result.batch]):
        carried[issue.chain] = 0
        for row in trace_of(platform, issue).of_row(result.batch, result.row):
            cut = cut_of(issue)
            made_good += max(min(row.end, cut.made_good) - row.begin, 0)
            carried[issue.chain] = max(row.end - max(row.begin, cut.spent), 0)
            units += _units(issue, row)
    settled = Settled.objects.filter(batch=result.batch, row=result.row).exists()
    return {
        "result": str(result),
        "used_mg": str(sum(int(one["mg"]) for one in units) + made_good),
        "carried_mg": str(0 if settled else sum(carried.values())),
        "made_good_mg": str(made_good),
        "taken_back": settled,
        "units": units,
    }


def _units(issue: PoolIssue, row: TraceRow) -> Iterator[Json]:
    """The stretch of serials that a row lies in."""
    cut = cut_of(issue)
    begin, end = max(row.begin, cut.made_good), min(row.end, cut.spent)
    if begin >= end:
        return
    low, high = cut.unit_at(begin), cut.unit_at(end - 1)
    assert low is not None, "behind the debts lie units"
    assert high is not None, "up to what is carried"
    first = issued_by(issue.journal_id).first
    yield {
        "serials": str(SerialRange(first + low, first + high)),
        "mg": str(end - begin),
        "pool": issue.pool.matter,
    }
