"""Everything a methodology says, printed for people: behaviours and projects alike.

Lines, not columns, wherever text is long: nothing is cut at the edge of a screen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tanhui.core.mass import kilograms_text

from .output import console, table

Json = Mapping[str, Any]
UNKNOWN = "未知 unknown"
PART_NAMES = {
    "boundary": "边界 boundary",
    "baseline": "基准线 baseline",
    "leakage": "泄漏 leakage",
    "monitoring": "监测 monitoring",
    "data_quality": "数据质量 data quality",
    "crediting": "计入期 crediting",
}


def show_law(document: Json) -> None:
    """A document of `engine.description.describe` or `engine.project.document.page_document`."""
    _show_head(document)
    _show_formulas(document["formula"])
    if document["kind"] == "project":
        _show_project(document)
    else:
        _show_behaviour(document)
    _show_open(document)
    _show_versions(document["versions"])


def _say(text: str) -> None:
    console.print(text, markup=False, soft_wrap=True)


def _show_head(document: Json) -> None:
    status = document["status"]
    _say(f"{document['title_zh']} {document['title_en']}")
    _say(
        f"{document['code']} {document['version']}  {' '.join(document['regions'])}  "
        f"{document['valid_from']} – {document['valid_to'] or ''}  [{status['equations']}]"
    )
    for text in (status["note_zh"], status["note_en"], _source(status)):
        if text:
            _say(text)
    if document["disabled_zh"]:
        _say(f"停用 disabled: {document['disabled_zh']} {document['disabled_en']}")
    for step in document["life"]:
        _say(
            f"生命周期 life: {step['on']} {step['state_zh']} {step['state_en']}  "
            f"{step['by'] or ''}  {_source(step)}"
        )
    for each in document["skeleton"]:
        _say(f"{PART_NAMES.get(each['part'], each['part'])}: {each['zh']} {each['en']}")


def _source(each: Json) -> str:
    return " ".join(str(each[key]) for key in ("source", "source_url") if each.get(key))


def _show_formulas(formula: Iterable[Json]) -> None:
    for one in formula:
        over = ", ".join(f"{each['variable']} in {each['set']}" for each in one.get("over", ()))
        _say(f"{one['symbol']}{f'[{over}]' if over else ''} = {one['expression']}  [{one['unit']}]")


def _show_parameters(parameters: Iterable[Json]) -> None:
    table(
        "参数 parameters",
        ["符号", "地区", "类别", "起 from", "止 to", "值 value", "单位", "证据 evidence", "来源"],
        [
            [
                each["symbol"],
                value["region"],
                value["class"] or "",
                value["valid_from"],
                value["valid_to"] or "",
                _value(value),
                each["unit"],
                value["evidence"],
                _source(value)
                + (f"  {value['filled_by']} {value['filled_on']}" if value["filled_by"] else ""),
            ]
            for each in parameters
            for value in each["values"]
        ],
    )


def _value(value: Json) -> str:
    if value.get("steps"):
        steps = [f"≥ {each['from']}: {each['value']}" for each in value["steps"]["steps"]]
        return "; ".join([f"< : {value['steps']['below']}", *steps])
    return UNKNOWN if value["value"] is None else str(value["value"])


def _show_behaviour(document: Json) -> None:
    for clause in document["applies"]:
        _say(f"适用 applies: {clause}")
    table(
        "数据 fields",
        ["符号", "名称", "name", "列 column", "单位 unit", "步长 step", "min", "max"],
        [
            [
                each["symbol"],
                each["name_zh"],
                each["name_en"],
                each["column"] or "由历史得出 from history",
                each["unit"],
                each["step"],
                each["min"],
                each["max"],
            ]
            for each in document["fields"]
        ],
    )
    _show_parameters(document["parameters"])
    _show_terms(document)
    table(
        "算例 worked cases",
        ["地区 region", "日期 on", "类别 class", "给定 given", "mg", "答复 answer", "说明 note"],
        [
            [
                case["region"],
                case["on"],
                case["class"] or "",
                _pairs({**case["given"], **case["illustration"]}),
                "" if case["mg"] is None else case["mg"],
                case["answer"],
                case["note"] or "",
            ]
            for case in document["cases"]
        ],
    )
    limits = document["limits"]
    _say(
        f"界限 limits: {limits['bits']} 位 bits, {limits['cells']} 组参数 cells; "
        f"类别 classes: {' '.join(limits['classes']) or '–'}; "
        f"有参数的地区 places with parameters: {' '.join(limits['places']) or '–'}"
    )


def _pairs(given: Json) -> str:
    return " ".join(f"{name}={value}" for name, value in given.items())


def _show_terms(document: Json) -> None:
    """Caps, exclusion, history, claim, allocation: each said, also where there is none."""
    for cap in document["caps"]:
        if cap["max_mg"] is None:
            most = f"{cap['max_events']:,} 次 events"
        else:
            most = f"{kilograms_text(cap['max_mg'])} kgCO2e"
        note = " ".join(cap[key] for key in ("note_zh", "note_en") if cap[key])
        _say(
            f"上限 cap: {most} / {cap['per']}  {'、'.join(cap['scenes'])}  "
            f"[{cap['evidence']}] {cap['source']} {note}"
        )
    for each in document["exclusive_with"]:
        _say(f"互斥 exclusion: {'、'.join(each['scenes'])} / {each['per']}")
    for each in document["history"]:
        _say(
            f"历史基线 history: {each['symbol']} ({each['of']}) {_pairs(each['window'])}, "
            f"至少 at least {each['at_least']} → {each['sum']}, {each['count']}"
        )
    claim = document["claim"]
    if claim is not None:
        _say(
            f"申领 claim: 第 {claim['after_days']} 日起 days after, "
            f"{claim['within_days']} 日内 days within"
        )
    for name, key in (("上限 cap", "caps"), ("互斥 exclusion", "exclusive_with")):
        if not document[key]:
            _say(f"{name}: 无 none")
    if not document["history"]:
        _say("历史基线 history: 无 none")
    if claim is None:
        _say("申领 claim: 不限 no window")
    _say(
        "分配 allocation: "
        + ", ".join(f"{who} {share}%" for who, share in document["allocation"].items())
    )
    if document["group"] is not None:
        _say(f"团体活动 group: {document['group']}")
    if document["reward"] is not None:
        _say(f"奖励 reward: {document['reward']['of']} [{document['reward']['unit']}]")
    result = document["result"]
    _say(f"结果 result: {result['of']}, {result['mode_zh']} {result['mode_en']}")


def _show_project(document: Json) -> None:
    for each in document["sets"]:
        members = "由监测文件给出 given in the monitoring file"
        if each["members"] is not None:
            members = " ".join(each["members"])
        if each["symbol"] in ("years", "year_ends"):
            members = "由 period 得出 from the period"
        _say(f"集合 set {each['symbol']}: {each['name_zh']} {each['name_en']} ({members})")
    for each in document["inputs"]:
        _say(_input_line(each))
    _show_parameters(document["parameters"])
    for each in document["lookups"]:
        counts: dict[str, int] = {}
        for row in each["rows"]:
            counts[row["evidence"]] = counts.get(row["evidence"], 0) + 1
        _say(
            f"查找表 lookup {each['symbol']}: {each['table']} {each['title_zh']} "
            f"{each['title_en']} [{each['unit']}]  {_pairs(each['where'])}  "
            f"行数 rows: {_pairs(counts)}"
        )
    for each in document["limits"]:
        _say(
            f"限制 limit ({each['fails']}): {each['title_zh']} {each['title_en']}: "
            f"{each['condition']}  [{each['evidence']}] {each['source']}"
        )
    for each in document["applicability"]:
        _say(
            f"问题 question {each['id']}: {each['question_zh']} {each['question_en']} "
            f"→ {'yes' if each['wants'] else 'no'}"
            + ("；附证据 with evidence" if each["needs_evidence"] else "")
        )
    for each in document["alternatives"]:
        _say(f"其他口径 alternative {each['id']}: {each['title_zh']} {each['title_en']}")
    _say(
        f"结果 results: {_pairs(document['results'])}  取整 rounding: "
        f"{_pairs(document['rounding'])}"
    )
    for case in document["cases"]:
        worked = _pairs({**case["values"], **case["totals"]})
        _say(f"算例 worked case: {case['name_zh']} {case['name_en']} ({case['outcome']}) {worked}")
        if case["disputed_zh"]:
            _say(f"    有争议 disputed: {case['disputed_zh']} {case['disputed_en']}")


def _input_line(each: Json) -> str:
    """An input, and how the monitoring file gives it."""
    kind = "词 word" if each["unit"] is None else each["unit"]
    if each["choices"]:
        kind += f" ({' | '.join(each['choices'])})"
    bounds = [f"{name} {each[name]}" for name in ("min", "max") if each[name] is not None]
    gap = each["survey_gap_max_years"]
    asked = [
        f"每个 for each {', '.join(each['over'])}" if each["over"] else "",
        f"调查间隔至多 surveys at most {gap} 年 years apart" if gap is not None else "",
        "须附证据 evidence required" if each["needs_evidence"] else "",
        f"缺测 missing: {each['missing_zh']} {each['missing_en']}" if each["missing_zh"] else "",
    ]
    more = "; ".join(part for part in (*bounds, *asked) if part)
    return (
        f"监测数据 input {each['symbol']}: {each['name_zh']} {each['name_en']} [{kind}] "
        f"{each['fixed']}  {more}"
    )


def _show_open(document: Json) -> None:
    """What nobody stands for yet: these values keep the methodology from crediting."""
    places = [
        f"{each['symbol']} {value['region']} {value['class'] or ''} {value['valid_from']} "
        f"[{value['evidence']}] {value['note_zh'] or ''} {value['note_en'] or ''}"
        for each in document["parameters"]
        for value in each["values"]
        if not value["usable"]
    ]
    if places:
        _say(f"待定 open: {len(places)} 个取值无人负责 values nobody stands for")
    for place in places:
        _say(f"    {place}")


def _show_versions(versions: Iterable[Json]) -> None:
    for each in versions:
        _say(
            f"版本 version {each['version']}: {each['valid_from']} – {each['valid_to'] or ''} "
            f"[{each['equations']}] {each['digest'][:16]}"
        )
