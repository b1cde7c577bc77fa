"""Check one batch from its bytes: files, chain, tree, log, rows, and the partner's own file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import partial

from tanhui.books import evidence
from tanhui.books import queries as books
from tanhui.books.evidence_store import EvidenceStore
from tanhui.books.manifest import FIRST_PREV_DIGEST, FileDigest
from tanhui.books.models import Batch
from tanhui.books.proofs import manifest_of
from tanhui.core.errors import Gone, InputRefused

from .deliveries import clear_source
from .platform import Platform
from .prove import logged_root
from .recompute import Finding
from .row_tree import check_tree

ERASED = "key destroyed"


def check_batch(platform: Platform, seq: int) -> list[Finding]:
    """What manifest and log say of a batch against what its bytes say; raises NotFound.

    Nothing further is read when files are missing or changed. A file whose keys are partly
    destroyed is no fault: it says so and counts as it is.
    """
    batch = books.batch(seq)
    files = [FileDigest(**file) for file in batch.files]
    wrong = evidence.verify(platform.home, batch.public_id, files)
    before = Batch.objects.filter(seq=seq - 1).values_list("digest", flat=True).first()
    found = [
        Finding("缺失或改动的文件", "missing or changed files", "",
                "; ".join(f"{each.file}: {each.en}" for each in wrong)),
        Finding("清单摘要", "digest of the manifest", batch.digest, manifest_of(batch).digest),
        Finding("前一批次的摘要", "digest of the batch before",
                batch.prev_digest, before or FIRST_PREV_DIGEST),
    ]  # fmt: skip
    found += _store(platform, batch, files)
    return found if wrong else [*found, *_tree(platform, batch), _source(platform, batch)]


def fetch_missing(platform: Platform) -> list[int]:
    """Bring back from the evidence store every batch whose folder is not here; returns them.

    Raises InputRefused without a store, ProofFailed when a file there is not what it was.
    """
    store = platform.store
    if store is None:
        raise InputRefused(
            "evidence.no_store",
            zh="没有设置存证库；请设置 TANHUI_EVIDENCE_STORE。",
            en="There is no evidence store; set TANHUI_EVIDENCE_STORE.",
        )
    return bring_back(platform, store, books.batches().order_by("seq"))


def bring_back(platform: Platform, store: EvidenceStore, batches: Iterable[Batch]) -> list[int]:
    """Bring back those of the batches whose folder is not here; returns their numbers.

    Raises ProofFailed when a file in the store is not what its manifest says.
    """
    fetched = []
    for batch in batches:
        if evidence.locate(platform.home, batch.public_id).exists():
            continue
        files = [FileDigest(**file) for file in batch.files]
        fill = partial(store.fetch, batch.public_id, files)
        evidence.put_back(platform.home, batch.public_id, fill)
        fetched.append(batch.seq)
    return fetched


def _store(platform: Platform, batch: Batch, files: list[FileDigest]) -> list[Finding]:
    """What the evidence store holds of the batch, where there is one."""
    if platform.store is None:
        return []
    wrong = platform.store.verify(batch.public_id, files)
    told = "; ".join(f"{each.file}: {each.en}" for each in wrong)
    return [Finding("存证库中缺失或改动的文件", "missing or changed files in the store", "", told)]


def _tree(platform: Platform, batch: Batch) -> list[Finding]:
    if not batch.root:
        return []
    folder = platform.evidence / batch.uri
    tree = check_tree(folder, batch, keys=platform.people_keys)
    root = tree.root if tree.is_sound else "unsound"
    return [
        Finding("批次树根", "root of the rows' tree", batch.root, root),
        Finding("日志中的树根", "root in the public log", batch.root, logged_root(batch)),
        Finding("能打开的行", "rows that open their leaf", str(tree.opened), str(tree.fitting)),
    ]


def _source(platform: Platform, batch: Batch) -> Finding:
    """The partner's file, opened for a moment."""
    said = batch.source_sha256
    folder = platform.evidence / batch.uri
    keys = platform.people_keys
    try:
        with (
            clear_source(platform.home, folder, batch=batch.seq, keys=keys) as path,
            path.open("rb") as file,
        ):
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except Gone:
        said = found = ERASED
    return Finding("合作平台原文件", "the partner's file", said, found)
