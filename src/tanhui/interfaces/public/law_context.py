"""What the pages of both kinds of methodology show alike, and what only projects have."""

from __future__ import annotations

from typing import Any

from tanhui.core.region import Region
from tanhui.interfaces.templatetags.tanhui import spoken

from .charts import value_chart
from .mathml import condition, equation, named
from .words import SKELETON, SYMBOLS

VALUES_SHOWN = 12  # of one parameter; the rest opens on request
ROWS_SHOWN = 4  # of one table


def common_context(document: dict[str, Any]) -> dict[str, Any]:
    """Head, numbers of law and notes."""
    return {
        "m": document,
        "status": document["status"]["equations"] if document["enabled"] else "disabled",
        "parameters": [_parameter(one, document["regions"]) for one in document["parameters"]],
        "skeleton": [
            {"name": SKELETON.get(one["part"], one["part"]), "zh": one["zh"], "en": one["en"]}
            for one in document["skeleton"]
        ],
    }


def project_context(document: dict[str, Any]) -> dict[str, Any]:
    """A project's formulas typeset with their indices, its tables cut to a screen."""
    names = symbol_names(document)
    return common_context(document) | {
        "formulas": [
            {
                "typeset": equation(
                    one["symbol"],
                    one["expression"],
                    names,
                    index=tuple(each["variable"] for each in one["over"]),
                ),
                "unit": one["unit"],
            }
            for one in document["formula"]
        ],
        "limits": [
            one | {"typeset": condition(one["condition"], names)} for one in document["limits"]
        ],
        "lookups": [
            one | {"first": one["rows"][:ROWS_SHOWN], "rest": one["rows"][ROWS_SHOWN:]}
            for one in document["lookups"]
        ],
        "inputs": [
            one | {"sets": [names.get(set_, set_) for set_ in one["over"]]}
            for one in document["inputs"]
        ],
        "cases": [
            one | {"values": [_cell(cell, text, names) for cell, text in one["values"].items()]}
            for one in document["cases"]
        ],
        "results": [
            {"result": result, "name": names.get(symbol, symbol)}
            for result, symbol in document["results"].items()
            if symbol != result
        ],
    }


def symbol_names(document: dict[str, Any]) -> dict[str, str]:
    """Symbol -> name in the reader's language."""
    names = {symbol: str(name) for symbol, name in SYMBOLS.items()}
    parts = ("fields", "inputs", "sets", "parameters")
    for one in (one for part in parts for one in document.get(part, ())):
        names[one["symbol"]] = spoken(one, "name")
    for one in document.get("lookups", ()):
        names[one["symbol"]] = one["symbol"].replace("_", " ")
    for one in document["formula"]:
        if spoken(one, "name"):
            names[one["symbol"]] = spoken(one, "name")
        names.setdefault(one["symbol"], one["symbol"].replace("_", " "))
    return names


def _cell(cell: str, value: str, names: dict[str, str]) -> dict[str, str]:
    """A value of a case, `baseline[2024]`, with the name of its symbol."""
    symbol, bracket, index = cell.partition("[")
    return {"name": named(symbol, names), "index": bracket + index, "value": value}


def _parameter(one: dict[str, Any], regions: list[str]) -> dict[str, Any]:
    """A parameter with what a shared table says of these places, and how it moved."""
    near = [value for value in one["values"] if _is_near(value["region"], regions)]
    return one | {
        "first": near[:VALUES_SHOWN],
        "rest": near[VALUES_SHOWN:],
        "elsewhere": len(one["values"]) - len(near),
        "chart": value_chart(near, regions[0]),
    }


def _is_near(place: str, regions: list[str]) -> bool:
    """Whether a record of these regions can ever use a value of that place."""
    above = any(place in Region(each).lineage() for each in regions)
    return above or any(each in regions for each in Region(place).lineage())
