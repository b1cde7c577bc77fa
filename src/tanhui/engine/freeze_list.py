"""The authors' freeze list: versions whose bytes may not change any more, kept with the law itself.

    library/frozen.yaml
        frozen:
          - {code: wuhan-metro, version: "2023.1", digest: <64 hex digits>}

A platform refuses a changed version once one of its own batches used it; the list lets authors
promise the same before, to everybody who takes their library. `tanhui methodology freeze` adds a
line; nothing takes one away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from .problems import Problems, Where
from .section import Section
from .yamlfile import Node, read_yaml

FROZEN_FILE = "frozen.yaml"
HEAD = "# Versions that may not change any more; written by `tanhui methodology freeze`.\nfrozen:\n"
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Versioned(Protocol):
    """A methodology of either kind."""

    @property
    def identity(self) -> tuple[str, str, str]:
        """Code, version and digest."""

    @property
    def file(self) -> str:
        """Where it stands in the library."""


@dataclass(frozen=True)
class Frozen:
    """One line of the list."""

    code: str
    version: str
    digest: str
    where: Where


def read_frozen(root: Path, problems: Problems) -> tuple[Frozen, ...]:
    """The list of a library; none when it keeps no list."""
    file = root / FROZEN_FILE
    if not file.is_file():
        return ()
    found: list[Frozen] = []
    with problems.part():
        tree = read_yaml(file.read_bytes(), file=FROZEN_FILE, problems=problems)
        section = Section(tree, problems, what="freeze list", required=("frozen",))
        for node in section.items("frozen"):
            with problems.part():
                found.append(_read_line(node, problems))
    return tuple(found)


def _read_line(node: Node, problems: Problems) -> Frozen:
    line = Section(node, problems, what="frozen", required=("code", "version", "digest"))
    digest = line.text("digest")
    if not _DIGEST.fullmatch(digest):
        raise problems.stop(
            line.at("digest"),
            zh="digest 应为 64 位十六进制；请用 tanhui methodology freeze 写入。",
            en="the digest is 64 hex digits; let tanhui methodology freeze write it",
        )
    return Frozen(line.text("code"), line.text("version"), digest, node.where)


def refuse_thawed(
    frozen: Iterable[Frozen], methodologies: Iterable[Versioned], problems: Problems
) -> None:
    """Note every frozen version that has other bytes now, or is gone."""
    found = {each.identity[:2]: each for each in methodologies}
    for each in frozen:
        now = found.get((each.code, each.version))
        if now is None:
            problems.add(
                each.where,
                zh=f"已冻结的 {each.code} {each.version} 不在库中；请放回当时的文件。",
                en=f"{each.code} {each.version} is frozen and not in the library; put its file "
                "back",
            )
        elif now.identity[2] != each.digest:
            problems.add(
                Where(now.file, 1),
                zh=f"{each.code} {each.version} 已冻结（摘要 {each.digest[:16]}，现在 "
                f"{now.identity[2][:16]}），文件、因子表或覆盖文件不能更改；"
                "请还原，或写新的 version。",
                en=f"{each.code} {each.version} is frozen with digest {each.digest[:16]} and has "
                f"{now.identity[2][:16]} now; put file, tables and overlay back, or write a new "
                "version",
            )


def freeze(root: Path, methodology: Versioned) -> Path:
    """Add a methodology to the list, once; returns the file of the list."""
    file = root / FROZEN_FILE
    text = file.read_text(encoding="utf-8") if file.is_file() else HEAD
    code, version, digest = methodology.identity
    line = f'  - {{code: {code}, version: "{version}", digest: {digest}}}\n'
    if line not in text:
        file.write_text(text.rstrip("\n") + "\n" + line, encoding="utf-8")
    return file
