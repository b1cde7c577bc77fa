"""Why a row got its status, as one code per reason, and the words for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tanhui.engine.batch.reasons import describe
from tanhui.engine.batch.status import Detail, Status
from tanhui.engine.methodology import Methodology

_SETTLED: dict[tuple[Status, int], tuple[str, str, str]] = {
    (Status.DUPLICATE, Detail.NONE): (
        "duplicate.resent",
        "同一编号的记录此前已收到，内容相同；先到者有效。",
        "A record with this number came before, with the same content; the first one counts.",
    ),
    (Status.DUPLICATE, Detail.OTHER_PAYLOAD): (
        "duplicate.other_payload",
        "同一编号的记录此前已收到，但内容不同；先到者有效。如需更正，请用 corrects 提交更正记录。",
        "A record with this number came before with other content; the first one counts. "
        "Send a record with `corrects` to correct it.",
    ),
    (Status.OVERLAPPING, Detail.NONE): (
        "overlapping.same_person_and_scene",
        "与同一人同一场景、时间重叠的另一条记录是同一次行为；先到者有效。",
        "Another record of the same person and scene shares this time; the first one counts.",
    ),
    (Status.PARTLY_CAPPED, Detail.NONE): (
        "capped.partly",
        "超过当日上限的部分不计入。",
        "What exceeds the day's cap is not credited.",
    ),
    (Status.CAPPED, Detail.NONE): (
        "capped.fully",
        "当日上限已用完，本条不再计入。",
        "The day's cap was used up before this record.",
    ),
    (Status.NO_PARAMETER, Detail.NONE): (
        "no_parameter",
        "该地区、类别或日期没有可用的方法学或参数，未计算。",
        "No methodology or parameter holds for this region, class or day; nothing was computed.",
    ),
    (Status.REJECTED, Detail.TARGET_UNKNOWN): (
        "correction.target_unknown",
        "corrects 所指的记录不存在，或不属于同一合作平台和同一人。",
        "The record named by `corrects` is not known for this partner and person.",
    ),
    (Status.REJECTED, Detail.TARGET_ALREADY_CORRECTED): (
        "correction.target_already_corrected",
        "corrects 所指的记录已被更正；请更正最新的那条。",
        "The record named by `corrects` was corrected before; correct the newest one.",
    ),
    (Status.NOT_APPLICABLE, Detail.NEGATIVE): (
        "not_applicable.negative",
        "按方法学计算的减排量为负，不计入。",
        "The methodology gives a negative reduction; nothing is credited.",
    ),
}


def settled_reason(status: Status, detail: int, method: Methodology | None) -> str:
    """The reason code of a settled row; empty for a row that was simply credited."""
    if (status, detail) in _SETTLED:
        return _SETTLED[status, detail][0]
    if status is Status.NOT_APPLICABLE and method is not None:
        return f"not_applicable.{method.code}.{detail - Detail.CLAUSE + 1}"
    return ""


_CORRECTED = (
    "corrected.taken_back",
    "这条记录已由另一条更正，原先计入的减排量和积分已撤回。",
    "Another record corrected this one; what it had been credited was taken back.",
)
_WORDS = {code: (zh, en) for code, zh, en in (*_SETTLED.values(), _CORRECTED)}


def words(reason: str, methods: Mapping[str, Sequence[str]]) -> tuple[str, str]:
    """Chinese and English for a reason code; `methods` maps a methodology to its clauses."""
    if reason in _WORDS:
        return _WORDS[reason]
    if reason.startswith("not_applicable."):
        code, _, number = reason.removeprefix("not_applicable.").rpartition(".")
        clauses = methods.get(code, ())
        clause = clauses[int(number) - 1] if int(number) <= len(clauses) else "?"
        return (
            f"不符合方法学 {code} 的适用条件：{clause}。",
            f"Outside methodology {code}: {clause} does not hold.",
        )
    return describe(reason)


def split_reasons(stored: Mapping[str, int]) -> list[dict[str, Any]]:
    """The manifest's `status/reason -> rows` as a list, most frequent first."""
    rows = []
    for key, count in stored.items():
        status, _, reason = key.partition("/")
        rows.append({"status": status, "reason": reason, "rows": count})
    return sorted(rows, key=lambda row: (-row["rows"], row["status"], row["reason"]))
