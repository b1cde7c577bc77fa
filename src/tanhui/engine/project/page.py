"""A monitoring report as a page to read, in Chinese or in English (Markdown).

The JSON report is the record; the page shows the same numbers, at most twelve digits of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Literal

from .arithmetic import short

Language = Literal["zh", "en"]
ROWS_MAX = 400

WORDS = {
    "report": ("监测报告", "Monitoring report"),
    "result": ("结果", "Results"),
    "year": ("年份", "vintage"),
    "issuable": ("可签发量（毫克）", "issuable (mg CO2e)"),
    "issuable_t": ("可签发（整吨）", "issuable, whole t"),
    "rest": ("余量（毫克）", "rest (mg)"),
    "carried": ("为亏损年份弥补（毫克）", "made good for losing years (mg)"),
    "buffer": ("缓冲量（毫克）", "buffer (mg)"),
    "reversal": ("逆转量（毫克）", "reversal (mg)"),
    "total": ("合计", "total"),
    "inputs": ("监测数据", "Inputs"),
    "factors": ("法定取值", "Numbers of law"),
    "steps": ("计算过程", "Steps"),
    "limits": ("限制", "Limits"),
    "questions": ("适用条件", "Applicability"),
    "alternatives": (
        "其他口径的结果（仅供比较，不得签发）",
        "Under another calibre (for comparison only, never issued)",
    ),
    "subtotals": ("分项小计", "Sub-totals"),
    "symbol": ("符号", "symbol"),
    "name": ("名称", "name"),
    "at": ("对象", "for"),
    "value": ("值", "value"),
    "unit": ("单位", "unit"),
    "evidence": ("依据状态", "evidence"),
    "source": ("来源", "source"),
    "remark": ("说明", "remark"),
    "formula": ("公式", "formula"),
    "holds": ("符合", "holds"),
    "yes": ("是", "yes"),
    "no": ("否", "no"),
    "interpolated": ("内插", "interpolated"),
    "missing": ("缺测替代", "missing, substituted"),
    "outcome": ("结论", "Outcome"),
    "hash": ("结果散列", "Result hash"),
    "methodology": ("方法学", "Methodology"),
    "digest": ("方法学散列", "digest"),
    "gwp": ("增温潜势", "warming potentials"),
    "mode": ("用途", "Mode"),
    "project": ("项目", "Project"),
    "period": ("监测期", "Period"),
    "quantified": ("已量化", "quantified"),
    "not_applicable": ("不适用", "not applicable"),
    "not_creditable": ("不得签发", "not creditable"),
    "crediting": ("签发", "crediting"),
    "illustration": ("示例", "illustration"),
}


class _Page:
    """Lines of one page in one language."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.at = 0 if language == "zh" else 1
        self.lines: list[str] = []

    def word(self, key: str) -> str:
        return WORDS[key][self.at]

    def of(self, part: dict[str, Any], key: str) -> str:
        return str(part.get(f"{key}_{self.language}") or "")

    def heading(self, key: str) -> None:
        self.lines += ["", f"## {self.word(key)}", ""]

    def table(self, head: Iterable[str], rows: Iterable[Iterable[Any]]) -> None:
        names = [self.word(each) for each in head]
        self.lines += [_row(names), _row("---" for _ in names)]
        body = list(rows)
        self.lines += [_row(each) for each in body[:ROWS_MAX]]
        if len(body) > ROWS_MAX:
            self.lines += ["", f"… +{len(body) - ROWS_MAX} (JSON)"]


def page(report: dict[str, Any], language: Language) -> str:
    """The page of a report; the language is `zh` or `en`."""
    made = _Page(language)
    _head(made, report)
    if report.get("vintages"):
        _results(made, report)
    _questions(made, report)
    _alternatives(made, report)
    _inputs(made, report)
    _factors(made, report)
    _steps(made, report)
    return "\n".join(made.lines) + "\n"


def _head(made: _Page, report: dict[str, Any]) -> None:
    law, given = report["methodology"], report["monitoring"]
    made.lines.append(f"# {made.word('report')}: {given['project']}")
    for mark in report["marks"]:
        made.lines += ["", f"> **{mark[made.language]}**"]
    outcome = made.word(report["outcome"])
    reason = report[f"reason_{made.language}"]
    potentials = ", ".join(
        " ".join(each.values()) + f" ({name})" for name, each in law["gwp"].items()
    )
    made.lines += [
        "",
        f"- {made.word('methodology')}: {made.of(law, 'title')} ({law['code']} {law['version']}, "
        f"{law['equations']})",
        f"- {made.of(law, 'note')}",
        f"- {made.word('digest')}: `{law['digest']}`",
        f"- {made.word('mode')}: {made.word(report['mode'])}",
        f"- {made.word('period')}: {given['first_year']} - {given['last_year']}",
        f"- {made.word('gwp')}: {potentials or '-'}",
        f"- {made.word('outcome')}: **{outcome}** {reason}",
        f"- {made.word('hash')}: `{report['result_hash']}`",
    ]


