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
    (Status.OVERLAPPING, Detail.EXCLUDED): (
        "overlapping.excluded",
        "同一人同一时期内，另一场景的记录已先到；按方法学，两者是同一减排的两种计量，只计先到者。",
        "A record of another scene of the same person came first in this period; the methodology "
        "takes both for the same reduction, so only the first one counts.",
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
    (Status.PARTLY_CAPPED, Detail.MONTH_CAP): (
        "capped.partly.month",
        "超过当月上限的部分不计入。",
        "What exceeds the month's cap is not credited.",
    ),
    (Status.CAPPED, Detail.MONTH_CAP): (
        "capped.fully.month",
        "当月上限已用完，本条不再计入。",
        "The month's cap was used up before this record.",
    ),
    (Status.PARTLY_CAPPED, Detail.YEAR_CAP): (
        "capped.partly.year",
        "超过当年上限的部分不计入。",
        "What exceeds the year's cap is not credited.",
    ),
    (Status.CAPPED, Detail.YEAR_CAP): (
        "capped.fully.year",
        "当年上限已用完，本条不再计入。",
        "The year's cap was used up before this record.",
    ),
    (Status.CAPPED, Detail.DAY_EVENTS): (
        "capped.events.day",
        "当日可计入的次数已用完，本条不再计入。",
        "The number of events that count in a day was used up before this record.",
    ),
    (Status.CAPPED, Detail.MONTH_EVENTS): (
        "capped.events.month",
        "当月可计入的次数已用完，本条不再计入。",
        "The number of events that count in a month was used up before this record.",
    ),
    (Status.CAPPED, Detail.YEAR_EVENTS): (
        "capped.events.year",
        "当年可计入的次数已用完，本条不再计入。",
        "The number of events that count in a year was used up before this record.",
    ),
    (Status.NOT_APPLICABLE, Detail.LAPSED): (
        "claim.lapsed",
        "记录到达时已过方法学规定的申领期限，不再计入。",
        "The record arrived after the time in which the methodology lets it be claimed.",
    ),
    (Status.NOT_APPLICABLE, Detail.HISTORY_SHORT): (
        "history.too_short",
        "本人此前的记录还不够，尚不能算出基准；本条作为今后的基准数据保留。",
        "The person's own earlier records are too few for a baseline yet; this one is kept "
        "for later ones.",
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
