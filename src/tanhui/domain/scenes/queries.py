"""Names of scenes, read from `library/directory/scenes.yaml` (data, not code).

The file is read as strictly as the law beside it: all mistakes are reported at once, each with
its line.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tanhui.engine.problems import Problems, Where
from tanhui.engine.section import Section
from tanhui.engine.yamlfile import Mapping, read_yaml

from .errors import directory_missing

DIRECTORY = "directory/scenes.yaml"


@dataclass(frozen=True)
class Scene:
    """What people do: `metro` is 地铁 in Chinese and Metro in English."""

    code: str
    zh: str
    en: str


@lru_cache(maxsize=8)
def scenes(library: Path) -> dict[str, Scene]:
    """Every named scene of the library folder, in the order of the file.

    Raises LibraryBroken with every entry that lacks a name or carries anything else.
    """
    path = library / DIRECTORY
    try:
        data = path.read_bytes()
    except OSError:
        raise directory_missing(path) from None
    problems = Problems()
    found: dict[str, Scene] = {}
    with problems.part(Where(DIRECTORY, 1)):
        root = read_yaml(data, file=DIRECTORY, problems=problems)
        if not isinstance(root, Mapping):
            raise problems.stop(
                root.where,
                zh="应为“代码: {zh: 名称, en: name}”的映射；请改写。",
                en="it must be a mapping of scene codes; write code: {zh: ..., en: ...}",
            )
        for code, node in root.entries.items():
            with problems.part(node.where):
                names = Section(node, problems, what=code, required=("zh", "en"))
                found[code] = Scene(code, names.text("zh"), names.text("en"))
    problems.refuse()
    return found


def title(code: str, library: Path) -> Scene:
    """The scene's names; a scene that the directory does not name is shown by its code."""
    return scenes(library).get(code, Scene(code, code, code))
