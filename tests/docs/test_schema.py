"""The schemas for editors: the keys of the readers, the law as it stands fits, mistakes do not."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from tests.docs.reference import SCHEMA_FOLDER, schema_texts
from tests.engine.test_broken import corpus
from tests.tidy.source import PROJECT, python_files

from tanhui.engine.schema import KEYS, schemas
from tanhui.engine.schema_words import WORDS

READERS = ("blocks", "examples", "library", "life", "loader", "overlays", "parameters", "section",
           "terms_reader")  # fmt: skip
FREE = {"illustration.parameters", "values"}  # whose keys are names of the file itself
LAW = sorted((PROJECT / "library" / "methodologies").rglob("methodology.yaml"))


def test_the_files_are_those_of_the_code() -> None:
    found = {path.name: path.read_text("utf-8") for path in SCHEMA_FOLDER.glob("*.json")}
    assert found == schema_texts(), "run: make reference"


def read_keys() -> Iterator[tuple[str, set[str], set[str]]]:
    """(block, required, optional) of every `Section(...)` of the readers of law."""
    for file in python_files("src/tanhui/engine"):
        name = file.path.stem
        if name not in READERS or file.path.parent.name != "engine":
            continue
        module = vars(importlib.import_module(f"tanhui.engine.{name}"))
        for node in ast.walk(file.tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Section":
                given = {word.arg: word.value for word in node.keywords}
                block = _text(given["what"])
                if block not in FREE and block != "value":
                    yield (
                        block,
                        _keys(given.get("required"), module),
                        _keys(given.get("optional"), module),
                    )


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return "value"  # the one block whose name is passed in
    if isinstance(node, ast.JoinedStr):
        return "".join(map(_text, node.values))
    return "*" if isinstance(node, ast.FormattedValue) else str(ast.literal_eval(node))


def _keys(node: ast.expr | None, module: dict[str, Any]) -> set[str]:
    if node is None:
        return set()
    if isinstance(node, ast.Tuple):
        node.elts = [each for each in node.elts if not isinstance(each, ast.Starred)]
    return set(eval(compile(ast.Expression(node), "keys", "eval"), module))


def test_the_keys_are_those_of_the_readers() -> None:
    read = list(read_keys())
    assert {block for block, _, _ in read} | {"value"} == set(KEYS)
    for block, required, optional in read:
        assert set(KEYS[block][0]) == required, block
        assert set(KEYS[block][1]) - required == optional - required, block


def test_every_key_is_explained_in_both_languages() -> None:
    for block, (required, optional) in KEYS.items():
        for key in (*required, *optional):
            words = WORDS.get(f"{block}/{key}") or WORDS[key]
            assert " / " in words or key == "id", (block, key)


@pytest.mark.parametrize("path", LAW, ids=lambda path: path.parent.name)
def test_the_law_as_it_stands_fits(path: Any) -> None:
    assert list(misfits(read(path.read_text("utf-8")), "methodology")) == []


@pytest.mark.parametrize(
    ("pattern", "schema"),
    [
        ("factors/*.yaml", "factors"),
        ("overlays/*/*.yaml", "overlay"),
        ("**/cases.yaml", "cases"),
        ("rulesets/*.yaml", "ruleset"),
    ],
)
def test_the_files_beside_it_fit(pattern: str, schema: str) -> None:
    for path in sorted((PROJECT / "library").glob(pattern)):
        text = path.read_text("utf-8")
        if "monitoring:" not in text and "recalled" not in text:  # of projects
            assert list(misfits(read(text), schema)) == [], path


@pytest.mark.parametrize(
    "name",
    ["key-unknown", "key-missing", "text-one-language", "evidence-misspelt", "status-misspelt",
     "value-without-source", "caps-period", "kind-unknown", "life-state", "allocation-no-percent"],
)  # fmt: skip
def test_an_editor_marks_what_does_not_belong(name: str) -> None:
    broken = next(each for each in corpus() if each.name == name)
    found = list(misfits(read(broken.text), "methodology"))
    assert found or name == "caps-period"  # an editor cannot see every mistake


def read(text: str) -> Any:
    """YAML 1.2 as an editor sees it: numbers are numbers, days are text, `on` is a key."""
    loader = type("Loader", (yaml.SafeLoader,), {})
    loader.yaml_implicit_resolvers = {
        first: [
            pair
            for pair in pairs
            if pair[0] != "tag:yaml.org,2002:timestamp"
            and not (pair[0] == "tag:yaml.org,2002:bool" and first not in "tTfF")
        ]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return yaml.load(text, Loader=loader)


def misfits(document: Any, name: str) -> Iterator[str]:
    """What a validator would mark: the part of JSON Schema that our files use."""
    schema = schemas()[f"{name}.schema.json"]
    yield from _check(document, schema, schema, "")


def _check(value: Any, schema: dict[str, Any], root: dict[str, Any], place: str) -> Iterator[str]:
    if "$ref" in schema:
        found = root["definitions"][schema["$ref"].rpartition("/")[2]]
        yield from _check(value, found, root, place)
    for part in schema.get("allOf", ()):
        yield from _check(value, part, root, place)
    if "anyOf" in schema and all(any(_check(value, each, root, place)) for each in schema["anyOf"]):
        yield f"{place}: none of anyOf"
    if "if" in schema:
        chosen = "else" if any(_check(value, schema["if"], root, place)) else "then"
        yield from _check(value, schema[chosen], root, place)
    if "enum" in schema and value not in schema["enum"]:
        yield f"{place}: {value!r} is not one of {schema['enum']}"
    if "const" in schema and value != schema["const"]:
        yield f"{place}: not {schema['const']}"
    if "type" in schema and not _is(value, schema["type"]):
        yield f"{place}: {value!r} is no {schema['type']}"
    if "pattern" in schema and isinstance(value, str) and not re.search(schema["pattern"], value):
        yield f"{place}: {value!r} does not fit {schema['pattern']}"
    if isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            yield f"{place}: {len(value)} items"
        for at, item in enumerate(value):
            yield from _check(item, schema.get("items", {}), root, f"{place}[{at}]")
    if isinstance(value, dict):
        yield from _check_keys(value, schema, root, place)


def _check_keys(
    value: dict[str, Any], schema: dict[str, Any], root: dict[str, Any], place: str
) -> Iterator[str]:
    yield from (f"{place}: no {key}" for key in schema.get("required", ()) if key not in value)
    for key, item in value.items():
        inner = schema.get("properties", {}).get(key)
        for pattern, each in schema.get("patternProperties", {}).items():
            inner = inner or (each if re.search(pattern, key) else None)
        inner = schema.get("additionalProperties", True) if inner is None else inner
        if inner is False:
            yield f"{place}: unknown key {key}"
        elif isinstance(inner, dict):
            yield from _check(item, inner, root, f"{place}.{key}")


def _is(value: Any, kinds: str | list[str]) -> bool:
    types = {"object": dict, "array": list, "string": str, "boolean": bool}
    for kind in [kinds] if isinstance(kinds, str) else kinds:
        if kind in types and isinstance(value, types[kind]):
            return True
        if kind == "integer" and isinstance(value, int) and not isinstance(value, bool):
            return True
        if kind == "number" and isinstance(value, int | float) and not isinstance(value, bool):
            return True
    return False
