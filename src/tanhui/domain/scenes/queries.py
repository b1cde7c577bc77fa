"""Names of scenes, read from `library/directory/scenes.yaml` (data, not code)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from .errors import directory_broken


@dataclass(frozen=True)
class Scene:
    """What people do: `metro` is 地铁 in Chinese and Metro in English."""

    code: str
    zh: str
    en: str


@lru_cache(maxsize=8)
def scenes(library: Path) -> dict[str, Scene]:
    """Every named scene of the library folder, in the order of the file.

    Raises LibraryBroken when an entry lacks a name or carries anything else.
    """
    path = library / "directory" / "scenes.yaml"
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise directory_broken(path, str(error)) from None
    if not isinstance(entries, dict):
        raise directory_broken(path, "it must be a mapping of scene codes")
    return {str(code): _scene(str(code), names, path) for code, names in entries.items()}


def title(code: str, library: Path) -> Scene:
    """The scene's names; a scene that the directory does not name is shown by its code."""
    return scenes(library).get(code, Scene(code, code, code))


def _scene(code: str, names: object, path: Path) -> Scene:
    if not isinstance(names, dict) or set(names) != {"zh", "en"}:
        raise directory_broken(path, f"{code} needs exactly zh and en")
    return Scene(code, str(names["zh"]), str(names["en"]))
