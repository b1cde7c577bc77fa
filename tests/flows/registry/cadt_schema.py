"""A validator of Climate Action Data Trust v2.0.2, from its schema alone."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "vectors" / "cadt"
SCHEMA: dict[str, Any] = json.loads(
    (FOLDER / "cadtrust-schema-v2.0.2.json").read_text(encoding="utf-8")
)
ORDER: list[str] = SCHEMA["insert_order"]
ORDER.remove("stakeholder")  # it stands before the project that it refers to; it cannot
ORDER.insert(ORDER.index("project") + 1, "stakeholder")
GIVEN_BY_THE_NODE = {"orgUid", "createdAt", "updatedAt"}
COUNTRIES = {"China"}  # of about 200 that were not transcribed

Json = dict[str, Any]


def mistakes(tables: Mapping[str, list[Json]]) -> list[str]:
    """All that the trust would refuse, table by table in the order of insertion."""
    found = [f"{name}: no such table" for name in tables if name not in ORDER]
    ids: set[str] = set()
    for table in ORDER:
        rule = {one["apiField"]: one for one in SCHEMA["tables"][table]["fields"]}
        for record in tables.get(table, []):
            found += [f"{table}.{name}: no such field" for name in record if name not in rule]
            found += [
                f"{table}.{name}: required"
                for name, field in rule.items()
                if field["required"] and name not in GIVEN_BY_THE_NODE and not record.get(name)
            ]
            for name, value in record.items():
                if name in rule:
                    found += _wrong(f"{table}.{name}", rule[name], value)
            found += [
                f"{table}.{name}: {value} is not inserted before"
                for name, value in record.items()
                if name.startswith("cadTrust") and not _is_own(table, name) and value not in ids
            ]
            own = [value for name, value in record.items() if _is_own(table, name)]
            found += [f"{table}: {value} stands twice" for value in own if value in ids]
            ids.update(own)
    return found + _conditions(tables)


def _is_own(table: str, name: str) -> bool:
    """Whether the field is the table's own id: cadTrustProjectId of project."""
    return name.lower() == f"cadtrust{table.replace('_', '')}id"


def _wrong(place: str, field: Json, value: Any) -> list[str]:
    picklist = SCHEMA["picklists"].get(field.get("picklist", ""))
    allowed = COUNTRIES if field.get("picklist") == "location_country" else picklist
    values = value if field["type"].startswith("Array") else [value]
    if not isinstance(values, list) or not values:
        return [f"{place}: not a list"]
    found = []
    if isinstance(allowed, list | set):
        found += [
            f"{place}: {one!r} is not in the picklist" for one in values if one not in allowed
        ]
    return found + [
        f"{place}: {one!r} is no {field['type']}" for one in values if not _fits(field["type"], one)
    ]


def _fits(kind: str, value: Any) -> bool:
    """Whether a value has the form of a type."""
    if kind.startswith("GUID"):
        return str(uuid.UUID(value)) == value
    if kind.startswith("Date"):
        return date.fromisoformat(value).isoformat() == value
    if kind == "Decimal":
        return isinstance(value, int) or re.fullmatch(r"\d+(\.\d+)?", value) is not None
    if kind == "Year":
        return isinstance(value, int) and 1990 <= value <= 2100
    if kind == "URL":
        return re.fullmatch(r"https?://\S+", value) is not None
    return isinstance(value, str) and bool(value.strip())


def _conditions(tables: Mapping[str, list[Json]]) -> list[str]:
    """An issuance has verification, methodology and location of one and the same project."""
    project_of = {
        record[own]: record["cadTrustProjectId"]
        for table, own in (
            ("verification", "cadTrustVerificationId"),
            ("project_methodology", "cadTrustProjectMethodologyId"),
            ("location", "cadTrustLocationId"),
        )
        for record in tables.get(table, [])
    }
    found = []
    for record in tables.get("issuance", []):
        projects = {project_of.get(value) for value in record.values() if value in project_of}
        if len(projects) != 1:
            found.append(f"issuance {record['issuanceId']}: not of one project")
    for record in tables.get("unit", []):
        units = int(record["unitEndBlock"]) - int(record["unitStartBlock"]) + 1
        if units != record["unitCount"]:
            found.append(f"unit {record['unitSerialId']}: not {units} units")
    return found
