"""A monitoring file as a table: one row for each value, as meters and spreadsheets give it.

    input,at,value,unit,source
    generation,2024,1000.7,MWh,结算单
    capacity,,900,kW,铭牌

`at` names the members that the input stands over, joined by `/` (`north/2024`). What the heading of
a monitoring file says and the applicability answers come from the project, so the table has
neither. It becomes the text of a monitoring file, and is read and refused as one.
"""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from tanhui.core.errors import InputRefused
from tanhui.domain.matters.models import Matter
from tanhui.engine.project.nouns import ProjectMethodology

COLUMNS = ("input", "at", "value", "unit", "source")
ROWS_MAX = 100_000
Json = dict[str, Any]


def monitoring_file(
    table: bytes, law: ProjectMethodology, *, matter: Matter, project: Matter
) -> bytes:
    """The monitoring file that a table stands for; raises InputRefused for another table."""
    rows = _rows(table)
    inputs: Json = {}
    for row in rows:
        _put(inputs, row)
    document = {
        "monitoring": matter.number,
        "methodology": law.code,
        "version": law.version,
        "mode": "illustration" if project.is_demo and not law.creditable else "crediting",
        "region": project.region,
        "project": {"name": project.title, "registered": project.data["registered_on"]},
        "period": {
            "first_year": str(matter.data["first_year"]),
            "last_year": str(matter.data["last_year"]),
        },
        "inputs": inputs,
    }
    if sets := _open_sets(law, rows):
        document["sets"] = sets
    if answers := project.data.get("answers"):
        document["applicability"] = {
            row["question"]: {"answer": "yes" if row["answer"] else "no"} for row in answers
        }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _rows(table: bytes) -> list[dict[str, str]]:
    try:
        reader = csv.DictReader(io.StringIO(table.decode("utf-8-sig")), strict=True)
        rows = list(reader)
    except (UnicodeDecodeError, csv.Error):
        reader, rows = None, []
    is_whole = all(None not in row and None not in row.values() for row in rows)
    if (
        reader is None
        or tuple(reader.fieldnames or ()) != COLUMNS
        or not (is_whole and 0 < len(rows) <= ROWS_MAX)
    ):
        raise InputRefused(
            "monitoring.table_malformed",
            zh=f"监测数据表应为 UTF-8 的 CSV，表头为 {','.join(COLUMNS)}，"
            f"1 至 {ROWS_MAX} 行；请改正。",
            en=f"The table is CSV in UTF-8 with the header {','.join(COLUMNS)} and 1 to {ROWS_MAX} "
            "whole rows; correct it.",
        )
    return [{name: value.strip() for name, value in row.items()} for row in rows]


def _put(inputs: Json, row: dict[str, str]) -> None:
    """Add a row's value to its input: one text, or a value for each member."""
    name, members = row["input"], [part for part in row["at"].split("/") if part]
    if not members:
        inputs[name] = f"{row['value']} {row['unit']}".strip()
        return
    given: Json = inputs.setdefault(name, {"values": {}})
    if not isinstance(given, dict):
        raise _mixed(name)
    given |= {key: row[key] for key in ("unit", "source") if row[key]}
    inner: Json = given["values"]
    for member in members[:-1]:
        inner = inner.setdefault(member, {})
        if not isinstance(inner, dict):
            raise _mixed(name)
    if members[-1] in inner:
        raise _mixed(name)
    inner[members[-1]] = row["value"]


def _mixed(name: str) -> InputRefused:
    return InputRefused(
        "monitoring.table_mixed",
        zh=f"监测数据表中 {name[:40]} 的同一项写了两次，或成员层次不一致；请改正。",
        en=f"The table gives a value of {name[:40]} twice, or its members at different depths; "
        "correct it.",
    )


def _open_sets(law: ProjectMethodology, rows: list[dict[str, str]]) -> dict[str, list[str]]:
    """The members of the word sets that the methodology leaves open, in the order of the rows."""
    found: dict[str, list[str]] = {}
    for row in rows:
        wanted = law.inputs.get(row["input"])
        over = wanted.over if wanted is not None else ()
        for name, member in zip(over, row["at"].split("/"), strict=False):
            open_set = law.sets.get(name)
            if open_set is not None and open_set.kind == "word" and open_set.members is None:
                members = found.setdefault(name, [])
                if member not in members:
                    members.append(member)
    return found
