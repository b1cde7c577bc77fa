"""A second place for evidence, away from this machine: a folder of another disk, or S3.

    file:///mnt/worm/evidence
    s3://bucket/prefix?region=cn-north-1&endpoint_override=s3.example.cn

    <root>/<class>/<public_id>/<file>    class: measured, proof, law, partner

The seam is pyarrow's file system, which has both built in. A batch is here before it is posted, is
never written again, and every byte is held to the manifest's SHA-256. Classes stand in front, so
that a bucket can lock or expire each by its own rule.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import fs

from tanhui.core.errors import Conflict, InputRefused, ProofFailed, Unavailable

from .evidence import Problem
from .manifest import FileDigest

MEASURED, PROOF, LAW, PARTNER = "measured", "proof", "law", "partner"
_BLOCK_BYTES = 4 * 1024**2


def retention_class(name: str) -> str:
    """How long a file of a batch is kept, by its name.

    `measured`, `proof` and `law` as long as what was credited counts; `partner`, the sealed bytes
    and who brought them, as long as the rule set lets a partner's data be kept.

    >>> [retention_class(name) for name in ("part-001/events.parquet", "tree.bin", "source.sealed")]
    ['measured', 'proof', 'partner']
    """
    if name.startswith("law/"):
        return LAW
    if name.endswith(".parquet"):
        return MEASURED
    return PROOF if name == "tree.bin" else PARTNER


@dataclass(frozen=True)
class EvidenceStore:
    """The place below `root` of a file system; `address` is how messages name it."""

    system: Any
    root: str
    address: str

    @classmethod
    def at(cls, address: str) -> EvidenceStore:
        """The store at a file:// or s3:// address; raises InputRefused for another."""
        try:
            system, root = fs.FileSystem.from_uri(address)
        except (pa.ArrowException, OSError, ValueError) as error:
            raise InputRefused(
                "evidence.store_address",
                zh="TANHUI_EVIDENCE_STORE 应为 file:///文件夹 或 s3://存储桶/前缀。",
                en="TANHUI_EVIDENCE_STORE must be file:///folder or s3://bucket/prefix.",
                cause=str(error).splitlines()[0][:200],
            ) from error
        return cls(system, root.rstrip("/"), address.partition("?")[0].rpartition("@")[2])

    def keep(self, public_id: str, folder: Path, files: Iterable[FileDigest]) -> None:
        """Copy a sealed batch; a file that is there with the same bytes stays as it is.

        Raises Conflict for one with other bytes, Unavailable when the store does not answer.
        """
        for file in files:
            path = self._path(public_id, file.name)
            try:
                if self._is_there(path):
                    self._must_be(path, file)
                    continue
                if isinstance(self.system, fs.LocalFileSystem):
                    self.system.create_dir(path.rpartition("/")[0])
                self._write(path, folder / file.name)
            except OSError as error:
                raise self._silent(error) from error

    def fetch(self, public_id: str, files: Iterable[FileDigest], folder: Path) -> None:
        """Write the batch's files into `folder`; raises ProofFailed for missing or changed ones."""
        for file in files:
            place = folder / file.name
            place.parent.mkdir(parents=True, exist_ok=True)
            digest = hashlib.sha256()
            try:
                with place.open("wb") as out:
                    for block in self._blocks(self._path(public_id, file.name)):
                        digest.update(block)
                        out.write(block)
            except FileNotFoundError:
                raise self._differs(public_id, file) from None
            except OSError as error:
                raise self._silent(error) from error
            if digest.hexdigest() != file.sha256:
                raise self._differs(public_id, file)

    def verify(self, public_id: str, files: Iterable[FileDigest]) -> list[Problem]:
        """What is missing or changed, read from the store; an empty list is intact."""
        found = []
        try:
            for file in files:
                path = self._path(public_id, file.name)
                if not self._is_there(path):
                    found.append(Problem(file.name, "文件缺失。", "The file is missing."))
                elif self._sha256(path) != file.sha256:
                    found.append(
                        Problem(
                            file.name,
                            "内容与清单的摘要不符。",
                            "The content does not fit its digest.",
                        )
                    )
        except OSError as error:
            raise self._silent(error) from error
        return found

    def _path(self, public_id: str, name: str) -> str:
        return f"{self.root}/{retention_class(name)}/{public_id}/{name}"

    def _is_there(self, path: str) -> bool:
        return bool(self.system.get_file_info(path).type == fs.FileType.File)

    def _write(self, path: str, source: Path) -> None:
        with source.open("rb") as file, self.system.open_output_stream(path) as out:
            while block := file.read(_BLOCK_BYTES):
                out.write(block)

    def _blocks(self, path: str) -> Iterator[bytes]:
        with self.system.open_input_stream(path) as file:
            while block := file.read(_BLOCK_BYTES):
                yield block

    def _sha256(self, path: str) -> str:
        digest = hashlib.sha256()
        for block in self._blocks(path):
            digest.update(block)
        return digest.hexdigest()

    def _must_be(self, path: str, file: FileDigest) -> None:
        if self._sha256(path) != file.sha256:
            raise Conflict(
                "evidence.store_sealed",
                zh=f"存证库 {self.address} 中已有另一份 {file.name}；存证从不改写。",
                en=f"The evidence store {self.address} has another {file.name}; evidence is never "
                "rewritten.",
            )

    def _differs(self, public_id: str, file: FileDigest) -> ProofFailed:
        return ProofFailed(
            "evidence.store_differs",
            zh=f"存证库 {self.address} 中批次 {public_id} 的 {file.name} 缺失或与清单不符。",
            en=f"In the evidence store {self.address}, {file.name} of batch {public_id} is missing "
            "or not what its manifest says.",
        )

    def _silent(self, error: OSError) -> Unavailable:
        return Unavailable(
            "evidence.store_unavailable",
            zh=f"存证库 {self.address} 没有响应；本次操作没有改变任何数据，请稍后重试。",
            en=f"The evidence store {self.address} does not answer; nothing was changed, try "
            "again.",
            cause=str(error).splitlines()[0][:200],
        )
