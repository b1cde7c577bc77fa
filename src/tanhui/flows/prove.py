"""Prove all that is kept: the books against themselves, the evidence against its manifests."""

from __future__ import annotations

from django.db.models import Sum

from tanhui.books import evidence
from tanhui.books import queries as books
from tanhui.books.manifest import FileDigest
from tanhui.books.proofs import Proof
from tanhui.books.proofs import prove as prove_books

from .platform import Platform
from .statistics import counted

SHOWN_MAX = 5


def prove(platform: Platform) -> list[Proof]:
    """All proofs. Reads every evidence file once; a difference is never repaired here."""
    evidence_fits = _evidence(platform)
    rows = [_statistics(platform)] if evidence_fits.ok else []  # others may not even be readable
    return [*prove_books(), *rows, evidence_fits]


def _statistics(platform: Platform) -> Proof:
    """What the rows of all evidence add up to is what the manifests, and so the ledger, hold."""
    manifests = books.batches().aggregate(
        mg=Sum("mg_credited") - Sum("mg_reversed"),
        points=Sum("points_credited") - Sum("points_reversed"),
    )
    rows = counted(platform)
    points = int(manifests["points"] or 0)
    mg = int(manifests["mg"] or 0)
    return Proof(
        name_zh="存证逐行统计等于账上减排量",
        name_en="statistics of the evidence's rows equal the ledger's mg",
        ok=(rows.mg, rows.points) == (mg, points),
        figure_left=rows.mg,
        figure_right=mg,
        detail="" if rows.points == points else f"points: {rows.points} in rows, {points} posted",
    )


def _evidence(platform: Platform) -> Proof:
    """Every file a manifest names is there, with the digest it had when it was sealed."""
    named, intact, problems = 0, 0, []
    for batch in books.batches().order_by("seq"):
        files = [FileDigest(**file) for file in batch.files]
        found = evidence.verify(platform.home, batch.public_id, files)
        named += len(files)
        intact += len({file.name for file in files} - {problem.file for problem in found})
        problems += [f"batch {batch.seq}: {problem.file}: {problem.en}" for problem in found]
    return Proof(
        name_zh="证据文件与清单的摘要一致",
        name_en="evidence files fit the digests of their manifests",
        ok=not problems,
        figure_left=named,
        figure_right=intact,
        detail="; ".join(problems[:SHOWN_MAX]),
    )
