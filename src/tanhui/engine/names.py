"""Names of codes in both languages, read from `library/directory/<what>.yaml` (data, not code).

The file is read as strictly as the law beside it: all mistakes are reported at once, each with
its line. A code without a name is shown as it is, never refused: names are for people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tanhui.core.errors import LibraryBroken

from .methodology import Methodology
from .problems import Problems, Where
from .section import Section, nearest
from .terms import Cap, Exclusion
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


def refuse_unknown_scenes(
    methodologies: Sequence[Methodology], library: Path, problems: Problems
) -> None:
    """A cap or an exclusion over a misspelt scene would silently hold for nobody.

    A scene is known by the directory or by a methodology; a library without a directory, such as
    an author's own folder, is not asked.
    """
    if not (library / "directory/scenes.yaml").is_file():
        return
    known = {*names(library, "scenes"), *(each.scene for each in methodologies)}
    for methodology in methodologies:
        terms: list[Cap | Exclusion] = [*methodology.caps, *methodology.exclusive_with]
        for term in terms:
            for scene in sorted(set(term.scenes) - known):
                close = nearest(scene, sorted(known))
                hint = f"did you mean '{close}'?" if close else "add it to directory/scenes.yaml"
                hint_zh = f"是否想写“{close}”？" if close else "请加入 directory/scenes.yaml。"
                problems.add(
                    term.where,
                    zh=f"没有场景“{scene}”；{hint_zh}",
                    en=f"there is no scene '{scene}'; {hint}",
                )
