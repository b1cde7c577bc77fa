"""The pages of docs/reference that are tables of the code: `make reference` writes them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from tests.docs.codes import error_codes

from tanhui.engine.batch import reasons as row_reasons
from tanhui.engine.batch.status import Status
from tanhui.engine.schema import schemas
from tanhui.flows import reasons as settled_reasons
from tanhui.interfaces.api.problems import PLAIN

SCHEMA_FOLDER = Path(__file__).resolve().parents[2] / "library" / "schema"
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


PAGES = {"errors.md": errors_page, "reasons.md": reasons_page}


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
