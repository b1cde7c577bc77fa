"""Proofs of pools, and one pool worked out anew from the evidence.

Used, issued, carried and owed agree; every trace file is as it was sealed; and `explain` takes a
pool's rows from the batches once more and compares row by row with its trace.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from tanhui.books.proofs import Proof
from tanhui.books.using import all_used_mg
from tanhui.domain.pools import queries
from tanhui.domain.pools.models import Pool, PoolIssue, Slice
from tanhui.engine.batch.events import Column, Columns, concatenate
from tanhui.engine.pooling.line import discounted, sum_of
from tanhui.engine.pooling.trace import Trace, sha256_of
from tanhui.flows.platform import Platform

from .pool_evidence import Laws, own_rows
from .pool_trace import cut_of

SHOWN_MAX = 5
_KEYS = ("batch", "row", "mg")


def prove_pools(platform: Platform) -> Iterator[Proof]:
    """Slices once; marks equal units and debts; every trace file intact and as long as its cut."""
    standing = Slice.objects.filter(released_by__isnull=True)
    named = Counter(standing.values_list("batch", "region", "scene", "month"))
    twice = [f"{batch}:{month}" for (batch, _, _, month), count in named.items() if count > 1]
    yield Proof(
        name_zh="每份减排量只在一个汇集中",
        name_en="every slice stands in one pool",
        ok=not twice,
        figure_left=standing.count(),
        figure_right=len(named),
        detail="; ".join(twice[:SHOWN_MAX]),
    )
    issued, owed = queries.totals()
    used = all_used_mg()
    yield Proof(
        name_zh="已用减排量加欠量等于签发单位的质量",
        name_en="marks of use and what is owed equal the mass of pooled units",
        ok=used + owed == issued,
        figure_left=used + owed,
        figure_right=issued,
        detail=f"owed {owed} mg" if owed else "",
    )
    yield _traces(platform)
    yield _rides(platform)


def _rides(platform: Platform) -> Proof:
    """What other registers are answered from is as it was written."""
    files = queries.ride_files()
    wrong = [
        each.pool.matter
        for each in files
        if not (platform.home / each.file).is_file()
        or sha256_of(platform.home / each.file) != each.sha256
    ]
    return Proof(
        name_zh="出行摘要文件完好",
        name_en="every file of ride digests is as it was written",
        ok=not wrong,
        figure_left=len(files) - len(wrong),
        figure_right=len(files),
        detail="; ".join(wrong[:SHOWN_MAX]),
    )


def _traces(platform: Platform) -> Proof:
    issues = list(PoolIssue.objects.select_related("pool").order_by("journal_id"))
    wrong = [issue.pool.matter for issue in issues if not _is_intact(platform, issue)]
    return Proof(
        name_zh="汇集的追溯文件与签发时一致",
        name_en="traces of pools are as they were sealed",
        ok=not wrong,
        figure_left=len(issues),
        figure_right=len(issues) - len(wrong),
        detail="; ".join(wrong[:SHOWN_MAX]),
    )


def _is_intact(platform: Platform, issue: PoolIssue) -> bool:
    path = platform.home / issue.trace
    if not path.is_file() or sha256_of(path) != issue.trace_sha256:
        return False
    return Trace(path).total == cut_of(issue).total


def shown(pool: Pool) -> dict[str, Any]:
    """A pool with its slices and, once issued, its figures."""
    slices = queries.slices_of(pool)
    found: dict[str, Any] = {
        "pool": pool.matter,
        "region": pool.region,
        "scene": pool.scene,
        "owner": pool.owner,
        "months": [pool.first_month, pool.last_month],
        "slices": [f"{one.batch}:{one.month}" for one in slices],
        "rows": sum(one.rows for one in slices),
        "mg": str(sum(one.mg for one in slices)),
        "issue": None,
    }
    issue = PoolIssue.objects.filter(pool=pool).first()
    if issue is not None:
        found["issue"] = {
            name: str(getattr(issue, name))
            for name in (
                *("units", "unit_mg", "rows", "people", "gathered", "taken_back", "template"),
                *("no_mandate", "claimed", "discount", "carried_in", "withdrawn", "owed_in"),
                *("debts", "made_good", "carried", "owed", "trace", "trace_sha256", "as_of"),
            )
        }
    return found


def explain(platform: Platform, pool: Pool) -> list[Proof]:
    """An issued pool from its evidence once more, each figure beside what was written.

    Who gave a mandate is decided once: rows that the trace left out are compared by their sum.
    """
    issue = PoolIssue.objects.get(pool=pool)
    slices = queries.slices_of(pool)
    evidence, figures = own_rows(platform, pool, slices, as_of=issue.as_of, laws=Laws(), left=None)
    whole = concatenate(evidence, dict.fromkeys(_KEYS, "i8"))
    trace = Trace(platform.home / issue.trace).columns()
    lengths = np.diff(trace["end"], prepend=0)[issue.rows_carried :]
    traced = _keys(trace)[issue.rows_carried :]
    mg = whole["mg"][np.isin(_keys(whole), traced)]
    again = discounted(mg, Fraction(issue.kept_part, issue.kept_whole))
    fits = np.array_equal(again, lengths) and np.isin(traced, _keys(whole)).all()
    taken = sum_of(mg)
    return [
        _same("汇集的毫克", "mg gathered", issue.gathered, taken),
        _same("更正冲回", "mg taken back before", issue.taken_back, figures.taken_back),
        _same("模板计入", "mg of templates", issue.template, figures.template),
        _same(
            "无授权或他方已申领",
            "mg without mandate or claimed elsewhere",
            issue.no_mandate + issue.claimed,
            sum_of(whole["mg"]) - taken,
        ),
        _same("折减", "mg of the discount", issue.discount, taken - sum_of(again)),
        _same(
            "逐行长度", "rows as long as the trace says", len(lengths), len(again) if fits else -1
        ),
        _same("追溯文件", "trace as it was sealed", 1, int(_is_intact(platform, issue))),
    ]


def _same(name_zh: str, name_en: str, written: int, found: int) -> Proof:
    return Proof(name_zh, name_en, written == found, written, found, "")


def _keys(rows: Columns) -> Column:
    """Batch and row as one number."""
    keys: Column = (rows["batch"] << 40) | rows["row"]
    return keys
