"""A package of a batch's evidence that a third party recomputes without this platform.

    package.json              format, batch, code version, region, result hash, what each file is
    batches/<seq>/            of the batch and of every earlier one: manifest, measured rows, law
    log/                      the batch's entry of the public log and its proof

Measured rows stand under random pseudonyms; the partner's sealed file stays behind. Earlier batches
are there because they decide duplicates, caps and baselines. The result hash is over the canonical
text of each row, so it is the same whatever library wrote the files.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tanhui.books import queries as books
from tanhui.books.manifest import FileDigest
from tanhui.books.models import Batch, LogEntry, LogPlace
from tanhui.books.proofs import manifest_of
from tanhui.books.translog.publishing import PublicLog
from tanhui.core.errors import Conflict

from .committed_rows import result_hash
from .platform import Platform
from .recompute import FORMAT, MANIFEST_FILE, PACKAGE_FILE
from .row_tree import names_of

LEFT_BEHIND = ("source.sealed", "delivery.json", "attachment-")
"""The partner's bytes, who brought them, and what they were read with."""


def export_batch(platform: Platform, log: PublicLog, seq: int, out: Path) -> dict[str, Any]:
    """Write the package of batch `seq` into the new folder `out`; returns package.json.

    Raises NotFound for no batch, Conflict when `out` is there already.
    """
    batch = books.batch(seq)
    if out.exists():
        raise Conflict(
            "evidence.package_exists",
            zh=f"{out} 已存在；请给出一个新的文件夹名。",
            en=f"{out} exists already; name a new folder.",
        )
    (out / "log").mkdir(parents=True)
    for each in books.batches().filter(seq__lte=seq).order_by("seq"):
        _copy(platform, each, out / "batches" / str(each.seq))
    package = {
        "format": FORMAT,
        "batch": seq,
        "programme": platform.programme,
        "region": platform.region,
        "code_version": batch.code_version,
        "result_hash": result_hash(names_of(batch), platform.evidence / batch.uri, batch.buckets),
        "log": _log(log, batch, out / "log"),
    }
    text = json.dumps(package, ensure_ascii=False, sort_keys=True, indent=1)
    (out / PACKAGE_FILE).write_text(text + "\n", encoding="utf-8")
    return package


def _copy(platform: Platform, batch: Batch, folder: Path) -> None:
    source = platform.evidence / batch.uri
    for file in _shown(batch):
        place = folder / file.name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / file.name, place)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST_FILE).write_bytes(manifest_of(batch).canonical())


def _shown(batch: Batch) -> Iterator[FileDigest]:
    """The files that a third party may see."""
    for file in batch.files:
        if not file["name"].startswith(LEFT_BEHIND):
            yield FileDigest(**file)


def _log(log: PublicLog, batch: Batch, folder: Path) -> dict[str, Any]:
    """Put the batch's entry and its proof there; returns the log's name and keys."""
    log.publish()
    entry = LogEntry.objects.get(journal_id=batch.journal_id)
    place = LogPlace.objects.get(entry=entry)
    year = log.year(place.year)
    (folder / "entry.json").write_bytes(bytes(entry.body))
    (folder / "entry.tlog-proof").write_text(year.proof(place.index), encoding="utf-8")
    return {"origin": year.origin, "index": place.index, "keys": [str(key) for key in year.keys]}