def _results(made: _Page, report: dict[str, Any]) -> None:
    made.heading("result")
    rows = report["vintages"]
    columns = [
        (key, word)
        for key, word in (
            ("issuable_mg", "issuable"),
            ("issuable_t", "issuable_t"),
            ("carried_mg", "carried"),
            ("rest_mg", "rest"),
            ("buffer_mg", "buffer"),
            ("reversal_mg", "reversal"),
        )
        if rows[0].get(key) is not None
    ]
    body = [[each["year"], *(f"{each[key]:,}" for key, _ in columns)] for each in rows]
    totals = report["totals"]
    last = [f"{totals[key]:,}" if key in totals else "" for key, _ in columns]
    made.table(["year", *(word for _, word in columns)], [*body, [made.word("total"), *last]])
    if report["subtotals"]:
        made.heading("subtotals")
        made.table(
            ["symbol", "at", "value", "unit"],
            [
                [name, member, short(Decimal(value)), part["unit"]]
                for name, part in report["subtotals"].items()
                for member, value in part["values"].items()
            ],
        )
    if report["limits"]:
        made.heading("limits")
        made.table(
            ["name", "formula", "holds", "evidence", "source"],
            [
                [
                    made.of(each, "name"),
                    f"`{each['that']}`",
                    made.word("yes" if each["holds"] else "no")
                    + (f" ({', '.join(each['failing'])})" if each["failing"] else ""),
                    each["evidence"],
                    each["source"],
                ]
                for each in report["limits"]
            ],
        )


def _questions(made: _Page, report: dict[str, Any]) -> None:
    if report["applicability"]:
        made.heading("questions")
        made.table(
            ["name", "value", "holds", "evidence"],
            [
                [
                    made.of(each, "question"),
                    made.word("yes" if each["answer"] else "no"),
                    made.word("yes" if each["fits"] else "no"),
                    ", ".join(each["evidence"]),
                ]
                for each in report["applicability"]
            ],
        )


def _alternatives(made: _Page, report: dict[str, Any]) -> None:
    if report.get("alternatives"):
        made.heading("alternatives")
        made.table(
            ["name", "issuable", "evidence", "remark"],
            [
                [
                    made.of(each, "name"),
                    "" if each["totals"] is None else f"{each['totals'].get('issuable_mg', 0):,}",
                    ", ".join(each["unconfirmed"]) or "-",
                    made.of(each, "reason"),
                ]
                for each in report["alternatives"]
            ],
        )


def _inputs(made: _Page, report: dict[str, Any]) -> None:
    made.heading("inputs")
    rows = []
    for each in report["inputs"]:
        for value in each["values"]:
            remark = made.word("interpolated") if value["interpolated"] else ""
            if value["substituted"]:
                rule = made.of(each, "missing_rule")
                remark = f"{made.word('missing')}: {value['substituted']}; {rule}"
            rows.append(
                [
                    f"`{each['symbol']}`",
                    made.of(each, "name"),
                    ", ".join(value["at"]),
                    _shown(value["value"], each["unit"]),
                    each["unit"] or "",
                    remark,
                ]
            )
    made.table(["symbol", "name", "at", "value", "unit", "remark"], rows)


def _factors(made: _Page, report: dict[str, Any]) -> None:
    if report.get("factors"):
        made.heading("factors")
        made.table(
            ["symbol", "name", "at", "value", "unit", "evidence", "source"],
            [
                [
                    f"`{each['symbol']}`",
                    made.of(each, "name"),
                    ", ".join(each["at"]),
                    each["value"],
                    each["unit"],
                    each["evidence"],
                    each["source"] or "",
                ]
                for each in report["factors"]
            ],
        )


def _steps(made: _Page, report: dict[str, Any]) -> None:
    if not report.get("steps"):
        return
    made.heading("steps")
    for step in report["steps"]:
        over = ", ".join(f"{variable} in {set_}" for variable, set_ in step["over"])
        head = f"{step['symbol']}[{over}]" if over else step["symbol"]
        made.lines += [f"**{made.of(step, 'name')}** `{head} = {step['expression']}`", ""]
        made.table(
            ["at", "value", "unit", "formula"],
            [
                [
                    ", ".join(value["at"]),
                    short(Decimal(value["value"])),
                    step["unit"],
                    value["substituted"],
                ]
                for value in step["values"]
            ],
        )
        made.lines.append("")


def _shown(value: str, unit: str | None) -> str:
    return value if unit is None else short(Decimal(value))


def _row(cells: Iterable[Any]) -> str:
    return (
        "| " + " | ".join(str(cell).replace("|", "/").replace("\n", " ") for cell in cells) + " |"
    )
