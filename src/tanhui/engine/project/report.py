"""The monitoring report: every intermediate, every number of law with its source, every vintage.

A report is a function of the texts it carries (the methodology with its tables, and the monitoring
file), so anybody who has the report can work it out again (`verify`).
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from tanhui.core.errors import InputRefused
from tanhui.core.period import day_of

from ..methodology import ParameterValue
from ..section import Text
from . import about
from .arithmetic import DIGITS, plain, times
from .evaluate import Evaluation, Use
from .given import read_monitoring
from .monitoring import FILE_LABEL, Monitoring
from .nouns import NOT_FOR_CREDITING, ProjectMethodology
from .results import MG_PER_TONNE, Vintage, made_good, subtotals_of, vintages_of
from .stops import Stop
from .tables import RECALLED, Row

FORMAT = "tanhui project report 1"
INFERRED = "inferred"
QUANTIFIED, NOT_APPLICABLE, NOT_CREDITABLE = "quantified", "not_applicable", "not_creditable"


def quantify(
    methodology: ProjectMethodology,
    data: bytes,
    *,
    put_in: about.Substitute = about.substituted,
    file: str = FILE_LABEL,
) -> dict[str, Any]:
    """The report of a monitoring file, ready for JSON: every number is exact text or an int.

    `put_in` writes a formula with its numbers; worked cases do without (`without_numbers`).
    Mistakes name `file`; the report itself does not depend on it.
    Raises `InputRefused`: for a mistake in the file, for a value that is not known, and in
    crediting for a methodology or a value that is not confirmed.
    """
    monitoring = read_monitoring(data, methodology, file=file)
    if not methodology.equations:
        raise InputRefused(
            "project.no_equations",
            zh=f"方法学 {methodology.code} 只知名称，没有公式，不能量化；请等主管部门公布正文。",
            en=f"Only the name of {methodology.code} is known; it has no equations to quantify "
            "with until its text is published.",
        )
    report: dict[str, Any] = {
        "format": FORMAT,
        "digits": DIGITS,
        "mode": monitoring.heading.mode,
        "marks": _marks(methodology, monitoring),
        "methodology": about.methodology(methodology),
        "monitoring": about.monitoring(monitoring),
        "applicability": about.applicability(methodology, monitoring),
        "inputs": about.inputs(methodology, monitoring),
    }
    wrong = next((each for each in report["applicability"] if not each["fits"]), None)
    if wrong is not None:
        _end(report, NOT_APPLICABLE, zh=f"{wrong['question_zh']}：答复不符合适用条件。")
        report["reason_en"] = f"{wrong['question_en']}: the answer does not fit."
    else:
        _work_out(report, methodology, monitoring, put_in)
    report["texts"] = {**methodology.texts, FILE_LABEL: monitoring.text}
    report["result_hash"] = result_hash(report)
    return report


def result_hash(report: dict[str, Any]) -> str:
    """SHA-256 over everything in the report but the hash itself, keys in order."""
    content = {key: value for key, value in report.items() if key != "result_hash"}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _end(report: dict[str, Any], outcome: str, *, zh: str = "", en: str = "") -> None:
    report |= {"outcome": outcome, "reason_zh": zh, "reason_en": en}


def _marks(methodology: ProjectMethodology, monitoring: Monitoring) -> list[dict[str, str]]:
    marks = []
    if monitoring.heading.mode == "illustration":
        marks.append(
            {
                "zh": "示例：只演示算法，不能用于签发。",
                "en": "Illustration: shows the arithmetic only, nothing may be issued from it.",
            }
        )
    if not methodology.creditable:
        marks.append(
            {
                "zh": f"公式状态为 {methodology.status.equations}：不是主管部门的正式文本。",
                "en": f"Equations are {methodology.status.equations}: not the authority's text.",
            }
        )
    elif methodology.status.equations == INFERRED and monitoring.heading.mode == "crediting":
        marks.append(
            {
                "zh": "公式为推断（inferred）：由已公布的部分推得，未见正式文本，请与正文核对。",
                "en": "The equations are inferred from what was published; the authority's text "
                "was not seen, so check them against it.",
            }
        )
    return marks


def _work_out(
    report: dict[str, Any],
    methodology: ProjectMethodology,
    monitoring: Monitoring,
    put_in: about.Substitute,
) -> None:
    evaluation = Evaluation(methodology, monitoring)
    try:
        evaluation.run()
        limits = about.limits(methodology, evaluation)  # they may use numbers of law as well
    except Stop as stop:
        if stop.reason == "unknown":
            raise InputRefused(
                "project.unknown_value", zh=f"缺少取值：{stop.zh}", en=f"No value: {stop.en}"
            ) from None
        if stop.reason == "undefined":
            raise InputRefused(
                "project.undefined",
                zh=f"不能计算：{stop.zh}",
                en=f"Cannot be worked out: {stop.en}",
            ) from None
        report["factors"] = [_factor(methodology, use) for use in evaluation.uses.values()]
        _end(report, NOT_CREDITABLE, zh=stop.zh, en=stop.en)
        _refuse_for_crediting(report, methodology, monitoring)
        return
    report["factors"] = [_factor(methodology, use) for use in evaluation.uses.values()]
    report["steps"] = about.steps(methodology, evaluation, put_in=put_in)
    report["limits"] = limits
    _end(report, QUANTIFIED)
    refused = [each for each in limits if not each["holds"] and each["fails"] == "refuse"]
    if refused:
        name = refused[0]
        _end(
            report,
            NOT_CREDITABLE,
            zh=f"不满足限制：{name['name_zh']}（{'、'.join(name['failing']) or '全期'}）。",
            en=f"The limit does not hold: {name['name_en']} "
            f"({', '.join(name['failing']) or 'whole period'}).",
        )
    vintages = vintages_of(evaluation)
    report["vintages"] = _vintages(methodology, vintages, refused=bool(refused))
    report["totals"] = _totals(report["vintages"], list(methodology.results))
    report["subtotals"] = {
        name: {
            "unit": methodology.equations[name].unit.text,
            "values": {
                str(member): plain(times(value, 1 / methodology.equations[name].unit.factor))
                for member, value in each.items()
            },
        }
        for name, each in subtotals_of(methodology, evaluation).items()
    }
    report["alternatives"] = _alternatives(methodology, monitoring)
    _refuse_for_crediting(report, methodology, monitoring)


def _factor(methodology: ProjectMethodology, use: Use) -> dict[str, Any]:
    name = use.symbol
    if name in methodology.parameters:
        title, unit = methodology.parameters[name].title, methodology.parameters[name].unit
        table, where = methodology.parameters[name].factor, {}
    else:
        lookup = methodology.lookups[name]
        title, unit = lookup.table.title, lookup.unit
        table, where = lookup.table.id, dict(lookup.where)
    found: dict[str, Any] = {
        "symbol": name,
        "at": list(use.at),
        "name_zh": title.zh,
        "name_en": title.en,
        "value": plain(times(use.value, 1 / unit.factor)),
        "unit": unit.text,
        "table": table,
        "calibre": where,
        "evidence": "assumed",
        "seen": None,
        "source": None,
        "source_url": None,
        "valid_from": None,
        "valid_to": None,
        "note_zh": None,
        "note_en": None,
        "filled_by": None,
        "filled_on": None,
    }
    return found | ({} if use.entry is None else _entry(use.entry))


def _entry(entry: ParameterValue | Row) -> dict[str, Any]:
    first, end = entry.first_day, entry.end_day
    note: Text | None = entry.note
    filled = entry.filled if isinstance(entry, ParameterValue) else None
    return {
        "filled_by": None if filled is None else filled.by,
        "filled_on": None if filled is None else day_of(filled.day).isoformat(),
        "evidence": entry.evidence,
        "seen": entry.seen if isinstance(entry, Row) else None,
        "source": entry.source,
        "source_url": entry.source_url,
        "valid_from": None if first is None else day_of(first).isoformat(),
        "valid_to": None if end is None else day_of(end).isoformat(),
        "note_zh": None if note is None else note.zh,
        "note_en": None if note is None else note.en,
    }


def _vintages(
    methodology: ProjectMethodology, vintages: tuple[Vintage, ...], *, refused: bool
) -> list[dict[str, Any]]:
    """A row for each year; what one makes good for another is told where a year lost."""
    carried = [0] * len(vintages) if refused else made_good(vintages)
    rows = [
        _vintage(methodology, each, mg, refused=refused)
        for each, mg in zip(vintages, carried, strict=True)
    ]
    for row, mg in zip(rows, carried, strict=True):
        if any(carried):
            row["carried_mg"] = mg
    return rows


def _vintage(
    methodology: ProjectMethodology, vintage: Vintage, carried: int, *, refused: bool
) -> dict[str, Any]:
    """A refused result keeps its reversal: what was lost stays lost."""
    mg = {what: 0 if refused and what != "reversal" else n for what, n in vintage.mg.items()}
    found: dict[str, Any] = {"year": vintage.year}
    for what, number in mg.items():
        found[f"{what}_mg"] = number
    if "issuable" in mg:
        left = max(0, mg["issuable"] + min(0, mg.get("reversal", 0))) + min(0, carried)
        whole = left // MG_PER_TONNE
        found["issuable_t"] = whole if methodology.whole_tonnes else None
        found["rest_mg"] = left - whole * MG_PER_TONNE if methodology.whole_tonnes else None
    return found


def _totals(vintages: list[dict[str, Any]], results: list[str]) -> dict[str, int]:
    totals = {f"{what}_mg": sum(each[f"{what}_mg"] for each in vintages) for what in results}
    tonnes = [each["issuable_t"] for each in vintages if each.get("issuable_t") is not None]
    return totals | ({"issuable_t": sum(tonnes)} if tonnes else {})


def _alternatives(methodology: ProjectMethodology, monitoring: Monitoring) -> list[dict[str, Any]]:
    found = []
    for each in methodology.alternatives:
        replaced = {name: expression for name, (_, expression) in each.replaces.items()}
        evaluation = Evaluation(methodology, monitoring, replaced)
        shown: dict[str, Any] = {
            "id": each.id,
            "name_zh": each.title.zh,
            "name_en": each.title.en,
            "replaces": {name: text for name, (text, _) in each.replaces.items()},
        }
        try:
            evaluation.run()
            rows = _vintages(methodology, vintages_of(evaluation), refused=False)
            shown["totals"] = _totals(rows, list(methodology.results))
            shown["values"] = about.replaced_values(methodology, evaluation, list(replaced))
        except Stop as stop:
            shown |= {"totals": None, "reason_zh": stop.zh, "reason_en": stop.en}
        used = {use.entry.evidence for use in evaluation.uses.values() if use.entry is not None}
        shown["unconfirmed"] = sorted(used & set(NOT_FOR_CREDITING))
        found.append(shown)
    return found


def _refuse_for_crediting(
    report: dict[str, Any], methodology: ProjectMethodology, monitoring: Monitoring
) -> None:
    """Crediting takes confirmed law only; an illustration names what is not."""
    unconfirmed = [
        each for each in report["factors"] if each["evidence"] in (*NOT_FOR_CREDITING, "assumed")
    ]
    unconfirmed += [
        {"symbol": f"limits: {limit.title.zh}", "at": [], "evidence": limit.evidence}
        for limit in methodology.limits
        if limit.evidence in NOT_FOR_CREDITING
    ]
    report["unconfirmed"] = [each["symbol"] for each in unconfirmed]
    if monitoring.heading.mode != "crediting":
        return
    if not methodology.in_force_on(monitoring.heading.decisive_day):
        raise InputRefused(
            "project.not_in_force",
            zh=f"方法学 {methodology.code} 在项目登记之日没有施行（见 effective 与 life），"
            "不能用于签发；请选用当日施行的版本。",
            en=f"{methodology.code} was not in force on the day that decides for this project (see "
            "effective and life) and is not for crediting; take the version in force that day.",
        )
    if not methodology.creditable:
        raise InputRefused(
            "project.not_for_crediting",
            zh=f"方法学 {methodology.code} 的公式状态为 {methodology.status.equations}，"
            "不能用于签发；可改为 mode: illustration 查看算法。",
            en=f"The equations of {methodology.code} are {methodology.status.equations} and not "
            "for crediting; set mode: illustration to see the arithmetic.",
        )
    if unconfirmed:
        names = ", ".join(
            f"{each['symbol']}{each['at'] or ''} ({each['evidence']})" for each in unconfirmed
        )
        raise InputRefused(
            "project.unconfirmed_values",
            zh=f"以下取值未经确认，不能用于签发：{names}；请由主管部门补充来源，"
            "或改为 mode: illustration。",
            en=f"These values are not confirmed and not for crediting: {names}; the authority must "
            "confirm them, or set mode: illustration.",
            values=[f"{each['symbol']} {each['at']}" for each in unconfirmed],
        )


assert RECALLED in NOT_FOR_CREDITING
