"""Names of codes in both languages, read from `library/directory/<what>.yaml` (data, not code).

The file is read as strictly as the law beside it: all mistakes are reported at once, each with
its line. A code without a name is shown as it is, never refused: names are for people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tanhui.core.errors import LibraryBroken

from .methodology import Methodology
from .problems import Problems, Where
from .project.nouns import ProjectMethodology
from .section import Section, nearest
from .terms import Cap, Exclusion
from .yamlfile import Mapping as YamlMapping
from .yamlfile import read_yaml


@dataclass(frozen=True)
class Named:
    """What people call a code: `metro` is 地铁 in Chinese and Metro in English."""

    code: str
    zh: str
    en: str
    also: tuple[str, ...] = ()  # words people write in its place; only to tell them the code


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
        if not isinstance(root, YamlMapping):
            raise problems.stop(
                root.where,
                zh="应为“代码: {zh: 名称, en: name}”的映射；请改写。",
                en="it must be a mapping of codes; write code: {zh: ..., en: ...}",
            )
        for code, node in root.entries.items():
            with problems.part(node.where):
                both = Section(node, problems, what=code, required=("zh", "en"), optional=("also",))
                also = both.text("also").split() if "also" in both else ()
                found[code] = Named(code, both.text("zh"), both.text("en"), tuple(also))
    problems.refuse()
    return found


def name_of(code: str, library: Path, directory: str) -> Named:
    """The names of a code; one the directory does not name is shown by its code."""
    return names(library, directory).get(code, Named(code, code, code))


def refuse_unknown_codes(
    methodologies: Iterable[Methodology | ProjectMethodology], library: Path, problems: Problems
) -> None:
    """Law for a misspelt scene or region would silently hold for nobody.

    Asked of a methodology's own scene and regions and of the scenes its caps and exclusions name,
    as far as `library` has a directory of them.
    """
    known = {
        each: names(library, each)
        for each in ("scenes", "regions")
        if (library / f"directory/{each}.yaml").is_file()
    }
    for methodology in methodologies:
        lines = methodology.lines
        asked = [("regions", code, lines["regions"]) for code in methodology.regions]
        if isinstance(methodology, Methodology):
            asked.append(("scenes", methodology.scene, lines["scene"]))
            terms: list[Cap | Exclusion] = [*methodology.caps, *methodology.exclusive_with]
            asked += [
                ("scenes", scene, term.where)
                for term in terms
                for scene in sorted({*term.scenes} - {methodology.scene})
            ]
        for directory, code, where in asked:
            if directory in known and code not in known[directory]:
                _refuse_unknown(code, where, directory, known[directory], problems)


_KINDS = {"scenes": ("场景", "scene"), "regions": ("地区", "region")}


def _refuse_unknown(
    code: str, where: Where, directory: str, known: Mapping[str, Named], problems: Problems
) -> None:
    kind_zh, kind = _KINDS[directory]
    entry = code if directory == "scenes" else f'"{code}"'
    close = _meant(code, known.values())
    problems.add(
        where,
        zh=f"没有{kind_zh}“{code}”；"
        + (f"是否想写“{close.code}”（{close.zh}）？" if close else "请核对。")
        + f"确为新{kind_zh}时，请在 directory/{directory}.yaml 加一行"
        f" {entry}: {{zh: 名称, en: name}}。",
        en=f"there is no {kind} '{code}'; "
        + (f"did you mean '{close.code}' ({close.en})? " if close else "check it. ")
        + f"A new {kind} needs a line in directory/{directory}.yaml: "
        f"{entry}: {{zh: 名称, en: name}}",
    )


def _meant(code: str, known: Iterable[Named]) -> Named | None:
    """The entry whose code, or another word for it, is closest to `code`."""
    words = {word: each for each in known for word in (each.code, *each.also)}
    close = nearest(code, words)
    return words[close] if close else None
