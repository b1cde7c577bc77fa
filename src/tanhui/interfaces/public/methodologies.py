"""方法学: a page for each with formula, numbers of law, cases and a calculator.

Open to everybody. The calculator's numbers and function are addresses of their own, because the
content policy takes no inline script.
"""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from tanhui.engine.javascript import javascript_source
from tanhui.engine.methodology import Methodology
from tanhui.flows import lawbook
from tanhui.interfaces.api import desk
from tanhui.interfaces.platform import platform

from .calculator import calculator
from .law_context import common_context, project_context, symbol_names
from .mathml import condition, equation
from .page import show


@require_GET
def page(request: HttpRequest, code: str) -> HttpResponse:
    """One methodology, by default the version in force."""
    document = desk.methodology(code, request.GET.get("version") or None)
    if document["kind"] == "project":
        return show(request, "project_methodology.html", project_context(document))
    return show(request, "methodology.html", _context(document))


def _context(document: dict[str, Any]) -> dict[str, Any]:
    names = symbol_names(document)
    units = {
        one["symbol"]: one["unit"] for part in ("fields", "parameters") for one in document[part]
    }
    return common_context(document) | {
        "formulas": [
            {"typeset": equation(one["symbol"], one["expression"], names), "unit": one["unit"]}
            for one in document["formula"]
        ],
        "conditions": [condition(clause, names) for clause in document["applies"]],
        "symbols": [
            {"name": names[one["symbol"]], "symbol": one["symbol"], "unit": one["unit"]}
            for part in ("fields", "parameters", "formula")
            for one in document[part]
        ],
        "cases": [_case(one, names, units) for one in document["cases"]],
        "shares": [(who, share) for who, share in document["allocation"].items() if share != "0"],
        "usable": bool(document["limits"]["cells"]),
        "names": json.dumps(names, ensure_ascii=False),
    }


def _case(one: dict[str, Any], names: dict[str, str], units: dict[str, str]) -> dict[str, Any]:
    told = one["answer"]
    clause = told not in ("quantified", "no_parameter", "negative", "history.too_short")
    amounts = {
        part: [
            {"name": names.get(symbol, symbol), "value": value, "unit": units.get(symbol, "")}
            for symbol, value in (one[part] or {}).items()
        ]
        for part in ("given", "illustration")
    }
    return one | amounts | {"clause": condition(told, names) if clause else None}


@require_GET
def calculator_data(request: HttpRequest, code: str) -> HttpResponse:
    """Cells, trees and bounds for the page's calculator."""
    return JsonResponse(calculator(_method(request, code)))


@require_GET
def quantify_script(request: HttpRequest, code: str) -> HttpResponse:
    """The integer form as a function over BigInt."""
    from tanhui.engine.integer import compile as compile_form

    source = javascript_source(compile_form(_method(request, code)))
    return HttpResponse(source, content_type="text/javascript; charset=utf-8")


def _method(request: HttpRequest, code: str) -> Methodology:
    return lawbook.find_behaviour(platform(), code, request.GET.get("version") or None)
