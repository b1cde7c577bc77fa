"""Law as data says where each value comes from: unit, source, first day, evidence.

The loader of the engine checks this and much more; this is the second, independent look, by plain
YAML, so that a mistake in the loader does not let an unsourced number in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from tests.tidy.source import PROJECT

LIBRARY = PROJECT / "library"
REGION = re.compile(r"[0-9]{6}")


def load(path: Path) -> Any:
    """The file with every scalar as its text."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


def sourced_lists(node: Any, place: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every mapping that holds a list named `values`, with the way to it."""
    if isinstance(node, dict):
        if isinstance(node.get("values"), list):
            yield place, node
        for name, inner in node.items():
            yield from sourced_lists(inner, f"{place}.{name}")
    elif isinstance(node, list):
        for number, inner in enumerate(node):
            yield from sourced_lists(inner, f"{place}[{number}]")


def test_every_value_has_unit_source_date_and_evidence() -> None:
    wrong = []
    found = 0
    for path in sorted(LIBRARY.rglob("*.yaml")):
        name = path.relative_to(PROJECT).as_posix()
        rules = "/rulesets/" in name
        for place, holder in sourced_lists(load(path), name):
            if not rules and not holder.get("unit"):
                wrong.append(f"{place}: no unit")
            for number, value in enumerate(holder["values"]):
                found += 1
                wanted = ("value", "from", "source", "tag" if rules else "evidence")
                missing = [key for key in wanted if value.get(key, "") == ""]  # [ ] is a value
                wrong += [f"{place}[{number}]: no {key}" for key in missing]
    assert found
    assert not wrong, "\n".join(wrong)


def test_every_methodology_stands_in_its_place_with_its_cases() -> None:
    wrong = []
    files = sorted(LIBRARY.glob("methodologies/*/*/methodology.yaml"))
    assert files
    for path in files:
        region, code = path.parts[-3:-1]
        name = path.relative_to(PROJECT).as_posix()
        method = load(path)
        if not REGION.fullmatch(region) or region not in method["regions"]:
            wrong.append(f"{name}: the folder {region} is not one of its regions")
        if method["methodology"] != code:
            wrong.append(f"{name}: calls itself {method['methodology']}")
        if not (path.parent / "cases.yaml").is_file():
            wrong.append(f"{name}: no cases.yaml beside it")
    assert not wrong, "\n".join(wrong)


def test_the_library_holds_data_only() -> None:
    other = [
        path.relative_to(PROJECT).as_posix()
        for path in LIBRARY.rglob("*")
        if path.is_file()
        and path.suffix not in {".yaml", ".md", ".csv"}
        and path.parent != LIBRARY / "schema"
    ]
    assert not other, "\n".join(other)
