"""The JSON schema of a rule file for editors: every key with its name and the form of its value."""

from __future__ import annotations

from typing import Any

from .methodology import EVIDENCE
from .rule_forms import UNKNOWN
from .rule_keys import RULES, Rule
from .ruleset_reader import OPTIONAL, PRODUCT, REQUIRED

Json = dict[str, Any]
_BOTH: Json = {
    "type": "object",
    "properties": {"zh": {"type": "string"}, "en": {"type": "string"}},
    "required": ["zh", "en"],
    "additionalProperties": False,
}
_WORDS = {
    "from": "自当日起 / from this day on",
    "to": "到当日止，当日不含 / until this day, which no longer belongs",
    "value": "值，未知写 unknown / the value, or unknown",
    "product": "只适用于这个产品 / for this product only",
    "supplier": "未知的值须由谁提供 / who must supply an unknown value",
    "source": "出处 / where it stands",
    "source_url": "出处地址 / its address",
    "tag": "依据状态 / how sure it is",
    "note": "说明 / a note",
}


def ruleset_schema(day: Json, region: Json) -> Json:
    """A rule file: region, title, and rules by key; `day` and `region` as the other schemas."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "规则集 / rule set",
        "type": "object",
        "properties": {
            "region": {"description": "六位行政区划代码 / six-digit region code", **region},
            "title": {
                "description": "名称，中英文 / name in both languages",
                "allOf": [{"$ref": "#/definitions/both"}],
            },
            "rules": {
                "type": "object",
                "properties": {key: _rule(rule) for key, rule in RULES.items()},
                "additionalProperties": False,
            },
        },
        "required": ["region", "title", "rules"],
        "additionalProperties": False,
        "definitions": {"both": _BOTH, "value": _value(day)},
    }


def _rule(rule: Rule) -> Json:
    silence = f"（{rule.silence.zh}）" if rule.silence else ""
    value: Json = {"anyOf": [{"enum": [UNKNOWN]}, rule.form.schema()]}
    own: Json = {"properties": {"value": value}}
    item = {"allOf": [{"$ref": "#/definitions/value"}, own]}
    return {
        "description": f"{rule.name.zh}{silence} / {rule.name.en}",
        "type": "object",
        "properties": {
            "name": {"$ref": "#/definitions/both"},
            "values": {"type": "array", "items": item, "minItems": 1},
        },
        "required": ["values"],
        "additionalProperties": False,
    }


def _value(day: Json) -> Json:
    """What every value says beside the value itself, whose form is its rule's."""
    both: Json = {"$ref": "#/definitions/both"}
    shapes: dict[str, Json] = {
        "from": day,
        "to": day,
        "value": {},
        "product": {"type": "string", "pattern": f"^{PRODUCT.pattern}$"},
        "supplier": {"allOf": [both]},
        "source": {"type": "string"},
        "source_url": {"type": "string"},
        "tag": {"enum": list(EVIDENCE)},
        "note": {"allOf": [both]},
    }
    keys = (*REQUIRED, *OPTIONAL)
    return {
        "type": "object",
        "properties": {key: {"description": _WORDS[key], **shapes[key]} for key in keys},
        "required": list(REQUIRED),
        "additionalProperties": False,
    }
