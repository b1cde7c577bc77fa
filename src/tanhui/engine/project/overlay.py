"""Overlays of project methodologies: an authority fills in what is unknown, and nothing else.

The form is that of behaviour overlays (`engine.overlays`); the worked cases are monitoring files.
The overlay is one of the texts a report carries, so a result can be worked out again from it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ..overlay_place import place_fill
from ..overlays import read_fill
from ..problems import Problems, Unreadable, Where
from ..section import Section
from ..yamlfile import read_yaml
from .cases import Case, check_cases, read_cases_of
from .loader import digest_of
from .nouns import ProjectMethodology, ProjectParameter

OVERLAY_TEXT = "overlay.yaml"
_NAMES = re.compile(rb"^overlay:[ \t]*[\"']?([a-z0-9-]+)", re.MULTILINE)


def names_project(data: bytes, codes: frozenset[str]) -> bool:
    """Whether an overlay file is for one of these project methodologies."""
    match = _NAMES.search(data)
    return match is not None and match[1].decode("ascii") in codes


def fill_project(
    base: ProjectMethodology, data: bytes, *, file: str, problems: Problems
) -> ProjectMethodology:
    """The methodology with the overlay's values; raises `Unreadable` with the mistakes noted."""
    before = len(problems.found)
    section = _open(data, file, problems)
    parameters: dict[str, ProjectParameter] = dict(base.parameters)
    for node in section.items("fills"):
        with problems.part(node.where):
            fill = read_fill(node, base.parameters, problems, of=base.code, label=file)
            parameter = parameters[fill.parameter]
            values = place_fill(parameter, fill.value, regions=base.regions)
            parameters[fill.parameter] = replace(parameter, values=values)
    if len(problems.found) > before:
        raise Unreadable
    texts = {**base.texts, OVERLAY_TEXT: data.decode("utf-8", "replace")}
    return replace(base, parameters=parameters, texts=texts, digest=digest_of(texts), overlay=file)


def apply_overlay(
    file: Path,
    root: Path,
    found: Mapping[tuple[str, str], ProjectMethodology],
    problems: Problems,
) -> tuple[ProjectMethodology, tuple[Case, ...]] | None:
    """The methodology an overlay file is for, filled in, and the overlay's own cases."""
    label, data = file.relative_to(root).as_posix(), file.read_bytes()
    with problems.part():
        section = _open(data, label, problems)
        code, version = section.text("overlay"), section.text("version")
        if (code, version) not in found:
            versions = ", ".join(sorted(each for name, each in found if name == code))
            raise problems.stop(
                section.at("version"),
                zh=f"{code} 没有版本“{version[:40]}”；已有：{versions}。",
                en=f"{code} has no version '{version[:40]}'; there are: {versions}",
            )
        base = found[code, version]
        if file.stem != base.code or file.parent.name not in base.regions:
            raise problems.stop(
                Where(label, 1),
                zh=f"覆盖文件应放在 overlays/{base.regions[0]}/{base.code}.yaml；请移动。",
                en=f"the overlay belongs in overlays/{base.regions[0]}/{base.code}.yaml; move it",
            )
        filled = fill_project(base, data, file=label, problems=problems)
        cases = read_cases_of(section, problems)
        check_cases(filled, cases, problems)
        return filled, cases
    return None


def _open(data: bytes, file: str, problems: Problems) -> Section:
    return Section(
        read_yaml(data, file=file, problems=problems),
        problems,
        what="overlay",
        required=("overlay", "version", "fills", "cases"),
        optional=("note",),
    )
