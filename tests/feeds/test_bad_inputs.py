"""The whole corpus gets exactly the answers written in it, and nothing of it lands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tanhui.core.errors import TanhuiError
from tanhui.engine.batch.reasons import describe

from .bad_inputs import BadInput, bad_inputs
from .reading import Answers, a_feed, a_file, read_answers
from .records import a_record, csv_file

CASES = bad_inputs()


def test_the_corpus_is_large_and_its_names_are_unique() -> None:
    assert len(CASES) >= 200
    assert len({case.name for case in CASES}) == len(CASES)


def read_case(case: BadInput, folder: Path) -> Answers:
    source = a_file(folder, case.data, case.filename)
    return read_answers(a_feed(case.feed, **case.config), source)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace("/", "_"))
def test_bad_input_gets_its_answer(case: BadInput, tmp_path: Path) -> None:
    if case.refused is not None:
        with pytest.raises(TanhuiError) as told:
            read_case(case, tmp_path)
        assert told.value.code == case.refused
        assert told.value.zh
        assert told.value.en
        assert told.value.status < 500
        return
    answers = read_case(case, tmp_path)
    assert answers.reasons() == case.rejected
    assert answers.rows == len(case.rejected)
    assert answers.landed.is_empty()
    for row, reason in case.rejected.items():
        zh, en = describe(reason)
        assert zh != reason
        assert en != reason
        assert row in answers.raws


@pytest.mark.parametrize(
    "text",
    ["'; DROP TABLE books_transfer; --", "<script>alert(1)</script>", "=cmd|' /C calc'!A0",
     "../../etc/passwd", "{{7*7}}", "%s%n", "碳惠-1", "é", 'quote " inside', "$(rm -rf /)"],
)  # fmt: skip
def test_hostile_text_in_an_id_is_data_and_stays_as_it_is(text: str, tmp_path: Path) -> None:
    record = a_record(external_id=text, person=f"card:{text}")
    answers = read_answers(a_feed("canonical"), a_file(tmp_path, csv_file(record)))
    assert answers.reasons() == {}
    assert answers.landed["external_id"].to_list() == [text]
    assert answers.landed["person_ref"].to_list() == [f"card:{text}"]


def test_good_rows_around_a_bad_one_land(tmp_path: Path) -> None:
    good = csv_file(a_record(), a_record(external_id="m-2"))
    header, first, second = good.splitlines()
    data = b"\n".join([header, first, b"", b"\xff", b'"x', second])
    answers = read_answers(a_feed("canonical"), a_file(tmp_path, data))
    assert answers.reasons() == {2: "row.blank", 3: "row.not_utf8", 4: "row.unbalanced_quote"}
    assert answers.landed["row"].to_list() == [1, 5]
    assert answers.raws == {2: b"", 3: b"\xff", 4: b'"x'}
