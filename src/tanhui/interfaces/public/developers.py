"""The API's description as a page of ours: read from the OpenAPI document, nothing from a CDN."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from tanhui.interfaces.api import limits
from tanhui.interfaces.api.root import api

from .page import show


@require_GET
def api_page(request: HttpRequest) -> HttpResponse:
    """Operations by group, with parameters and answers."""
    document = api.get_openapi_schema()
    operations = [
        _operation(path, method, details)
        for path, methods in document["paths"].items()
        for method, details in methods.items()
    ]
    schemas = document["components"]["schemas"]
    context = {
        "document": document,
        "groups": _grouped(operations),
        "schemas": [
            {"name": name, "about": one.get("description", ""), "fields": _fields(one)}
            for name, one in schemas.items()
        ],
        "limits": _limits(),
    }
    return show(request, "api.html", context)


def _operation(path: str, method: str, details: dict[str, Any]) -> dict[str, Any]:
    return {
        "path": path,
        "method": method.upper(),
        "anchor": details["operationId"],
        "summary_zh": details["x-summary-zh"],
        "summary_en": details["summary"],
        "about": details.get("description", ""),
        "tag": (details.get("tags") or [""])[0],
        "security": [name for one in details.get("security", []) for name in one],
        "parameters": details.get("parameters", []),
        "answers": [
            {"status": int(status), "types": list(one.get("content", {})), "schema": _name(one)}
            for status, one in sorted(details["responses"].items(), key=lambda pair: int(pair[0]))
        ],
    }


def _grouped(operations: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    tags = dict.fromkeys(one["tag"] for one in operations)
    return [(tag, [one for one in operations if one["tag"] == tag]) for tag in tags]


def _name(answer: dict[str, Any]) -> str:
    """The schema an answer refers to."""
    for content in answer.get("content", {}).values():
        return str(content.get("schema", {}).get("$ref", "")).rpartition("/")[2]
    return ""


def _fields(schema: dict[str, Any]) -> list[dict[str, str]]:
    return [
        {"name": name, "type": _type(one), "about": one.get("description", "")}
        for name, one in schema.get("properties", {}).items()
    ]


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " | ".join(_type(one) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return f"[{_type(schema.get('items', {}))}]"
    return str(schema.get("type", "any"))


def _limits() -> list[tuple[str, int]]:
    return [(name, value) for name, value in vars(limits).items() if name.isupper()]
