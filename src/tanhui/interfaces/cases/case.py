"""A case as its file tells it: who takes part, what they do, which figures must come out.

Every scalar is text, as written; `true` and `false` alone become answers. A text that begins with
$ stands for what an earlier step answered: `$event.data.total_t`, `$issue.result.serials[0]`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tanhui.engine.problems import Problems
from tanhui.engine.section import Section, Text
from tanhui.engine.yamlfile import Mapping as YamlMapping
from tanhui.engine.yamlfile import Node, Scalar, read_yaml

_ID = re.compile(r"[A-Z]\d{1,2}")
STEPS = (
    *("at", "organisation", "person", "citizen", "supply", "deliver"),
    *("open", "step", "paper", "get", "post"),
)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure that must come out: what it is, where it stands, what is expected, who says so.

    `note` tells of a discrepancy that the case itself contains.
    """

    name: Text
    place: str
    expected: str
    source: str
    note: Text | None


@dataclass(frozen=True, kw_only=True)
class Case:
    """One case; `steps` are taken in order, each a mapping with one of STEPS in it."""

    id: str
    title: Text
    source: str
    steps: tuple[Mapping[str, Any], ...]
    figures: tuple[Figure, ...]


def load_cases(folder: Path) -> dict[str, Case]:
    """Every case of a folder by id, in order; raises `LibraryBroken` with all mistakes."""
    problems = Problems()
    found: dict[str, Case] = {}
    for file in sorted(
        folder.glob("*.yaml"), key=lambda path: (path.stem[0], len(path.stem), path.stem)
    ):
        with problems.part():
            label = f"{folder.name}/{file.name}"
            root = read_yaml(file.read_bytes(), file=label, problems=problems)
            case = _case(root, stem=file.stem, problems=problems)
            found[case.id] = case
    problems.refuse()
    return found


def _case(root: Node, *, stem: str, problems: Problems) -> Case:
    section = Section(
        root, problems, what="case", required=("id", "title", "source", "steps", "expect")
    )
    name = section.text("id")
    if not _ID.fullmatch(name) or name != stem:
        raise problems.stop(
            section.at("id"),
            zh=f"编号“{name[:20]}”应与文件名相同，如 B2。",
            en=f"the id '{name[:20]}' must be the file's name, such as B2",
        )
    return Case(
        id=name,
        title=section.bilingual("title"),
        source=section.text("source"),
        steps=tuple(_step(node, problems) for node in section.items("steps")),
        figures=tuple(_figure(node, problems) for node in section.items("expect")),
    )


def _step(node: Node, problems: Problems) -> Mapping[str, Any]:
    step = plain(node)
    if not isinstance(step, dict) or len(step.keys() & set(STEPS)) != 1:
        raise problems.stop(
            node.where,
            zh=f"每一步应恰有一项：{'、'.join(STEPS)}。",
            en=f"a step has exactly one of {', '.join(STEPS)}",
        )
    return step


def _figure(node: Node, problems: Problems) -> Figure:
    section = Section(
        node,
        problems,
        what="figure",
        required=("name", "from", "equals"),
        optional=("source", "note"),
    )
    return Figure(
        name=section.bilingual("name"),
        place=section.text("from"),
        expected=section.text("equals"),
        source=section.optional_text("source") or "",
        note=section.optional_bilingual("note"),
    )


def plain(node: Node) -> Any:
    """The node as plain values: texts, lists, mappings, and true or false."""
    if isinstance(node, Scalar):
        return {"true": True, "false": False}.get(node.text, node.text)
    if isinstance(node, YamlMapping):
        return {key: plain(value) for key, value in node.entries.items()}
    return [plain(item) for item in node.items]
