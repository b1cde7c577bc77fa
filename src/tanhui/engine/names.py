"""Names of codes in both languages, read from `library/directory/<what>.yaml` (data, not code).

The file is read as strictly as the law beside it: all mistakes are reported at once, each with
its line. A code without a name is shown as it is, never refused: names are for people.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tanhui.core.errors import LibraryBroken

from .problems import Problems, Where
from .section import Section
from .yamlfile import Mapping, read_yaml


@dataclass(frozen=True)
class Named:
    """What people call a code: `metro` is 地铁 in Chinese and Metro in English."""

    code: str
    zh: str
    en: str


@lru_cache(maxsize=16)
def names(library: Path, directory: str) -> dict[str, Named]:
    """Every name of `directory` (scenes, regions), in the order of the file.

    Raises LibraryBroken with every entry that lacks a name or carries anything else.
    """
    label = f"directory/{directory}.yaml"
    try:
        data = (library / label).read_bytes()
    except OSError:
        raise LibraryBroken(
            "library.directory.missing",
            zh=f"读不到名录 {label}；请检查资料库文件夹是否完整。",
            en=f"The directory {label} cannot be read; check that the library is complete.",
        ) from None
    problems = Problems()
    found: dict[str, Named] = {}
    with problems.part(Where(label, 1)):
        root = read_yaml(data, file=label, problems=problems)
        if not isinstance(root, Mapping):
            raise problems.stop(
                root.where,
                zh="应为“代码: {zh: 名称, en: name}”的映射；请改写。",
                en="it must be a mapping of codes; write code: {zh: ..., en: ...}",
            )
        for code, node in root.entries.items():
            with problems.part(node.where):
                both = Section(node, problems, what=code, required=("zh", "en"))
                found[code] = Named(code, both.text("zh"), both.text("en"))
    problems.refuse()
    return found


def name_of(code: str, library: Path, directory: str) -> Named:
    """The names of a code; one the directory does not name is shown by its code."""
    return names(library, directory).get(code, Named(code, code, code))
