"""A report worked out again from its own evidence alone: does every digit agree?

The methodology, its tables and the monitoring file are in the report as texts. They are read and
calculated anew, and the two reports are compared place by place.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tanhui.core.errors import InputRefused

from ..parameters import FactorTable, read_factor_table
from ..problems import Problems, Unreadable
from ..yamlfile import read_yaml
from .loader import load_project
from .monitoring import FILE_LABEL
from .nouns import ProjectMethodology
from .overlay import OVERLAY_TEXT, fill_project
from .report import FORMAT, quantify, result_hash
from .tables import Table, read_table

DIFFERENCES_MAX = 20


def verify(report: dict[str, Any]) -> dict[str, Any]:
    """The report recomputed; raises `InputRefused` naming the places that differ."""
    texts = report.get("texts")
    if report.get("format") != FORMAT or not isinstance(texts, dict) or FILE_LABEL not in texts:
        raise InputRefused(
            "report.malformed",
            zh="这不是项目监测报告；请给出 tanhui project quantify 产生的 JSON 文件。",
            en="This is no project report; give the JSON file that tanhui project quantify wrote.",
        )
    methodology = methodology_of({str(name): str(text) for name, text in texts.items()})
    again = quantify(methodology, str(texts[FILE_LABEL]).encode("utf-8"))
    places = []
    for place in differences(again, report):
        places.append(place)
        if len(places) == DIFFERENCES_MAX:
            break
    if places:
        first = places[0]
        raise InputRefused(
            "report.differs",
            zh=f"报告与重算不符，第一处在 {first['place']}：报告写 {first['report']}，"
            f"重算得 {first['again']}；请核对报告是否被改动。",
            en=f"The report does not match its recalculation, first at {first['place']}: it says "
            f"{first['report']}, recalculated {first['again']}; find out who changed it.",
            places=places,
        )
    assert report["result_hash"] == result_hash(report)
    return again


def methodology_of(texts: dict[str, str]) -> ProjectMethodology:
    """The methodology a report carries, read from its texts."""
    problems = Problems()
    tables: dict[str, Table] = {}
    factors: dict[str, FactorTable] = {}
    found = None
    try:
        for name, text in sorted(texts.items()):
            data = text.encode("utf-8")
            if name.startswith("tables/"):
                root = read_yaml(data, file=name, problems=problems)
                table = read_table(root, data=data, file=name, problems=problems)
                tables[table.id] = table
            elif name.startswith("factors/"):
                root = read_yaml(data, file=name, problems=problems)
                factor = read_factor_table(root, data=data, file=name, problems=problems)
                factors[factor.id] = factor
        found = load_project(
            texts.get("methodology.yaml", "").encode("utf-8"),
            file="methodology.yaml",
            tables=tables,
            factors=factors,
            problems=problems,
        )
        if found is not None and OVERLAY_TEXT in texts:
            data = texts[OVERLAY_TEXT].encode("utf-8")
            found = fill_project(found, data, file=OVERLAY_TEXT, problems=problems)
    except Unreadable:
        found = None
    if found is None:
        first = str(problems.found[0]) if problems.found else "-"
        raise InputRefused(
            "report.unreadable_evidence",
            zh=f"报告所附的方法学或表不能读取：{first}；报告可能被改动。",
            en=f"The methodology or a table inside the report cannot be read: {first}; the report "
            "may have been changed.",
        )
    return found


def differences(again: Any, report: Any, place: str = "") -> Iterator[dict[str, str]]:
    """Where two documents differ, deepest place first named."""
    if isinstance(again, dict) and isinstance(report, dict):
        for key in [*again, *(key for key in report if key not in again)]:
            if place == "" and key == "result_hash" and again.get(key) != report.get(key):
                continue  # follows from any other difference; named last
            yield from differences(
                again.get(key), report.get(key), f"{place}.{key}" if place else str(key)
            )
        if place == "" and again.get("result_hash") != report.get("result_hash"):
            yield _differing("result_hash", again.get("result_hash"), report.get("result_hash"))
    elif isinstance(again, list) and isinstance(report, list) and len(again) == len(report):
        for number, (one, other) in enumerate(zip(again, report, strict=True)):
            yield from differences(one, other, f"{place}[{number}]")
    elif again != report or type(again) is not type(report):
        yield _differing(place, again, report)


def _differing(place: str, again: Any, report: Any) -> dict[str, str]:
    return {"place": place, "report": str(report)[:80], "again": str(again)[:80]}
