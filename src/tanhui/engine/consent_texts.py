"""What people are asked to agree to: dated texts of the library (`directory/consents.yaml`).

A receipt of consent names the version and the SHA-256 of the words, so what was agreed to can be
shown for good (PIPL articles 14 and 17: informed, and anew when the text changes).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from tanhui.core.errors import LibraryBroken, NotFound

from .methodology import EVIDENCE
from .problems import Problems, Where
from .section import Section, Text
from .yamlfile import Node, read_yaml

LABEL = "directory/consents.yaml"


@dataclass(frozen=True)
class ConsentText:
    """One wording for one purpose, from a day on; `tag` says how well founded it is."""

    version: str
    purpose: str
    valid_from: date
    title: Text
    text: Text
    source: str
    tag: str

    @property
    def sha256(self) -> str:
        """Hex digest of both languages, each followed by a line feed."""
        return hashlib.sha256(f"{self.text.zh}\n{self.text.en}\n".encode()).hexdigest()


@lru_cache(maxsize=4)
def consent_texts(library: Path) -> tuple[ConsentText, ...]:
    """Every text of the library, oldest first; raises LibraryBroken with all mistakes."""
    try:
        data = (library / LABEL).read_bytes()
    except OSError:
        raise LibraryBroken(
            "library.directory.missing",
            zh=f"读不到名录 {LABEL}；请检查资料库文件夹是否完整。",
            en=f"The directory {LABEL} cannot be read; check that the library is complete.",
        ) from None
    problems = Problems()
    found: list[ConsentText] = []
    with problems.part(Where(LABEL, 1)):
        root = read_yaml(data, file=LABEL, problems=problems)
        for node in Section(root, problems, what="consents", required=("consents",)).items(
            "consents"
        ):
            with problems.part():
                found.append(_read(node, found, problems))
    problems.refuse()
    return tuple(sorted(found, key=lambda each: each.valid_from))


def present_text(texts: Sequence[ConsentText], purpose: str, *, on: date) -> ConsentText:
    """The newest wording of that purpose that has begun; raises NotFound."""
    begun = [each for each in texts if each.purpose == purpose and each.valid_from <= on]
    if not begun:
        raise NotFound(
            "consent.text.absent",
            zh=f"没有用途“{purpose}”的授权文本；请在 library/{LABEL} 中写明。",
            en=f"There is no consent text for the purpose '{purpose}'; write it in "
            f"library/{LABEL}.",
        )
    return begun[-1]


def _read(node: Node, before: Sequence[ConsentText], problems: Problems) -> ConsentText:
    section = Section(
        node,
        problems,
        what="a consent",
        required=("version", "from", "purpose", "title", "text", "source", "tag"),
    )
    version = section.text("version")
    if any(each.version == version for each in before):
        raise problems.stop(
            section.at("version"),
            zh=f"版本 {version} 出现了两次；新的文本请写新的版本。",
            en=f"version {version} stands twice; give new words a new version",
        )
    return ConsentText(
        version=version,
        purpose=section.text("purpose"),
        valid_from=section.day("from"),
        title=section.bilingual("title"),
        text=section.bilingual("text"),
        source=section.text("source"),
        tag=section.choice("tag", EVIDENCE),
    )
