"""A person's own proof of one record: one file that a stranger checks without this platform.

    the row and what opens it -> its leaf -> the batch's root -> the batch's log entry -> the log

Only the person's own row is in it; everybody else's stay hidden behind their leaves. Both shipped
verifiers check it (`tanhui-ride-proof-v1`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from django.db.models import Q

from tanhui.books import queries as books
from tanhui.books.batch_tree import TREE_FILE, BatchTree
from tanhui.books.commitments import opening
from tanhui.books.models import LogEntry, LogPlace
from tanhui.books.translog.publishing import PublicLog
from tanhui.core.canonical import read_json
from tanhui.core.errors import Gone, NotFound
from tanhui.core.ids import ResultId

from .evidence_check import bring_back
from .platform import Platform
from .records import StoredRecord, find_record
from .row_tree import Places, names_of

FORMAT = "tanhui-ride-proof-v1"


def ride_proof(
    platform: Platform, log: PublicLog, result_id: ResultId, *, person: int | None = None
) -> dict[str, Any]:
    """The proof of one record; brings its batch out into the log first if it is not there yet.

    What the data folder lost is read from the evidence store, and stays here again.
    With `person` only for that person: another's record does not exist. Raises NotFound for no
    record and for batches of the first release, which have no tree; Gone when the key that opens
    the record was destroyed.
    """
    if platform.store is not None:
        read = Q(seq=result_id.batch) | Q(buckets__reversals__gt=0)
        bring_back(platform, platform.store, books.batches().filter(read))
    record = find_record(platform, result_id)
    if person is not None and record.event["person"] != person:
        raise NotFound(
            "result.unknown",
            zh=f"没有记录 {result_id}，或不属于您。",
            en=f"There is no result {result_id}, or it is not yours.",
        )
    batch = record.batch
    if not batch.root:
        raise NotFound(
            "ride.no_tree",
            zh=f"批次 {batch.seq} 由早期版本接入，没有逐行承诺；请以该批次的摘要为准。",
            en=f"Batch {batch.seq} was taken in by an early release and commits to no rows; its "
            "digest is what there is.",
        )
    key = _key_of(platform, record)
    folder = platform.evidence / batch.uri
    index = _index(folder, record)
    path = BatchTree(folder / TREE_FILE, batch.leaves).path_of(index)
    entry = LogEntry.objects.get(journal_id=batch.journal_id)
    return {
        "format": FORMAT,
        "opening": opening(key, str(record.id)).hex(),
        "row": _row(record),
        "batch": {
            "root": batch.root,
            "leaves": batch.leaves,
            "index": index,
            "path": [each.hex() for each in path],
        },
        "entry": bytes(entry.body).decode(),
        "log_proof": _log_proof(log, entry),
    }


def _key_of(platform: Platform, record: StoredRecord) -> bytes:
    person = record.event["person"]
    key = platform.people_keys.find([person]).get(person)
    if key is None:
        raise Gone(
            "ride.key_destroyed",
            zh=f"能打开记录 {record.id} 的密钥已按本人要求销毁，这条记录不能再证明属于任何人。",
            en=f"The key that opens {record.id} was destroyed as its person asked; nobody can "
            "prove the record theirs any more.",
        )
    return key


def _index(folder: Path, record: StoredRecord) -> int:
    places = Places(folder, record.batch.buckets, record.batch.n_rows)
    return int(places.of(np.array([record.id.row]))[0])


def _row(record: StoredRecord) -> dict[str, Any]:
    """The row as the tree commits to it."""
    events = {name: np.array([value]) for name, value in record.event.items()}
    results = {name: np.array([value]) for name, value in record.result.items()}
    row: dict[str, Any] = read_json(names_of(record.batch).texts_of(events, results).texts[0])
    return row


def _log_proof(log: PublicLog, entry: LogEntry) -> str:
    log.publish()
    place = LogPlace.objects.get(entry=entry)
    return log.year(place.year).proof(place.index)
