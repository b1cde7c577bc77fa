"""The same suite on a folder and on S3: kept once, held to its digests, brought back."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.books.s3_stand_in import s3

from tanhui.books.evidence_store import EvidenceStore
from tanhui.books.manifest import FileDigest
from tanhui.core.errors import Conflict, InputRefused, ProofFailed, Unavailable

FILES = {
    "events.parquet": b"events" * 1_000,
    "law/methodologies/a.yaml": "碳: 1\n".encode(),
    "source.sealed": os.urandom(11 * 1024**2),  # more than one part of an upload
    "tree.bin": b"",
}


@dataclass
class Place:
    """A store and how to change one of its objects behind its back."""

    store: EvidenceStore
    change: Callable[[str, bytes | None], None]


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if request.param == "folder":
        root = tmp_path / "store"

        def change(name: str, data: bytes | None) -> None:
            (root / name).unlink() if data is None else (root / name).write_bytes(data)

        yield Place(EvidenceStore.at(root.as_uri()), change)
        return
    with s3() as (address, objects):

        def swap(name: str, data: bytes | None) -> None:
            if data is None:
                del objects[f"bucket/kept/{name}"]
            else:
                objects[f"bucket/kept/{name}"] = data

        key = "me:not-a-secret"
        query = f"scheme=http&endpoint_override={address}&region=cn-north-1"
        yield Place(EvidenceStore.at(f"s3://{key}@bucket/kept?{query}"), swap)


@pytest.fixture
def batch(tmp_path: Path) -> tuple[Path, list[FileDigest]]:
    folder = tmp_path / "sealed"
    for name, data in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    digests = [
        FileDigest(name, hashlib.sha256(data).hexdigest(), len(data))
        for name, data in FILES.items()
    ]
    return folder, digests


def test_a_batch_is_kept_and_comes_back(
    place: Place, batch: tuple[Path, list[FileDigest]], tmp_path: Path
) -> None:
    folder, digests = batch
    place.store.keep("abc1", folder, digests)
    place.store.keep("abc1", folder, digests)  # again changes nothing
    assert place.store.verify("abc1", digests) == []
    place.store.fetch("abc1", digests, tmp_path / "back")
    for name, data in FILES.items():
        assert (tmp_path / "back" / name).read_bytes() == data


def test_what_is_kept_is_never_rewritten(
    place: Place, batch: tuple[Path, list[FileDigest]]
) -> None:
    folder, digests = batch
    place.store.keep("abc1", folder, digests)
    place.change("measured/abc1/events.parquet", b"other")
    with pytest.raises(Conflict) as refused:
        place.store.keep("abc1", folder, digests)
    assert refused.value.code == "evidence.store_sealed"


def test_missing_and_changed_files_are_found(
    place: Place, batch: tuple[Path, list[FileDigest]], tmp_path: Path
) -> None:
    folder, digests = batch
    place.store.keep("abc1", folder, digests)
    place.change("measured/abc1/events.parquet", b"other")
    place.change("law/abc1/law/methodologies/a.yaml", None)
    found = [problem.file for problem in place.store.verify("abc1", digests)]
    assert found == ["events.parquet", "law/methodologies/a.yaml"]
    for wanted in (digests, digests[1:]):
        with pytest.raises(ProofFailed) as broken:
            place.store.fetch("abc1", wanted, tmp_path / "back")
        assert broken.value.code == "evidence.store_differs"


def test_a_store_that_does_not_answer_says_so(batch: tuple[Path, list[FileDigest]]) -> None:
    folder, digests = batch
    with s3() as (address, _):
        pass
    query = f"scheme=http&endpoint_override={address}&region=x"
    store = EvidenceStore.at(f"s3://me:not-a-secret@bucket/kept?{query}")
    with pytest.raises(Unavailable) as silent:
        store.keep("abc1", folder, digests)
    assert silent.value.code == "evidence.store_unavailable"
    assert "not-a-secret" not in str(silent.value)


def test_another_address_is_refused() -> None:
    with pytest.raises(InputRefused) as refused:
        EvidenceStore.at("gopher://x")
    assert refused.value.code == "evidence.store_address"
