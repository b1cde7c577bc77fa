"""The pages of docs/reference that are tables of the code: `make reference` writes them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from tests.docs.codes import error_codes

from tanhui.domain.matters.fields import Field
from tanhui.domain.matters.lifecycle import Lifecycle, StepRule, load_lifecycles
from tanhui.engine.batch import reasons as row_reasons
from tanhui.engine.batch.status import Status
from tanhui.engine.rulesets import Rulesets
from tanhui.engine.schema import schemas
from tanhui.flows import reasons as settled_reasons
from tanhui.interfaces.api.problems import PLAIN

LIBRARY = Path(__file__).resolve().parents[2] / "library"
SCHEMA_FOLDER = LIBRARY / "schema"
FOLDER = Path(__file__).resolve().parents[2] / "docs" / "reference"

ERRORS_HEAD = """\
# Error codes 错误代码

Written by `make reference` from the code. Every error says what happened, why, and what to do, in
Chinese and English, and changes nothing. Over HTTP it is a problem document (RFC 9457,
`application/problem+json`) with `code`, `zh`, `en` and `values`; on the command line, exit code 1
(with `--json`: `{"error", "zh", "en", "values"}`). `…` stands for what is filled in.

| code | HTTP | 中文 | English |
|---|---|---|---|
"""

REASONS_HEAD = """\
# Statuses and reasons 状态与原因

Written by `make reference` from the code. Every row of a file ends with exactly one status; a
reason says why. Both are stable text: partners' programs may rely on them.

## Statuses

| status | what it means |
|---|---|
"""

REASONS_MIDDLE = """
## Reasons

`quantity.<column>.<what>` stands for each quantity column, such as `quantity.distance_km.missing`;
`not_applicable.<methodology>.<n>` means that the n-th condition of the methodology does not hold.

| reason | 中文 | English |
|---|---|---|
"""

STATUSES = {
    Status.CREDITED: "计入：全部减排量记入账户。Credited in full.",
    Status.PARTLY_CAPPED: "部分超限：超过上限的部分不计。Credited up to a cap.",
    Status.CAPPED: "超限：上限已用完。A cap was used up.",
    Status.DUPLICATE: "重复：同一编号此前已收到，先到者有效。Came before; the first one counts.",
    Status.OVERLAPPING: "重叠：同一行为或减排已计入。The same act or reduction counts already.",
    Status.NOT_APPLICABLE: "不适用：不符合方法学的条件。Outside the methodology's conditions.",
    Status.NO_PARAMETER: "无参数：该地区、类别或日期无参数。No factor holds there and then.",
    Status.NO_CONSENT: "未授权：本人未授权或已撤回，不计入。The person did not agree.",
    Status.REJECTED: "退回：数据有误，原文保存在隔离区。In quarantine with its original bytes.",
    Status.PAIRED: "已配对：并入另一行，如进站并入行程。Became part of another row's record.",
    Status.WAITING: "待配对：等待后续文件中的另一半。Waits for its other half in a later file.",
}


def errors_page() -> str:
    """Every error code once, with its text."""
    texts = {code: (str(status), zh, en) for status, (code, zh, en) in PLAIN.items()}
    for error in error_codes():
        texts.setdefault(error.code, (str(error.status), error.zh, error.en))
    return ERRORS_HEAD + _rows((f"`{code}`", *texts[code]) for code in sorted(texts))


def reasons_page() -> str:
    """Every status and every reason of a row."""
    statuses = _rows((f"`{status.label}`", STATUSES[status]) for status in Status)
    texts = {code: row_reasons.describe(code) for code in row_reasons.known_reasons()}
    for what in row_reasons._QUANTITY_TEXTS:
        texts[f"quantity.<column>.{what}"] = row_reasons.describe(f"quantity.<column>.{what}")
    texts |= settled_reasons._WORDS
    reasons = _rows((f"`{code}`", *texts[code]) for code in sorted(texts))
    return REASONS_HEAD + statuses + REASONS_MIDDLE + reasons


LIFECYCLES_HEAD = """\
# Lifecycles 办理流程

