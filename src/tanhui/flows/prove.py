"""Prove all that is kept: the books against themselves, the evidence against its manifests."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Sum

from tanhui.books import evidence
from tanhui.books import queries as books
from tanhui.books.log_proofs import prove_log
from tanhui.books.manifest import FileDigest
from tanhui.books.models import Batch, LogEntry
from tanhui.books.proofs import Proof
from tanhui.books.proofs import prove as prove_books
from tanhui.core.canonical import read_json

from .platform import Platform
from .registry.pool_proofs import prove_pools
from .row_tree import check_tree
from .statistics import counted

SHOWN_MAX = 5


def prove(platform: Platform) -> list[Proof]:
    """All proofs. Reads every evidence file once; a difference is never repaired here."""
    evidence_fits = _evidence(platform)
    whole = evidence_fits.ok  # of what is not, the rows may not even be readable
    rows = [_statistics(platform), *_trees(platform)] if whole else []
    rows += prove_pools(platform)
    return [*prove_books(), *rows, evidence_fits, prove_log(platform.home / "log")]


def _trees(platform: Platform) -> Iterator[Proof]:
    """Each batch's tree has the root that its manifest and the public log name, and every row
    whose key is there opens its leaf.
    """
    named, rebuilt, opened, fitting = 0, 0, 0, 0
    wrong_roots, wrong_rows = [], []
    for batch in books.batches().exclude(root="").order_by("seq"):
        folder = platform.evidence / batch.uri
        found = check_tree(folder, batch, keys=platform.people_keys)
        is_ours = found.is_sound and found.root == batch.root == logged_root(batch)
        named, rebuilt = named + 1, rebuilt + is_ours
        wrong_roots += [] if is_ours else [f"batch {batch.seq}"]
        opened, fitting = opened + found.opened, fitting + found.fitting
        wrong_rows += [] if found.opened == found.fitting else [f"batch {batch.seq}"]
    yield Proof(
        name_zh="批次树根与清单、公开日志一致",
        name_en="roots of the batches' trees are those of manifest and log",
        ok=not wrong_roots,
        figure_left=named,
        figure_right=rebuilt,
        detail="; ".join(wrong_roots[:SHOWN_MAX]),
    )
    yield Proof(
        name_zh="有密钥的每一行都能打开其承诺",
        name_en="every row whose key is there opens its leaf",
        ok=not wrong_rows,
        figure_left=opened,
        figure_right=fitting,
        detail="; ".join(wrong_rows[:SHOWN_MAX]),
    )


def logged_root(batch: Batch) -> str:
    """The root that the batch's entry of the public log names."""
    entry = LogEntry.objects.filter(journal_id=batch.journal_id).first()
    said = {} if entry is None else read_json(bytes(entry.body))
    return str(said.get("root", ""))


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
