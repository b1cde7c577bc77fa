"""JSON schemas of the files experts write, for editors: keys, choices, and what each means.

The keys are those the readers take (`KEYS`; a test compares it with every reader). An editor sees
shape only; units, names, dates and worked cases are for `tanhui methodology check`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from . import loader, overlays, parameters
from .life import LIFE_KEYS, STATES
from .methodology import EQUATION_STATUS, EVIDENCE, ROUNDING
from .ruleset_schema import ruleset_schema
from .schema_words import WORDS
from .terms import PERIODS, RECIPIENTS, WINDOWS
from .terms_reader import CAP_EVIDENCE

Json = dict[str, Any]
Keys = tuple[tuple[str, ...], tuple[str, ...]]

# Block as the reader calls it (a name in it is *) -> keys it must have, keys it may have.
KEYS: Mapping[str, Keys] = {
    "methodology": (loader.REQUIRED, loader.OPTIONAL),
    "effective": (("from", "zone"), ("to",)),
    "status": (("equations", "note", "source"), ("source_url",)),
    "field *": (("name", "unit", "step", "min", "max"), ()),
    "parameters.*": (("name",), ("unit", "of", "values", "factor")),
    "value": (("region", "from", "source", "evidence"), parameters.STEP_KEYS),
    "step": (("from", "value"), ()),
    "result": (("of", "unit"), ("round",)),
    "reward": (("of", "unit"), ()),
    "duplicates": (("id", "overlap", "order"), ()),
    "cap": (("per", "max", "source", "evidence"), ("scenes", "note")),
    "cap.max": (("events",), ()),
    "exclusive_with": (("scenes", "per"), ()),
    "claim": (("after_days", "within_days"), ()),
    "allocation": ((), RECIPIENTS),
    "group": (("members",), ()),
    "history *": (("of", "window", "at_least", "gives"), ()),
    "history *.gives": (("sum", "count"), ()),
    "*.window": ((), tuple(WINDOWS)),
    "life": (("state", "on", "by", "source"), LIFE_KEYS),
    "example": (("given", "expect"), ("note", "illustration", "reference")),
    "given": (("region", "at"), ("class",)),
    "expect": ((), ("mg", "not_applicable", "no_parameter", "values")),
    "illustration": (("parameters",), ()),
    "cases": (("cases",), ()),
    "factor table": (("factor", "title", "unit", "values"), ("note", "family", "calibre")),
    "overlay": (("overlay", "version", "fills", "cases"), ("note",)),
    "fill": (overlays.REQUIRED, overlays.OPTIONAL),
    "*.*": (("zh", "en"), ()),  # a text in both languages
}
OPEN = {"given": "number", "illustration.parameters": "number", "expect.values": "text"}

TEXT: Json = {"type": ["string", "number", "boolean"]}
NUMBER: Json = {
    "type": ["number", "string"],
    "pattern": r"^(-?[0-9]{1,30}(\.[0-9]{1,30})?|unknown)$",
}
DAY: Json = {"type": "string", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
REGION: Json = {"type": ["string", "integer"], "pattern": "^[1-9][0-9]{5}$"}
NAME = "^[a-z][a-z0-9_]{0,39}$"


def schemas() -> dict[str, Json]:
    """File name -> schema, for `library/schema`."""
    return {
        "methodology.schema.json": _methodology(),
        "cases.schema.json": _document("cases"),
        "factors.schema.json": _document("factor table"),
        "overlay.schema.json": _document("overlay"),
        "ruleset.schema.json": ruleset_schema(DAY, REGION),
    }


def _methodology() -> Json:
    """Behaviour in full; of a project methodology only that it is one."""
    found = _document("methodology")
    block = found.pop("$ref")
    found["type"] = "object"
    found["if"] = {"properties": {"kind": {"const": "project"}}, "required": ["kind"]}
    found["then"] = {"required": ["methodology", "version", "kind"]}
    found["else"] = {"$ref": block}
    return found


def _document(block: str) -> Json:
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": WORDS[block],
        "$ref": _place(block),
        "definitions": {_slug(name): _block(name) for name in KEYS if name in _reached(block)},
    }


def _reached(block: str) -> set[str]:
    """The blocks that a document of this kind can hold."""
    by_place = {_place(name): name for name in KEYS}
    found, waiting = {block}, [block]
    while waiting:
        used = {by_place[place] for place in _references(_block(waiting.pop()))}
        waiting += used - found
        found |= used
    return found


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"]
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            yield from _references(each)


def _block(name: str) -> Json:
    required, optional = KEYS[name]
    properties = {key: _property(name, key) for key in dict.fromkeys((*required, *optional))}
    found: Json = {
        "type": "object",
        "properties": properties,
        "additionalProperties": NUMBER if name in OPEN else False,
    }
    if required:
        found["required"] = list(required)
    return found


def _property(block: str, key: str) -> Json:
    """The shape of a key, and what it means in both languages."""
    shape = _SHAPES.get(f"{block}/{key}") or _SHAPES.get(key) or TEXT
    return {"description": WORDS.get(f"{block}/{key}") or WORDS[key], **shape}


def _place(block: str) -> str:
    return f"#/definitions/{_slug(block)}"


def _slug(block: str) -> str:
    """
    >>> _slug("history *.gives")
    'history-any-gives'
    """
    return block.replace("*", "any").replace(" ", "-").replace(".", "-")


def _of(block: str) -> Json:
    return {"allOf": [{"$ref": _place(block)}]}


def _list(block: str) -> Json:
    return {"type": "array", "items": {"$ref": _place(block)}, "minItems": 1}


def _named(block: str) -> Json:
    return {
        "type": "object",
        "patternProperties": {NAME: {"$ref": _place(block)}},
        "additionalProperties": False,
    }


def _choice(words: tuple[str, ...]) -> Json:
    return {"enum": list(words)}


_BOTH = _of("*.*")
_SCENES: Json = {"type": "array", "items": {"type": "string"}, "minItems": 1}
_SHAPES: Mapping[str, Json] = {
    "title": _BOTH,
    "name": _BOTH,
    "note": _BOTH,
    "example/note": TEXT,
    "disabled": _BOTH,
    "boundary": _BOTH,
    "baseline": _BOTH,
    "leakage": _BOTH,
    "monitoring": _BOTH,
    "data_quality": _BOTH,
    "calibre": _BOTH,
    "kind": _choice(("behaviour", "project")),
    "regions": {"type": "array", "items": REGION, "minItems": 1},
    "region": REGION,
    "effective": _of("effective"),
    "from": DAY,
    "to": DAY,
    "at": DAY,
    "on": DAY,
    "since": DAY,
    "step/from": NUMBER,
    "methodology/status": _of("status"),
    "status/equations": _choice(EQUATION_STATUS),
    "equations": {"type": "object", "patternProperties": {NAME: TEXT}},
    "fields": _named("field *"),
    "parameters": _named("parameters.*"),
    "illustration/parameters": {"type": "object", "additionalProperties": NUMBER},
    "values": _list("value"),
    "expect/values": {"type": "object"},
    "value": NUMBER,
    "below": NUMBER,
    "steps": _list("step"),
    "step": NUMBER,
    "min": NUMBER,
    "max": NUMBER,
    "cap/max": {"anyOf": [TEXT, {"$ref": _place("cap.max")}]},
    "evidence": _choice(EVIDENCE),
    "cap/evidence": _choice(CAP_EVIDENCE),
    "result": _of("result"),
    "result/unit": _choice(("mgCO2e",)),
    "round": _choice(ROUNDING),
    "reward": _of("reward"),
    "duplicates": _of("duplicates"),
    "id": {"type": "array"},
    "overlap": {"anyOf": [{"enum": ["none"]}, {"type": "array"}]},
    "order": _choice(("arrival",)),
    "caps": _list("cap"),
    "cap/per": {"type": "array", "minItems": 3, "maxItems": 3},
    "exclusive_with/per": _choice(PERIODS),
    "scenes": _SCENES,
    "events": {"type": "integer", "minimum": 1},
    "exclusive_with": _list("exclusive_with"),
    "claim": _of("claim"),
    "after_days": {"type": "integer", "minimum": 0},
    "within_days": {"type": "integer", "minimum": 1},
    "allocation": _of("allocation"),
    "person": {"type": "string", "pattern": "^[0-9]{1,3}([.][0-9]{1,6})?%$"},
    "platform": {"type": "string", "pattern": "^[0-9]{1,3}([.][0-9]{1,6})?%$"},
    "operator": {"type": "string", "pattern": "^[0-9]{1,3}([.][0-9]{1,6})?%$"},
    "group": _of("group"),
    "history": _named("history *"),
    "window": _of("*.window"),
    "gives": _of("history *.gives"),
    "life": _list("life"),
    "state": _choice(STATES),
    "examples": _list("example"),
    "cases": _list("example"),
    "given": _of("given"),
    "expect": _of("expect"),
    "illustration": _of("illustration"),
    "fills": _list("fill"),
}