Written by `make reference` from `library/lifecycles`. Every kind of matter with its states, and for
each step: from which states, to which, who takes it, how many people agree, which documents and
fields it asks for (`?` may be left empty), and which notice it opens (a key of the rule set, in
working days). *waits*: no notice may be open, every objection is answered. *public*: an entry of
the public log. *skippable*: a region's rule set may leave it out (`lifecycle.<kind>.skip`).
*final*: it cannot be undone, so the desk asks once; the same holds for every step into a state that
no step leaves. *for …*: only where the matter was opened with one of these words. What a step
brings about beside its state: [registry.md](../registry.md), [uses.md](../uses.md).
"""

STEPS_HEAD = """
| step | from | to | by | people | documents | fields | notice and marks |
|---|---|---|---|---|---|---|---|
"""

SKIPS_HEAD = """
## What regions leave out

| region | key | steps | since | tag | source |
|---|---|---|---|---|---|
"""


def lifecycles_page() -> str:
    """Every lifecycle as a table, and what the rule sets skip."""
    kinds = load_lifecycles(LIBRARY / "lifecycles")
    rules = Rulesets.load(LIBRARY / "rulesets").rules
    skips = [
        (
            entry.region,
            f"`{key}`",
            ", ".join(entry.value) if isinstance(entry.value, tuple) else str(entry.value),
            entry.valid_from.isoformat(),
            entry.tag,
            entry.source,
        )
        for (_, key), entries in sorted(rules.items())
        if key.startswith("lifecycle.")
        for entry in entries
    ]
    return LIFECYCLES_HEAD + "".join(map(_lifecycle, kinds.values())) + SKIPS_HEAD + _rows(skips)


def _lifecycle(given: Lifecycle) -> str:
    above = f", below a `{given.parent}`" if given.parent else ""
    states = " · ".join(f"`{name}` {text.zh} {text.en}" for name, text in given.states.items())
    steps = [given.opens, *given.steps.values()]
    return (
        f"\n## `{given.kind}` {given.title.zh} {given.title.en}\n\n"
        f"Numbers begin with {given.letter}{above}. States: {states}\n"
        f"{STEPS_HEAD}{_rows(map(_step, steps))}"
    )


def _step(given: StepRule) -> tuple[str, ...]:
    marks = [f"`{given.notice}`"] if given.notice else []
    marks += ["waits"] if given.waits_for_notice else []
    marks += ["public"] if given.is_public else []
    marks += ["skippable"] if given.is_skippable else []
    marks += ["final"] if given.is_final else []
    marks += [f"for {key}: {', '.join(words)}" for key, words in given.when]
    return (
        f"`{given.verb}` {given.name.zh} {given.name.en}",
        ", ".join(given.sources) or "–",
        given.to,
        ", ".join(given.by),
        str(given.people),
        ", ".join(given.documents) or "–",
        ", ".join(map(_field, given.fields)) or "–",
        ", ".join(marks) or "–",
    )


def _field(given: Field) -> str:
    inner = f" ({', '.join(map(_field, given.columns))})" if given.columns else ""
    return given.key + ("" if given.is_required else "?") + inner


PAGES = {
    "errors.md": errors_page,
    "lifecycles.md": lifecycles_page,
    "reasons.md": reasons_page,
}


def schema_texts() -> dict[str, str]:
    """The files of library/schema."""
    return {
        name: json.dumps(schema, ensure_ascii=False, indent=1) + "\n"
        for name, schema in schemas().items()
    }


def _rows(rows: Iterable[tuple[str, ...]]) -> str:
    return "".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |\n" for row in rows)


if __name__ == "__main__":
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")
    SCHEMA_FOLDER.mkdir(exist_ok=True)
    for name, text in schema_texts().items():
        (SCHEMA_FOLDER / name).write_text(text, encoding="utf-8")
