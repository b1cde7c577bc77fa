"""Prove all that is kept: the books against themselves, the evidence against its manifests."""

from __future__ import annotations

from tanhui.books import evidence
from tanhui.books import queries as books
from tanhui.books.manifest import FileDigest
from tanhui.books.proofs import Proof
from tanhui.books.proofs import prove as prove_books

from .platform import Platform

SHOWN_MAX = 5


def prove(platform: Platform) -> list[Proof]:
    """All proofs. Reads every evidence file once; a difference is never repaired here."""
    return [*prove_books(), _evidence(platform)]


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
